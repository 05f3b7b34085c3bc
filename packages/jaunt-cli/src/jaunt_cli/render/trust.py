"""What is confirmed about where keys may go."""

from __future__ import annotations

from jaunt_cli.render.lines import Line, Span, Style, line_of
from jaunt_core.model.trust import Trusted, TrustReport


def trust_lines(report: TrustReport, *, action: str) -> list[Line]:
    """What `jaunt trust` did with `action`."""
    if action == "list":
        lines = [line_of(f"{item.project}: ", *_way_of(item)) for item in report.trusted]
        return lines or [line_of("nothing is confirmed")]
    if action == "revoke":
        lines = [line_of("no longer confirmed: ", *_way_of(item)) for item in report.revoked]
        return lines or [line_of("nothing was confirmed for this project")]
    lines = [line_of(str(item)) for item in report.confirmed]
    fresh = {item.trusted for item in report.confirmed}
    for item in report.trusted:
        word = "confirmed" if item in fresh else "confirmed before"
        lines.append(line_of(Span(word, Style.GOOD), ": ", *_way_of(item)))
    if report.confirmed:
        lines.append(line_of("jaunt trust --revoke takes it back"))
    return lines or [line_of("nothing to confirm: jaunt.toml sends the key nowhere else")]


def _way_of(item: Trusted) -> Line:
    return line_of(f"${item.variable} may go to ", Span(item.address, Style.NAME))
