"""Lines for `jaunt trust`: where keys may go."""

from __future__ import annotations

from jaunt_cli.render.lines import Line, Span, Style, line_of
from jaunt_core.model.trust import Trusted, TrustReport


def trust_lines(report: TrustReport, *, action: str) -> list[Line]:
    """The output of `jaunt trust` for `action`."""
    if action == "list":
        lines = [
            line_of(f"{trusted.project}: ", *_permission(trusted)) for trusted in report.trusted
        ]
        return lines or [line_of("nothing is confirmed")]
    if action == "revoke":
        lines = [
            line_of("no longer confirmed: ", *_permission(trusted)) for trusted in report.revoked
        ]
        return lines or [line_of("nothing was confirmed for this project")]
    lines = [line_of(str(confirmed)) for confirmed in report.confirmed]
    fresh = {confirmed.trusted for confirmed in report.confirmed}
    for trusted in report.trusted:
        word = "confirmed" if trusted in fresh else "confirmed before"
        lines.append(line_of(Span(word, Style.GOOD), ": ", *_permission(trusted)))
    if report.confirmed:
        lines.append(line_of("jaunt trust --revoke takes it back"))
    return lines or [line_of("nothing to confirm: jaunt.toml sends the key nowhere else")]


def _permission(trusted: Trusted) -> Line:
    return line_of(f"${trusted.variable} may go to ", Span(trusted.address, Style.NAME))
