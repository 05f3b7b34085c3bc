"""Cases in text files: a spec, an answer to it, and what becomes of it in a real build."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.tester import TestOptions, run_tests
from jaunt_core.model.generation import GenerationResult, StopReason
from jaunt_core.model.report import ModuleReport
from jaunt_core.testing import ScriptedBackend, loader_of

_HERE = Path(__file__).parent
_IMPORTS = "from collections.abc import AsyncIterator, Iterator\n\nimport jaunt\n\n"
_SHOP = '''\
import jaunt

@jaunt.magic
def total(prices: list[int]) -> int:
    """Return the sum of the prices."""
    raise NotImplementedError

@jaunt.magic
def note(text: str) -> None:
    """Remember the text."""
    raise NotImplementedError

@jaunt.magic
class Ledger:
    """Keeps amounts."""

    def add(self, amount: int) -> None:
        """Note an amount."""
        raise NotImplementedError

    @property
    def balance(self) -> int:
        """The sum of all amounts."""
        raise NotImplementedError

@jaunt.magic
def opened() -> Ledger:
    """Return a new ledger."""
    raise NotImplementedError
'''
_SHOP_CODE = """\
class Ledger:
    def __init__(self) -> None:
        self._amounts: list[int] = []

    def add(self, amount: int) -> None:
        self._amounts.append(amount)

    @property
    def balance(self) -> int:
        return sum(self._amounts)


def total(prices: list[int]) -> int:
    return sum(prices)


def note(text: str) -> None:
    return None


def opened() -> Ledger:
    return Ledger()
"""
_CHAIN = " + ".join(["1"] * 900)
# Without what plugins cost: the trial of every test module is a pytest of its own.
_CONFIG = """\
[paths]
source_roots = ["."]
[build]
attempts = 1
[test]
pytest_args = ["-q", "-p", "no:hypothesispytest", "-p", "no:xdist", "-p", "no:anyio"]
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One answer to one spec; `expected` is what its first line says it ends in."""

    name: str
    expected: str
    spec: str
    answer: GenerationResult
    files: Mapping[str, str]
    is_test: bool

    @property
    def package(self) -> str:
        return f"case_{self.name}"

    @property
    def module(self) -> str:
        return f"tests.test_{self.name}" if self.is_test else f"{self.package}.spec"

    @property
    def path(self) -> str:
        return self.module.replace(".", "/") + ".py"

    @property
    def generated_module(self) -> str:
        return ".__generated__.".join(self.module.rsplit(".", 1))

    @property
    def generated_path(self) -> str:
        return "/__generated__/".join(self.path.rsplit("/", 1))


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What became of a case, and the project that it stands in."""

    case: Case
    project: Project
    report: ModuleReport


def cases_of(file: str) -> list[Case]:
    """The cases of a text file in this folder."""
    head, *blocks = re.split(r"^=== ", (_HERE / file).read_text("utf-8"), flags=re.MULTILINE)
    _, *listed = re.split(r"^\*\*\* (.*)\n", head, flags=re.MULTILINE)
    specs = dict(zip(listed[::2], listed[1::2], strict=True))
    return [_case(block, specs) for block in blocks]


def _case(block: str, specs: Mapping[str, str]) -> Case:
    first, *listed = re.split(r"^--- (answer|spec|file)(.*)\n", block, flags=re.MULTILINE)
    name, spec_name, expected = (part.strip() for part in first.splitlines()[0].split("|"))
    is_test = spec_name.startswith("test")
    module = f"tests.test_{name}" if is_test else f"case_{name}.spec"

    def written(text: str) -> str:
        for mark, value in (("me", module), ("pkg", f"case_{name}"), ("chain", _CHAIN)):
            text = text.replace(f"{{{mark}}}", value)
        return text

    spec, answer, files = written(specs.get(spec_name, "")), GenerationResult(text=""), {}
    for what, detail, text in zip(listed[::3], listed[1::3], listed[2::3], strict=True):
        if what == "spec":
            spec = written(text)
        elif what == "file":
            files[written(detail.strip())] = written(text)
        else:
            answer = _answer(detail.strip(), written(text))
    assert spec, f"case {name} has no spec {spec_name!r}"
    return Case(
        name=name, expected=expected, spec=spec, answer=answer, files=files, is_test=is_test
    )


def _answer(detail: str, text: str) -> GenerationResult:
    if detail == "escaped":
        return GenerationResult(text=text.rstrip("\n").encode().decode("unicode_escape"))
    return GenerationResult(text=text, stop=StopReason(detail or "complete"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `rejected` once for each case in `rejected.txt`, and so on."""
    for name in ("rejected", "accepted"):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, cases_of(f"{name}.txt"), ids=lambda case: case.name)


Judge = Callable[..., Mapping[str, Judged]]


@pytest.fixture(scope="session")
def judge(new_project: Callable[..., Project]) -> Judge:
    """Put all cases of a file into one project, build it, and say what became of each.

    Without `trials` generated tests are read and not tried.
    """

    def judged(file: str, *, trials: bool = True) -> Mapping[str, Judged]:
        cases = cases_of(file)
        project = new_project(_files_of(cases), f"{_CONFIG}run_trials = {str(trials).lower()}\n")
        answers = {case.module: [case.answer] for case in cases}
        backend = ScriptedBackend({"shop": [_SHOP_CODE], **answers})
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(project.root / "site")}
        report = run_tests(
            project,
            TestOptions(run=False),
            sink=lambda _: None,
            environ=environ,
            load=loader_of(backend),
        )
        assert report.build is not None
        modules = (*report.build.modules, *report.tests.modules)
        reports = {module.module: module for module in modules}
        return {
            case.name: Judged(case=case, project=project, report=reports[case.module])
            for case in cases
        }

    return judged


def _files_of(cases: Iterable[Case]) -> dict[str, str]:
    files = {"tests/__init__.py": "", "shop.py": _SHOP}
    for case in cases:
        if not case.is_test:
            files[f"{case.package}/__init__.py"] = ""
        files[case.path] = _IMPORTS + case.spec
        files.update(case.files)
    return files
