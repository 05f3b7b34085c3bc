"""What must not stand in the files of this repository: index hosts, machine paths, test switches.

`python scripts/tracked_files.py` prints each place and exits with 1 where there is one.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A pattern that no line of a file may match, and the folder that it concerns."""

    what: str
    pattern: re.Pattern[str]
    below: str = ""


# The patterns are written so that none of them matches its own source.
RULES = (
    Rule(what="a package index", pattern=re.compile(r"\bpypi\.org\b|\bpython(?:)hosted\b")),
    Rule(what="a private address", pattern=re.compile(r"https?://(?:10|192\.168|172\.\d\d)\.\d")),
    Rule(what="a machine path", pattern=re.compile(r"(?<![\w.~$}*-])/(?:root|home|work|Users)/\w")),
    Rule(
        what="a look at the test run",
        pattern=re.compile(r"PYTEST_(?:CURRENT)_TEST|[\"'](?:CI|GITHUB_ACTIONS)[\"']"),
        below="packages",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A line that breaks a rule."""

    path: PurePosixPath
    line: int
    what: str
    text: str

    def __str__(self) -> str:
        """The place as editors understand it, and what is wrong there."""
        return f"{self.path}:{self.line}: {self.what}: {self.text}"


def breaches_in(path: PurePosixPath, text: str) -> Iterator[Breach]:
    """The lines of one file that break a rule."""
    rules = [rule for rule in RULES if path.is_relative_to(rule.below)]
    for number, line in enumerate(text.splitlines(), start=1):
        for rule in rules:
            if rule.pattern.search(line):
                yield Breach(path=path, line=number, what=rule.what, text=line.strip()[:100])


def files_of(root: Path) -> list[PurePosixPath]:
    """The files that git tracks, and those that it would if they were added."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    listed = {PurePosixPath(name) for name in done.stdout.split("\0") if name}
    return sorted(path for path in listed if (root / path).is_file())


def find_breaches(root: Path) -> list[Breach]:
    """All lines below a repository's root that break a rule; files that are no text are skipped."""
    found: list[Breach] = []
    for path in files_of(root):
        try:
            text = (root / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found.extend(breaches_in(path, text))
    return found


def main() -> int:
    """Print every breach; 1 where there is one."""
    found = find_breaches(ROOT)
    for breach in found:
        print(breach)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
