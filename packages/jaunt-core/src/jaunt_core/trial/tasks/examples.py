"""The task `examples`: run the examples of docstrings, and try what they say is raised."""

from __future__ import annotations

import importlib
from typing import cast

from ..harness.calls import CallRunner, Namespace, ShownExamples
from ..harness.channel import Channel, Json
from ..harness.fault_attribution import FaultAttribution
from ..harness.guard import Guard
from ..harness.limits import limit_memory
from ..harness.overlay import Overlay

_EXAMPLE_BYTES = 2**30


def run(channel: Channel, guard: Guard, overlay: Overlay) -> None:
    """Import the spec module with the answer in its place, then run each docstring's examples."""
    task = channel.task
    path, spec_path = str(task["path"]), str(task["spec_path"])
    attribution = FaultAttribution(
        path, overlay.paths, guard, str(task["root"]), spec_path=spec_path
    )
    runner = CallRunner(attribution)
    try:
        names = _imported_names(channel, overlay)
    except BaseException as error:  # noqa: BLE001 - user code may raise anything
        no_example = {"kind": "import", "owner": "", "source": "", "want": ""}
        channel.record({**no_example, **attribution.import_outcome(error)})
        return
    limit_memory(_EXAMPLE_BYTES)
    seconds = float(cast("float", task["seconds"]))
    shown_examples: list[ShownExamples] = []
    docs, raises = cast("list[Json]", task["docs"]), cast("list[Json]", task["raises"])
    claims = cast("list[dict[str, str]]", task["claims"])
    if docs or claims:  # what a task does not need is not imported for it
        from ..values.doctest_run import DoctestRun  # noqa: PLC0415

        doctest_run = DoctestRun(
            runner,
            attribution,
            channel,
            seconds=seconds,
            returns=cast("dict[str, Json]", task["returns"]),
            options=cast("list[str]", task["options"]),
            shown=shown_examples,
        )
        for doc in docs:
            doctest_run.run(str(doc["owner"]), str(doc["text"]), dict(names))
        for claim in claims:
            doctest_run.run_claim(claim, dict(names))
    if raises:
        from ..values.raises import RaisesCheck  # noqa: PLC0415

        raises_check = RaisesCheck(
            runner, attribution, channel, names, shown_examples, seconds=seconds
        )
        for line in raises:
            raises_check.run(line)
    runner.close()


def _imported_names(channel: Channel, overlay: Overlay) -> Namespace:
    """The names of the spec module, imported with the answer; each part has its time limit."""
    task = channel.task
    seconds = float(cast("float", task["seconds"]))
    import_seconds = float(cast("float", task["import_seconds"]))
    importing: Json = {"owner": "", "source": ""}
    overlay.watch(
        str(task["path"]),
        on_start=lambda: channel.begin({**importing, "source": "import"}, seconds=seconds),
        on_end=lambda: channel.begin(importing, seconds=import_seconds),
    )
    channel.begin(importing, seconds=import_seconds)
    module = importlib.import_module(str(task["spec_module"]))
    importlib.import_module(str(task["generated_module"]))
    return vars(module)
