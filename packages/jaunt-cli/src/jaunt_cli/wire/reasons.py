"""Reasons as JSON."""

from __future__ import annotations

from jaunt_cli.wire.document import Json
from jaunt_cli.words.reasons import reason_text
from jaunt_core.model.reason import Reason


def json_of_reason(reason: Reason) -> dict[str, Json]:
    """A reason with all its fields; `text` has the whole of it in words."""
    return {
        "kind": reason.kind.value,
        "spec": reason.spec,
        "part": reason.part or None,
        "definition": reason.definition,
        "old": reason.old or None,
        "new": reason.new or None,
        "place": None if reason.place is None else str(reason.place),
        "path": list(reason.path),
        "omitted": reason.omitted,
        "causes": [json_of_reason(cause) for cause in reason.causes],
        "detail": reason.detail or None,
        "text": reason_text(reason),
    }
