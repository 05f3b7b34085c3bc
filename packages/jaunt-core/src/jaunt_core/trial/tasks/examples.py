"""The task `examples`: run what docstrings show, and what they say is raised."""

from __future__ import annotations

import importlib
from typing import cast

from ..harness.calls import Session, Shown
from ..harness.channel import Channel, Json
from ..harness.fault_attribution import Blame
from ..harness.guard import Guard
from ..harness.limits import limit_memory
from ..harness.overlay import Overlay

_EXAMPLE_BYTES = 2**30


def run(channel: Channel, guard: Guard, overlay: Overlay) -> None:
    """Import the spec module with the answer in its place, then run each docstring's examples."""
    task = channel.task
    seconds = float(cast("float", task["seconds"]))
    blame = Blame(str(task["path"]), overlay.paths, guard, str(task["root"]))
    session = Session(blame)
    long = float(cast("float", task["import_seconds"]))
    around: Json = {"owner": "", "source": ""}
    overlay.watch(
        str(task["path"]),
        began=lambda: channel.begin({**around, "source": "import"}, seconds=seconds),
        ended=lambda: channel.begin(around, seconds=long),
    )
    channel.begin(around, seconds=long)
    try:
        module = importlib.import_module(str(task["spec_module"]))
        importlib.import_module(str(task["generated_module"]))
    except BaseException as error:  # noqa: BLE001 - user code may raise anything
        nothing = {"kind": "import", "owner": "", "source": "", "want": ""}
        channel.found({**nothing, **blame.of_import(error)})
        return
    limit_memory(_EXAMPLE_BYTES)
    shown: list[Shown] = []
    docs, raises = cast("list[Json]", task["docs"]), cast("list[Json]", task["raises"])
    if docs:  # what a task does not need is not imported for it
        from ..values.doctest_run import Prompt  # noqa: PLC0415

        prompt = Prompt(
            session,
            blame,
            channel,
            seconds=seconds,
            callables=frozenset(cast("list[str]", task["callables"])),
            options=cast("list[str]", task["options"]),
            shown=shown,
        )
        for doc in docs:
            prompt.run(str(doc["owner"]), str(doc["text"]), dict(vars(module)))
    if raises:
        from ..values.raises import RaisesTrial  # noqa: PLC0415

        trial = RaisesTrial(session, blame, channel, vars(module), shown, seconds=seconds)
        for item in raises:
            trial.run(item)
    session.close()
