"""Ctrl-C, SIGTERM and `kill -9` in every phase: who ends, what the terminal shows, what is kept."""

from __future__ import annotations

import os
import pty
import select
import signal
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import Jaunt, MakeProject, outcomes, processes_with

SPEC = """
    import jaunt

    @jaunt.magic()
    def {name}() -> int:
        '''Return {number}.{more}'''
        raise NotImplementedError
    """
# As long as nobody removes the file `slow`.
WAITS = (
    "import os, pathlib, time\n"
    "if os.path.exists('{root}/slow'):\n    pathlib.Path('{root}/started').touch()\n"
    "    time.sleep(600)\nVALUE = 1\n"
)
EXAMPLE = "\n\n        >>> one()\n        1\n        "
TEST = """
    import jaunt
    from one import one

    @jaunt.test(targets=[one])
    def test_one() -> None:
        '''It is 1.'''
        ...
    """
RIGHT = "def one() -> int:\n    return 1\n"
TESTING = "import subprocess\nfrom one import one\n\n\ndef test_one() -> None:\n"
PATIENCE = 60.0


def spec(name: str, number: int, more: str = "") -> str:
    return SPEC.format(name=name, number=number, more=more)


@dataclass(frozen=True, kw_only=True)
class Phase:
    """What a run does when it is stopped; `{root}` in the files stands for the project.

    `begins_with` is the name of a folder for temporary files that tells that it has begun, else
    the file `started` does. `kept` are the modules whose code stands afterwards.
    """

    files: Mapping[str, str]
    arguments: tuple[str, ...] = ("build", "--jobs", "1")
    begins_with: str = ""
    kept: tuple[str, ...] = ()
    shown: str = ""


PHASES = {
    "discovery": Phase(files={"one.py": f"import jaunt\n{WAITS}{{rest}}"}),
    "generation": Phase(
        files={
            "a.py": spec("a", 1),
            "one.py": spec("one", 1),
            "answers/a.py": "def a() -> int:\n    return 1\n",
            "answers/one.py": RIGHT,
            "answering.py": "import os, sys\nif os.environ['JAUNT_SPEC_MODULE'] == 'one':\n"
            "    import slow_one\nsys.stdout.write(open('answers/'"
            " + os.environ['JAUNT_SPEC_MODULE'] + '.py').read())\n",
            "slow_one.py": WAITS,
        },
        kept=("a",),
    ),
    "checking": Phase(
        files={
            "a.py": spec("a", 1),
            "one.py": spec("one", 1),
            "answers/a.py": "def a() -> int:\n    return 1\n",
            "answers/one.py": "from slow_library import VALUE\n\n\n"
            "def one() -> int:\n    return VALUE\n",
            "../library/slow_library.py": WAITS,
        },
        kept=("a",),
    ),
    "trial": Phase(
        files={
            "a.py": spec("a", 1),
            "one.py": spec("one", 1, EXAMPLE),
            "answers/a.py": "def a() -> int:\n    return 1\n",
            "answers/one.py": "import os\nimport time\n\n\ndef one() -> int:\n"
            "    if os.path.exists('{root}/slow'):\n        time.sleep(9)\n    return 1\n",
        },
        begins_with="jaunt-scratch.trial.*/work",
        kept=("a",),
    ),
    "tests": Phase(
        files={
            "one.py": spec("one", 1),
            "answers/one.py": RIGHT,
            "tests/test_one.py": TEST,
            "answers/tests.test_one.py": f"{TESTING}    assert one() == 1\n"
            "    subprocess.Popen(['sleep', '600'])\n    import slow_library\n",
            "../library/slow_library.py": WAITS,
        },
        arguments=("test", "--jobs", "1"),
        kept=("one",),
        shown="KeyboardInterrupt",
    ),
    "repair": Phase(
        files={
            "one.py": spec("one", 1),
            "answers/one.py": RIGHT.replace("1", "2"),
            "repaired": RIGHT,
            "tests/test_one.py": TEST,
            "answers/tests.test_one.py": f"{TESTING}    assert one() == 1\n"
            "    import slow_library\n",
            "../library/slow_library.py": WAITS,
            "answering.py": "import os, sys\nprompt = sys.stdin.read()\n"
            "path = 'answers/' + os.environ['JAUNT_SPEC_MODULE'] + '.py'\n"
            "sys.stdout.write(open('repaired' if 'fails:' in prompt else path).read())\n",
        },
        arguments=("test", "--jobs", "1", "--repair"),
        kept=("one",),
    ),
}


