"""How code looks when it lands: formatted by the project's ruff, else as it was answered."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Protocol

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.contracts.header import split_header
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.model.events import AttemptRejected, Event
from jaunt_core.model.report import Outcome
from jaunt_core.project.workspace import Workspace
from jaunt_core.testing import ScriptedBackend, loader_of
from jaunt_core.typecheck.formatting import Formatter

MakeProject = Callable[..., Project]


class Interpreters(Protocol):
    def environment(self, name: str) -> Path: ...


SPEC = '''
    import jaunt

    @jaunt.magic
    def total(prices: list[int], *, factor: int = 1) -> int:
        """Add up."""
        raise NotImplementedError
    '''
ANSWER = """\
def total(
        prices: list[int], *, factor: int = 1) -> int :
    '''Add up.
        '''
    label   = {  'a' : 1,"b":2 }


    return sum(prices)*factor   +0*len( label )"""
PLAIN = '''\
def total(prices: list[int], *, factor: int = 1) -> int:
    """Add up."""
    label = {"a": 1, "b": 2}

    return sum(prices) * factor + 0 * len(label)
'''
QUOTED = PLAIN.replace('"a": 1, "b": 2', "'a': 1, 'b': 2")
NARROW = PLAIN.replace(
    "(prices: list[int], *, factor: int = 1)",
    "(\n    prices: list[int], *, factor: int = 1\n)",
)
SETTINGS = '[format]\nquote-style = "single"\nline-ending = "cr-lf"\n'
PATH = PurePosixPath("shop/__generated__/cart.py")


@pytest.fixture
def environment(interpreters: Interpreters, tmp_path: Path) -> Path:
    """An environment of a project that has ruff."""
    folder = interpreters.environment(f"ruff-{tmp_path.name}")
    (folder / "bin" / "ruff").symlink_to(Path(sys.executable).parent / "ruff")
    return folder


def landed(project: Project, environment: Path | None, *answers: str) -> str:
    backend = ScriptedBackend({"shop.cart": list(answers)})
    active = {"VIRTUAL_ENV": str(environment)} if environment else {}
    environ = {"PATH": os.environ["PATH"], **active}
    report = build(
        project, BuildOptions(), sink=lambda _: None, environ=environ, load=loader_of(backend)
    )
    assert [module.outcome for module in report.modules] == [Outcome.GENERATED]
    with (project.root / PATH).open(newline="") as file:
        return split_header(file.read())[1].lstrip("\n")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, PLAIN),
        ({"ruff.toml": SETTINGS}, QUOTED),
        ({"pyproject.toml": "[tool.ruff]\nline-length = 50\n"}, NARROW),
        ({"shop/ruff.toml": SETTINGS}, QUOTED),
        ({"ruff.toml": 'extend-exclude = ["__generated__"]\n'}, f"{ANSWER}\n"),
        ({"ruff.toml": 'format.exclude = ["shop/**"]\n'}, f"{ANSWER}\n"),
        ({"ruff.toml": "no-such-key = 1\n"}, f"{ANSWER}\n"),
    ],
)
def test_the_projects_settings_decide(
    settings: Mapping[str, str], expected: str, environment: Path, make_project: MakeProject
) -> None:
    project = make_project({"shop/__init__.py": "", "shop/cart.py": SPEC, **settings})
    assert landed(project, environment, ANSWER) == expected


def test_without_ruff_code_lands_as_it_was_answered(
    interpreters: Interpreters, make_project: MakeProject, tmp_path: Path
) -> None:
    files = {"shop/__init__.py": "", "shop/cart.py": SPEC}
    bare = interpreters.environment(f"bare-{tmp_path.name}")
    assert landed(make_project(files), bare, ANSWER) == f"{ANSWER}\n"
    # The tests' own environment has ruff, but it is not the project's.
    assert landed(make_project(files, folder="other"), None, ANSWER) == f"{ANSWER}\n"


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\nexit 2\n",
        "#!/bin/sh\necho 'x = 1'\nexit 1\n",
        "#!/bin/sh\nkill -9 $$\n",
        "#!/bin/sh\nprintf '\\377'\n",
        "#!/bin/sh\nexit 0\n",
        "#!/no/such/interpreter\n",
    ],
)
def test_a_formatter_that_fails_changes_nothing(
    text: str, environment: Path, make_project: MakeProject
) -> None:
    program = environment / "bin" / "ruff"
    program.unlink()
    program.write_text(text)
    program.chmod(0o755)
    project = make_project({"shop/__init__.py": "", "shop/cart.py": SPEC})
    assert landed(project, environment, ANSWER) == f"{ANSWER}\n"


def test_findings_are_about_the_lines_that_would_land(
    environment: Path, make_project: MakeProject
) -> None:
    project = make_project({"shop/__init__.py": "", "shop/cart.py": SPEC})
    (environment / "bin" / "ty").symlink_to(Path(sys.executable).parent / "ty")
    wrong = ANSWER.replace("return sum(prices)*factor   +0*len( label )", "return label")
    events: list[Event] = []
    backend = ScriptedBackend({"shop.cart": [wrong, ANSWER]})
    build(
        project,
        BuildOptions(),
        sink=events.append,
        environ={"PATH": os.environ["PATH"], "VIRTUAL_ENV": str(environment)},
        load=loader_of(backend),
    )
    ((finding,),) = [event.findings for event in events if isinstance(event, AttemptRejected)]
    assert finding.code == "type-error"
    shown = backend.requests[1].context.previous_answer or ""
    assert shown != wrong
    assert shown.splitlines()[finding.line - 1].strip() == "return label"


async def test_the_same_code_is_formatted_the_same_way(
    environment: Path, make_project: MakeProject
) -> None:
    environ = {"PATH": os.environ["PATH"], "VIRTUAL_ENV": str(environment)}
    formatter = Formatter(Workspace(project=make_project({}), environ=environ))
    assert await formatter.formatted(PATH, ANSWER) == PLAIN
    assert await formatter.formatted(PATH, ANSWER) == PLAIN
    assert await formatter.formatted(PATH, PLAIN) == PLAIN


TWO = (
    SPEC
    + """
    @jaunt.magic
    def count(prices: list[int]) -> int:
        \'\'\'Count them.\'\'\'
        raise NotImplementedError
"""
)
SECOND = "def count(prices: list[int]) -> int:\n    return len(  prices )\n"


@pytest.mark.parametrize("was_formatted", [False, True])
def test_where_a_part_is_new_nothing_else_moves(
    environment: Path, make_project: MakeProject, *, was_formatted: bool
) -> None:
    project = make_project({"shop/__init__.py": "", "shop/cart.py": TWO})
    before = landed(project, environment if was_formatted else None, f"{ANSWER}\n\n\n{SECOND}")
    spec = project.root / "shop" / "cart.py"
    spec.write_text(spec.read_text().replace("Count them.", "Count all of them."))
    after = landed(project, environment, SECOND.replace("prices )", "[*prices] )"))
    first, _, second = after.partition("def count")
    assert first == before.partition("def count")[0]
    assert ("len([*prices])" in second) == was_formatted
