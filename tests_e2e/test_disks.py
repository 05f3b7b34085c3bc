"""Disks that are full, trees that may not be written, and folders where files belong."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from .conftest import Jaunt, MakeProject, files_below, outcomes

FILES = {
    "shop/__init__.py": "",
    "shop/one.py": """
        import jaunt

        @jaunt.magic()
        def one() -> int:
            '''Return 1.'''
            raise NotImplementedError
        """,
    "answers/shop.one.py": "def one() -> int:\n    return 1\n" + "# padding\n" * 20_000,
}
SPACE = "No space left on device"


@pytest.fixture
def project(make_project: MakeProject) -> Path:
    return make_project(FILES)


def check_after(jaunt: Jaunt, project: Path, outcome: str) -> None:
    """The next build works, with the answer of the one before where that was stored."""
    stored = len(list((project / ".jaunt/answers").rglob("*.json")))
    after = jaunt.run("build", "--json", cwd=project)
    assert after.code == 0, after.err
    assert outcomes(after.document) == {"shop.one": outcome}
    assert len(list((project / ".jaunt/answers").rglob("*.json"))) == max(stored, 1)
    assert list(project.rglob("*.jaunt-tmp")) == []


def limited(jaunt: Jaunt, size: int) -> tuple[str, ...]:
    """The command, with files that may not grow beyond a size, in blocks of 1024 bytes."""
    return ("bash", "-c", f'trap "" XFSZ; ulimit -f {size}; exec "$@"', "bash", *jaunt.command)


@pytest.mark.parametrize("size", [0, 1, 64])
def test_files_that_may_not_grow(size: int, jaunt: Jaunt, project: Path) -> None:
    """What a quota does: writing ends in the middle."""
    before, whole = files_below(project), jaunt.command
    jaunt.command = limited(jaunt, size)

    ran = jaunt.run("build", cwd=project)

    assert ran.code == 3, ran.err
    assert "File too large" in ran.err
    assert "Traceback" not in ran.err
    assert files_below(project).items() >= before.items()
    assert not (project / "shop/__generated__/one.py").exists()
    jaunt.command = whole
    check_after(jaunt, project, "generated")


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "jaunt-test", str(folder)]
    if shutil.which("mount") is None or run_quietly(*mount):
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("free", [0, 4, 8, 16, 40, 100, 200, 300, 420])
def test_a_full_disk(
    free: int, jaunt: Jaunt, project: Path, small_disk: Path, tmp_path: Path
) -> None:
    """So many KiB are free when the build begins; it needs about 460."""
    shop = small_disk / "project"
    (project / "answers").rename(tmp_path / "answers")
    shutil.copytree(project, shop)
    (shop / "answers").symlink_to(tmp_path / "answers")
    before = files_below(shop / "shop")
    fill = small_disk / "fill"
    room = shutil.disk_usage(small_disk).free - free * 1024
    fill.write_bytes(b"x" * room)
    (tmp_path / "tmp").mkdir()

    ran = jaunt.run("build", cwd=shop, TMPDIR=str(tmp_path / "tmp"))

    assert ran.code == 3, ran.err
    assert SPACE in ran.err
    assert "Traceback" not in ran.err
    assert files_below(shop / "shop").items() >= before.items()
    assert not (shop / "shop/__generated__/one.py").exists()
    fill.unlink()
    stored = list((shop / ".jaunt/answers").rglob("*.json"))
    check_after(jaunt, shop, "reused" if stored else "generated")


def test_no_room_for_temporary_files(
    jaunt: Jaunt, make_project: MakeProject, small_disk: Path
) -> None:
    example = FILES["shop/one.py"].replace(
        "Return 1.", "Return 1.\n\n            >>> one()\n            1\n            "
    )
    project = make_project({**FILES, "shop/one.py": example})
    (small_disk / "fill").write_bytes(b"x" * shutil.disk_usage(small_disk).free)

    ran = jaunt.run("build", cwd=project, TMPDIR=str(small_disk))

    assert ran.code == 3
    assert f"the sandbox cannot be set up: {SPACE}" in ran.err
    assert "TMPDIR" in ran.err
    check_after(jaunt, project, "reused")


NOBODY = 65534


def take_away(folder: Path, jaunt: Jaunt) -> None:
    """Let a folder be nobody's to write to, neither for those who may do everything."""
    folder.chmod(0o555)
    if os.getuid():
        return
    inside = ("unshare", "--user", "--map-root-user")
    if shutil.which("unshare") is None or run_quietly(*inside, "true"):
        pytest.skip("nothing can be taken away from this user")
    os.chown(folder, NOBODY, NOBODY)
    jaunt.command = (*inside, *jaunt.command)


