"""The task `comparison`: two versions of a module on the same input, and where they differ."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import cast

from ..harness.calls import Session
from ..harness.channel import Channel, Json
from ..harness.fault_attribution import Blame, shortened, words_of
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
        channel.found({"missing": "hypothesis"})
        return
    try:
        importlib.import_module(str(task["spec_module"]))
        after = importlib.import_module(str(task["generated_module"]))
        before = importlib.import_module(str(task["before_module"]))
    except BaseException as error:  # noqa: BLE001 - user code may raise anything
        channel.found({"broken": shortened(words_of(error))})
        return
    limit_memory(_MEMORY_BYTES)
    blame = Blame(str(task["path"]), overlay.paths, guard, str(task["root"]))
    session = Session(blame)
    compare = _Comparing(channel, Outcomes(session, [after.__name__, before.__name__]))
    for name in cast("list[str]", task["names"]):
        for pair in pairs_of(name, before=vars(before)[name], after=vars(after)[name]):
            compare.pair(pair)
    session.close()


class _Comparing:
    def __init__(self, channel: Channel, outcomes: Outcomes) -> None:
        self._channel = channel
        self._outcomes = outcomes
        self._examples = int(cast("int", channel.task["examples"]))
        self._seconds = float(cast("float", channel.task["seconds"]))

    def pair(self, pair: Pair) -> None:
        """Compare two versions of one function or method, and say what was found."""
        from ..values.hypothesis_inputs import Trying  # noqa: PLC0415 - it imports hypothesis

        found: Json = {"owner": pair.owner, "tried": 0, "differing": 0, "differences": []}
        # hypothesis has tables to make before the first input.
        self._channel.begin({"owner": pair.owner, "source": ""}, seconds=_START_SECONDS)
        untried = pair.untried
        if not untried:
            trying = Trying(pair, self._outcomes, self._tell, seconds=self._seconds / 2)
            untried = trying.run(self._examples)
            smallest = sorted(trying.differences, key=lambda item: (len(item[0]), item[0]))
            found["tried"], found["differing"] = trying.tried, trying.differing
            found["differences"] = [
                {"call": call, "before": before, "after": after}
                for call, before, after in smallest[:_SHOWN]
            ]
        self._channel.found({**found, "untried": untried})

    def _tell(self, owner: str, call: str) -> None:
        self._channel.begin({"owner": owner, "source": call}, seconds=self._seconds)
