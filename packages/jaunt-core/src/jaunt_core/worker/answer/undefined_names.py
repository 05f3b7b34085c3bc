"""Names that code looks up and that nothing binds, by Python's own rules of scope."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator

_MODULE_ATTRIBUTES = frozenset(
    {"__name__", "__file__", "__doc__", "__package__", "__spec__", "__loader__", "__path__"}
    | {"__builtins__", "__annotations__", "__debug__", "__dict__", "__module__", "__qualname__"}
)
# Built into other Pythons or on other systems; a guard around their use is not read.
_OTHER_BUILTINS = frozenset(
    {"WindowsError", "ExceptionGroup", "BaseExceptionGroup", "PythonFinalizationError"}
)
_DYNAMIC = frozenset({"globals", "exec", "vars", "setattr"})


def undefined_names(text: str, tree: ast.Module) -> list[tuple[str, int]]:
    """The names, each with the first line that looks it up; none where code may create names.

    Annotations whose evaluation is postponed are left out.
    """
    looked_up = {
        node.id: node.lineno
        for node in reversed(list(ast.walk(tree)))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    from_imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    has_star = any(alias.name == "*" for node in from_imports for alias in node.names)
    if not _DYNAMIC.isdisjoint(looked_up) or "NameError" in looked_up or has_star:
        return []
    tables = list(_all_tables(symtable.symtable(text, "answer", "exec")))
    bound = {name for table in tables for name in _bound_globally(table)}
    known = bound | _MODULE_ATTRIBUTES | _OTHER_BUILTINS | set(dir(builtins))
    missing = {
        symbol.get_name()
        for table in tables
        for symbol in table.get_symbols()
        if symbol.is_referenced() and _is_global(symbol, table) and symbol.get_name() not in known
    }
    lines = sorted((looked_up[name], name) for name in missing if name in looked_up)
    return [(name, line) for line, name in lines]


def _all_tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _all_tables(child)


def _bound_globally(table: symtable.SymbolTable) -> Iterator[str]:
    is_module = table.get_type() == "module"
    for symbol in table.get_symbols():
        binds = symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
        if binds and (is_module or symbol.is_declared_global()):
            yield symbol.get_name()


def _is_global(symbol: symtable.Symbol, table: symtable.SymbolTable) -> bool:
    return table.get_type() == "module" or (symbol.is_global() and not symbol.is_local())