def run_quietly(*command: str) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize("place", ["", ".jaunt", "shop", "shop/__generated__"])
def test_a_folder_that_may_not_be_written(place: str, jaunt: Jaunt, project: Path) -> None:
    whole = jaunt.command
    (project / place).mkdir(exist_ok=True)
    take_away(project / place, jaunt)
    before = files_below(project)

    ran = jaunt.run("build", cwd=project)

    assert ran.code == 3, ran.err
    assert "Permission denied" in ran.err
    assert "Traceback" not in ran.err
    assert files_below(project).items() >= before.items()
    jaunt.command = whole
    (project / place).chmod(0o755)
    stored = (project / ".jaunt/answers").exists()
    check_after(jaunt, project, "reused" if stored else "generated")


def test_a_tree_that_is_read_only(jaunt: Jaunt, project: Path) -> None:
    """Looking works, building says what is wrong; in a name space of its own."""
    bind = f'mount --bind -o ro "{project}" "{project}" && mount -o remount,ro,bind "{project}"'
    script = f'{bind} && cd "{project}" && exec "$@"'
    inside = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    if (
        shutil.which("unshare") is None
        or subprocess.run([*inside, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no name space can be made here")
    assert jaunt.run("build", cwd=project).code == 0
    whole, before = jaunt.command, files_below(project)
    jaunt.command = (*inside, *jaunt.command)
    for arguments in (("status",), ("build",), ("check",)):
        assert jaunt.run(*arguments, cwd=project).code == 0

    ran = jaunt.run("build", "--force", cwd=project)

    assert ran.code == 3
    assert "Read-only file system" in ran.err
    assert "Traceback" not in ran.err
    assert files_below(project) == before
    jaunt.command = whole
    assert jaunt.run("build", cwd=project).code == 0


IN_THE_WAY = [
    "shop/__generated__/one.py",
    "shop/__generated__/__init__.py",
    ".jaunt/lock",
    ".jaunt/.gitignore",
    ".jaunt/snapshot.json",
    ".jaunt/modules.json",
    ".jaunt/unverified.json",
    ".jaunt/contracts/build/shop.one.json",
]
FILES_IN_THE_WAY = [
    "shop/__generated__",
    ".jaunt",
    ".jaunt/answers",
    ".jaunt/contracts",
]


@pytest.mark.parametrize("place", IN_THE_WAY)
def test_a_folder_where_a_file_belongs(place: str, jaunt: Jaunt, project: Path) -> None:
    (project / place).mkdir(parents=True)
    _check_in_the_way(place, jaunt, project)
    assert (project / place).is_dir()


@pytest.mark.parametrize("place", FILES_IN_THE_WAY)
def test_a_file_where_a_folder_belongs(place: str, jaunt: Jaunt, project: Path) -> None:
    (project / place).parent.mkdir(exist_ok=True)
    (project / place).write_text("mine")
    _check_in_the_way(place, jaunt, project)
    assert (project / place).read_text() == "mine"


def _check_in_the_way(place: str, jaunt: Jaunt, project: Path) -> None:
    """What only saves time is done without; else the message names what stands in the way."""
    before = files_below(project)

    ran = jaunt.run("build", cwd=project)

    assert "Traceback" not in ran.err
    assert ran.code in (0, 3), ran.err
    if ran.code:
        assert place in ran.err, ran.err
    else:
        assert (project / "shop/__generated__/one.py").is_file()
    assert files_below(project).items() >= before.items()
    assert list(project.rglob("*.jaunt-tmp")) == []
