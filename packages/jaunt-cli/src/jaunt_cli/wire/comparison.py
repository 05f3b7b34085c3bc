"""What `jaunt diff` puts into its JSON; keys that do not apply are null."""

from __future__ import annotations

from collections.abc import Mapping

from jaunt_cli.wire.document import Json
from jaunt_core.model.comparison import Behaviour, Comparison, ModuleChange, SymbolChange


def body_of_diff(comparison: Comparison | None) -> Mapping[str, Json]:
    """What `jaunt diff --json` says: every module that has a version before."""
    if comparison is None:
        return dict.fromkeys(("modules", "hint"))
    return {
        "modules": [_module(item) for item in comparison.modules],
        "hint": comparison.hint or None,
    }


def _module(item: ModuleChange) -> Json:
    return {
        "module": item.module,
        "kind": item.kind.value,
        "path": item.path.as_posix(),
        "symbols": [_symbol(symbol) for symbol in item.symbols],
        "note": item.note or None,
    }


def _symbol(item: SymbolChange) -> Json:
    return {
        "name": item.name or None,
        "change": item.change.value,
        "diff": item.diff,
        "behaviours": [_behaviour(behaviour) for behaviour in item.behaviours],
    }


def _behaviour(item: Behaviour) -> Json:
    return {
        "owner": item.owner,
        "tried": item.tried,
        "differing": item.differing,
        "differences": [
            {"call": each.call, "before": each.before, "after": each.after}
            for each in item.differences
        ],
        "untried": item.untried or None,
    }
