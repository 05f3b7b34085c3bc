"""A project in which all is fresh, in one line."""

from __future__ import annotations

from jaunt_cli.render.lines import Line, Span, Style, line_of

PASSED = line_of(Span("check: ", Style.NAME), Span("passed", Style.GOOD), ", ")


def nothing_to_do(kind: str, count: int) -> Line:
    """What a run says that has no work, of one module or more."""
    verb = "is" if count == 1 else "are"
    return line_of(Span(f"{kind}: ", Style.NAME), f"nothing to do, {modules(count)} {verb} fresh")


def all_fresh(count: int, *, passed: bool) -> Line:
    """How a project stands, or that it passed the check."""
    fresh = Span(f"{count:,} fresh", Style.GOOD)
    return line_of(*(PASSED if passed else ()), f"{modules(count)}: ", fresh)


def modules(count: int) -> str:
    """`1 module`, `2,000 modules`."""
    return f"{count:,} module" if count == 1 else f"{count:,} modules"
