"""Which interpreter reads a project, and what happens where it is another one than ours."""

from __future__ import annotations

import base64
import os
import sys
import urllib.parse
from collections.abc import Mapping
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project, load_project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.errors import JauntConfigError, JauntDiscoveryError
from jaunt_core.model.events import Event
from jaunt_core.model.report import Outcome
from jaunt_core.model.spec import ClassFacts
from jaunt_core.project.interpreter import Interpreter
from jaunt_core.project.workspace import Workspace
from jaunt_core.sandbox.pytest_run import require_pytest
from jaunt_core.snapshot.worker_client import Worker
from jaunt_core.testing import ScriptedBackend, loader_of

from ..conftest import Interpreters, MakeProject, discover, write_files

SPEC = "import jaunt\n\n@jaunt.magic\ndef f() -> int: ...\n"
PATH = {"PATH": os.environ["PATH"]}


def put_python(folder: Path, text: str = "#!/bin/sh\n", mode: int = 0o755) -> Path:
    """Something that looks like the interpreter of an environment."""
    path = folder / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("configured", "active", "standing", "expected"),
    [
        ("envs/one", "active", ["envs/one", "active", ".venv"], "envs/one/bin/python"),
        ("envs/one/bin/python", "active", ["envs/one", "active"], "envs/one/bin/python"),
        ("", "active", ["active", ".venv"], "active/bin/python"),
        ("", "gone", [".venv"], ".venv/bin/python"),
        ("", "", [".venv"], ".venv/bin/python"),
        ("", "gone", [], None),
    ],
)
def test_the_first_that_is_there(
    configured: str,
    active: str,
    standing: list[str],
    expected: str | None,
    make_project: MakeProject,
) -> None:
    project = make_project({}, f'[paths]\npython = "{configured}"\n')
    for folder in standing:
        put_python(project.root / folder)
    environ = {"VIRTUAL_ENV": str(project.root / active)} if active else {}
    interpreter = Workspace(project=project, environ=environ).interpreter
    path = project.root / expected if expected else Path(sys.executable)
    assert interpreter == Interpreter(path=path, is_own=bool(expected))


def test_an_interpreter_outside_the_project(make_project: MakeProject, tmp_path: Path) -> None:
    python = put_python(tmp_path / "elsewhere")
    project = make_project({}, f'[paths]\npython = "{python}"\n')
    interpreter = Workspace(project=project, environ={}).interpreter
    assert interpreter == Interpreter(path=python, is_own=True)


@pytest.mark.parametrize("named", ["gone", "folder", "file", "~nobody-here/python"])
def test_what_is_named_must_be_an_interpreter(named: str, make_project: MakeProject) -> None:
    files = {"folder/readme": "", "file": "not executable"}
    project = make_project(files, f'[paths]\npython = "{named}"\n')
    workspace = Workspace(project=project, environ={"VIRTUAL_ENV": sys.prefix})
    with pytest.raises(JauntConfigError) as caught:
        _ = workspace.interpreter
    assert caught.value.args[0] == (
        f"{project.config_path}: [paths] python = {named!r} is no interpreter"
    )
    assert caught.value.hint == "name a python executable or the folder of a virtual environment"


def test_children_do_not_get_the_key(make_project: MakeProject) -> None:
    environ = {"KEY": "secret", "ALIAS": "secret", "EMPTY": "", "OTHER": "secrets"}
    project = make_project({}, '[llm]\napi_key_env = "KEY"\n')
    workspace = Workspace(project=project, environ=environ)
    assert workspace.child_environ == {"EMPTY": "", "OTHER": "secrets"}
    project = make_project({}, '[llm]\napi_key_env = "EMPTY"\n')
    workspace = Workspace(project=project, environ=environ)
    assert workspace.child_environ == {
        "KEY": "secret", "ALIAS": "secret", "OTHER": "secrets",
    }  # fmt: skip


@pytest.mark.parametrize("place", ["environment", ".env"])
def test_children_do_not_get_what_the_key_is_a_part_of(
    place: str, make_project: MakeProject
) -> None:
    key = "sk-canary/0123+abc"
    environ = {
        "ALIAS": key,
        "HEADER": f"Authorization: Bearer {key}",
        "BASIC": base64.b64encode(f":{key}".encode()).decode(),
        "PROXY": f"http://user:{urllib.parse.quote(key, safe='')}@proxy",
        "HOME": "/a/home",
    }
    files = {".env": f"OPENAI_API_KEY={key}\n"} if place == ".env" else {}
    if place == "environment":
        environ["OPENAI_API_KEY"] = key
    workspace = Workspace(project=make_project(files), environ=environ)
    assert workspace.child_environ == {"HOME": "/a/home"}


