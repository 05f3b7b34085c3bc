"""The same project, read by every CPython of this machine: the same contracts and digests."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from jaunt_core.model.plan import Action, ModulePlan

Read = Callable[[Path], tuple[Mapping[str, ModulePlan], Mapping[str, Mapping[str, str]]]]

_SCRIPT = Path(__file__).parents[4] / "scripts" / "interpreters.py"


def find_others() -> dict[str, Path]:
    spec = importlib.util.spec_from_file_location("interpreters_of_this_machine", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return {other.version: other.path for other in module.find_interpreters()}


def test_every_interpreter_reads_the_same(read_under: Read) -> None:
    _, expected = read_under(Path(sys.executable))
    assert len(expected) == 18

    others = find_others()
    if not others:
        pytest.skip("no other interpreter")
    for version, python in others.items():
        plans, parts = read_under(python)
        assert {ref: dict(forms) for ref, forms in parts.items()} == expected, version
        assert {plan.action for plan in plans.values()} == {Action.FRESH}, version
