from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

import jaunt_cli
from jaunt_cli.commands.build import make_build_parser
from jaunt_cli.commands.cache import make_cache_parser
from jaunt_cli.commands.check import make_check_parser
from jaunt_cli.commands.clean import make_clean_parser
from jaunt_cli.commands.lint import make_lint_parser
from jaunt_cli.commands.plan import make_plan_parser
from jaunt_cli.commands.skill import make_skill_parser
from jaunt_cli.commands.status import make_status_parser
from jaunt_cli.commands.test import make_test_parser
from jaunt_cli.commands.trust import make_trust_parser
from jaunt_cli.commands.why import make_why_parser

from .conftest import Project, Ran

COMMANDS = [
    "build",
    "test",
    "status",
    "plan",
    "why",
    "lint",
    "diff",
    "check",
    "clean",
    "cache",
    "trust",
    "skill",
]
INSPECTING = COMMANDS[2:-1]
ENGINES = {
    "cache": "jaunt_core.storage.answers_gc",
    "diff": "jaunt_core.engine.differ",
    "lint": "jaunt_core.engine.linter",
    "trust": "jaunt_core.engine.truster",
}


def test_version(jaunt: Callable[..., Ran]) -> None:
    assert jaunt("--version") == (0, f"jaunt {jaunt_cli.__version__}\n", "")
    assert jaunt("-V") == jaunt("--version")


def imported_by(*arguments: str) -> set[str]:
    """The modules that the command loads, besides those that every interpreter here has."""
    code = (
        "import sys; before = set(sys.modules); "
        "from jaunt_cli.main import main; main(sys.argv[1:]); "
        "sys.stderr.write('\\n' + ' '.join(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split())


def test_version_imports_almost_nothing() -> None:
    loaded = imported_by("--version")
    assert {name.partition(".")[0] for name in loaded} >= {"jaunt_cli"}
    costly = {"pydantic", "rich", "asyncio", "argparse", "dataclasses", "inspect", "json"}
    assert not loaded & (costly | {"importlib.metadata", "pathlib", "subprocess", "openai"})


def test_commands_bring_only_what_they_need(tmp_path: object) -> None:
    assert not imported_by("skill", "export", "--dest", str(tmp_path)) & {"pydantic", "rich"}
    # Not on a terminal: no bar.
    assert not imported_by("build", "--root", "/nowhere") & {"rich", "openai"}


@pytest.mark.parametrize("command", ["build", "check", "status"])
def test_a_run_without_changes_imports_next_to_nothing(
    shop: Project, jaunt: Callable[..., Ran], command: str
) -> None:
    assert jaunt("test", "--no-run")[0] == 0
    assert jaunt("status")[0] == 0
    loaded = imported_by(command, "--root", str(shop.root))
    assert "jaunt_cli.noop" in loaded
    costly = {"pydantic", "rich", "asyncio", "argparse", "dataclasses", "inspect", "pathlib"}
    assert not loaded & (costly | {"importlib.metadata", "subprocess", "openai"})


@pytest.mark.parametrize("command", INSPECTING)
def test_commands_that_look_answer_mistakes_and_help_at_once(command: str) -> None:
    costly = {"pydantic", "rich", "asyncio", "openai", "subprocess", "importlib.metadata"}
    assert not imported_by(command, "--help") & costly
    assert not imported_by(command, "--wrong") & costly


@pytest.mark.parametrize("command", INSPECTING)
def test_commands_that_look_never_load_a_backend_or_rich(shop: Project, command: str) -> None:
    more = {"why": ["tax"], "cache": ["info"]}.get(command, [])
    loaded = imported_by(command, *more)
    assert ENGINES.get(command, "jaunt_core.engine.inspector") in loaded
    assert command != "cache" or not loaded & {"pydantic", "asyncio", "subprocess"}
    assert not loaded & {"rich", "openai"}
    assert "jaunt_backend_command" not in loaded or command in ("plan", "why", "trust")


def test_jaunt_alone_prints_help_and_is_wrong_usage(jaunt: Callable[..., Ran]) -> None:
    code, out, err = jaunt()
    assert (code, out) == (2, "")
    assert err == jaunt("--help")[1]
    for command in COMMANDS:
        assert f"\n  {command} " in err


@pytest.mark.parametrize("name", ["biuld", "--verson"])
def test_an_unknown_command_is_named_with_the_known_ones(
    jaunt: Callable[..., Ran], name: str
) -> None:
    code, out, err = jaunt(name)
    assert (code, out) == (2, "")
    assert f"unknown {'option' if name.startswith('-') else 'command'} '{name}'" in err
    assert ", ".join(COMMANDS) in err


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("biuld", "--json"), "biuld"),
        (("--json",), None),
        (("--verson", "--json"), None),
    ],
)
def test_an_unknown_command_is_an_object_too(
    jaunt: Callable[..., Ran], arguments: tuple[str, ...], command: str | None
) -> None:
    code, out, err = jaunt(*arguments)
    document = json.loads(out)
    assert (code, out.count("\n")) == (2, 1)
    assert list(document) == ["schema", "command", "ok", "error"]
    assert (document["command"], document["ok"]) == (command, False)
    assert document["error"]["kind"] == "usage"
    assert f"error: {document['error']['message']}\n" in err
    assert f"hint: {document['error']['hint']}\n" in err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples_and_exit_codes(jaunt: Callable[..., Ran], command: str) -> None:
    code, out, err = jaunt(command, "-h")
    assert (code, err) == (0, "")
    assert f"\n  jaunt {command} " in out
    assert "exit codes:\n  0 " in out


