"""Write `tests_e2e/golden/`: all that a user sees of the examples, from first build to late edits.

Run it after something that users see was changed on purpose, or for a new version, and read the
difference before it is committed:

    uv run python scripts/record_golden.py

Each example is copied as a fresh clone has it, and worked on offline, by playback. Of each command
of `PLAYS` one file holds the arguments, the exit code, and what went to stdout and stderr; what
stands in `__generated__` and `.jaunt/` is kept below `files/` when everything was built, and below
`files-after/`, where it is not the same any more, at the end. `tests_e2e/test_golden.py` compares
the folder with what it records anew, text by text.

Nothing is left out or made alike but what differs from one run or machine to the next:

- how long something took: `"seconds": 0.2` in JSON, and `0.2 s` or `0.97s` in text
- the paths of the project (`<project>`) and of the interpreter that runs it (`<python>`), and its
  version in prompts: `Python 3.x`
- in `snapshot.json` and `modules.json`: the checksum of the file and the name and time of the run;
  of each file the times and the inode that tell whether it has to be read again; the order of
  folders and files, which is the one of the disk

A document on stdout is stored with indentation, after a check that it came as one compact line.
Files get `.txt` at their end where something would take them for a test or for code otherwise.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from jaunt_cli.main import main as run_jaunt

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "docs" / "examples"
GOLDEN = ROOT / "tests_e2e" / "golden"

Golden = Mapping[str, str]
"""Texts by their path below the folder of an example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended."""

    exit_code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A piece of text in a file of the project, and what takes its place."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What happens to an example.

    Attributes:
        first: Commands on the clean copy.
        then: Commands among edits.
        started: Those of the commands that are started as users start them; the others run in
            this process, which has everything imported.
    """

    first: tuple[str, ...]
    then: tuple[str | Edit, ...]
    started: frozenset[str]


