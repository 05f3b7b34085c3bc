"""Run one task: read it, set the limits and the guard, do it, and leave."""

from __future__ import annotations

import faulthandler
import os
import sys
import traceback
from importlib import import_module
from types import ModuleType
from typing import NoReturn, cast

from .channel import Channel, Json
from .guard import Guard
from .limits import limit_data, limit_memory, limit_process
from .overlay import Overlay

_IMPORT_BYTES = 8 * 2**30
_DATA_BYTES = 4 * 2**30
_RESERVE_BYTES = 2**22
_TASKS = __name__.split(".", maxsplit=1)[0] + ".tasks"
_exit_now = os._exit


def run_task() -> NoReturn:
    """Run the task that stands on standard input, then exit without waiting for threads."""
    channel = Channel.of_process()
    task = channel.task
    operation = set_up(task)
    overlay = Overlay(cast("dict[str, object]", task["overlay"]))
    overlay.install()
    guard = Guard(cast("list[str]", task["writable"]), cast("list[str]", task["hidden"]))
    guard.install()
    run_operation(operation, channel, guard, overlay)


def set_up(task: Json) -> ModuleType:
    """Limit this process as a task says, and return the module that does the task."""
    sys.path[:0] = cast("list[str]", task["prefix"])
    sys.dont_write_bytecode = True
    faulthandler.enable()
    limit_process(cpu_seconds=int(cast("int", task["cpu_seconds"])))
    limit_memory(_IMPORT_BYTES)
    limit_data(_DATA_BYTES)
    # Imported before the guard stands, and by a name that the project cannot take.
    return import_module(f"{_TASKS}.{task['op']}")


def run_operation(
    operation: ModuleType, channel: Channel, guard: Guard, overlay: Overlay
) -> NoReturn:
    """Do a task, say how that ended, and leave."""
    reserve = bytearray(_RESERVE_BYTES)
    try:
        operation.run(channel, guard, overlay)
    except Exception:  # noqa: BLE001 - ours: sent on with its traceback, so that it can be reported
        reserve.clear()  # user code may have left nothing
        channel.bug(traceback.format_exc())
    else:
        channel.done()
    _exit_now(0)
