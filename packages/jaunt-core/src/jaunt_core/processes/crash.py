"""What took a worker down, as far as its last words tell."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable
from pathlib import Path

from jaunt_core.errors import JauntDiscoveryError

_FATAL = "Fatal Python error:"
_TIME_IS_UP = re.compile(r"Timeout \([\d:.]+\)!$")
_STACK_LINE = re.compile(r'File "(?P<path>[^"]+)", line (?P<line>\d+) in ')


def crash_of(
    printed: Iterable[str], *, code: int | None, root: Path, importing: str, time_limit: float
) -> JauntDiscoveryError:
    """The error to raise when a worker has ended by itself.

    Args:
        printed: The last lines on its standard error.
        code: Its exit code, negative for a signal.
        root: The project's folder.
        importing: The path of the module that it was importing, empty if none.
        time_limit: Seconds that it may take.
    """
    words = _last_words(list(printed))
    places = _places_in(words)
    own = (place for path, line in places if (place := _own_place(path, line, root)))
    anywhere = (f"{path}:{line}" for path, line in places)
    place = next(own, importing or next(anywhere, "the project"))
    if words and _TIME_IS_UP.search(words[0]):
        return JauntDiscoveryError(
            f"{place}: running it takes longer than {time_limit:g} s",
            hint="do not wait, read input or start servers when a module is imported",
        )
    fatal = words[0].partition(_FATAL)[2].strip() if words else ""
    return JauntDiscoveryError(
        f"{place}: importing it crashes the interpreter: {fatal or _exit_text(code)}",
        hint="import the module in a plain interpreter of the project to see the crash",
    )


def _last_words(lines: list[str]) -> list[str]:
    """What the fault handler said: a headline, and the stack of the thread that matters.

    User code may have printed before, on the same line too. Of the stacks, which stand innermost
    call first, it is the one of the current thread, or else the last: that of the main thread.
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


def _places_in(words: list[str]) -> list[tuple[Path, str]]:
    """File and line of each call, the innermost first."""
    found = map(_STACK_LINE.search, words)
    return [(Path(match["path"]), match["line"]) for match in found if match]


def _own_place(path: Path, line: str, root: Path) -> str:
    """The place relative to the project, empty for one of installed packages."""
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


__all__ = ["crash_of"]
