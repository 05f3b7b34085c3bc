"""The project's type checker on answers, before they land: real ones, and a scripted pyright."""

from __future__ import annotations

import asyncio
import os
import sys
import textwrap
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.engine.tester import TestOptions, run_tests
from jaunt_core.errors import JauntConfigError
from jaunt_core.generation.session import open_session
from jaunt_core.model.events import AttemptRejected, Event, WarningRaised
from jaunt_core.model.generation import Finding
from jaunt_core.model.judgement import CheckName, Unjudged
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.report import Outcome
from jaunt_core.model.spec import Kind
from jaunt_core.project.interpreter import Interpreter
from jaunt_core.testing import ScriptedBackend, loader_of
from jaunt_core.typecheck.check import TypeCheck
from jaunt_core.typecheck.detect import find_checker

MakeProject = Callable[..., Project]
REAL = ["ty", "mypy"]


class Interpreters(Protocol):
    def environment(self, name: str) -> Path: ...


SPEC = '''
    import jaunt

    @jaunt.magic
    def total(prices: list[int]) -> int:
        """Add up."""
        raise NotImplementedError
    '''
WRONG = "def total(prices: list[int]) -> int:\n    label = str(prices)\n    return label\n"
RIGHT = "def total(prices: list[int]) -> int:\n    return sum(prices)\n"

FAKE = """\
#!{python}
import json, os, sys
settings = json.load(open(sys.argv[sys.argv.index("-p") + 1]))
with open({log!r}, "a") as log:
    print(len(settings["include"]), *sorted(map(os.path.basename, settings["include"])), file=log)
assert "sk-secret" not in os.environ.values()
said = []
for path in settings["include"]:
    assert not os.path.isabs(path)
    for number, line in enumerate(open(path).read().splitlines()):
        if "label" in line:
            place = {{"line": number, "character": 0}}
            said.append({{"file": path, "severity": "error", "rule": "reportReturnType",
                "message": "\\"str\\" is\\n\\u00a0\\u00a0wrong", "range": {{"start": place}}}})
{then}
summary = {{"filesAnalyzed": len(settings["include"]), "errorCount": len(said)}}
print(json.dumps({{"version": "1", "generalDiagnostics": said, "summary": summary}}))
sys.exit(1 if said else 0)
"""


@dataclass(frozen=True)
class Tooled:
    """Environments with some type checkers in them, and what the scripted one was asked."""

    folder: Path
    log: Path

    def environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "VIRTUAL_ENV": str(self.folder),
            "OPENAI_API_KEY": "sk-secret",
        }

    def add(self, *names: str) -> None:
        for name in names:
            program = Path(sys.executable).parent / name
            assert program.exists(), f"{name} is a development dependency"
            (self.folder / "bin" / name).symlink_to(program)

    def add_fake(self, *, then: str = "", name: str = "pyright") -> None:
        program = self.folder / "bin" / name
        text = FAKE.format(python=sys.executable, log=str(self.log), then=textwrap.dedent(then))
        program.write_text(text)
        program.chmod(0o755)

    def runs(self) -> list[list[str]]:
        """The files of each run of the scripted checker."""
        return [line.split()[1:] for line in self.log.read_text().splitlines()]


@pytest.fixture
def tooled(interpreters: Interpreters, tmp_path: Path) -> Tooled:
    return Tooled(interpreters.environment(f"tools-{tmp_path.name}"), tmp_path / "log")


@dataclass(frozen=True)
class Built:
    outcomes: dict[str, Outcome]
    findings: list[tuple[Finding, ...]]
    unjudged: list[Unjudged]
    warnings: list[str]


def built(
    project: Project,
    tooled: Tooled,
    answers: Mapping[str, Sequence[str]],
    *,
    tests: bool = False,
    site: Path | None = None,
) -> Built:
    events: list[Event] = []
    backend = ScriptedBackend({name: list(texts) for name, texts in answers.items()})
    environ = {**tooled.environ(), **({"PYTHONPATH": str(site)} if site else {})}
    if tests:
        load = loader_of(backend)
        options = TestOptions(run=False)
        ran = run_tests(project, options, sink=events.append, environ=environ, load=load)
        assert ran.build is not None
        modules = (*ran.build.modules, *ran.tests.modules)
    else:
        modules = build(
            project, BuildOptions(), sink=events.append, environ=environ, load=loader_of(backend)
        ).modules
    return Built(
        outcomes={module.module: module.outcome for module in modules},
        findings=[event.findings for event in events if isinstance(event, AttemptRejected)],
        unjudged=[reason for module in modules for reason in module.unjudged],
        warnings=[event.message for event in events if isinstance(event, WarningRaised)],
    )