class Screen:
    """A run on a terminal of its own."""

    def __init__(self, jaunt: Jaunt, root: Path, arguments: tuple[str, ...]) -> None:
        self.master, slave = pty.openpty()
        self.text = ""
        self.is_closed = False
        self.root = root
        self.temporary = root.parent / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.mark = f"MARK={root}"
        own = {"MARK": str(root), "TMPDIR": str(self.temporary), "TERM": "xterm"}
        library = {"PYTHONPATH": str(root.parent / "library")}
        assert jaunt.server is not None
        self.process = jaunt.server.start_on_terminal(
            arguments, cwd=root, environ={**jaunt.environ, **own, **library}, terminal=slave
        )
        os.close(slave)

    def read_until(self, condition: Callable[[], object]) -> None:
        """Read what is shown until something is so, or the run has ended."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.text
            if select.select([] if self.is_closed else [self.master], [], [], 0.05)[0]:
                try:
                    self.text += os.read(self.master, 65536).decode()
                except OSError:  # nobody has the other side any more
                    self.is_closed = True

    def left(self) -> list[int]:
        """What still runs of it; trials have no variable of ours, but a folder."""
        trials = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (folder / "cwd").readlink().is_relative_to(self.temporary):
                    trials.append(int(folder.name))
        return [*processes_with(self.mark), *trials]

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def show(jaunt: Jaunt) -> Generator[Callable[..., Screen]]:
    screens: list[Screen] = []

    def begin(root: Path, arguments: tuple[str, ...]) -> Screen:
        screens.append(Screen(jaunt, root, arguments))
        return screens[-1]

    yield begin
    for screen in screens:
        screen.close()


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
# Each phase is stopped by each signal; the quick tests have every phase, and every signal twice.
WAYS = [
    pytest.param(name, number, marks=[] if place % 3 == order else [pytest.mark.slow])
    for place, name in enumerate(PHASES)
    for order, number in enumerate(SIGNALS)
]


def project_of(phase: Phase, make_project: MakeProject, tmp_path: Path) -> Path:
    def filled(text: str) -> str:
        rest = spec("one", 1).replace("\n    ", "\n")
        return text.replace("{root}", str(tmp_path / "project")).replace("{rest}", rest)

    return make_project({name: filled(text) for name, text in phase.files.items()})


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked for in /proc")
@pytest.mark.parametrize(("name", "number"), WAYS)
def test_stopped_in(
    name: str,
    number: signal.Signals,
    jaunt: Jaunt,
    make_project: MakeProject,
    show: Callable[..., Screen],
    tmp_path: Path,
) -> None:
    phase = PHASES[name]
    root = project_of(phase, make_project, tmp_path)
    library = {"PYTHONPATH": str(tmp_path / "library")}
    if "repair" in name:  # the code has to stand, and the tests to fail, before any is slow
        assert jaunt.run("test", "--no-run", cwd=root, **library).code == 0
    before = (root / "__generated__/one.py").read_bytes() if name == "repair" else b""
    # The first run of the tests, which fails before it is slow, is no repair yet.
    (root / "slow").touch()
    screen = show(root, phase.arguments)
    if phase.begins_with:
        # What is kept was on trial, too, and has landed by then.
        landed = [root / f"__generated__/{module}.py" for module in phase.kept]
        screen.read_until(
            lambda: (
                all(path.exists() for path in landed)
                and list(screen.temporary.glob(phase.begins_with))
            )
        )
    else:
        screen.read_until((root / "started").exists)

    screen.process.send_signal(number)

    screen.read_until(lambda: screen.process.poll() is not None and screen.is_closed)
    screen.read_until(lambda: not screen.left())
    if number is signal.SIGKILL:
        assert screen.process.returncode == -signal.SIGKILL
    else:
        assert screen.process.returncode == 130
        assert "Traceback" not in screen.text
        assert "interrupted" in screen.text
        assert phase.shown in screen.text
        assert list(screen.temporary.iterdir()) == []
        # Whatever hid the cursor has given it back.
        assert screen.text.rfind("\x1b[?25h") >= screen.text.rfind("\x1b[?25l")
        if before:
            assert (root / "__generated__/one.py").read_bytes() == before
    stored = len(list((root / ".jaunt/answers").rglob("*.json")))
    (root / "slow").unlink()
    asked = root / "answers"
    asked.rename(root / "hidden") if name not in {"discovery", "generation"} else None

    again = phase.arguments if name == "repair" else ("build",)
    after = jaunt.run(*again, "--json", cwd=root, TMPDIR=str(screen.temporary), **library)

    document = after.document["build"] if name == "repair" else after.document
    found = outcomes(document)
    assert {found[module] for module in phase.kept} <= {"fresh", "generated"}, found
    if name in {"checking", "trial", "tests", "repair"}:
        assert after.code == 0, after.err  # from the store: the answers are hidden
        assert len(list((root / ".jaunt/answers").rglob("*.json"))) == stored
    assert list(screen.temporary.iterdir()) == []
