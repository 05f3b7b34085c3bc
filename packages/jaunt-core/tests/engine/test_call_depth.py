"""How deep the calls go: who reads the code from a command down meets few frames on the way."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

import jaunt_core
from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import build
from jaunt_core.generation.options import BuildOptions
from jaunt_core.model.generation import GenerationRequest
from jaunt_core.testing import Scripted, ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

SPEC = {
    "app.py": '''
    import jaunt

    @jaunt.magic
    def one() -> int:
        """Return 1."""
        raise NotImplementedError
    '''
}
MOST_FRAMES = 9


class Reached(Exception):  # noqa: N818 - it is no error
    """Raised where the way ends."""


def frames_of(error: BaseException) -> list[str]:
    """Our own functions on the way, from `build` on."""
    ours = str(Path(jaunt_core.__file__).parent)
    frames = traceback.extract_tb(error.__traceback__)
    names = [f"{frame.filename[len(ours) :]}:{frame.name}" for frame in frames if ours in frame[0]]
    return names[names.index("/engine/builder.py:build") :]


def run(project: Project, answers: list[Scripted]) -> None:
    build(
        project,
        BuildOptions(),
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(ScriptedBackend({"app": answers})),
    )


def test_the_way_to_the_backend(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    async def reach(self: ScriptedBackend, request: GenerationRequest) -> None:
        raise Reached

    monkeypatch.setattr(ScriptedBackend, "generate_module", reach)
    with pytest.raises(Reached) as reached:
        run(make_project(SPEC), [])

    way = [name for name in frames_of(reached.value) if not name.startswith("/testing/")]
    assert len(way) <= MOST_FRAMES, "\n".join(way)


def test_the_way_to_the_written_file(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def reach(source: str | Path, target: str | Path, **more: int) -> None:
        if "__generated__" in str(target):
            raise Reached
        replace(source, target, **more)

    monkeypatch.setattr(os, "replace", reach)
    with pytest.raises(Reached) as reached:
        run(make_project(SPEC), ["def one() -> int:\n    return 1\n"])

    way = frames_of(reached.value)
    assert len(way) <= MOST_FRAMES, "\n".join(way)
