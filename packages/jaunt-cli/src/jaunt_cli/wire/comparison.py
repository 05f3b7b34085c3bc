"""The JSON of `jaunt diff`."""

from __future__ import annotations

from collections.abc import Mapping

from jaunt_cli.wire.document import Json
from jaunt_core.model.comparison import Behaviour, Comparison, ModuleChange, SymbolChange


def body_of_diff(comparison: Comparison | None) -> Mapping[str, Json]:
    """The body of `jaunt diff --json`: every module that has a version before."""
    if comparison is None:
        return dict.fromkeys(("modules", "hint"))
    return {
        "modules": [_module(module) for module in comparison.modules],
        "hint": comparison.hint or None,
    }


def _module(module: ModuleChange) -> Json:
    return {
        "module": module.module,
        "kind": module.kind.value,
        "path": module.path.as_posix(),
        "symbols": [_symbol(symbol) for symbol in module.symbols],
        "note": module.note or None,
    }


def _symbol(symbol: SymbolChange) -> Json:
    return {
        "name": symbol.name or None,
        "change": symbol.change.value,
        "diff": symbol.diff,
        "behaviours": [_behaviour(behaviour) for behaviour in symbol.behaviours],
    }


def _behaviour(behaviour: Behaviour) -> Json:
    return {
        "owner": behaviour.owner,
        "tried": behaviour.tried,
        "differing": behaviour.differing,
        "differences": [
            {"call": difference.call, "before": difference.before, "after": difference.after}
            for difference in behaviour.differences
        ],
        "untried": behaviour.untried or None,
    }