def only(result: Built) -> Finding:
    ((finding,),) = result.findings
    return finding


@pytest.mark.parametrize("name", REAL)
def test_a_type_error_in_an_answer_is_repaired(
    name: str, tooled: Tooled, make_project: MakeProject
) -> None:
    tooled.add(name)
    project = make_project({"src/shop/__init__.py": "", "src/shop/cart.py": SPEC})
    result = built(project, tooled, {"shop.cart": [WRONG, RIGHT]})
    finding = only(result)
    assert (finding.code, finding.line) == ("type-error", 3)
    assert finding.message.startswith(f"{name} ")
    assert "int" in finding.message
    assert finding.expected == f"code that {name} accepts under the project's settings"
    assert result.outcomes == {"shop.cart": Outcome.GENERATED}
    assert not result.unjudged
    written = [path for path in project.root.rglob("__generated__/**/*.py*") if path.is_file()]
    assert written
    assert {path.name.partition(".")[0] for path in written} == {"__init__", "cart"}
    assert RIGHT in (project.root / "src/shop/__generated__/cart.py").read_text()


SETTINGS = {
    "ty": (
        "ty.toml",
        """
        [rules]
        invalid-return-type = "ignore"
        invalid-explicit-return = "ignore"
        """,
    ),
    "mypy": (
        "setup.cfg",
        """
        [mypy]
        disable_error_code = return-value
        """,
    ),
}


@pytest.mark.parametrize("above", [False, True])
@pytest.mark.parametrize("name", REAL)
def test_the_projects_settings_are_in_force(
    name: str, tooled: Tooled, make_project: MakeProject, tmp_path: Path, *, above: bool
) -> None:
    tooled.add(name)
    file, text = SETTINGS[name]
    project = make_project({"src/cart.py": SPEC, **({} if above else {file: text})})
    if above:
        (tmp_path / ".git").mkdir()
        (tmp_path / file).write_text(textwrap.dedent(text))
    other = "def total(prices: list[int]) -> int:\n    return prices.nothing\n"
    result = built(project, tooled, {"cart": [other, WRONG]})
    assert only(result).code == "type-error"
    assert "nothing" in only(result).message
    assert result.outcomes == {"cart": Outcome.GENERATED}


@pytest.mark.parametrize("above", [False, True])
@pytest.mark.parametrize("name", REAL)
def test_paths_in_settings_keep_their_meaning(
    name: str, tooled: Tooled, make_project: MakeProject, tmp_path: Path, *, above: bool
) -> None:
    tooled.add(name)
    settings = {
        "ty": '[tool.ty.environment]\nextra-paths = ["stubs"]\n',
        "mypy": '[tool.mypy]\nmypy_path = "stubs"\n',
    }
    files = {
        "site/rates.py": "def rate():\n    return 'a rate'\n",
        "src/cart.py": SPEC,
    }
    project = make_project(files, '[paths]\nsource_roots = ["src"]\n')
    top = tmp_path if above else project.root
    (tmp_path / ".git").mkdir()
    (top / "pyproject.toml").write_text(settings[name])
    (top / "stubs").mkdir()
    (top / "stubs" / "rates.pyi").write_text("def rate() -> str: ...\n")
    code = "import rates\n\n\ndef total(prices: list[int]) -> int:\n    return rates.rate()\n"
    result = built(project, tooled, {"cart": [code, RIGHT]}, site=project.root / "site")
    assert (only(result).line, result.unjudged) == (5, [])


@pytest.mark.parametrize("name", REAL)
def test_tests_and_namespace_folders_are_checked_too(
    name: str, tooled: Tooled, make_project: MakeProject
) -> None:
    tooled.add(name)
    test = '''
        import jaunt
        from cart import total

        @jaunt.test(targets=[total])
        def test_total() -> None:
            """It adds up."""
            raise NotImplementedError
        '''
    project = make_project({"lib/deep/cart.py": SPEC, "tests/test_cart.py": test.replace(
        "from cart", "from deep.cart")},
        '[paths]\nsource_roots = ["lib"]\n[test]\ntype_check = "strict"\n')  # fmt: skip
    head = "from deep.cart import total\n\n\ndef test_total() -> None:\n    assert total("
    answers = {
        "deep.cart": [WRONG, RIGHT],
        "tests.test_cart": [f"{head}['1']) == 1\n", f"{head}[1]) == 1\n"],
    }
    result = built(project, tooled, answers, tests=True)
    assert [(first.code, first.line) for first, *_ in result.findings] == [
        ("type-error", 3),
        ("type-error", 5),
    ]
    assert set(result.outcomes.values()) == {Outcome.GENERATED}


