"""Two versions of generated modules side by side: their text, and their code in the sandbox."""

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
from jaunt_core.sandbox.sandbox import Sandbox, Served
from jaunt_core.snapshot.decoding import decode
from jaunt_core.snapshot.worker_client import Worker
from jaunt_core.storage.previous import Previous, read_version

EXAMPLES = 100
"""Inputs that are made for each function or method."""

SYMBOL_SECONDS = 10.0
"""Seconds that comparing one function or method may take."""

_BEFORE = "__before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A top-level definition; the one without a name is the rest of the module."""

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
    now = read_version(root, previous.path)
    if now is None:
        return None
    try:
        module = parse_header(now).source_module
    except ValueError:
        return None
    texts = [split_header(text)[1] for text in (previous.text, now)]
    answer = worker.ask({"op": "symbols", "texts": texts})
    before, after = (_symbols(item) for item in cast("list[object]", answer["symbols"]))
    return Versions(
        kind=previous.kind,
        module=module,
        path=previous.path,
        before_text=texts[0],
        after_text=texts[1],
        before=before,
        after=after,
    )


def _symbols(found: object) -> Mapping[str, Symbol] | None:
    if found is None:
        return None
    listed = [decode(Symbol, item) for item in cast("list[dict[str, object]]", found)]
    return {item.name: item for item in listed}


def text_change(versions: Versions) -> ModuleChange:
    """What became of each symbol, in the order in which they stand."""
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
                what = Change.CHANGED if old and new else Change.ADDED if new else Change.REMOVED
                ref = f"{versions.module}:{name}" if name else versions.module
                symbols.append(SymbolChange(name=name, change=what, diff=_diff(ref, old, new)))
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
    """The same with what the two versions do.

    Where something changed that other code may use, all that can be called is compared; of what
    is the same in its text, only what does something else is told.

    Raises:
        NoHypothesisError: There is nothing to make input with.
    """
    if versions.kind is Kind.TEST:
        return replace(change, note="tests are not run here")
    if versions.before is None or versions.after is None:
        return replace(change, note="one of the versions is no Python")
    names = _names_to_try(change, versions.before, versions.after)
    task = _task(versions, root, generated_dir)
    found, note = _run(sandbox, task, names)
    symbols = [
        replace(symbol, behaviours=tuple(found.pop(symbol.name, ()))) for symbol in change.symbols
    ]
    for name, behaviours in found.items():
        telling = tuple(item for item in behaviours if item.differing)
        if telling:
            same = SymbolChange(name=name, change=Change.UNCHANGED, diff="", behaviours=telling)
            symbols.append(same)
    return replace(change, symbols=tuple(symbols), note=note)


def _names_to_try(
    change: ModuleChange, before: Mapping[str, Symbol], after: Mapping[str, Symbol]
) -> list[str]:
    both = [
        name for name, item in after.items() if name in before and item.form == before[name].form
    ]
    callables = [name for name in both if name]
    changed = {item.name for item in change.symbols}
    reaches_others = any(not name or name.startswith("_") for name in changed)
    return [
        name
        for name in callables
        if name in changed or (reaches_others and not name.startswith("_"))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    words: Mapping[str, object]
    overlay: tuple[Served, ...]


def _task(versions: Versions, root: Path, generated_dir: str) -> _Task:
    is_package = versions.path.name == "__init__.py"
    generated = _naming.generated_module_of(
        versions.module, is_package=is_package, generated_dir=generated_dir
    )
    path = root / versions.path
    before = Served(
        name=f"{generated}{_BEFORE}",
        path=path.with_name(f"{path.stem}{_BEFORE}.py"),
        source=versions.before_text,
        is_package=False,
    )
    words: dict[str, object] = {
        "spec_module": versions.module,
        "generated_module": generated,
        "before_module": before.name,
        "path": str(path),
        "examples": EXAMPLES,
        "seconds": SYMBOL_SECONDS,
    }
    return _Task(words=words, overlay=(before,))


def _run(
    sandbox: Sandbox, task: _Task, names: Sequence[str]
) -> tuple[dict[str, list[Behaviour]], str]:
    """What each symbol does, and why nothing could be run; a symbol that ends the run is left."""
    found: dict[str, list[Behaviour]] = {}
    left = list(names)
    while left:
        trial = sandbox.trial("comparison", {**task.words, "names": left}, overlay=task.overlay)
        result = trial.run()
        for item in result.found:
            if "missing" in item:
                raise NoHypothesisError
            if "broken" in item:
                return {}, f"one of the versions cannot be imported: {item['broken']}"
            behaviour = decode(Behaviour, cast("dict[str, object]", item))
            found.setdefault(behaviour.owner.partition(".")[0], []).append(behaviour)
        if result.fault is None:
            break
        owner = str(result.fault.doing.get("owner", ""))
        if not owner:
            return {}, f"the versions cannot be run: {result.fault}"
        call = result.fault.doing.get("source", "")
        untried = f"{result.fault}" + (f", at {call}" if call else "")
        name = owner.partition(".")[0]
        found.setdefault(name, []).append(Behaviour(owner=owner, untried=untried))
        left = left[left.index(name) + 1 :]
    return found, ""


__all__ = [
    "EXAMPLES",
    "SYMBOL_SECONDS",
    "NoHypothesisError",
    "Symbol",
    "Versions",
    "behaviour_change",
    "read_versions",
    "text_change",
]
