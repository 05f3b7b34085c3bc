"""Lines for a project in which all is fresh, without any import that costs time."""

from __future__ import annotations

from jaunt_cli.render.lines import Line, Span, Style, line_of

PASSED = line_of(Span("check: ", Style.NAME), Span("passed", Style.GOOD), ", ")


def nothing_to_do(kind: str, count: int) -> Line:
    """The line of a run without work, in a project with this many modules."""
    verb = "is" if count == 1 else "are"
    return line_of(Span(f"{kind}: ", Style.NAME), f"nothing to do, {modules(count)} {verb} fresh")


def all_fresh(count: int, *, passed: bool) -> Line:
    """The line that says how many modules are fresh, or that they passed the check."""
    fresh = Span(f"{count:,} fresh", Style.GOOD)
    return line_of(*(PASSED if passed else ()), f"{modules(count)}: ", fresh)


def modules(count: int) -> str:
    """`1 module`, `2,000 modules`."""
    return f"{count:,} module" if count == 1 else f"{count:,} modules"