TEST_SPEC = '''
    import jaunt
    from shop.cart import total

    @jaunt.test(targets=[total])
    def test_total() -> None:
        """It adds up."""
        raise NotImplementedError
    '''
TYPED_WRONG = """\
from shop.cart import total


def test_total() -> None:
    assert total(x for x in [1]) == 1
    number: int = "text"
"""


@pytest.mark.parametrize(("mode", "outcome"), [("tell", "generated"), ("strict", "failed"),
    ("off", "generated")])  # fmt: skip
def test_type_errors_in_tests_are_told(
    mode: str, outcome: str, tooled: Tooled, make_project: MakeProject
) -> None:
    tooled.add("mypy")
    files = {"src/shop/__init__.py": "", "src/shop/cart.py": SPEC, "tests/test_cart.py": TEST_SPEC}
    config = f'[build]\nattempts = 1\n[test]\nrun_trials = false\ntype_check = "{mode}"\n'
    answers = {"shop.cart": [RIGHT], "tests.test_cart": [TYPED_WRONG]}
    result = built(make_project(files, config), tooled, answers, tests=True)
    assert result.outcomes["tests.test_cart"] == outcome
    if mode == "tell":
        (warning,) = result.warnings
        head = "tests/__generated__/test_cart.py: 2 type errors, which in tests keep nothing "
        assert warning.startswith(f"{head}from landing: `assert total(x for x in [1]) == 1`: mypy ")
        assert '; `number: int = "text"`: mypy assignment: ' in warning
    else:
        assert result.warnings == []


LEAVING_OUT = {
    "mypy.ini": "[mypy]\nstrict = True\nfiles = src\n",
    "pyproject.toml": '[tool.mypy]\nexclude = ["^tests/", "x"]\n',
    "setup.cfg": "[mypy]\nignore_errors = True\n[mypy-shop.*]\nignore_errors = False\n",
    "ty.toml": '[src]\ninclude = ["src"]\n',
    "pyrightconfig.json": '{"include": ["src"], /* no tests */ "strict": ["src"],}',
}


@pytest.mark.parametrize("name", LEAVING_OUT)
def test_what_the_settings_leave_out_is_not_vetoed(
    name: str, tooled: Tooled, make_project: MakeProject
) -> None:
    text = LEAVING_OUT[name]
    if "pyright" in name:
        tooled.add_fake()
    else:
        tooled.add("ty" if name == "ty.toml" else "mypy")
    files = {"src/shop/__init__.py": "", "src/shop/cart.py": SPEC, "tests/test_cart.py": TEST_SPEC}
    config = '[test]\nrun_trials = false\ntype_check = "strict"\n'
    answers = {
        "shop.cart": [WRONG, RIGHT],
        "tests.test_cart": [TYPED_WRONG.replace("number", "label")],
    }
    result = built(make_project({**files, name: text}, config), tooled, answers, tests=True)
    assert result.outcomes == dict.fromkeys(answers, Outcome.GENERATED)
    assert [findings[0].code for findings in result.findings] == ["type-error"]
    assert result.warnings == []


@pytest.mark.parametrize("name", REAL)
def test_code_that_the_settings_leave_out_is_told(
    name: str, tooled: Tooled, make_project: MakeProject
) -> None:
    tooled.add(name)
    settings = {
        "ty": '[tool.ty.src]\nexclude = ["**/__generated__"]\n',
        "mypy": '[tool.mypy]\nexclude = "__generated__"\n',
    }
    project = make_project({"src/cart.py": SPEC, "pyproject.toml": settings[name]})
    result = built(project, tooled, {"cart": [WRONG]})
    assert result.outcomes == {"cart": Outcome.GENERATED}
    (reason,) = result.unjudged
    assert (reason.module, reason.check) == ("cart", CheckName.TYPES)
    assert reason.why == f"{name}: the project's settings leave it out"