def configured(make_project: MakeProject, python: Path, files: Mapping[str, str]) -> Project:
    return make_project(files, f'[paths]\npython = "{python}"\n')


def test_an_interpreter_without_the_runtime(
    make_project: MakeProject, interpreters: Interpreters
) -> None:
    bare = interpreters.environment("bare", runtime=False)
    project = configured(make_project, bare, {"app.py": SPEC})
    with pytest.raises(JauntConfigError) as caught:
        discover(project)
    assert caught.value.args[0] == (
        f"the project's interpreter {bare}/bin/python has no jaunt-runtime"
    )
    assert caught.value.hint == (
        "add it to the project: uv add jaunt-runtime "
        "(or pip install jaunt-runtime in that environment)"
    )


@pytest.mark.parametrize(
    ("script", "message", "hint"),
    [
        (
            "#!/bin/sh\necho 'Unknown option: -P' >&2\nexit 2\n",
            "the worker does not start under {python}: Unknown option: -P",
            "jaunt needs CPython 3.11 or newer; set [paths] python",
        ),
        (
            "\0\0\0\0",
            "the project's interpreter {python} cannot be started: Exec format error",
            "set [paths] python to the interpreter of the project",
        ),
    ],
)
def test_an_interpreter_that_does_not_start(
    script: str, message: str, hint: str, make_project: MakeProject, tmp_path: Path
) -> None:
    python = put_python(tmp_path / "broken", script)
    with pytest.raises(JauntConfigError) as caught:
        discover(configured(make_project, python, {"app.py": SPEC}))
    assert caught.value.args[0] == message.format(python=python)
    assert caught.value.hint == hint


def test_the_active_environment_reads_the_project(
    make_project: MakeProject, interpreters: Interpreters, tmp_path: Path
) -> None:
    folder = interpreters.environment("active")
    note = tmp_path / "prefix"
    source = f"import pathlib, sys\npathlib.Path({str(note)!r}).write_text(sys.prefix)\n{SPEC}"
    project = make_project({"app.py": source})
    environ = {**PATH, "VIRTUAL_ENV": str(folder)}
    assert len(discover(project, environ=environ)) == 1
    assert note.read_text() == str(folder)
    with (
        Worker(Workspace(project=project, environ=environ)) as worker,
        pytest.raises(JauntConfigError) as caught,
    ):
        require_pytest(worker)
    assert caught.value.args[0] == f"the project's interpreter {folder}/bin/python has no pytest"
    assert caught.value.hint == (
        "add it to the project: uv add --dev pytest (or pip install pytest in that environment)"
    )


def test_places_in_an_environment_inside_the_project_are_not_the_projects_own(
    make_project: MakeProject, interpreters: Interpreters
) -> None:
    project = make_project({"app.py": f"import broken\nbroken.go()\n{SPEC}"})
    folder = interpreters.environment(str(project.root / ".venv"))
    (site_packages,) = folder.glob("lib/python*/site-packages")
    broken = site_packages / "broken.py"
    broken.write_text("def go():\n    raise OSError('no')\n")
    with pytest.raises(JauntDiscoveryError, match=r"^app\.py:2: importing it raises OSError: no$"):
        discover(project, environ=PATH)
    broken.write_text("import os\ndef go():\n    os.abort()\n")
    with pytest.raises(JauntDiscoveryError, match=r"^app\.py:2: importing it crashes "):
        discover(project, environ=PATH)


def test_a_project_inside_an_environment_is_its_own(interpreters: Interpreters) -> None:
    folder = interpreters.environment("around")
    root = folder / "src" / "shop"
    write_files(root, {"jaunt.toml": "version = 1\n", "app.py": f"import json\n1 / 0\n{SPEC}"})
    with pytest.raises(JauntDiscoveryError, match=r"^app\.py:2: importing it raises Zero"):
        discover(load_project(root=root), environ={**PATH, "VIRTUAL_ENV": str(folder)})


