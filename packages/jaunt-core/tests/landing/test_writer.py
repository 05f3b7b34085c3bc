"""The one writer: where it writes, and what it must never touch."""

from __future__ import annotations

import os
import py_compile
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest

from jaunt_core.contracts.header import FIRST_LINE
from jaunt_core.errors import LandingError
from jaunt_core.landing.writer import Landing, copy_aside
from jaunt_core.model.spec import Kind
from jaunt_core.project.roots import Roots

OURS = f"{FIRST_LINE}\n\nx = 1\n"

SIDE_BY_SIDE = Roots(source=(PurePosixPath("src"),), test=(PurePosixPath("tests"),))
NESTED = Roots(
    source=(PurePosixPath("src"), PurePosixPath()),
    test=(PurePosixPath("tests"), PurePosixPath("src/pkg/tests")),
)
LAYOUTS = {"side by side": SIDE_BY_SIDE, "nested": NESTED}


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


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project folder with a package below each root, and a folder beside it."""
    for folder in ("project/src/pkg/tests", "project/tests/pkg", "project/docs", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def landing(tree: Path, kind: Kind, layout: str = "side by side") -> Landing:
    return Landing(tree / "project", LAYOUTS[layout], kind, "__generated__", landed={})


def refusal(writer: Landing, path: str, *, expected: str | None = None) -> str:
    """What `check` and `write_module` both say."""
    with pytest.raises(LandingError) as checked:
        writer.check(PurePosixPath(path))
    with pytest.raises(LandingError) as written:
        writer.write_module(PurePosixPath(path), OURS, expected=expected)
    assert str(checked.value) == str(written.value)
    return str(written.value.args[0])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (Kind.BUILD, "src/pkg/__generated__/mod.py"),
        (Kind.BUILD, "src/__generated__/mod.py"),
        (Kind.TEST, "tests/pkg/__generated__/test_mod.py"),
        (Kind.TEST, "tests/__generated__/test_mod.py"),
    ],
)
def test_writes_where_it_may(tree: Path, kind: Kind, path: str, layout: str) -> None:
    writer = landing(tree, kind, layout)

    writer.check(PurePosixPath(path))
    writer.write_module(PurePosixPath(path), OURS, expected=None)

    assert (tree / "project" / path).read_text() == OURS


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    "path",
    [
        "mod.py",
        "src/mod.py",
        "src/pkg/mod.py",
        "src/__generated__",
        "src/generated/mod.py",
        "src/__GENERATED__/mod.py",
        "src/__generated__/deep/mod.py",
        "src/pkg/__generated__/../mod.py",
        "src/__generated__/../pkg/__generated__/mod.py",
        "../elsewhere/__generated__/mod.py",
        "src/../../elsewhere/__generated__/mod.py",
        "/tmp/__generated__/mod.py",
        ".jaunt/mod.py",
    ],
)
def test_writes_nowhere_else(tree: Path, kind: Kind, path: str, layout: str) -> None:
    before = contents(tree)

    refusal(landing(tree, kind, layout), path)

    assert contents(tree) == before


@pytest.mark.parametrize(
    ("kind", "path", "layout"),
    [
        (Kind.BUILD, "tests/__generated__/mod.py", "side by side"),
        (Kind.BUILD, "tests/__generated__/mod.py", "nested"),
        (Kind.BUILD, "tests/pkg/__generated__/mod.py", "nested"),
        (Kind.BUILD, "src/pkg/tests/__generated__/mod.py", "nested"),
        (Kind.BUILD, "docs/__generated__/mod.py", "side by side"),
        (Kind.BUILD, "__generated__/mod.py", "side by side"),
        (Kind.TEST, "src/__generated__/mod.py", "side by side"),
        (Kind.TEST, "src/pkg/__generated__/mod.py", "nested"),
        (Kind.TEST, "docs/__generated__/mod.py", "nested"),
        (Kind.TEST, "__generated__/mod.py", "nested"),
    ],
)
def test_writes_below_no_other_kind_of_root(tree: Path, kind: Kind, path: str, layout: str) -> None:
    before = contents(tree)
    roots = "src" if kind is Kind.BUILD else "tests"
    if layout == "nested":
        roots = "src, ." if kind is Kind.BUILD else "tests, src/pkg/tests"

    message = refusal(landing(tree, kind, layout), path)

    assert message == f"{path} is below none of the roots it may be written to ({roots})"
    assert contents(tree) == before


def link(path: str, to: str) -> Callable[[Path], None]:
    def do(tree: Path) -> None:
        place = tree / "project" / path
        if place.is_dir():
            shutil.rmtree(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(to)

    return do


def make(path: str, how: Callable[[Path], object]) -> Callable[[Path], None]:
    def do(tree: Path) -> None:
        place = tree / "project" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        how(place)

    return do


MODULE = "src/pkg/__generated__/mod.py"
FOLDER = "src/pkg/__generated__"
OBSTACLES: dict[str, tuple[Callable[[Path], None], str]] = {
    "root leads out": (link("src", "../elsewhere"), f"{FOLDER} leads elsewhere by a link"),
    "root leads to the tests": (link("src", "tests"), f"{FOLDER} leads elsewhere by a link"),
    "package leads out": (
        link("src/pkg", "../../elsewhere"),
        f"{FOLDER} leads elsewhere by a link",
    ),
    "folder leads out": (
        link(FOLDER, "../../../elsewhere"),
        f"{FOLDER} leads elsewhere by a link",
    ),
    "folder leads out, absolutely": (link(FOLDER, "/tmp"), f"{FOLDER} leads elsewhere by a link"),
    "folder leads to its package": (link(FOLDER, "."), f"{FOLDER} leads elsewhere by a link"),
    "folder leads nowhere": (link(FOLDER, "nowhere"), f"{FOLDER} leads elsewhere by a link"),
    "file leads out": (link(MODULE, "../../../../elsewhere/mod.py"), f"{MODULE} is no regular"),
    "file leads to its spec": (link(MODULE, "../mod.py"), f"{MODULE} is no regular file"),
    "folder in the place of the file": (make(MODULE, Path.mkdir), f"{MODULE} is no regular file"),
    "pipe in the place of the file": (make(MODULE, os.mkfifo), f"{MODULE} is no regular file"),
    "file in the place of the folder": (make(FOLDER, Path.touch), f"{FOLDER} is no folder"),
    "pipe in the place of the folder": (make(FOLDER, os.mkfifo), f"{FOLDER} is no folder"),
}


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_follows_no_link_and_replaces_nothing_but_files(tree: Path, obstacle: str) -> None:
    prepare, message = OBSTACLES[obstacle]
    (tree / "elsewhere/mod.py").write_text(OURS)
    prepare(tree)
    before = contents(tree)

    assert refusal(landing(tree, Kind.BUILD), MODULE, expected=OURS).startswith(message)
    assert contents(tree) == before


def test_a_link_in_the_place_of_its_temporary_file_is_not_followed(tree: Path) -> None:
    victim = tree / "elsewhere/victim"
    victim.write_text("mine")
    folder = tree / "project" / FOLDER
    folder.mkdir()
    for name in ("mod.py", "__init__.py"):
        (folder / f".{name}.{os.getpid()}.jaunt-tmp").symlink_to(victim)

    landing(tree, Kind.BUILD).write_module(PurePosixPath(MODULE), OURS, expected=None)

    assert victim.read_text() == "mine"
    assert contents(folder) == {"mod.py": OURS}


@pytest.mark.parametrize(
    ("standing", "expected", "message"),
    [
        ("x = 1\n", None, "was not written by jaunt"),
        ("x = 1\n", "x = 1\n", "was not written by jaunt"),
        ("# mine\n", OURS, "was not written by jaunt"),
        (OURS, None, "was changed while the build was running"),
        (OURS + "y = 2\n", OURS, "was changed while the build was running"),
        ("", None, "was changed while the build was running"),
    ],
)
def test_a_file_that_nobody_expects_is_left_alone(
    tree: Path, standing: str, expected: str | None, message: str
) -> None:
    target = tree / "project" / MODULE
    target.parent.mkdir()
    target.write_text(standing)

    with pytest.raises(LandingError, match=message):
        landing(tree, Kind.BUILD).write_module(
            PurePosixPath(MODULE), f"{FIRST_LINE}\n\nx = 2\n", expected=expected
        )

    assert contents(target.parent) == {"mod.py": standing}


def test_identical_text_is_not_written_again(tree: Path) -> None:
    writer, target = landing(tree, Kind.BUILD), tree / "project" / MODULE
    writer.write_module(PurePosixPath(MODULE), OURS, expected=None)
    os.utime(target, ns=(1, 1))
    before = target.stat()

    writer.write_module(PurePosixPath(MODULE), OURS, expected=OURS)

    assert (target.stat().st_mtime_ns, target.stat().st_ino) == (1, before.st_ino)


def test_leftovers_of_a_killed_run_go_and_other_files_stay(tree: Path) -> None:
    folder = tree / "project" / FOLDER
    folder.mkdir()
    for name in (".mod.py.123.jaunt-tmp", ".__init__.py.9.jaunt-tmp", ".other.py.1.jaunt-tmp"):
        (folder / name).write_text("half of a fi")
    for name in (".hidden", "notes.txt", "mod.py.jaunt-tmp"):
        (folder / name).write_text("mine")

    landing(tree, Kind.BUILD).write_module(PurePosixPath(MODULE), OURS, expected=None)

    assert contents(folder) == {
        ".hidden": "mine",
        "notes.txt": "mine",
        "mod.py.jaunt-tmp": "mine",
        "mod.py": OURS,
    }


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_file_modes_follow_the_umask(tree: Path, mask: int, mode: int) -> None:
    (tree / "project/src/pkg/__init__.py").touch()
    before = os.umask(mask)
    try:
        landing(tree, Kind.BUILD).write_module(PurePosixPath(MODULE), OURS, expected=None)
    finally:
        os.umask(before)

    folder = tree / "project" / FOLDER
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"mod.py": mode, "__init__.py": mode}


def test_copies_are_numbered_and_never_overwritten(tree: Path) -> None:
    root, path = tree / "project", PurePosixPath(MODULE)
    (root / MODULE).parent.mkdir()
    copies = []
    for text in ("1", "2", "3"):
        (root / MODULE).write_text(text)
        copies.append(copy_aside(root, path))
    (root / str(copies[0])).unlink()
    (root / MODULE).write_text("4")
    copies.append(copy_aside(root, path))

    folder = f".jaunt/overwritten/{FOLDER}"
    assert copies == [PurePosixPath(f"{folder}/mod.{number}.py") for number in (1, 2, 3, 4)]
    assert contents(root / folder) == {"mod.2.py": "2", "mod.3.py": "3", "mod.4.py": "4"}
    (root / MODULE).unlink()
    assert copy_aside(root, path) is None


LIMITED = """
import os, resource, sys
from pathlib import Path, PurePosixPath
from jaunt_core.errors import LandingError
from jaunt_core.landing.writer import Landing, copy_aside
from jaunt_core.project.roots import Roots
from jaunt_core.model.spec import Kind