@pytest.mark.parametrize("name", REAL)
def test_only_what_the_answer_did_wrong_counts(
    name: str, tooled: Tooled, make_project: MakeProject
) -> None:
    tooled.add(name)
    spec = '''
        import jaunt

        MISTAKE: int = "handwritten"

        def amount_of(ledger: "Ledger") -> int:
            return ledger.amount()

        @jaunt.magic
        class Ledger:
            """Keeps amounts."""

            def amount(self) -> int:
                """Return it."""
                raise NotImplementedError

        @jaunt.magic
        def total(prices: list, label: str = None) -> int:
            """Add up."""
            raise NotImplementedError
        '''
    code = """\
import untyped
from shop.cart import amount_of


class Ledger:
    def amount(self) -> int:
        return 1


def total(prices: list, label: str = None) -> int:
    return amount_of(Ledger()) + len(prices) + untyped.one()
"""
    settings = "[tool.ty]\n[tool.mypy]\nstrict = true\nwarn_return_any = false\n"
    project = make_project(
        {
            "pyproject.toml": settings,
            "shop/cart.py": spec.replace("\n        MISTAKE", "\n        from shop import extra\n"
                "\n        MISTAKE"),
            "shop/extra.py": 'OTHER: int = "handwritten"\n',
            "site/untyped.py": "def one():\n    return 1\n",
        }
    )  # fmt: skip
    result = built(project, tooled, {"shop.cart": [code]}, site=project.root / "site")
    assert (result.findings, result.unjudged) == ([], [])
    assert result.outcomes == {"shop.cart": Outcome.GENERATED}


def test_what_pyright_prints_is_read(tooled: Tooled, make_project: MakeProject) -> None:
    tooled.add_fake()
    result = built(make_project({"cart.py": SPEC}), tooled, {"cart": [WRONG, RIGHT]})
    messages = [str(finding) for findings in result.findings for finding in findings]
    assert messages == [
        f'line {line}: [type-error] pyright reportReturnType: "str" is wrong '
        "(expected: code that pyright accepts under the project's settings)"
        for line in (2, 3)
    ]
    assert tooled.runs() == [["cart.py", "cart.py"]] * 2


@pytest.mark.parametrize(
    ("then", "expected_text"),
    [
        ("sys.exit('no such setting')", "exit code 1"),
        ("print('Segmentation fault'); sys.exit(0)", "it printed what nobody can read"),
        ("print('[]'); sys.exit(0)", "it printed what nobody can read"),
        ("os.abort()", "exit code -6"),
        ("print('a bug', file=sys.stderr); sys.exit(3)", "exit code 3; a bug"),
    ],
)
def test_a_checker_that_fails_rejects_nothing(
    then: str, expected_text: str, tooled: Tooled, make_project: MakeProject
) -> None:
    tooled.add_fake(then=then)
    project = make_project({"cart.py": SPEC, "till.py": SPEC}, "[build]\njobs = 1\n")
    result = built(project, tooled, {"cart": [WRONG], "till": [WRONG]})
    assert set(result.outcomes.values()) == {Outcome.GENERATED}
    reasons = result.unjudged
    assert [reason.module for reason in reasons] == ["cart", "till"]
    for reason in reasons:
        assert reason.check == "types"
        assert reason.why.startswith("pyright: ")
        assert expected_text.replace("exit code 1", "it printed what nobody can read") in reason.why


def test_a_checker_that_does_not_start(tooled: Tooled, make_project: MakeProject) -> None:
    tooled.add_fake()
    (tooled.folder / "bin" / "pyright").write_text("#!/no/such/interpreter\n")
    result = built(make_project({"cart.py": SPEC}), tooled, {"cart": [WRONG]})
    assert result.outcomes == {"cart": Outcome.GENERATED}
    (reason,) = result.unjudged
    assert reason.why == "pyright: it cannot be run: No such file or directory"


def test_a_checker_that_is_not_there_is_said_first(
    tooled: Tooled, make_project: MakeProject
) -> None:
    project = make_project({"cart.py": SPEC}, '[build]\ntype_check = "mypy"\n')
    backend = ScriptedBackend({"cart": [RIGHT]})
    with pytest.raises(JauntConfigError) as caught:
        build(
            project,
            BuildOptions(),
            sink=lambda _: None,
            environ=tooled.environ(),
            load=loader_of(backend),
        )
    assert caught.value.args[0] == (
        f"{project.config_path}: [build] type_check = 'mypy', and the environment of "
        f"{tooled.folder / 'bin' / 'python'} has no mypy"
    )
    assert caught.value.hint == "add it to the project: uv add --dev mypy"
    assert backend.asked == []