def run_in_process(arguments: Sequence[str], folder: Path) -> Ran:
    """Run a command in this process, as its script does."""
    out, err = io.StringIO(), io.StringIO()
    with _environment(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        exit_code = run_jaunt(arguments)
    return Ran(exit_code=exit_code, out=out.getvalue(), err=err.getvalue())


def run_process(arguments: Sequence[str], folder: Path) -> Ran:
    """Run a command as its user does."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("jaunt")), *arguments],
        cwd=folder,
        env=_environ_of(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Ran(exit_code=done.returncode, out=done.stdout, err=done.stderr)


def _environ_of(folder: Path) -> dict[str, str]:
    return {
        "HOME": str(folder.parent),
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        # What else is installed here is no business of the examples.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


@contextlib.contextmanager
def _environment(folder: Path) -> Generator[None]:
    outer, here = dict(os.environ), Path.cwd()
    os.environ.clear()
    os.environ.update(_environ_of(folder))
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(outer)


def _play(
    *,
    module: str,
    first: Sequence[str] = (),
    then: Sequence[str | Edit] = (),
    started: Iterable[str] = (),
) -> Play:
    """The commands that every example sees, with some more in between and at the end."""
    before = (
        "status --json",
        "plan --json",
        "lint --json",
        f"build --show-prompt {module} --json",
        "build --jobs 1 --json",
        "build --json",
        "test --no-run --jobs 1 --json",
        "test --json",
    )
    return Play(
        first=(
            *before,
            *first,
            "status --json",
            "plan --json",
            "check --json",
            f"why {module} --json",
            "diff --json",
            "cache info --json",
            "clean --dry-run --json",
        ),
        then=tuple(then),
        started=frozenset(started),
    )


PLAYS: Mapping[str, Play] = {
    "ledger": _play(
        module="ledger.book",
        first=["build --show-prompt tests.test_sync", "why tests.test_book --json"],
        then=[
            Edit(
                path="src/ledger/rates.py",
                old="finite and greater than zero.",
                new="finite and greater than zero, of course.",
            ),
            "status --json",
            "status -v",
            "plan",
            "why ledger.book",
            "check",
            "build --jobs 1 --json",
            "test --no-run --offline --jobs 1 --json",
        ],
    ),
    "quickstart": _play(
        module="quickstart",
        started=["status --json", "build --jobs 1 --json", "test --json", "build"],
        then=[
            Edit(
                path="__generated__/quickstart.py",
                old="size < 1024:",
                new="size <= 1023:",
            ),
            "status --json",
            "check",
            "build --json",
            "build --force --json",
            "diff --no-run --json",
            "clean --orphans --json",
            Edit(
                path="quickstart.py",
                old="2. Accents are dropped:",
                new="2. All accents are dropped:",
            ),
            "build",
            "cache info",
        ],
    ),
    "tokens": _play(
        module="tokens",
        then=[
            Edit(
                path="tokens.py",
                old="MIN_KEY_BYTES = 16",
                new="MIN_KEY_BYTES = 8 + 8",
            ),
            "plan --json",
            "why tokens --json",
            "lint",
            "clean --json",
            "build --offline",
            "status",
        ],
    ),
}


def record(name: str, folder: Path) -> dict[str, str]:
    """Do all that is done to an example in a copy below a folder; the texts to keep."""
    ignore = shutil.ignore_patterns("__generated__", "__pycache__", ".*")
    project = Path(shutil.copytree(EXAMPLES / name, folder.resolve() / name, ignore=ignore))
    play = PLAYS[name]
    texts: dict[str, str] = {}
    built: dict[str, str] = {}
    commands = 0
    for step in (*play.first, None, *play.then):
        if isinstance(step, Edit):
            _apply(step, project)
        elif step is None:
            built = dict(_files_of(project))
            texts.update({f"files/{path}": text for path, text in built.items()})
        else:
            commands += 1
            run = run_process if step in play.started else run_in_process
            name_of_step = re.sub(r"[^\w.]+", "-", step)
            texts[f"{commands:02}-{name_of_step}.json"] = _record_command(
                step, run(step.split(), project), project
            )
    for path, text in _files_of(project):
        if built.pop(path, None) != text:
            texts[f"files-after/{path}"] = text
    texts.update({f"files-after/{path}.removed": "" for path in built})
    edited = {step.path for step in play.then if isinstance(step, Edit)}
    for path in sorted((EXAMPLES / name).rglob("*.*")):
        place = path.relative_to(EXAMPLES / name)
        if any(part == "__generated__" or part.startswith(".") for part in place.parts):
            continue  # somebody may have built the example where it stands
        mine = project / place
        if mine.is_file() and mine.read_bytes() != path.read_bytes() and str(place) not in edited:
            texts[f"files-changed/{place}"] = mine.read_text("utf-8")
    return texts


def _apply(edit: Edit, project: Path) -> None:
    path = project / edit.path
    text = path.read_text("utf-8")
    if text.count(edit.old) != 1:
        raise ValueError(f"{edit.old!r} stands {text.count(edit.old)} times in {edit.path}")
    path.write_text(text.replace(edit.old, edit.new), "utf-8")


def _record_command(command: str, ran: Ran, project: Path) -> str:
    out, err = (_without_times(_without_place(text, project)) for text in (ran.out, ran.err))
    recorded = {
        "command": f"jaunt {command}",
        "exit_code": ran.exit_code,
        "stdout": _parsed(out) if "--json" in command else out.splitlines(),
        "stderr": err.splitlines(),
    }
    return _pretty(recorded)


def _parsed(out: str) -> object:
    """The document, which has to stand on stdout as one line, written as `json.dumps` does."""
    document: object = json.loads(out)
    if json.dumps(document) + "\n" != out:
        raise ValueError(f"not one compact line: {out!r}")
    return document


def _pretty(document: object) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _without_place(text: str, project: Path) -> str:
    text = text.replace(str(project), "<project>").replace(sys.executable, "<python>")
    return re.sub(rf"\bPython 3\.{sys.version_info.minor}\b", "Python 3.x", text)


def _without_times(text: str) -> str:
    text = re.sub(r'("seconds": )\d+\.\d+(e-\d+)?', r"\g<1>0.0", text)
    return re.sub(r"\b\d+\.\d+( ?s)\b", r"0.0\1", text)


def _files_of(project: Path) -> Iterator[tuple[str, str]]:
    """What jaunt wrote: where it is kept, and the text."""
    for path in sorted(project.rglob("*")):
        place = path.relative_to(project)
        if not path.is_file() or "__pycache__" in place.parts:
            continue
        if place.parts[0] != ".jaunt" and "__generated__" not in place.parts:
            continue
        text = _without_place(path.read_text("utf-8"), project)
        if place.as_posix() in {".jaunt/snapshot.json", ".jaunt/modules.json"}:
            text = _without_hints(text)
        # `.jaunt` is ignored by git, and code is what others would check and run.
        name = re.sub(r"^\.jaunt/", "dot-jaunt/", place.as_posix())
        yield name if name.endswith(".json") else f"{name}.txt", text


def _without_hints(text: str) -> str:
    _, _, body = text.partition("\n")
    document = cast("dict[str, Any]", json.loads(body))
    if json.dumps(document, ensure_ascii=False, separators=(",", ":")) != body.rstrip("\n"):
        raise ValueError(f"not one compact line: {body!r}")
    for key in ("run", "started"):
        if key in document:
            document[key] = f"<{key}>"
    for key, first in (("folders", 0), ("files", 1)):
        if isinstance(document.get(key), dict):
            document[key] = {
                name: [*stored[:first], "<times>", "<inode>", *stored[first + 3 :]]
                for name, stored in sorted(document[key].items())
            }
    return _pretty(document)


def read_golden(name: str) -> dict[str, str]:
    """The texts that are kept of an example."""
    folder = GOLDEN / name
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_golden(name: str, texts: Golden) -> None:
    """Keep these texts of an example, and no others."""
    shutil.rmtree(GOLDEN / name, ignore_errors=True)
    for place, text in texts.items():
        path = GOLDEN / name / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def main() -> None:
    """Record every example anew."""
    for name in PLAYS:
        with tempfile.TemporaryDirectory() as folder:
            texts = record(name, Path(folder))
        write_golden(name, texts)
        print(f"{name}: {len(texts)} files")


if __name__ == "__main__":
    main()