NEW_SYNTAX = '''
    from dataclasses import dataclass
    from typing import Protocol

    import jaunt

    class Priced(Protocol):
        price: int

    @dataclass
    class Order:
        price: int

    type Orders[T] = list[T | "Order"]

    @jaunt.magic
    def total[T: Priced](orders: Orders[T], *, names: tuple[str, ...] = ()) -> int:
        """The sum of the prices."""
        # f"{", ".join(names)}" goes into the log
        return f"{", ".join(names)}"

    @jaunt.magic
    class Box[T]:
        """Holds one thing."""
        def get(self) -> T:
            """The thing."""
        def put(self, thing: T) -> "Box[T]":
            """Put it in, and return the box. Calls `total`."""
            return total([thing])
'''
NEW_ANSWER = """
from shop.boxes import Orders, Priced


def total[T: Priced](orders: Orders[T], *, names: tuple[str, ...] = ()) -> int:
    label = f"{", ".join(names)}"
    return sum(order.price for order in orders) + len(label) * 0


class Box[T]:
    def get(self) -> T:
        return self.thing

    def put(self, thing: T) -> "Box[T]":
        self.thing = thing
        return self
"""
OLD_SYNTAX = '''
    from __future__ import annotations
    import enum, functools
    from typing import TYPE_CHECKING, Optional
    import jaunt

    if TYPE_CHECKING:
        from shop.boxes import Order

    class Way(enum.Enum):
        UP = 1

    @functools.cache
    @jaunt.magic(deps=[Way], prompt="be quick")
    def describe(order: Optional[Order], *rest: "Order", way: Way = Way.UP, x=-1.5e3) -> str:
        """Say it in `Way`.

        >>> describe(None)
        ''
        """
        # first
        try:
            return f"{order!r:>{10}} {way.name}" + rb"\\x00".hex()
        except* ValueError as group:
            rest = [lambda y, /: y for way in group.exceptions if way]
        match order:
            case {"a": [1, *_], **kw}: return kw
            case Way(value=1) | None: pass
'''


@pytest.fixture(scope="module")
def other_python(interpreters: Interpreters) -> Path:
    """An environment of the newest CPython that is not the version of this one."""
    python = interpreters.other_than_ours(oldest=(3, 12))
    if python is None:
        pytest.skip("no other CPython from 3.12 on is installed")
    return interpreters.environment("other", python=python)


def test_newer_syntax_than_ours(make_project: MakeProject, other_python: Path) -> None:
    project = configured(make_project, other_python, {"shop/boxes.py": NEW_SYNTAX})
    (module,) = discover(project)
    total, box = module.specs
    named = ["shop.boxes:Order", "shop.boxes:Orders", "shop.boxes:Priced"]
    assert [definition.ref for definition in total.context] == named
    assert total.context[1].text == 'type Orders[T] = list[T | "Order"]'
    assert box.inferred == ("shop.boxes:Box", "shop.boxes:total")
    assert isinstance(box.definition, ClassFacts)
    assert box.definition.declaration == "class Box[T]"
    assert total.definition.declaration == (
        "def total[T: Priced](orders: Orders[T], *, names: tuple[str, ...] = ()) -> int"
    )
    backend = ScriptedBackend({"shop.boxes": ["def total(orders): return 0\n", NEW_ANSWER]})
    events: list[Event] = []
    report = build(
        project, BuildOptions(), sink=events.append, environ=PATH, load=loader_of(backend)
    )
    assert [(module.outcome, module.failure) for module in report.modules] == [
        (Outcome.GENERATED, None)
    ]
    assert backend.asked == ["shop.boxes", "shop.boxes"]


def test_facts_do_not_depend_on_the_interpreter(
    make_project: MakeProject, other_python: Path
) -> None:
    files = {
        "shop/way.py": OLD_SYNTAX,
        "shop/boxes.py": "from dataclasses import dataclass\n\n@dataclass\nclass Order:\n"
        "    price: int\n",
    }
    ours = discover(make_project(files))
    theirs = discover(configured(make_project, other_python, files))
    assert ours == theirs
    assert [definition.ref for definition in ours[0].specs[0].context] == [
        "shop.boxes:Order",
        "shop.way:Way",
    ]


def test_type_statements_mean_the_same_however_they_are_spelt(
    make_project: MakeProject, other_python: Path
) -> None:
    def facts_of(alias: str, bound: str) -> object:
        text = f'''
import jaunt
from typing import Optional, Union

type Price = {alias}


@jaunt.magic
def total[T: {bound}](items: list[T]) -> Price:
    """Add up."""
    ...
'''
        (module,) = discover(configured(make_project, other_python, {"shop/way.py": text}))
        (spec,) = module.specs
        return spec.parts, [definition.form for definition in spec.context]

    facts = facts_of("int | None", "int | str")
    assert facts_of("Optional[int]", "Union[str, int]") == facts
    assert facts_of('"int | None"', '"int | str"') == facts
    assert facts_of("int", "int | str") != facts
    assert facts_of("int | None", "int") != facts
