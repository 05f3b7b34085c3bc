"""What a user finds in the tree after a build, whatever stood there before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.contracts.header import FIRST_LINE
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.engine.tester import TestOptions, run_tests
from jaunt_core.errors import LandingError
from jaunt_core.landing.stamping import init_text
from jaunt_core.model.generation import GenerationRequest, GenerationResult
from jaunt_core.model.report import ModuleReport
from jaunt_core.model.spec import Kind
from jaunt_core.testing import ScriptedBackend, loader_of

OURS = f"{FIRST_LINE}\n\nx = 1\n"
SPEC = '''\
import jaunt

@jaunt.magic
def one() -> int:
    """Return 1."""
    raise NotImplementedError
'''
TEST_SPEC = '''\
import jaunt

@jaunt.test
def test_one() -> None:
    """1 is 1."""
    raise NotImplementedError
'''
CODE = "def one() -> int:\n    return 1\n"
TEST_CODE = "def test_one() -> None:\n    assert sum([1]) == 1\n"


MakeProject = Callable[..., Project]


def contents(root: Path) -> dict[str, str]:
    """All that stands below a folder: what it is, and what it says."""
    entries = {}
    for path in sorted(root.rglob("*")):
        if "__pycache__" in path.parts:
            continue
        if path.is_symlink():
            entry = f"link to {path.readlink()}"
        elif path.is_dir():
            entry = "folder"
        elif path.is_file():
            entry = path.read_bytes().decode("utf-8", "backslashreplace")
        else:
            entry = "something else"
        entries[path.relative_to(root).as_posix()] = entry
    return entries


def run(
    project: Project, backend: ScriptedBackend, *, force: bool = False
) -> dict[str, ModuleReport]:
    report = build(
        project,
        BuildOptions(force=force),
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(backend),
    )
    return {module.module: module for module in report.modules}


def outcomes(reports: Mapping[str, ModuleReport]) -> dict[str, str]:
    return {name: module.outcome.value for name, module in reports.items()}


def same_answer(*modules: str) -> ScriptedBackend:
    return ScriptedBackend({module: [CODE] for module in modules})


PATH = "src/pkg/__generated__/mod.py"
OBSTACLES: dict[str, Callable[[Path], object]] = {
    "folder leads out": lambda path: path.parent.symlink_to("../../../elsewhere"),
    "folder leads to its package": lambda path: path.parent.symlink_to("."),
    "folder leads nowhere": lambda path: path.parent.symlink_to("nowhere"),
    "folder is a file": lambda path: path.parent.touch(),
    "file leads out": lambda path: (path.parent.mkdir(), path.symlink_to("/elsewhere/mod.py")),
    "file leads to its spec": lambda path: (path.parent.mkdir(), path.symlink_to("../mod.py")),
    "file is a folder": lambda path: path.mkdir(parents=True),
    "file is a pipe": lambda path: (path.parent.mkdir(), os.mkfifo(path)),
    "file leads to a pipe": lambda path: (
        path.parent.mkdir(),
        os.mkfifo(path.with_name("pipe")),
        path.symlink_to("pipe"),
    ),
}


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_nothing_is_asked_for_what_cannot_land(
    make_project: MakeProject, tmp_path: Path, obstacle: str
) -> None:
    project = make_project(
        {"src/pkg/mod.py": SPEC, "src/pkg/__init__.py": ""}, '[paths]\nsource_roots = ["src"]\n'
    )
    (tmp_path / "elsewhere").mkdir()
    OBSTACLES[obstacle](project.root / PATH)
    before = contents(project.root)
    backend = same_answer("pkg.mod")

    for force in (False, True):
        assert outcomes(run(project, backend, force=force)) == {"pkg.mod": "failed"}

    assert backend.asked == []
    after = contents(project.root)
    assert {name: what for name, what in after.items() if not name.startswith(".jaunt")} == before
    assert contents(tmp_path / "elsewhere") == {}


def damage(text: str, how: str) -> str:
    lines = text.splitlines(keepends=True)
    return {
        "empty": "",
        "blank": "\n \n",
        "cut in the header": "".join(lines[:3]),
        "cut in a header line": text[: text.index("module_digest") + 30],
        "no digest": text.replace("# jaunt:body=", "# jaunt:bodies="),
        "cut in the code": text[: text.index("return")] + "return (",
        "not UTF-8": text + "# \udcff\n",
    }[how]


DAMAGES = [
    "empty",
    "blank",
    "cut in the header",
    "cut in a header line",
    "no digest",
    "cut in the code",
    "not UTF-8",
]


def test_damaged_files_are_rebuilt(make_project: MakeProject) -> None:
    names = [f"mod{number}" for number in range(len(DAMAGES))]
    project = make_project({f"{name}.py": SPEC for name in names})
    backend = same_answer(*names)
    run(project, backend)
    whole = contents(project.root / "__generated__")
    for name, how in zip(names, DAMAGES, strict=True):
        path = project.root / f"__generated__/{name}.py"
        path.write_bytes(damage(path.read_text(), how).encode("utf-8", "surrogateescape"))
    damaged = contents(project.root / "__generated__")

    reports = run(project, backend)

    assert outcomes(reports) == dict.fromkeys(names, "reused")
    # What does not parse may be what somebody was just writing.
    copies = contents(project.root / ".jaunt/overwritten/__generated__")
    assert copies == {
        name.replace(".py", ".1.py"): held for name, held in damaged.items() if held.strip()
    }
    assert {module.reasons[0].kind.value for module in reports.values()} == {"damaged"}
    assert contents(project.root / "__generated__") == whole
    assert len(backend.asked) == len(names)


FOREIGN = {
    "text": b"def one() -> int:\n    return 3\n",
    "comment": b"# This file was generated by another tool. DO NOT EDIT.\n",
    "binary": b"\x00\xff\xfe",
    "indented": b"  " + OURS.encode(),
}


def test_foreign_files_stay_even_with_force(make_project: MakeProject) -> None:
    project = make_project({f"{name}.py": SPEC for name in FOREIGN})
    (project.root / "__generated__").mkdir()
    for name, content in FOREIGN.items():
        (project.root / f"__generated__/{name}.py").write_bytes(content)
    backend = same_answer(*FOREIGN)

    for force in (False, True):
        reports = run(project, backend, force=force)
        assert outcomes(reports) == dict.fromkeys(FOREIGN, "failed")
        failure = reports["text"].failure
        assert failure is not None
        assert failure.message == (
            "__generated__/text.py was not written by jaunt (it has no header of jaunt's) and is "
            "left as it is"
        )
        assert failure.hint == ("move it out of __generated__; that folder is for generated files")

    remaining = {name: (project.root / f"__generated__/{name}.py").read_bytes() for name in FOREIGN}
    assert remaining == FOREIGN
    assert backend.asked == []
    assert not (project.root / ".jaunt/overwritten").exists()


def test_an_edited_file_stops_its_module_until_it_is_forced(make_project: MakeProject) -> None:
    project = make_project({"a.py": SPEC, "b.py": SPEC})
    backend = same_answer("a", "b")
    run(project, backend)
    path = project.root / "__generated__/a.py"
    edited = path.read_text().replace("return 1", "return 7")
    path.write_text(edited)

    reports = run(project, backend)

    assert outcomes(reports) == {"a": "failed", "b": "fresh"}
    failure = reports["a"].failure
    assert failure is not None
    assert failure.message == "__generated__/a.py was edited by hand and is left as it is"
    assert "--force" in failure.hint
    assert path.read_text() == edited
    assert backend.asked == ["a", "b"]

    assert outcomes(run(project, backend, force=True)) == {"a": "generated", "b": "generated"}
    assert path.read_text().endswith(CODE)
    copies = contents(project.root / ".jaunt/overwritten")
    assert copies == {"__generated__": "folder", "__generated__/a.1.py": edited}


def test_formatting_and_line_endings_are_no_edit(make_project: MakeProject) -> None:
    project = make_project({"a.py": SPEC})
    backend = same_answer("a")
    run(project, backend)
    path = project.root / "__generated__/a.py"
    text = path.read_text().replace("return 1", "return (\n        1  # one\n    )")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert outcomes(run(project, backend)) == {"a": "fresh"}


def test_init_files(make_project: MakeProject) -> None:
    files = {
        "top.py": SPEC,
        "package/__init__.py": "",
        "package/mod.py": SPEC,
        "package/sub/__init__.py": "",
        "package/sub/mod.py": SPEC,
        "namespace/mod.py": SPEC,
        "speccing/__init__.py": SPEC,
        "speccing/mod.py": SPEC,
        "users/__init__.py": "",
        "users/mod.py": SPEC,
        "users/__generated__/__init__.py": "",
        "others/__init__.py": "",
        "others/mod.py": SPEC,
        "others/__generated__/__init__.py": "MINE = 1\n",
        "tests/__init__.py": "",
        "tests/test_top.py": TEST_SPEC,
        "tests/part/__init__.py": "",
        "tests/part/test_part.py": TEST_SPEC,
    }
    project = make_project(files, "[build]\njobs = 1\n")
    modules = [
        path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path, text in files.items()
        if text == SPEC
    ]
    tests = ["tests.test_top", "tests.part.test_part"]
    answers = {name: [TEST_CODE if name in tests else CODE] for name in [*modules, *tests]}
    backend = ScriptedBackend(answers)

    report = run_tests(
        project,
        TestOptions(run=False),
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(backend),
    )

    assert report.build is not None
    assert report.build.ok
    assert report.tests.ok
    inits = {
        path.relative_to(project.root).as_posix(): path.read_text()
        for path in project.root.rglob("__generated__/__init__.py")
    }
    with_code = inits.pop("speccing/__generated__/__init__.py")
    assert with_code.endswith(CODE)
    assert inits == {
        "package/__generated__/__init__.py": init_text(Kind.BUILD, "package"),
        "package/sub/__generated__/__init__.py": init_text(Kind.BUILD, "package.sub"),
        "users/__generated__/__init__.py": "",
        "others/__generated__/__init__.py": "MINE = 1\n",
        "tests/part/__generated__/__init__.py": init_text(Kind.TEST, "part"),
    }
    # What was created is fresh afterwards, whichever module brought it along.
    assert set(outcomes(run(project, backend)).values()) == {"fresh"}


@pytest.mark.parametrize("jobs", [1, 8])
@pytest.mark.parametrize("last", ["pkg", "pkg.mod"])
def test_a_package_with_specs_and_its_modules_land_in_any_order(
    make_project: MakeProject, last: str, jobs: int
) -> None:
    first = "pkg.mod" if last == "pkg" else "pkg"
    spec = SPEC.replace("@jaunt.magic", f'@jaunt.magic(deps=["{first}:one"])')
    files = {"pkg/__init__.py": SPEC, "pkg/mod.py": SPEC}
    files["pkg/__init__.py" if last == "pkg" else "pkg/mod.py"] = spec
    project = make_project(files, f"[build]\njobs = {jobs}\n")

    reports = run(project, same_answer("pkg", "pkg.mod"))

    assert outcomes(reports) == {"pkg": "generated", "pkg.mod": "generated"}
    assert all(
        (project.root / f"pkg/__generated__/{name}.py").read_text().endswith(CODE)
        for name in ("__init__", "mod")
    )


class Meddling(ScriptedBackend):
    """Does something to the project while it is asked, as a user might."""

    def __init__(self, answers: Mapping[str, list[str]], meddle: Callable[[], object]) -> None:
        super().__init__(answers)
        self._meddle = meddle

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        self._meddle()
        return await super().generate_module(request)


def changed(path: Path, text: str) -> Callable[[], object]:
    def do() -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    return do


def test_what_changes_while_the_model_writes_is_left_alone(make_project: MakeProject) -> None:
    project = make_project({"a.py": SPEC})
    folder = project.root / "__generated__"
    path = folder / "a.py"
    changes: dict[str, Callable[[], object]] = {
        "is new and foreign": changed(path, "mine\n"),
        "is new and ours": changed(path, OURS),
        "became a link": lambda: (folder.mkdir(), path.symlink_to("../a.py")),
        "folder became a link": lambda: folder.symlink_to("."),
        "folder became a file": folder.touch,
    }
    messages = {}
    for name, meddle in changes.items():
        backend = Meddling({"a": [CODE]}, meddle)
        report = run(project, backend, force=True)["a"]
        assert report.failure is not None
        messages[name] = report.failure.message
        assert backend.asked == ["a"]
        assert (project.root / "a.py").read_text() == SPEC
        if folder.is_dir() and not folder.is_symlink():
            assert [path.name for path in folder.iterdir()] == ["a.py"]
            shutil.rmtree(folder)
        else:
            folder.unlink()

    assert messages == {
        "is new and foreign": "__generated__/a.py was not written by jaunt and is left as it is",
        "is new and ours": "__generated__/a.py was changed while the build was running and is left "
        "as it is",
        "became a link": "__generated__/a.py is no regular file",
        "folder became a link": f"__generated__ leads elsewhere by a link, to {project.root}",
        "folder became a file": "__generated__ is no folder",
    }


def test_a_file_that_vanishes_while_the_model_writes_is_written(make_project: MakeProject) -> None:
    project = make_project({"a.py": SPEC})
    run(project, same_answer("a"))
    path = project.root / "__generated__/a.py"
    backend = Meddling({"a": [CODE.replace("1", "1 + 0")]}, lambda: shutil.rmtree(path.parent))

    assert outcomes(run(project, backend, force=True)) == {"a": "generated"}
    assert path.read_text().endswith("return 1 + 0\n")


def test_a_package_that_vanishes_while_the_model_writes_fails(make_project: MakeProject) -> None:
    project = make_project({"pkg/a.py": SPEC, "b.py": SPEC})
    gone = project.root / "pkg"
    backend = Meddling(
        {"pkg.a": [CODE], "b": [CODE]}, lambda: shutil.rmtree(gone, ignore_errors=True)
    )

    reports = run(project, backend)

    assert outcomes(reports) == {"pkg.a": "failed", "b": "generated"}
    failure = reports["pkg.a"].failure
    assert failure is not None
    assert failure.message.startswith("the spec changed while it was being built (pkg/a.py ")
    assert not gone.exists()


@pytest.mark.parametrize(
    ("obstacle", "message"), [("file", "cannot be written"), ("link", "leads elsewhere by a link")]
)
def test_a_state_folder_that_cannot_be_made(
    make_project: MakeProject, obstacle: str, message: str
) -> None:
    project = make_project({"a.py": SPEC})
    place = project.root / ".jaunt"
    place.touch() if obstacle == "file" else place.symlink_to("nowhere")

    with pytest.raises(LandingError, match=rf"\.jaunt {message}"):
        run(project, same_answer("a"))


def test_the_state_folder_is_ignored_by_git(make_project: MakeProject) -> None:
    project = make_project({"a.py": SPEC})
    run(project, same_answer("a"))

    assert (project.root / ".jaunt/.gitignore").read_text() == "*\n"


def test_reports_say_where_the_code_is(make_project: MakeProject) -> None:
    project = make_project({"pkg/__init__.py": "", "pkg/a.py": SPEC})

    report: ModuleReport = run(project, same_answer("pkg.a"))["pkg.a"]

    assert report.path == PurePosixPath("pkg/__generated__/a.py")
    assert (project.root / report.path).read_text().endswith(CODE)
