"""Examples of many kinds, each with an answer that is right, wrong, or cannot be judged by it."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions
from jaunt_core.generation.session import open_session
from jaunt_core.model.spec import Kind
from jaunt_core.sandbox.example_check import ExampleCheck
from jaunt_core.sandbox.sandbox import Sandbox
from jaunt_core.testing import ScriptedBackend, loader_of

HEAD = """
import datetime
from collections import Counter, OrderedDict, defaultdict
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

import jaunt


class Color(str, Enum):
    RED = "red"
    BLUE = "blue"


class Pair(NamedTuple):
    left: int
    right: int


class Bare:
    def __init__(self, left: int, right: int) -> None:
        self.left = left
        self.right = right


class Odd:
    def __eq__(self, other: object) -> bool:
        raise SystemExit(3)
"""
NAMES = "datetime, Counter, OrderedDict, defaultdict, Decimal, Color, Pair, Bare, Odd"


class Case(NamedTuple):
    """A spec, an answer, and what has to become of it."""

    title: str
    verdict: str
    spec: str
    answer: str


def cases_in(name: str) -> Iterator[Case]:
    text = (Path(__file__).parent / name).read_text("utf-8")
    for number, block in enumerate(text.split("=== ")[1:]):
        head, _, rest = block.partition("\n")
        title, _, verdict = head.rpartition(": ")
        spec, _, body = rest.partition("---\n")
        spec, body = (re.sub(r"\bf\(", f"f{number}(", part) for part in (spec, body))
        yield Case(title, verdict, spec, spec.partition("\n")[0] + "\n" + body)


CASES = list(cases_in("examples.txt"))


async def verdicts_of(project: Project, answer: str) -> dict[str, str]:
    """What became of each function of the module `m`; those that are not named are right."""
    warnings: list[str] = []
    environ = {"PATH": os.environ["PATH"]}
    load = loader_of(ScriptedBackend({}))
    with open_session(project, BuildOptions(), environ=environ, load=load) as session:
        plan = session.plan(Kind.BUILD, selected=frozenset({"m"}), answers=None)
        check = ExampleCheck(project.root, Sandbox(session.workspace), warnings.append)
        judgement = await check.judge(plan.modules[0], answer)
    assert judgement.unjudged == ()
    lines = (project.root / "m.py").read_text("utf-8").splitlines()
    verdicts = {}
    for warning in warnings:
        number = int(warning.split(":")[1])
        names = [re.match(r"def (f\d+)\(", line) for line in lines[:number]]
        verdicts[[match[1] for match in names if match][-1]] = f"unjudged: {warning}"
    for finding in judgement.findings:
        match = re.search(r" in the docstring of (f\d+) |` of (f\d+):", finding.message)
        assert match or finding.symbol, finding
        verdicts[(match[1] or match[2]) if match else finding.symbol] = f"wrong: {finding}"
    return verdicts


@pytest.fixture(scope="module")
def verdicts(new_project: Callable[..., Project]) -> dict[str, str]:
    stub = "    raise NotImplementedError\n"
    specs = [f"@jaunt.magic\n{case.spec.rstrip()}\n{stub}" for case in CASES]
    project = new_project({"m.py": "\n\n".join([HEAD, *specs])}, "")
    answers = [case.answer for case in CASES]
    answer = "\n\n".join([f"from m import {NAMES}\n", *answers])
    return asyncio.run(verdicts_of(project, answer))


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.title for case in CASES])
def test_what_becomes_of_an_answer(verdicts: dict[str, str], number: int) -> None:
    verdict = verdicts.get(f"f{number}", "right")
    assert verdict.partition(":")[0] == CASES[number].verdict, verdict
