"""The version of the packages: one for all of them, written down in each.

`check` says where a version or the pin of a sibling is not what it should be; `set X.Y.Z` writes
a new one everywhere. uv does not check the pins of siblings in a workspace, so this does.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_FORM = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?")
_VERSION_LINE = re.compile(r'^((?:__version__|version) = )"[^"]*"$', re.MULTILINE)
# `"jaunt-core~=0.1.0"` and `"jaunt-cli[openai]"`, but not `name = "jaunt-core"`.
_SIBLING = re.compile(r'(?<!name = )"(jaunt-[a-z]+(?:-[a-z]+)*(?:\[[a-z,]+\])?)(?:[~=<>! ][^"]*)?"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A line that says something else than it should."""

    path: Path
    line: int
    found: str
    expected: str

    def __str__(self) -> str:
        """The place as editors understand it, and both texts."""
        return f"{self.path}:{self.line}: {self.found.strip()}, expected {self.expected.strip()}"


def workspace_version(root: Path) -> str:
    """The version that the root of the workspace states; the packages follow it."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def pin_of(version: str) -> str:
    """How a package of this version pins its siblings: any patch of the same minor version."""
    major, minor, patch = version.split(".")
    return f"~={major}.{minor}.0" if patch.isdecimal() else f"~={version}"


def find_mistakes(root: Path, version: str) -> Iterator[Mistake]:
    """The lines of a workspace that do not say `version`."""
    for path in _files(root):
        text = path.read_text("utf-8")
        wanted = _with_version(text, version, is_package=path.parent != root)
        pairs = zip(text.splitlines(), wanted.splitlines(), strict=True)
        for number, (found, expected) in enumerate(pairs, start=1):
            if found != expected:
                place = path.relative_to(root)
                yield Mistake(path=place, line=number, found=found, expected=expected)


def write_version(root: Path, version: str) -> list[Path]:
    """Write `version`, and the pins that belong to it; returns the files that changed."""
    changed = []
    for path in _files(root):
        text = path.read_text("utf-8")
        wanted = _with_version(text, version, is_package=path.parent != root)
        if wanted != text:
            path.write_text(wanted, "utf-8")
            changed.append(path.relative_to(root))
    return changed


def _files(root: Path) -> list[Path]:
    """Every file that states a version: all `pyproject.toml`, and modules of the packages."""
    return [
        root / "pyproject.toml",
        *sorted(root.glob("packages/*/pyproject.toml")),
        *sorted(root.glob("packages/*/src/*/__init__.py")),
        *sorted(root.glob("packages/*/src/*/version.py")),
    ]


def _with_version(text: str, version: str, *, is_package: bool) -> str:
    text = _VERSION_LINE.sub(rf'\g<1>"{version}"', text)
    if not is_package:
        return text  # the root names its members bare: it is never published
    return _SIBLING.sub(rf'"\g<1>{pin_of(version)}"', text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check or set the version; 1 where a check finds mistakes."""
    options = _parser().parse_args(arguments)
    root = options.root.resolve()
    if options.command == "set":
        for path in write_version(root, options.version):
            print(f"wrote {path}")
        return 0
    version = workspace_version(root)
    mistakes = list(find_mistakes(root, version))
    for mistake in mistakes:
        print(mistake)
    if not mistakes:
        print(f"all packages have version {version} and pin their siblings {pin_of(version)}")
    return 1 if mistakes else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/versions.py", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the workspace (default: this)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="say where a version or a sibling's pin is wrong")
    setting = commands.add_parser("set", help="write a version and the pins that belong to it")
    setting.add_argument("version", type=_version)
    return parser


def _version(text: str) -> str:
    if not _FORM.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no version such as 1.2.3 or 1.2.3rc1")
    return text


if __name__ == "__main__":
    sys.exit(main())