@pytest.mark.parametrize(
    ("there", "mentioned", "setting", "expected"),
    [
        ("", "", "auto", None),
        ("mypy ty pyright", "", "auto", "ty"),
        ("mypy pyright", "", "auto", "mypy"),
        ("mypy ty pyright", "pyproject.toml: [tool.mypy]", "auto", "mypy"),
        ("mypy ty pyright", "pyrightconfig.json: {}", "auto", "pyright"),
        ("mypy ty", "mypy.ini: [mypy]", "auto", "mypy"),
        ("mypy ty", ".mypy.ini: [mypy]", "auto", "mypy"),
        ("mypy ty", "setup.cfg: [mypy]", "auto", "mypy"),
        ("mypy ty", "setup.cfg: [flake8]", "auto", "ty"),
        ("mypy ty", "pyproject.toml: = broken", "auto", "ty"),
        ("ty pyright", "pyproject.toml: [tool.mypy]", "auto", "ty"),
        ("mypy ty", "ty.toml: ", "mypy", "mypy"),
        ("mypy ty", "", "off", None),
    ],
)
def test_which_checker_is_taken(
    there: str, mentioned: str, setting: str, expected: str | None, make_project: MakeProject,
    tmp_path: Path,
) -> None:  # fmt: skip
    name, _, text = mentioned.partition(": ")
    project = make_project({name: text} if name else {}, f'[build]\ntype_check = "{setting}"\n')
    (tmp_path / "bin").mkdir()
    for program in there.split():
        (tmp_path / "bin" / program).touch(mode=0o755)
    python = tmp_path / "bin" / "python"
    installed = find_checker(project, Interpreter(path=python, is_own=True))
    assert (installed.checker if installed else None) == expected
    if installed and name and expected in (*text.split(), "mypy"):
        assert installed.settings == (project.root / name if text.strip("[]") in
            ("mypy", "tool.mypy") else None)  # fmt: skip
    if setting == "auto":
        assert find_checker(project, Interpreter(path=python, is_own=False)) is None


@contextmanager
def check_for(project: Project, tooled: Tooled) -> Generator[tuple[TypeCheck, list[ModulePlan]]]:
    load = loader_of(ScriptedBackend({}))
    with open_session(project, BuildOptions(), environ=tooled.environ(), load=load) as session:
        plan = session.plan(
            Kind.BUILD,
            selected=session.snapshot.names(Kind.BUILD),
            answers=None,
        )
        installed = find_checker(project, session.workspace.interpreter)
        assert installed is not None
        check = TypeCheck(session.workspace, installed, closing=session.closing)
        yield check, list(plan.modules)


async def test_answers_that_come_meanwhile_go_together(
    tooled: Tooled, make_project: MakeProject
) -> None:
    tooled.add_fake()
    project = make_project({f"part{number}.py": SPEC for number in range(6)})
    with check_for(project, tooled) as (check, plans):
        codes = [WRONG if number % 2 else RIGHT for number in range(6)]
        judgements = await asyncio.gather(
            *(check.judge(plan, code) for plan, code in zip(plans, codes, strict=True))
        )
        again = await check.judge(plans[0], WRONG)
    assert [len(judgement.findings) for judgement in judgements] == [0, 2, 0, 2, 0, 2]
    assert len(again.findings) == 2
    first, rest, last = tooled.runs()
    assert first == last == ["part0.py"] * 2
    assert rest == sorted(f"part{number}.py" for number in range(1, 6) for _ in "12")


async def test_an_interrupted_run_leaves_no_checker_behind(
    tooled: Tooled, make_project: MakeProject, tmp_path: Path
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    tooled.add_fake(then=f"print(os.getpid(), file=open({str(fifo)!r}, 'w')); "
                    "import signal; signal.pause()")  # fmt: skip
    with check_for(make_project({"part0.py": SPEC}), tooled) as (check, plans):
        running = asyncio.create_task(check.judge(plans[0], RIGHT))
        pid = int(await asyncio.to_thread(fifo.read_text))
        os.kill(pid, 0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
