from __future__ import annotations

from collections.abc import Callable

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.model.events import BackendNoted, Event
from jaunt_core.model.generation import GenerationResult
from jaunt_core.testing import ScriptedBackend, loader_of

SPEC = '''
import jaunt


@jaunt.magic
def one() -> int:
    """Return 1."""
    ...
'''
CODE = "def one() -> int:\n    return 1\n"


def test_a_note_of_the_backend_is_told_once(make_project: Callable[..., Project]) -> None:
    project = make_project({"a.py": SPEC, "b.py": SPEC, "c.py": SPEC})
    noted = GenerationResult(text=CODE, note="this is a recording")
    backend = ScriptedBackend({"a": [noted], "b": [noted], "c": [CODE]})
    events: list[Event] = []
    assert build(
        project, BuildOptions(), sink=events.append, environ={}, load=loader_of(backend)
    ).ok
    notes = [event.message for event in events if isinstance(event, BackendNoted)]
    assert notes == ["this is a recording"]