def test_options_are_those_of_the_contract() -> None:
    project = {"--root", "--config", "--json"}
    selected = project | {"--target", "--no-infer-deps"}
    run = selected | {"--jobs", "--force", "--offline", "--yes", "--no-wait", "--debug"}
    parsers = (
        make_build_parser(),
        make_test_parser(),
        make_status_parser(),
        make_plan_parser(),
        make_why_parser(),
        make_lint_parser(),
        make_check_parser(),
        make_clean_parser(),
        make_cache_parser(),
        make_trust_parser(),
        make_skill_parser(),
    )
    options = {
        parser.prog: {name for action in parser._actions for name in action.option_strings}
        - {"-h", "--help"}
        for parser in parsers
    }
    assert options == {
        "jaunt build": run | {"--show-prompt"},
        "jaunt test": run | {"--no-build", "--no-run", "--strength", "--repair", "--pytest-args"},
        "jaunt status": selected | {"-v", "--verbose"},
        "jaunt plan": selected,
        "jaunt why": project,
        "jaunt lint": project,
        "jaunt check": project,
        "jaunt clean": project | {"--orphans", "--dry-run", "--no-wait"},
        "jaunt cache": project | {"--max-size"},
        "jaunt trust": project | {"--list", "--revoke"},
        "jaunt skill": {"--dest", "--force"},
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "--jobs", "0"], "'0' is no whole number above 0"),
        (["build", "--jobs", "many"], "'many' is no whole number above 0"),
        (["build", "--no-build"], "unrecognized arguments: --no-build"),
        (["build", "--forc"], "unrecognized arguments: --forc"),
        (["test", "--pytest-args"], "expected one argument"),
        (["build", "--offline", "--force"], "leave out one of them"),
        (["test", "--force", "--offline"], "leave out one of them"),
        (["why"], "required: MODULE[:QUALNAME]"),
        (["check", "--target", "tax"], "unrecognized arguments: --target tax"),
        (["cache"], "required: action"),
        (["cache", "gc"], "gc needs --max-size SIZE, e.g. --max-size 500MB"),
        (["cache", "info", "--max-size", "1MB"], "--max-size goes with gc, not with info"),
        (["cache", "gc", "--max-size", "1 XB"], "'1 XB' is no size: write it as 500MB or 1GiB"),
        (["cache", "gc", "--max-size=-1MB"], "'-1MB' is no size"),
        (["cache", "gc", "--max-size", ""], "'' is no size"),
        (["skill"], "required: action"),
        (["skill", "import"], "invalid choice: 'import'"),
    ],
)
def test_wrong_usage(jaunt: Callable[..., Ran], arguments: list[str], message: str) -> None:
    code, out, err = jaunt(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"usage: jaunt {arguments[0]} ")
    assert message in err
    assert f"hint: see jaunt {arguments[0]} --help" in err


def test_wrong_usage_as_json(jaunt_json: Callable[..., tuple[int, object]]) -> None:
    code, document = jaunt_json("build", "--jobs", "0")
    assert code == 2
    assert document == {
        "schema": 1,
        "command": "build",
        "ok": False,
        "error": {
            "kind": "usage",
            "message": "argument --jobs: '0' is no whole number above 0",
            "hint": "see jaunt build --help",
        },
    }


def test_python_dash_m_jaunt_hands_over(project: Project) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jaunt", "build", "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout)["modules"] == []
