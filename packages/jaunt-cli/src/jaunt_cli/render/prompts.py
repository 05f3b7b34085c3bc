"""What would be sent to a model, as it would be."""

from __future__ import annotations

from jaunt_cli.render.lines import Line, Span, Style, line_of
from jaunt_core.model.generation import GenerationRequest


def prompt_text(request: GenerationRequest) -> str:
    """The messages, every character of them, each below a line that names its role."""
    return "".join(f"----- {item.role} -----\n{item.text}" for item in request.messages)


def prompt_lines(request: GenerationRequest) -> list[Line]:
    """The same for a terminal, which must not obey what stands in a message."""
    lines: list[Line] = []
    for item in request.messages:
        lines.append(line_of(Span(f"----- {item.role} -----", Style.QUIET)))
        lines.extend(line_of(row) for row in item.text.splitlines())
    return lines
