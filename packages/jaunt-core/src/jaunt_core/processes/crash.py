"""Explain why a worker ended by itself, from the last lines of its standard error."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable
from pathlib import Path

from jaunt_core.errors import JauntDiscoveryError

_FATAL = "Fatal Python error:"
_TIME_IS_UP = re.compile(r"Timeout \([\d:.]+\)!$")
_STACK_LINE = re.compile(r'File "(?P<path>[^"]+)", line (?P<line>\d+) in ')


def crash_error(
    error_lines: Iterable[str], *, code: int | None, root: Path, importing: str, time_limit: float
) -> JauntDiscoveryError:
    """The error to raise when a worker has ended by itself.

    Args:
        error_lines: The last lines of its standard error.
        code: Its exit code, negative for a signal.
        root: The project's folder.
        importing: The path of the module that it was importing, empty if none.
        time_limit: Seconds that importing a module may take.
    """
    report = _crash_report(list(error_lines))
    frames = _frames_in(report)
    own_locations = (
        location for path, line in frames if (location := _project_location(path, line, root))
    )
    all_locations = (f"{path}:{line}" for path, line in frames)
    location = next(own_locations, importing or next(all_locations, "the project"))
    if report and _TIME_IS_UP.search(report[0]):
        return JauntDiscoveryError(
            f"{location}: running it takes longer than {time_limit:g} s",
            hint="do not wait, read input or start servers when a module is imported",
        )
    fatal = report[0].partition(_FATAL)[2].strip() if report else ""
    return JauntDiscoveryError(
        f"{location}: importing it crashes the interpreter: {fatal or _exit_text(code)}",
        hint="import the module in a plain interpreter of the project to see the crash",
    )


def _crash_report(lines: list[str]) -> list[str]:
    """The report of Python's fault handler: its headline, and the stack of one thread.

    User code may have printed before it, also on the same line. The stack is that of the current
    thread, or else the last one, which is the main thread's.
    """
    starts = [
        number for number, line in enumerate(lines) if _FATAL in line or _TIME_IS_UP.search(line)
    ]
    if not starts:
        return []
    headline, *rest = lines[starts[-1] :]
    stacks = [number for number, line in enumerate(rest) if "hread 0x" in line]
    current = [number for number in stacks if rest[number].startswith("Current")]
    first = (current or stacks or [0])[-1]
    following = [number for number in stacks if number > first]
    return [headline, *rest[first : min(following, default=len(rest))]]


def _frames_in(report: list[str]) -> list[tuple[Path, str]]:
    """File and line of each call, the innermost first."""
    matches = map(_STACK_LINE.search, report)
    return [(Path(match["path"]), match["line"]) for match in matches if match]


def _project_location(path: Path, line: str, root: Path) -> str:
    """The location relative to the project, empty for one in installed packages."""
    if not path.is_relative_to(root) or "site-packages" in path.relative_to(root).parts:
        return ""
    return f"{path.relative_to(root).as_posix()}:{line}"


def _exit_text(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"ended by {signal.Signals(-code).name}"
        except ValueError:
            pass
    return f"exit code {code}"
