"""What a command says in a project where nothing has changed, told without any of the engine.

This is how most runs end, so it imports next to nothing. Wherever it is not sure, it says nothing
and leaves all to the command itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from jaunt_cli.render.fresh import all_fresh, nothing_to_do
from jaunt_cli.render.lines import render_lines
from jaunt_cli.streams import Terminal
from jaunt_core.project.fingerprints import find_fresh, project_folder
from jaunt_core.version import __version__

_KINDS = ("build", "test")


def tell_at_once(command: str, arguments: Sequence[str], terminal: Terminal) -> bool:
    """Tell that all is fresh, where that is known; False where the command has to look.

    Args:
        command: `build`, `check` or `status`.
        arguments: What stands behind it; only `--root` is understood here.
        terminal: The streams of this run.
    """
    match arguments:
        case []:
            folder = project_folder(".")
        case ["--root", str(root)]:
            folder = project_folder(root)
        case _:
            return False
    record = find_fresh(folder, __version__, terminal.environ) if folder else None
    if record is None:
        return False
    kinds = record["kinds"]
    wanted = ("build",) if command == "build" else _KINDS
    if not all(kind in kinds and not kinds[kind]["warnings"] for kind in wanted):
        return False
    count = sum(len(kinds[kind]["modules"]) for kind in wanted)
    if not count or (command != "build" and record["orphans"] is not False):
        return False
    if command == "build":
        line, stream = nothing_to_do(command, count), terminal.err
    else:
        line, stream = all_fresh(count, passed=command == "check"), terminal.out
    stream.write(render_lines([line], color=terminal.colors_on(stream)))
    return True


__all__ = ["tell_at_once"]
