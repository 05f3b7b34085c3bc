"""A second terminal: who waits, who leaves, who need not care."""

from __future__ import annotations

import errno
import shutil
import signal
from collections.abc import Generator
from pathlib import Path

import pytest

from .conftest import Jaunt, MakeProject, Process, outcomes

FILES = {
    "one.py": """
        import jaunt

        @jaunt.magic()
        def one() -> int:
            '''Return 1.'''
            raise NotImplementedError
        """,
    "tests/test_one.py": """
        import jaunt
        from one import one

        @jaunt.test(targets=[one])
        def test_one() -> None:
            '''It is 1.'''
            ...
        """,
    "answers/one.py": "def one() -> int:\n    return 1\n",
    "answers/tests.test_one.py": "from one import one\n\n\ndef test_one() -> None:\n"
    "    assert one() == 1\n",
    # It answers when it is allowed to.
    "answering.py": "import os, pathlib, sys, time\nsys.stdin.read()\n"
    "pathlib.Path('asked').touch()\n"
    "while not pathlib.Path('go').exists():\n    time.sleep(0.02)\n"
    "path = pathlib.Path('answers', os.environ['JAUNT_SPEC_MODULE'] + '.py')\n"
    "sys.stdout.write(path.read_text())\n",
}
WAITING = [("build",), ("test",), ("clean",), ("clean", "--orphans")]
LOOKING = [("status",), ("plan",), ("why", "one"), ("clean", "--dry-run"), ("cache", "info")]


@pytest.fixture
def project(make_project: MakeProject) -> Path:
    return make_project(FILES)


@pytest.fixture
def first(jaunt: Jaunt, project: Path) -> Generator[Process]:
    """A build that waits for its answer."""
    process = jaunt.start("build", cwd=project)
    jaunt.wait_for(process, (project / "asked").exists, "the request")
    yield process
    (project / "go").touch()
    assert jaunt.end_of(process).code == 0  # whatever the second one did
    assert not (project / ".jaunt/lock").read_text()


def said_by(process: Process) -> str:
    assert process.stderr is not None
    return process.stderr.readline()


def waits_for(first: Process) -> str:
    return f"another jaunt (process {first.pid}) works on this project; waiting until it is done"


@pytest.mark.parametrize("arguments", WAITING, ids=" ".join)
def test_the_second_waits_and_says_so_at_once(
    arguments: tuple[str, ...], jaunt: Jaunt, project: Path, first: Process
) -> None:
    second = jaunt.start(*arguments, cwd=project)
    assert waits_for(first) in said_by(second)
    assert second.poll() is None
    (project / "go").touch()

    ran = jaunt.end_of(second)

    assert ran.code == 0, ran.err
    assert (project / "__generated__/one.py").exists() is (arguments != ("clean",))


@pytest.mark.parametrize("arguments", WAITING, ids=" ".join)
def test_the_second_leaves_where_it_is_not_to_wait(
    arguments: tuple[str, ...], jaunt: Jaunt, project: Path, first: Process
) -> None:
    ran = jaunt.run(*arguments, "--no-wait", "--json", cwd=project)

    assert ran.code == 3
    error = ran.document["error"]
    assert error["kind"] == "busy"
    assert error["message"] == f"another jaunt (process {first.pid}) works on this project"
    assert "without --no-wait" in error["hint"]
    assert error["message"] in ran.err


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
def test_who_only_looks_does_not_wait(
    arguments: tuple[str, ...], jaunt: Jaunt, project: Path, first: Process
) -> None:
    ran = jaunt.run(*arguments, cwd=project)

    assert ran.code == 0, ran.err
    assert "another jaunt" not in ran.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_waiting_ends_at_once_where_it_is_interrupted(
    number: signal.Signals, jaunt: Jaunt, project: Path, first: Process
) -> None:
    second = jaunt.start("build", cwd=project)
    assert waits_for(first) in said_by(second)

    ran = jaunt.end_of(second, number)

    assert ran.code == 130
    assert "Traceback" not in ran.err
    assert first.poll() is None


def test_a_state_folder_that_goes_while_somebody_waits(
    jaunt: Jaunt, project: Path, first: Process
) -> None:
    """The lock that was waited for is nobody's then: the one that is there counts."""
    second = jaunt.start("build", cwd=project)
    assert waits_for(first) in said_by(second)
    (project / ".jaunt/lock").unlink()
    third = jaunt.start("build", cwd=project)
    (project / "go").touch()

    assert jaunt.end_of(second).code == jaunt.end_of(third).code == 0


def test_a_number_in_the_file_of_the_lock_holds_nobody_up(jaunt: Jaunt, project: Path) -> None:
    """It says only that a run was killed; whether it lives, the kernel knows."""
    (project / "go").touch()
    (project / ".jaunt").mkdir()
    (project / ".jaunt/lock").write_text("1")

    ran = jaunt.run("build", "--no-wait", cwd=project)

    assert ran.code == 0, ran.err
    assert not (project / ".jaunt/lock").read_text()


_NO_LOCKS = """
import errno, fcntl, sys
from jaunt_cli.main import main

def flock(descriptor, operation):
    raise OSError(getattr(errno, sys.argv[1]), "no locks here")

fcntl.flock = flock
sys.exit(main(sys.argv[2:]))
"""


def _check_without_locks(jaunt: Jaunt, project: Path) -> None:
    (project / "go").touch()
    ran = jaunt.run("build", "--json", cwd=project)
    assert ran.code == 0, ran.err
    assert outcomes(ran.document) == {"one": "generated"}
    assert any("this file system has no locks" in item for item in ran.document["warnings"])
    assert "do not run two builds at once" in ran.err


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_locks_gets_a_warning(
    number: int, jaunt: Jaunt, project: Path
) -> None:
    python = Path(jaunt.command[0]).parent / "python"
    jaunt.command = (str(python), "-c", _NO_LOCKS, errno.errorcode[number])
    _check_without_locks(jaunt, project)


@pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace")
def test_the_kernel_refuses_locks(jaunt: Jaunt, project: Path) -> None:
    inject = ("-qq", "-f", "-o", "/dev/null", "-e", "inject=flock:error=ENOLCK")
    jaunt.command = (str(shutil.which("strace")), *inject, *jaunt.command)
    _check_without_locks(jaunt, project)
