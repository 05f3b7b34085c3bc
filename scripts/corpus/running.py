"""The corpus through the real pipeline: real files, the real worker, a scripted backend."""

from __future__ import annotations

import ast
import os
import resource
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.corpus.reading import NEIGHBOUR, Group, Variant

from jaunt_core.config.loading import load_project
from jaunt_core.config.models import BuildConfig
from jaunt_core.engine.tester import TestOptions, run_tests
from jaunt_core.model.events import AttemptRejected, Event
from jaunt_core.model.report import BuildReport, ModuleReport, Outcome, TestReport
from jaunt_core.testing import Scripted, ScriptedBackend, loader_of

_CONFIG = 'version = 1\n[paths]\nsource_roots = ["src"]\n[build]\nattempts = {attempts}\n{more}'
_PYPROJECT = """\
[project]
name = "corpus"
version = "0"
requires-python = ">=3.11"
dependencies = ["jaunt-runtime", "pydantic"]

[dependency-groups]
dev = ["pytest"]
"""
_CHECKS = {"type_check": ('"off"', '"auto"'), "run_examples": ("false", "true")}
"""The keys of [build] that switch checks off and on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of an answer; `codes` are those of the findings about it."""

    group: str
    variant: Variant
    stopped: bool
    repaired: bool
    calls: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """CPU seconds for each module, of ours and of all processes that were started."""

    modules: int
    parts: Mapping[str, float]


def run_corpus(groups: Sequence[Group], *, most: int | None = None) -> Iterator[Judged]:
    """Judge all answers, one of each group at a time; `most` of each where it is given."""
    plain = {group.name: [v for v in group.variants if v.kind != NEIGHBOUR] for group in groups}
    for number in range(max(map(len, plain.values()))):
        chosen = [(group, plain[group.name][number : number + 1]) for group in groups]
        if most is None or number < most:
            yield from _round([(group, found[0]) for group, found in chosen if found])
    for group in groups:
        changed = [variant for variant in group.variants if variant.kind == NEIGHBOUR]
        for variant in changed[:most]:
            yield _second_round(group, variant)


def _round(chosen: Sequence[tuple[Group, Variant]]) -> Iterator[Judged]:
    with tempfile.TemporaryDirectory() as folder:
        root = _written(Path(folder), [group for group, _ in chosen], attempts=2)
        answers = _right_answers(group for group, _ in chosen)
        for group, variant in chosen:
            answers[group.subject] = [variant.answer, group.answers[group.subject]]
        modules, told = _built(root, answers)
        for group, variant in chosen:
            findings = _rejections(told, group.subject)
            yield _judged(group, variant, modules[group.subject], findings)


def _second_round(group: Group, variant: Variant) -> Judged:
    """A person changes a spec of a module that stands; what the answer does to another one."""
    with tempfile.TemporaryDirectory() as folder:
        root = _written(Path(folder), [group], attempts=2)
        right = _right_answers([group])
        _built(root, right)
        landed = root / "/__generated__/".join(group.path.rsplit("/", 1))
        before = _code_of(landed, variant.neighbour)
        spec = root / group.path
        text = spec.read_text("utf-8")
        for old, new in variant.edits:
            text = text.replace(old, new)
        spec.write_text(text, "utf-8")
        modules, told = _built(root, {**right, group.subject: [variant.answer]})
        module, findings = modules[group.subject], _rejections(told, group.subject)
        assert module.outcome in (Outcome.GENERATED, Outcome.FAILED), module
        kept = _code_of(landed, variant.neighbour) == before
        return Judged(
            group=group.name,
            variant=variant,
            stopped=kept,
            repaired=kept and module.outcome is Outcome.GENERATED,
            calls=module.bill.calls,
            codes=findings,
        )


def _judged(
    group: Group, variant: Variant, module: ModuleReport, findings: tuple[str, ...]
) -> Judged:
    if module.outcome not in (Outcome.GENERATED, Outcome.FAILED):
        raise RuntimeError(f"{group.subject} was not asked for: {module}")
    return Judged(
        group=group.name,
        variant=variant,
        stopped=bool(findings),
        repaired=bool(findings) and module.outcome is Outcome.GENERATED,
        calls=module.bill.calls,
        codes=findings,
    )


def measure(groups: Sequence[Group]) -> Costs:
    """What each of the checks costs, as the difference that it makes to a run."""
    code = [group for group in groups if not group.is_test]
    tests = [group for group in groups if group.is_test]
    known = [key for key in _CHECKS if key in BuildConfig.model_fields]
    off = {key: _CHECKS[key][0] for key in known}
    nothing = _seconds(code, off, _no_answers(code))
    static = _seconds(code, off, {}) - nothing
    count = sum(len(group.answers) for group in code)
    parts = {"static checks and landing": static / count}
    for key in known:
        with_it = _seconds(code, {**off, key: _CHECKS[key][1]}, {})
        parts[f"`{key}`"] = (with_it - nothing - static) / count
    untried = {group.subject: [""] for group in tests}
    on_trial = _seconds(tests, off, {}) - _seconds(tests, off, untried)
    parts["tests on trial, for each module of tests"] = on_trial / len(tests)
    return Costs(modules=count, parts=parts)


def _no_answers(groups: Iterable[Group]) -> dict[str, list[Scripted]]:
    return {module: [""] for group in groups for module in group.answers}


def _seconds(
    groups: Sequence[Group],
    settings: Mapping[str, str],
    answers: Mapping[str, Sequence[Scripted]],
) -> float:
    """CPU seconds of one run, with some answers in place of right ones; the better of two."""
    found = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            root = _written(Path(folder), groups, attempts=1, settings=settings)
            before = _cpu()
            _built(root, {**_right_answers(groups), **answers})
            found.append(_cpu() - before)
    return min(found)


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _written(
    root: Path, groups: Iterable[Group], *, attempts: int, settings: Mapping[str, str] | None = None
) -> Path:
    more = "".join(f"{key} = {value}\n" for key, value in (settings or {}).items())
    files = {
        "jaunt.toml": _CONFIG.format(attempts=attempts, more=more),
        "pyproject.toml": _PYPROJECT,
        "tests/__init__.py": "",
    }
    for group in groups:
        files |= group.files
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return root


def _right_answers(groups: Iterable[Group]) -> dict[str, list[Scripted]]:
    return {module: [text] for group in groups for module, text in group.answers.items()}


def _built(
    root: Path, answers: Mapping[str, Sequence[Scripted]]
) -> tuple[dict[str, ModuleReport], list[Event]]:
    """Build the code and the tests of a project; the environment is the one that runs us."""
    told: list[Event] = []
    report: TestReport = run_tests(
        load_project(root=root),
        TestOptions(run=False),
        sink=told.append,
        environ={"PATH": os.environ["PATH"], "VIRTUAL_ENV": sys.prefix},
        load=loader_of(ScriptedBackend(answers)),
    )
    reports: tuple[BuildReport | None, ...] = (report.build, report.tests)
    return {item.module: item for each in reports if each for item in each.modules}, told


def _rejections(told: Iterable[Event], module: str) -> tuple[str, ...]:
    """The codes of what was wrong with the first answer for a module."""
    return tuple(
        finding.code
        for event in told
        if isinstance(event, AttemptRejected) and event.module == module and event.attempt == 1
        for finding in event.findings
    )


def _code_of(path: Path, name: str) -> str | None:
    text = path.read_text("utf-8")
    for node in ast.parse(text).body:
        if getattr(node, "name", None) == name:
            return ast.get_source_segment(text, node)
    return None
