"""Write the exact versions of all third-party packages into `pyproject.toml`, without addresses.

uv records where it downloads from in `uv.lock`, so git ignores that file here; these constraints
make every machine resolve to the same versions all the same. After a dependency was added:
`uv run scripts/pin_dependencies.py`; for newer versions: the same with `--upgrade`.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BEGIN = "# Written by scripts/pin_dependencies.py."
END = "# End of what scripts/pin_dependencies.py writes."
_SECTION = re.compile(rf"{re.escape(BEGIN)}\n.*?{re.escape(END)}\n", re.DOTALL)
_REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+==[^\s;@]+(?: ; .+)?")


def pinned_dependencies(root: Path) -> list[str]:
    """The exact version of all that the workspace needs, from its lock file, with markers."""
    return _requirements(
        "uv",
        "export",
        *("--all-packages", "--all-extras", "--all-groups", "--no-emit-workspace"),
        *("--no-hashes", "--no-annotate", "--no-header"),
        root=root,
    )


def pinned_build_requirements(root: Path) -> list[str]:
    """The exact version of all that building the packages needs."""
    wanted = {
        requirement
        for path in root.glob("packages/*/pyproject.toml")
        for requirement in tomllib.loads(path.read_text("utf-8"))["build-system"]["requires"]
    }
    return _requirements(
        *("uv", "pip", "compile", "-", "--universal", "--python-version", "3.11"),
        *("--no-annotate", "--no-header"),
        root=root,
        text="\n".join(sorted(wanted)),
    )


def _requirements(*command: str, root: Path, text: str = "") -> list[str]:
    done = subprocess.run(
        command, cwd=root, input=text, stdout=subprocess.PIPE, text=True, check=True
    )
    lines = [line.strip() for line in done.stdout.splitlines()]
    return sorted(line for line in lines if _REQUIREMENT.fullmatch(line))


def render_section(dependencies: Sequence[str], build_requirements: Sequence[str]) -> str:
    """The lines between the markers, the markers with them."""
    lines = [BEGIN]
    for key, pins in (
        ("constraint-dependencies", dependencies),
        ("build-constraint-dependencies", build_requirements),
    ):
        lines.append(f"{key} = [")
        lines.extend(f'    "{_quoted(pin)}",' for pin in pins)
        lines.append("]")
    return "\n".join([*lines, END]) + "\n"


def _quoted(pin: str) -> str:
    return pin.replace("\\", "\\\\").replace('"', '\\"')


def with_section(text: str, section: str) -> str:
    """A `pyproject.toml` with its section replaced; at the top of `[tool.uv]` where it had none."""
    if _SECTION.search(text):
        return _SECTION.sub(lambda _: section, text, count=1)
    before, heading, after = text.partition("[tool.uv]\n")
    if not heading:
        raise SystemExit("pyproject.toml has no [tool.uv]")
    own, separator, rest = after.partition("\n[")
    return f"{before}{heading}{own.rstrip()}\n{section}{separator}{rest}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pins, or with `--check` say whether they are current; 1 where they are not."""
    parser = argparse.ArgumentParser(prog="scripts/pin_dependencies.py", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--upgrade", action="store_true", help="look for newer versions first")
    options = parser.parse_args(arguments)
    path = ROOT / "pyproject.toml"
    text = path.read_text("utf-8")
    if options.check:
        return _check(text)
    if options.upgrade:
        path.write_text(with_section(text, render_section([], [])), "utf-8")
        subprocess.run(["uv", "lock", "--upgrade"], cwd=ROOT, check=True)
    section = render_section(pinned_dependencies(ROOT), pinned_build_requirements(ROOT))
    path.write_text(with_section(text, section), "utf-8")
    return 0


def _check(text: str) -> int:
    """Whether each package of the lock file is pinned; build requirements need the network."""
    written = tomllib.loads(text)["tool"]["uv"].get("constraint-dependencies", [])
    missing = sorted(set(pinned_dependencies(ROOT)) - set(written))
    for pin in missing:
        print(f"not pinned: {pin}")
    if missing:
        print("run: uv run scripts/pin_dependencies.py")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
