"""Runs that die, or whose disk fails, at a step that is chosen; and what they leave behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaunt_core.storage.answers import AnswerStore

from .conftest import write_files

CHILD = Path(__file__).with_name("crash_child.py")
_BACKEND = '''
    """A backend that answers from a file, and writes down what it was asked."""

    import json
    import os
    from pathlib import Path

    from jaunt_core.storage.answers import answer_key
    from jaunt_core.model.generation import GenerationResult, TokenUsage

    _open, _write, _close = os.open, os.write, os.close  # not those that are counted


    class CrashBackend:
        name = "crash"
        fingerprint = "crash"

        async def generate_module(self, request):
            key, module = answer_key(request.digest, self.fingerprint), request.context.spec_module
            log = _open(os.environ["CRASH_ASKED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            _write(log, f"{key}/{request.attempt} {module}\\n".encode())
            _close(log)
            answers = json.loads(Path(os.environ["CRASH_ANSWERS"]).read_text("utf-8"))
            text = answers.get(f"{module}/{request.attempt}") or answers[module]
            return GenerationResult(text=text, usage=TokenUsage(input=100, output=10))

        async def aclose(self):
            pass


    def create_backend(setup):
        return CrashBackend()
    '''


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a run ended; `steps` are those that it took, none where it died."""

    code: int
    out: str
    err: str
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A project and what is around it: a folder for temporary files, answers, a log."""

    folder: Path

    @property
    def project(self) -> Path:
        """The project's folder."""
        return self.folder / "project"

    @property
    def temporary(self) -> Path:
        """`TMPDIR` of its runs."""
        return self.folder / "tmp"

    def asked(self) -> list[str]:
        """What the model was asked so far: the key of each request, and its attempt."""
        log = self.folder / "asked"
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        return [line.partition(" ")[0] for line in lines]

    def stored(self) -> set[str]:
        """The answers in the store, likewise; each of them must be whole."""
        damages: list[str] = []
        store = AnswerStore(self.project, damages.append, read_only=True)
        keys = [path.name for path in (self.project / ".jaunt/answers").glob("*/*/")]
        found = {f"{key}/{entry.attempt}" for key in keys for entry in store.answers(key)}
        assert damages == []
        return found

    def tree(self) -> dict[str, bytes]:
        """The files of the project but those of `.jaunt`; bytecode and caches do not count."""
        root = self.project
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file()
            and not {".jaunt", "__pycache__", ".pytest_cache"} & set(path.relative_to(root).parts)
        }

    def leftovers(self) -> list[str]:
        """What is in the folder for temporary files, and temporary files anywhere."""
        found = [*self.temporary.iterdir(), *self.project.rglob("*.jaunt-tmp")]
        return sorted(str(path.relative_to(self.folder)) for path in found)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Something that `jaunt` does, on a project that is made ready for it.

    Attributes:
        files: The project.
        answers: What the model says, by module or by `module/attempt`.
        before: Commands that come before.
        change: What is done to the project then.
        arguments: The command whose steps are counted.
        asks_anew: Whether it asks for what is stored: `--force` does.
        config: More of jaunt.toml.
        by_hand: A generated file that a person edited, and what they wrote there: never lost.
        quick: At how many steps it is stopped where it is not stopped at all of them.
    """

    files: Mapping[str, str]
    answers: Mapping[str, str]
    arguments: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    change: Callable[[Path], None] = lambda _: None
    asks_anew: bool = False
    config: str = ""
    by_hand: tuple[str, str] | None = None
    quick: int = 3


class CrashRunner:
    """Runs `jaunt` in forks of a process that has everything imported."""

    def __init__(self, folder: Path) -> None:
        library = folder / "library"
        entry = "[jaunt.backends]\ncrash = crash_backend:create_backend\n"
        write_files(
            library,
            {
                "crash_backend.py": _BACKEND,
                "crash_backend-1.0.dist-info/METADATA": "Name: crash-backend\nVersion: 1.0\n",
                "crash_backend-1.0.dist-info/entry_points.txt": entry,
            },
        )
        self.environ = {
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join(["/usr/local/bin", "/usr/bin", "/bin"]),
            "PYTHONPATH": str(library),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        self._process: subprocess.Popen[str] | None = None
        self._number = 0

    def place(self, folder: Path, scenario: Scenario) -> Place:
        """A project as a scenario wants it, with everything done that comes before."""
        place = Place(folder=folder)
        place.temporary.mkdir(parents=True)
        config = f'version = 1\n{scenario.config}\n[llm]\nprovider = "crash"\n'
        write_files(place.project, {**scenario.files, "jaunt.toml": config})
        (folder / "answers.json").write_text(json.dumps(dict(scenario.answers)), "utf-8")
        for arguments in scenario.before:
            ended = self.run(place, arguments)
            assert ended.code == 0, ended.err
        scenario.change(place.project)
        return place

    def copy(self, place: Place, folder: Path) -> Place:
        """The same once more."""
        return Place(folder=Path(shutil.copytree(place.folder, folder, symlinks=True)))

    def run(
        self,
        place: Place,
        arguments: tuple[str, ...],
        *,
        at: int = 0,
        how: str = "",
        number: int = 0,
        persistent: bool = False,
    ) -> Ended:
        """Run a command; see `crash_child.Steps` for what may happen to it."""
        folder = place.folder
        task = self.task(place, arguments)
        task |= {"at": at, "how": how, "number": number, "persistent": persistent}
        (folder / "steps").unlink(missing_ok=True)
        code = self._ask(task)
        steps = folder / "steps"
        seen = json.loads(steps.read_text("utf-8")) if steps.exists() else []
        out, err = ((folder / name).read_text("utf-8", "replace") for name in ("out", "err"))
        return Ended(code=code, out=out, err=err, steps=tuple((it[0], it[1]) for it in seen))

    def task(self, place: Place, arguments: tuple[str, ...]) -> dict[str, Any]:
        """A command for `crash_child.py`, without a fault."""
        folder = place.folder
        return {
            "folder": str(place.project),
            "arguments": list(arguments),
            "environ": {
                "TMPDIR": str(place.temporary),
                "CRASH_ASKED": str(folder / "asked"),
                "CRASH_ANSWERS": str(folder / "answers.json"),
            },
            "out": str(folder / "out"),
            "err": str(folder / "err"),
            "steps": str(folder / "steps"),
            "at": 0,
            "how": "",
            "number": 0,
            "persistent": False,
        }

    def _ask(self, task: Mapping[str, object]) -> int:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(CHILD)],
                env=self.environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        asking, answers = self._process.stdin, self._process.stdout
        assert asking is not None
        assert answers is not None
        asking.write(json.dumps(task) + "\n")
        asking.flush()
        return int(answers.readline())

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()


def sample(count: int, *, whole: bool, most: int) -> Iterator[int]:
    """The steps to stop at: all of them, or `most` that lie evenly."""
    every = 1 if whole else max(1.0, count / most)
    position = 1.0
    while position <= count:
        yield int(position)
        position += every