root, text = Path(sys.argv[1]), Path(sys.argv[1], "text").read_text()
roots = Roots(source=(PurePosixPath("src"),), test=())
path = PurePosixPath("src/__generated__/mod.py")
{limit}
for act in (
    lambda: Landing(root, roots, Kind.BUILD, "__generated__", landed=dict()).write_module(
        path, text + "# " + "x" * 100_000, expected=text
    ),
    lambda: copy_aside(root, path),
):
    try:
        act()
    except LandingError as error:
        print(error.args[0].replace(str(root), "ROOT"))
"""
NO_SPACE = "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))"
NO_PERMISSION = "os.geteuid() or os.setuid(65534)"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp()).resolve()
    folder.chmod(0o755)
    yield folder
    for inside in (folder, *folder.rglob("*")):
        if inside.is_dir():
            inside.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("limit", "why"), [(NO_SPACE, "File too large"), (NO_PERMISSION, "Permission denied")]
)
def test_what_the_system_refuses_is_said_and_leaves_the_file_whole(
    open_folder: Path, limit: str, why: str
) -> None:
    text = OURS + "# " + "y" * 2_000 + "\n"
    (open_folder / "src/__generated__").mkdir(parents=True)
    (open_folder / "text").write_text(text)
    (open_folder / "src/__generated__/mod.py").write_text(text)
    if limit == NO_PERMISSION:
        for folder in (open_folder / "src/__generated__", open_folder):
            folder.chmod(0o555)

    done = subprocess.run(
        [sys.executable, "-c", LIMITED.format(limit=limit), open_folder],
        capture_output=True,
        text=True,
        check=True,
    )

    copied, written = "src/__generated__/mod.py cannot be copied", done.stdout.splitlines()
    assert written[0] == f"src/__generated__/mod.py cannot be written: {why}"
    assert written[1].startswith((copied, "ROOT/.jaunt"))
    assert written[1].endswith(why)
    assert contents(open_folder / "src") == {
        "__generated__": "folder",
        "__generated__/mod.py": text,
    }


def test_bytecode_of_what_is_replaced_is_not_run(tree: Path) -> None:
    """Python compares sizes and whole seconds: code of the same length could stay unseen."""
    writer, target = landing(tree, Kind.BUILD), tree / "project" / MODULE
    writer.write_module(PurePosixPath(MODULE), OURS, expected=None)
    other = target.with_name("other.py")
    other.touch()
    compiled, others = (
        Path(py_compile.compile(str(file), doraise=True) or "") for file in (target, other)
    )

    writer.write_module(PurePosixPath(MODULE), f"{OURS}# more\n", expected=OURS)

    assert not compiled.exists()
    assert others.exists()
