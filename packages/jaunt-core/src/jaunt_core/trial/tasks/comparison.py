"""The task `comparison`: find input for which two versions of a module differ."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import cast

from ..harness.calls import CallRunner
from ..harness.channel import Channel, Json
from ..harness.fault_attribution import FaultAttribution, error_text, shortened
from ..harness.guard import Guard
from ..harness.limits import limit_memory
from ..harness.overlay import Overlay
from ..values.outcomes import Outcomes
from ..values.version_pairs import Pair, pairs_of

_MEMORY_BYTES = 2 * 2**30
_SHOWN = 5
_START_SECONDS = 60.0


def run(channel: Channel, guard: Guard, overlay: Overlay) -> None:
    """Import both versions, then compare what they do, symbol by symbol."""
    task = channel.task
    channel.begin({"owner": "", "source": "import"}, seconds=_START_SECONDS)
    if find_spec("hypothesis") is None:  # it is the project's, where it has it
        channel.record({"missing": "hypothesis"})
        return
    try:
        importlib.import_module(str(task["spec_module"]))
        after = importlib.import_module(str(task["generated_module"]))
        before = importlib.import_module(str(task["before_module"]))
    except BaseException as error:  # noqa: BLE001 - user code may raise anything
        channel.record({"broken": shortened(error_text(error))})
        return
    limit_memory(_MEMORY_BYTES)
    attribution = FaultAttribution(str(task["path"]), overlay.paths, guard, str(task["root"]))
    runner = CallRunner(attribution)
    comparison = _Comparison(channel, Outcomes(runner, [after.__name__, before.__name__]))
    for name in cast("list[str]", task["names"]):
        for pair in pairs_of(name, before=vars(before)[name], after=vars(after)[name]):
            comparison.compare(pair)
    runner.close()


class _Comparison:
    def __init__(self, channel: Channel, outcomes: Outcomes) -> None:
        self._channel = channel
        self._outcomes = outcomes
        self._examples = int(cast("int", channel.task["examples"]))
        self._seconds = float(cast("float", channel.task["seconds"]))

    def compare(self, pair: Pair) -> None:
        """Compare two versions of one function or method, and send the result."""
        # It imports hypothesis.
        from ..values.hypothesis_inputs import DifferenceSearch  # noqa: PLC0415

        result: Json = {"owner": pair.owner, "tried": 0, "differing": 0, "differences": []}
        # hypothesis has tables to make before the first input.
        self._channel.begin({"owner": pair.owner, "source": ""}, seconds=_START_SECONDS)
        untried = pair.untried
        if not untried:
            half = self._seconds / 2
            search = DifferenceSearch(pair, self._outcomes, self._announce, seconds=half)
            untried = search.run(self._examples)
            smallest = sorted(search.differences, key=lambda triple: (len(triple[0]), triple[0]))
            result["tried"], result["differing"] = search.tried, search.differing
            result["differences"] = [
                {"call": call, "before": before, "after": after}
                for call, before, after in smallest[:_SHOWN]
            ]
        self._channel.record({**result, "untried": untried})

    def _announce(self, owner: str, call: str) -> None:
        self._channel.begin({"owner": owner, "source": call}, seconds=self._seconds)
