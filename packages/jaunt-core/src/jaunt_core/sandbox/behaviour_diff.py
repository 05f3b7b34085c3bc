"""Compare two versions of generated modules: their text, and what they do in the sandbox."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import cast

from jaunt import _naming
from jaunt_core.contracts.header import parse_header, split_header
from jaunt_core.model.comparison import Behaviour, Change, ModuleChange, SymbolChange
from jaunt_core.model.spec import Kind
from jaunt_core.sandbox.sandbox import Sandbox, ServedModule
from jaunt_core.snapshot.decoding import decode
from jaunt_core.snapshot.worker_client import Worker
from jaunt_core.storage.previous import Previous, read_version

EXAMPLES = 100
"""Inputs to try on each function or method."""

SYMBOL_SECONDS = 10.0
"""Seconds that comparing one function or method may take."""

_BEFORE = "__before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A top-level definition; the one with an empty name is the rest of the module."""

    name: str
    form: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """A generated module as it was and as it is; None where a version is no Python."""

    kind: Kind
    module: str
    path: PurePosixPath
    before_text: str
    after_text: str
    before: Mapping[str, Symbol] | None
    after: Mapping[str, Symbol] | None


class NoHypothesisError(Exception):
    """The project's interpreter has no hypothesis."""


def read_versions(root: Path, previous: Previous, worker: Worker) -> Versions | None:
    """Both versions of a module, None where the generated file or its header is gone."""
    current = read_version(root, previous.path)
    if current is None:
        return None
    try:
        module = parse_header(current).source_module
    except ValueError:
        return None
    texts = [split_header(text)[1] for text in (previous.text, current)]
    answer = worker.ask({"op": "symbols", "texts": texts})
    before, after = map(_symbols, cast("list[object]", answer["symbols"]))
    return Versions(
        kind=previous.kind,
        module=module,
        path=previous.path,
        before_text=texts[0],
        after_text=texts[1],
        before=before,
        after=after,
    )


def _symbols(entries: object) -> Mapping[str, Symbol] | None:
    if entries is None:
        return None
    symbols = [decode(Symbol, entry) for entry in cast("list[dict[str, object]]", entries)]
    return {symbol.name: symbol for symbol in symbols}


def text_change(versions: Versions) -> ModuleChange:
    """The symbols whose text changed, in the order in which they stand."""
    before, after = versions.before, versions.after
    symbols: list[SymbolChange] = []
    if before is None or after is None:
        diff = _diff(versions.module, versions.before_text, versions.after_text)
        symbols += [SymbolChange(name="", change=Change.CHANGED, diff=diff)] if diff else []
    else:
        for name in dict.fromkeys([*after, *before]):
            old = before[name].text if name in before else ""
            new = after[name].text if name in after else ""
            if old != new:
                change = Change.CHANGED if old and new else Change.ADDED if new else Change.REMOVED
                ref = f"{versions.module}:{name}" if name else versions.module
                symbols.append(SymbolChange(name=name, change=change, diff=_diff(ref, old, new)))
    return ModuleChange(
        module=versions.module, kind=versions.kind, path=versions.path, symbols=tuple(symbols)
    )


def _diff(title: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(),
        after.splitlines(),
        f"{title} (before)",
        f"{title} (now)",
        lineterm="",
    )
    return "\n".join(lines)


def behaviour_change(
    change: ModuleChange, versions: Versions, sandbox: Sandbox, *, root: Path, generated_dir: str
) -> ModuleChange:
    """The change of a module together with how the two versions behave.

    Where something changed that other code may use, all that can be called is compared; a symbol
    whose text is the same is listed only where its behaviour differs.

    Raises:
        NoHypothesisError: There is nothing to make input with.
    """
    if versions.kind is Kind.TEST:
        return replace(change, note="tests are not run here")
    if versions.before is None or versions.after is None:
        return replace(change, note="one of the versions is no Python")
    names = _names_to_try(change, versions.before, versions.after)
    task = _task(versions, root, generated_dir)
    behaviours_by_name, note = _compare(sandbox, task, names)
    symbols = [
        replace(symbol, behaviours=tuple(behaviours_by_name.pop(symbol.name, ())))
        for symbol in change.symbols
    ]
    for name, behaviours in behaviours_by_name.items():
        differing = tuple(behaviour for behaviour in behaviours if behaviour.differing)
        if differing:
            symbols.append(
                SymbolChange(name=name, change=Change.UNCHANGED, diff="", behaviours=differing)
            )
    return replace(change, symbols=tuple(symbols), note=note)


def _names_to_try(
    change: ModuleChange, before: Mapping[str, Symbol], after: Mapping[str, Symbol]
) -> list[str]:
    both = [
        name
        for name, symbol in after.items()
        if name in before and symbol.form == before[name].form
    ]
    callables = [name for name in both if name]
    changed = {symbol.name for symbol in change.symbols}
    reaches_others = any(not name or name.startswith("_") for name in changed)
    return [
        name
        for name in callables
        if name in changed or (reaches_others and not name.startswith("_"))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    data: Mapping[str, object]
    overlay: tuple[ServedModule, ...]


def _task(versions: Versions, root: Path, generated_dir: str) -> _Task:
    is_package = versions.path.name == "__init__.py"
    generated = _naming.generated_module_of(
        versions.module, is_package=is_package, generated_dir=generated_dir
    )
    path = root / versions.path
    before = ServedModule(
        name=f"{generated}{_BEFORE}",
        path=path.with_name(f"{path.stem}{_BEFORE}.py"),
        source=versions.before_text,
        is_package=False,
    )
    data: dict[str, object] = {
        "spec_module": versions.module,
        "generated_module": generated,
        "before_module": before.name,
        "path": str(path),
        "examples": EXAMPLES,
        "seconds": SYMBOL_SECONDS,
    }
    return _Task(data=data, overlay=(before,))


def _compare(
    sandbox: Sandbox, task: _Task, names: Sequence[str]
) -> tuple[dict[str, list[Behaviour]], str]:
    """The behaviours of each symbol, and why none could be run; one that ends a run is skipped."""
    behaviours_by_name: dict[str, list[Behaviour]] = {}
    remaining = list(names)
    while remaining:
        trial = sandbox.trial("comparison", {**task.data, "names": remaining}, overlay=task.overlay)
        result = trial.run()
        for record in result.records:
            if "missing" in record:
                raise NoHypothesisError
            if "broken" in record:
                return {}, f"one of the versions cannot be imported: {record['broken']}"
            behaviour = decode(Behaviour, cast("dict[str, object]", record))
            behaviours_by_name.setdefault(behaviour.owner.partition(".")[0], []).append(behaviour)
        if result.fault is None:
            break
        owner = str(result.fault.step.get("owner", ""))
        if not owner:
            return {}, f"the versions cannot be run: {result.fault}"
        call = result.fault.step.get("source", "")
        untried = f"{result.fault}" + (f", at {call}" if call else "")
        name = owner.partition(".")[0]
        behaviours_by_name.setdefault(name, []).append(Behaviour(owner=owner, untried=untried))
        remaining = remaining[remaining.index(name) + 1 :]
    return behaviours_by_name, ""
