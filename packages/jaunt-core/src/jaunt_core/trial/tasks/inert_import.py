"""The task `inert_import`: import a spec module as discovery does, without any answer."""

from __future__ import annotations

import importlib

from jaunt import registry

from ..harness.channel import Channel
from ..harness.fault_attribution import error_text, shortened
from ..harness.guard import Guard
from ..harness.overlay import Overlay


def run(channel: Channel, guard: Guard, overlay: Overlay) -> None:
    """Import the spec module, with inert classes in place of generated ones; send why it fails."""
    del guard, overlay
    task = channel.task
    channel.begin({"owner": "", "source": ""}, seconds=float(str(task["import_seconds"])))
    registry.begin_discovery()
    try:
        importlib.import_module(str(task["spec_module"]))
    except BaseException as error:  # noqa: BLE001 - user code may raise anything
        channel.record(
            {
                "kind": "import",
                "owner": "",
                "source": "",
                "status": "unclear",
                "got": shortened(error_text(error)),
                "want": "",
                "line": 0,
            }
        )
