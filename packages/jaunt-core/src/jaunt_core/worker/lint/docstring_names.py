"""Which of the names that a docstring mentions exist."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import sys
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from ..contract.contract_reader import SpecNode
from ..source.module_table import ModuleTable
from ..source.scopes import local_names
from ..source.source_module import SourceModule
from ..source.syntax import dotted_name, nodes_in
from .docstring_sections import Entry, mentions_in

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ALWAYS = frozenset(dir(builtins)) | {*keyword.kwlist, *keyword.softkwlist, "self", "cls"}
_LIKENESS = 0.82
_SHORTEST = 4
_ENDINGS = frozenset(
    {"py", "txt", "csv", "json", "toml", "yaml", "yml", "md", "rst", "html", "xml", "log", "ini"}
    | {"cfg", "com", "org", "net", "io", "dev", "sql", "db", "sh", "js", "css", "png", "svg", "zip"}
)


class NamesInDocstring:
    """Tells the names in the docstring of a spec, or of a method of one, from mistakes."""

    def __init__(
        self,
        table: ModuleTable,
        module: SourceModule,
        node: SpecNode,
        owner: ast.ClassDef | None,
    ) -> None:
        self._table = table
        self._module = module
        self._node = node
        self._owner = owner
        self._own = self._local_names()

    def unknown(self, docstring: str, entries: Iterable[Entry]) -> Iterator[tuple[str, int, str]]:
        """Each name that does not exist, with its line, from 0, and the nearest that does."""
        seen: set[tuple[str, int]] = set()
        quoted = set(re.findall(r"['\"]([^\W\d]\w*)['\"]", docstring))
        for line, name, called in [
            *((item.line, item.name, item.called) for item in mentions_in(docstring)),
            *((item.line, item.name, True) for item in entries if self._is_checked(item)),
        ]:
            if (name, line) in seen or name in quoted:
                continue
            seen.add((name, line))
            if not self._exists(name):
                near = self._nearest(name)
                if called or near or _is_surely_a_name(name):
                    yield name, line, near
            elif (missing := self._missing_member(name)) is not None:
                yield name, line, missing

    def _is_checked(self, entry: Entry) -> bool:
        """Whether an entry names an error, or a parameter of a function that is declared."""
        return entry.section == "Raises" or not isinstance(self._node, ast.ClassDef)

    def _local_names(self) -> set[str]:
        names = {self._node.name}
        for node in (self._node, self._owner):
            if isinstance(node, ast.ClassDef):
                names |= _members(node)
        for function in self._functions():
            names |= local_names(function)
            names |= {item.name for item in getattr(function, "type_params", ())}
        names |= {item.name for item in getattr(self._node, "type_params", ())}
        return names | _words_in_code(self._node)

    def _functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        if isinstance(self._node, ast.ClassDef):
            return [item for item in self._node.body if isinstance(item, _FUNCTIONS)]
        return [self._node]

    def _exists(self, name: str) -> bool:
        head = name.partition(".")[0]
        if head in self._own or head in _ALWAYS or self._module.is_dynamic:
            return True
        if self._table.resolve(self._module, name) is not None:
            return True
        if self._is_module(head):
            found = self._table.resolve_absolute(self._module, name) if "." in name else None
            return not self._table.file_of(head) or found is not None or self._is_module(name)
        return "." not in name and name in self._names_around()

    def _is_module(self, name: str) -> bool:
        top = name.partition(".")[0]
        own = self._table.file_of(name) is not None or self._table.is_namespace(name)
        return own or top in sys.stdlib_module_names or top in sys.modules

    def _missing_member(self, name: str) -> str | None:
        """The nearest member where a first-party class has no such one; None where it may have."""
        head, _, member = name.partition(".")
        owner = self._class_of(head)
        if not member or "." in member or owner is None:
            return None
        members = _members(owner)
        plain = not owner.bases and not owner.keywords and "__getattr__" not in members
        if not plain or member in members or member.startswith("__"):
            return None
        near = get_close_matches(member, sorted(members), n=1)
        return f"{head}.{near[0]}" if near else ""

    def _class_of(self, name: str) -> ast.ClassDef | None:
        """The handwritten class that a name stands for, or that a parameter is annotated with."""
        for function in self._functions():
            args = function.args
            for item in (*args.posonlyargs, *args.args, *args.kwonlyargs):
                if item.arg == name and item.annotation is not None:
                    annotated = dotted_name(item.annotation)
                    return self._definition(annotated) if annotated else None
        is_local = any(name in local_names(function) for function in self._functions())
        return None if is_local else self._definition(name)

    def _definition(self, name: str) -> ast.ClassDef | None:
        found = self._table.resolve(self._module, name)
        home = self._table.find(found.module) if found and found.module else None
        nodes = home.definitions.get(found.name or "", []) if found and home else []
        node = nodes[0] if len(nodes) == 1 else None
        return node if isinstance(node, ast.ClassDef) and _keeps_members(node) else None

    def _names_around(self) -> set[str]:
        """What the project's modules define that this one imports from, and the names in these.

        Members of classes and parameters of functions: prose speaks of `limit` and means that of
        the function it has just named.
        """
        names: set[str] = set()
        for name in (*self._module.definitions, *self._module.imports):
            found = self._table.resolve(self._module, name)
            home = self._table.find(found.module) if found and found.module else None
            if found is None or home is None:
                continue
            names |= home.definitions.keys()
            for node in home.definitions.get(found.name or "", []):
                names |= _names_in(node)
        return names

    def _nearest(self, name: str) -> str:
        if len(name) < _SHORTEST or name.rpartition(".")[2] in _ENDINGS:
            return ""
        known = [*self._own, *self._module.definitions, *self._module.imports]
        close = get_close_matches(name, sorted(set(known)), n=1, cutoff=_LIKENESS)
        return close[0] if close and close[0].lower() != name.lower() else ""


def _is_surely_a_name(name: str) -> bool:
    """Whether nothing but a name is spelt like this."""
    if "." in name:
        return False
    inner = name.strip("_")
    has_joint = "_" in inner and not inner.isupper()
    has_capital = any(char.isupper() for char in inner[1:]) and any(map(str.islower, inner))
    return has_joint or (has_capital and inner[:1].isupper())


def _keeps_members(node: ast.ClassDef) -> bool:
    """Whether no decorator but `dataclass` stands on a class, which may add members to it."""
    listed = [item.func if isinstance(item, ast.Call) else item for item in node.decorator_list]
    return all((dotted_name(item) or "").rpartition(".")[2] == "dataclass" for item in listed)


def _names_in(node: ast.stmt) -> set[str]:
    parameters = {item.arg for item in nodes_in(node) if isinstance(item, ast.arg)}
    return parameters | (_members(node) if isinstance(node, ast.ClassDef) else set())


def _members(node: ast.ClassDef) -> set[str]:
    found: set[str] = set()
    for item in nodes_in(node):
        if isinstance(item, (*_FUNCTIONS, ast.ClassDef)):
            found.add(item.name)
        elif isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
            found.add(item.id)
        elif isinstance(item, ast.Attribute) and not isinstance(item.ctx, ast.Load):
            found.add(item.attr)
    return found


def _words_in_code(node: SpecNode) -> set[str]:
    """Names and attributes in the code of a spec, and the words that its texts consist of."""
    found: set[str] = set()
    for item in nodes_in(node):
        if isinstance(item, ast.Attribute):
            found.add(item.attr)
        elif isinstance(item, ast.Name):
            found.add(item.id)
        elif isinstance(item, ast.Constant) and isinstance(item.value, str):
            found |= {item.value} if item.value.isidentifier() else set()
    return found
