"""The examples through the real `openai` SDK against a real HTTP server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jaunt_backend_openai.testing import ResponsesServer

from .conftest import (
    Jaunt,
    Ran,
    ServerOf,
    connect,
    copy_example,
    edit,
    files_below,
    modules_asked,
    outcomes,
    recorded_answer,
)
from .forked import ForkServer

TESTS = {"ledger": 26, "quickstart": 8, "tokens": 11}
LEDGER = ("ledger.book", "ledger.parsing", "ledger.rates", "ledger.sync")
LEDGER_TESTS = ("tests.test_book", "tests.test_parsing", "tests.test_rates", "tests.test_sync")


@pytest.mark.parametrize(
    ("name", "api"),
    [
        ("quickstart", "chat"),
        pytest.param("quickstart", "responses", marks=pytest.mark.slow),
        pytest.param("tokens", "responses", marks=pytest.mark.slow),
    ],
)
def test_examples_pass(name: str, api: str, jaunt: Jaunt, serve: ServerOf, tmp_path: Path) -> None:
    """Without a key; the first server knows Chat Completions only."""
    server = serve(recorded_answer(name), responses=api == "responses")
    project = copy_example(name, tmp_path)
    connect(project, server)
    check_example(name, api, jaunt.run("test", "--json", cwd=project), server)


def check_example(name: str, api: str, ran: Ran, server: ResponsesServer) -> None:
    """A first run built everything, and all tests pass."""
    assert ran.code == 0, ran.err
    document = ran.document
    assert document["ok"] is True
    assert document["pytest"] == {
        "exit_code": 0,
        "passed": TESTS[name],
        "failed": 0,
        "failures": [],
    }
    for part in ("build", "tests"):
        report = document[part]
        count = len(report["modules"])
        assert report["calls"] == report["counts"]["generated"] == count
        assert report["usage"] == {"input": 100 * count, "cached": 0, "output": 20 * count}
    modules = [*outcomes(document["build"]), *outcomes(document["tests"])]
    assert modules_asked(server) == sorted(modules)
    assert {prompt.api for prompt in server.requests} == {api}
    assert {prompt.model for prompt in server.requests} == {"gpt-test"}
    assert {prompt.headers["authorization"] for prompt in server.requests} == {"Bearer no-key"}


def test_a_model_takes_over_from_the_recording(
    jaunt: Jaunt, serve: ServerOf, tmp_path: Path
) -> None:
    """As the README has it: built by playback, then connected to a model."""
    project = copy_example("quickstart", tmp_path)
    assert jaunt.run("test", cwd=project).code == 0
    server = serve(recorded_answer("quickstart"))
    connect(project, server)
    # What stands is fresh, whoever wrote it.
    assert jaunt.run("test", cwd=project).code == 0
    assert modules_asked(server) == []
    assert jaunt.run("test", "--force", cwd=project).code == 0
    assert modules_asked(server) == ["quickstart", "tests.test_quickstart"]


class Ledger:
    """The example on a server, built once; a test edits its copy and counts what is asked."""

    def __init__(self, project: Path, jaunt: Jaunt, server: ResponsesServer) -> None:
        self.project = project
        self._jaunt = jaunt
        self._server = server
        self._asked: list[str] = []

    @property
    def asked(self) -> list[str]:
        """The modules that were asked for since the last look."""
        now = modules_asked(self._server)
        new = now.copy()
        for module in self._asked:
            new.remove(module)
        self._asked = now
        return new

    def build(self, *arguments: str) -> dict[str, str]:
        """What becomes of each module."""
        ran = self._jaunt.run("build", "--json", *arguments, cwd=self.project)
        assert ran.code == 0, ran.err
        return outcomes(ran.document)


@pytest.fixture(scope="module")
def built_ledger(
    tmp_path_factory: pytest.TempPathFactory, fork_server: ForkServer
) -> Iterator[tuple[Path, ResponsesServer]]:
    jaunt = Jaunt(tmp_path_factory.mktemp("home"), fork_server)
    with ResponsesServer(recorded_answer("ledger")) as server:
        project = copy_example("ledger", tmp_path_factory.mktemp("built"))
        connect(project, server)
        check_example("ledger", "responses", jaunt.run("test", "--json", cwd=project), server)
        yield project, server
    jaunt.close()


@pytest.fixture
def ledger(built_ledger: tuple[Path, ResponsesServer], jaunt: Jaunt, tmp_path: Path) -> Ledger:
    built, server = built_ledger
    project = Path(shutil.copytree(built, tmp_path / "ledger"))
    found = Ledger(project, jaunt, server)
    assert found.asked  # what was asked to build it
    return found


def rebuilt(**changed: str) -> dict[str, str]:
    """Each module of the ledger: as given by its last name, fresh otherwise."""
    return {name: changed.get(name.partition(".")[2], "fresh") for name in LEDGER}


def test_an_edited_docstring_concerns_its_module_and_its_dependents(ledger: Ledger) -> None:
    source = ledger.project / "src/ledger/rates.py"
    edit(source, "Return the same sum in another currency.", "Return this sum in another one.")

    # The code of `sync` uses `parse_rates`, `Ledger` and `parse_statement`, whose APIs are as
    # they were; `book` shows the model the docstring of `convert`.
    assert ledger.build() == rebuilt(rates="generated", book="generated", sync="kept")
    assert ledger.asked == ["ledger.book", "ledger.rates"]
    assert ledger.build() == rebuilt()

    # Back again: the answers are there.
    edit(source, "Return this sum in another one.", "Return the same sum in another currency.")
    assert ledger.build() == rebuilt(rates="reused", book="reused", sync="kept")
    assert ledger.asked == []


def test_the_tests_of_what_was_edited_are_asked_for_too(ledger: Ledger, jaunt: Jaunt) -> None:
    source = ledger.project / "src/ledger/parsing.py"
    edit(source, "Read an amount the way that banks print it.", "Read an amount as banks do.")
    ran = jaunt.run("test", "--json", cwd=ledger.project)
    assert ran.code == 0, ran.err
    assert outcomes(ran.document["build"]) == rebuilt(parsing="generated", sync="kept")
    # test_sync names `parse_statement` alone, which did not change but depends on what did.
    assert outcomes(ran.document["tests"]) == {
        "tests.test_book": "fresh",
        "tests.test_parsing": "generated",
        "tests.test_rates": "fresh",
        "tests.test_sync": "kept",
    }
    assert ledger.asked == ["ledger.parsing", "tests.test_parsing"]


HELPER = '''
def _unused(text: str) -> str:
    """Nobody names it."""
    return text.{method}()
'''


def test_what_no_model_reads_changes_nothing(ledger: Ledger) -> None:
    source = ledger.project / "src/ledger/rates.py"
    text = source.read_text("utf-8")
    source.write_text(text + HELPER.format(method="strip"), "utf-8")
    assert ledger.build() == rebuilt()
    edit(source, "text.strip()", "text.lower()")
    assert ledger.build() == rebuilt()
    # Formatting, quotes, an empty body in another way, line endings.
    text = text.replace(
        "def convert(money: Money, to: Currency, rates: Rates) -> Money:",
        "def convert(\n    money: Money,\n\n    to:   Currency,\n    rates: Rates,\n) -> Money:",
    )
    text = text.replace("    raise NotImplementedError\n", "    ...\n")
    text = text.replace("import jaunt\n", "\n\nimport jaunt\n")
    source.write_bytes(text.replace("\n", "\r\n").encode())
    assert ledger.build() == rebuilt()
    assert ledger.asked == []


def test_lost_code_is_not_asked_for_again(ledger: Ledger, jaunt: Jaunt) -> None:
    generated = ledger.project / "src/ledger/__generated__"
    before = files_below(generated)
    shutil.rmtree(generated)
    shutil.rmtree(ledger.project / "tests/__generated__")
    assert ledger.build() == dict.fromkeys(LEDGER, "reused")
    assert files_below(generated) == before
    ran = jaunt.run("test", "--json", cwd=ledger.project)
    assert ran.code == 0, ran.err
    assert outcomes(ran.document["tests"]) == dict.fromkeys(LEDGER_TESTS, "reused")
    assert ledger.asked == []


def test_force_asks_for_the_target_alone(ledger: Ledger) -> None:
    # Nobody else is concerned: what depends on it is outside of what `--target` selects.
    assert ledger.build("--force", "--target", "ledger.rates") == {"ledger.rates": "generated"}
    assert ledger.asked == ["ledger.rates"]
    assert ledger.build() == rebuilt()
    # A target comes with its dependencies where these are stale.
    (ledger.project / "src/ledger/__generated__/rates.py").unlink()
    found = ledger.build("--target", "ledger.book:Ledger")
    assert found == {"ledger.book": "kept", "ledger.rates": "reused"}
    assert ledger.asked == []


def test_two_projects_share_nothing(ledger: Ledger, jaunt: Jaunt, tmp_path: Path) -> None:
    """Answers that were paid for stand in the project, and its copy takes them along."""
    other = copy_example("ledger", tmp_path / "other")
    shutil.copy2(ledger.project / "jaunt.toml", other / "jaunt.toml")
    shutil.copytree(ledger.project / ".jaunt", other / ".jaunt")
    ran = jaunt.run("build", "--json", cwd=other)
    assert outcomes(ran.document) == dict.fromkeys(LEDGER, "reused")
    assert ledger.asked == []
