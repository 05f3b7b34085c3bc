"""Splicing new code for some specs into a module leaves the rest as it is, byte for byte."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.model.generation import Patch
from jaunt_core.project.workspace import Workspace
from jaunt_core.snapshot.worker_calls import splice_answer
from jaunt_core.snapshot.worker_client import Worker

_, *BLOCKS = re.split(
    r"^=== ", (Path(__file__).parent / "splices.txt").read_text("utf-8"), flags=re.MULTILINE
)
CASES = {block.split(" | ", 1)[0]: block for block in BLOCKS}


@pytest.fixture(scope="module")
def worker(new_project: Callable[..., Project]) -> Iterator[Worker]:
    project = new_project({"spec.py": "import jaunt\n"})
    with Worker(Workspace(project=project, environ={"PATH": os.environ["PATH"]})) as started:
        yield started


@pytest.mark.parametrize("name", CASES)
def test_a_splice(worker: Worker, name: str) -> None:
    head, *parts = re.split(r"^--- (\w+)\n", CASES[name], flags=re.MULTILINE)
    texts = dict(zip(parts[::2], parts[1::2], strict=True))
    fields = dict(field.split(":") for field in head.split(" | ")[1:])
    names = {key: tuple(re.findall(r"\w+", listed)) for key, listed in fields.items()}
    patch = Patch(
        base=texts["before"],
        wanted=names["wanted"],
        fixed=names["fixed"],
        removed=names.get("removed", ()),
    )

    spliced = splice_answer(worker, patch, texts["answer"])

    assert [f"{clash.name} {clash.line}" for clash in spliced.clashes] == texts.get(
        "clash", ""
    ).splitlines()
    assert spliced.source == texts.get("after")
    if spliced.source is not None:
        # Splicing the same answer in a second time changes nothing.
        again = splice_answer(
            worker,
            Patch(base=spliced.source, wanted=patch.wanted, fixed=patch.fixed, removed=()),
            texts["answer"],
        )
        assert again.source == spliced.source
