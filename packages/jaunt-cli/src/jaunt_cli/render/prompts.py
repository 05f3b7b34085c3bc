"""Requests as they would be sent to a model, for `jaunt build --show-prompt`."""

from __future__ import annotations

from jaunt_cli.render.lines import Line, Span, Style, line_of
from jaunt_core.model.generation import GenerationRequest


def prompt_text(request: GenerationRequest) -> str:
    """The messages to the last character, each below a line that names its role."""
    return "".join(f"----- {message.role} -----\n{message.text}" for message in request.messages)


def prompt_lines(request: GenerationRequest) -> list[Line]:
    """The messages as lines for a terminal, without control characters."""
    lines: list[Line] = []
    for message in request.messages:
        lines.append(line_of(Span(f"----- {message.role} -----", Style.QUIET)))
        lines.extend(line_of(row) for row in message.text.splitlines())
    return lines
