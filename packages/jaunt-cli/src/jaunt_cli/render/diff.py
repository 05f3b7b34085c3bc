"""Lines for `jaunt diff`: generated code beside the version before it."""

from __future__ import annotations

from collections.abc import Iterator

from jaunt_cli.render.lines import Line, Span, Style, line_of
from jaunt_cli.words.quantities import counted
from jaunt_core.model.comparison import Behaviour, Change, Comparison, ModuleChange, SymbolChange

_STYLES = {
    Change.ADDED: Style.GOOD,
    Change.REMOVED: Style.BAD,
    Change.CHANGED: Style.CAUTION,
    Change.UNCHANGED: Style.CAUTION,
}
_DIFF_STYLES = {"+": Style.GOOD, "-": Style.BAD, "@": Style.QUIET}
_CHANGE_TEXTS = {Change.UNCHANGED: "is as it was, but does something else"}
_STEP = "  "


def diff_lines(comparison: Comparison) -> list[Line]:
    """The output of `jaunt diff`."""
    if not comparison.modules:
        return [line_of("no version before is kept: no build has replaced generated code here")]
    lines: list[Line] = []
    for index, module in enumerate(comparison.modules):
        lines += [*([line_of()] if index else []), *_module_lines(module)]
    if comparison.hint:
        lines += [line_of(), line_of(f"hint: {comparison.hint}")]
    return lines


def _module_lines(module: ModuleChange) -> Iterator[Line]:
    head = line_of(Span(module.module, Style.NAME), Span(f"  {module.path}", Style.QUIET))
    if not module.symbols:
        yield (*head, Span("  is as it was"))
        return
    yield head
    if module.note:
        yield line_of(_STEP, Span("not run: ", Style.CAUTION), module.note)
    for symbol in module.symbols:
        yield line_of()
        yield from _symbol_lines(symbol)


def _symbol_lines(symbol: SymbolChange) -> Iterator[Line]:
    name = symbol.name or "outside of functions and classes"
    change = _CHANGE_TEXTS.get(symbol.change, symbol.change.value)
    yield line_of(_STEP, Span(name, Style.NAME), " ", Span(change, _STYLES[symbol.change]))
    for row in symbol.diff.splitlines():
        yield line_of(_STEP * 2, Span(row, _DIFF_STYLES.get(row[:1], Style.PLAIN)))
    for behaviour in symbol.behaviours:
        yield from _behaviour_lines(behaviour)


def _behaviour_lines(behaviour: Behaviour) -> Iterator[Line]:
    owner = Span(behaviour.owner, Style.NAME)
    if behaviour.untried and not behaviour.tried:
        yield line_of(_STEP * 2, owner, f" was not compared: {behaviour.untried}")
        return
    inputs = counted(behaviour.tried, "input")
    if behaviour.differing:
        summary = Span(f"differs for {behaviour.differing:,} of {inputs}", Style.BAD)
        yield line_of(_STEP * 2, owner, " ", summary, ":")
    else:
        yield line_of(_STEP * 2, owner, " ", Span(f"does the same for {inputs}", Style.GOOD))
    for difference in behaviour.differences:
        yield line_of(_STEP * 3, difference.call)
        yield line_of(_STEP * 4, Span(f"- {difference.before}", Style.BAD))
        yield line_of(_STEP * 4, Span(f"+ {difference.after}", Style.GOOD))
    if behaviour.untried:
        yield line_of(_STEP * 3, behaviour.untried)
