"""Which of the names that a docstring mentions do not exist."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import sys
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from ..contract.prose_names import ProseNames
from ..source.docstring_sections import Entry, mentions_in, raised_in_prose, type_names_in
from ..source.module_table import ModuleTable
from ..source.scopes import local_names
from ..source.source_module import SourceModule
from ..source.syntax import (
    DEFINITIONS,
    FUNCTIONS,
    DefinitionNode,
    FunctionNode,
    dotted_name,
    is_stored,
    nodes_in,
    without_call,
)

_ALWAYS_KNOWN = frozenset(dir(builtins)) | {*keyword.kwlist, *keyword.softkwlist, "self", "cls"}
_LIKENESS = 0.82
_SHORTEST = 4
_FILE_ENDINGS = frozenset(
    {"py", "txt", "csv", "json", "toml", "yaml", "yml", "md", "rst", "html", "xml", "log", "ini"}
    | {"cfg", "com", "org", "net", "io", "dev", "sql", "db", "sh", "js", "css", "png", "svg", "zip"}
)


class DocstringNames:
    """Checks the names in the docstring of a spec, or of a method of one, for mistakes."""

    def __init__(
        self,
        table: ModuleTable,
        module: SourceModule,
        node: DefinitionNode,
        owner: DefinitionNode | None,
    ) -> None:
        self._table = table
        self._module = module
        self._node = node
        self._owner = owner
        self._own = self._local_names()
        self._prose = ProseNames(table, module)
        self._homes = sorted(_linked_modules(owner or node))

    def unknown_names(
        self, docstring: str, entries: Iterable[Entry]
    ) -> Iterator[tuple[str, int, str]]:
        """Each name that does not exist, with its line, from 0, and the nearest that does."""
        seen: set[tuple[str, int]] = set()
        # What is also written in quotes is a value, such as the name of a column.
        entries = list(entries)
        raised = {(entry.line, entry.name) for entry in entries if entry.section == "Raises"}
        quoted = set(re.findall(r"['\"]([^\W\d]\w*)['\"]", docstring))
        in_prose = [*raised_in_prose(docstring)]
        raised.update(in_prose)
        for line, name, called in [
            *((mention.line, mention.name, mention.called) for mention in mentions_in(docstring)),
            *((entry.line, entry.name, True) for entry in entries if self._is_checked(entry)),
            *((line, name, True) for line, name in in_prose),
        ]:
            if (name, line) in seen or name in quoted:
                continue
            seen.add((name, line))
            if (line, name) in raised and not self._is_raised(name):
                homes = self._table.homes_of_class(name)
                yield name, line, f"{homes[0]}.{name}" if homes else self._nearest(name)
            elif not self._exists(name):
                near = self._nearest(name)
                # Backticks also hold words that are no names: report what looks like one.
                if called or near or _looks_like_identifier(name):
                    yield name, line, near
            elif (missing := self._missing_member(name)) is not None:
                yield name, line, missing
        for line, name in type_names_in(docstring):
            # Prose may stand there as well: report what is nearly the same as a name.
            if (name, line) in seen or self._exists(name):
                continue
            if near := self._nearest(name):
                yield name, line, near

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
            names |= {parameter.name for parameter in getattr(function, "type_params", ())}
        names |= {parameter.name for parameter in getattr(self._node, "type_params", ())}
        return names | _identifiers_in_code(self._node)

    def _functions(self) -> list[FunctionNode]:
        nodes = self._node.body if isinstance(self._node, ast.ClassDef) else [self._node]
        return [node for node in nodes if isinstance(node, FUNCTIONS)]

    def _exists(self, name: str) -> bool:
        head = name.partition(".")[0]
        if head in self._own or head in _ALWAYS_KNOWN or self._module.is_dynamic:
            return True
        if self._table.resolve(self._module, name) is not None:
            return True
        if self._is_module(head):
            resolved = self._table.resolve_absolute(self._module, name) if "." in name else None
            # Members of modules that are not the project's own are not looked up.
            return not self._table.file_of(head) or resolved is not None or self._is_module(name)
        if "." not in name and name in self._names_around():
            return True
        return self._prose.exists(name, self._homes)

    def _is_raised(self, name: str) -> bool:
        """Whether an entry of `Raises:` can be an error: no parameter or member of other code."""
        return self._exists(name) and (
            name not in self._names_around()
            or self._prose.exists(name, self._homes)
            or name in self._own | _ALWAYS_KNOWN
        )

    def _is_module(self, name: str) -> bool:
        # User code was imported, so a package that it uses is among the loaded modules.
        top = name.partition(".")[0]
        own = self._table.file_of(name) is not None or self._table.is_namespace(name)
        return own or top in sys.stdlib_module_names or top in sys.modules

    def _missing_member(self, name: str) -> str | None:
        """The nearest member, maybe empty, where a first-party class lacks this one; None else."""
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
            for parameter in (*args.posonlyargs, *args.args, *args.kwonlyargs):
                if parameter.arg == name and parameter.annotation is not None:
                    annotated = dotted_name(parameter.annotation)
                    return self._definition(annotated) if annotated else None
        is_local = any(name in local_names(function) for function in self._functions())
        return None if is_local else self._definition(name)

    def _definition(self, name: str) -> ast.ClassDef | None:
        resolved = self._table.resolve(self._module, name)
        definitions = self._table.definitions_at(resolved.ref) if resolved and resolved.ref else []
        node = definitions[0][1] if len(definitions) == 1 else None
        return node if isinstance(node, ast.ClassDef) and not _may_gain_members(node) else None

    def _names_around(self) -> set[str]:
        """The names that the module and the first-party modules it imports from define.

        Also members of classes and parameters of functions there: prose speaks of `limit` and
        means that of the function it has just named.
        """
        names: set[str] = set()
        for name in (*self._module.definitions, *self._module.imports):
            resolved = self._table.resolve(self._module, name)
            home = self._table.find(resolved.module) if resolved and resolved.module else None
            if resolved is None or home is None:
                continue
            names |= home.definitions.keys()
            for node in home.definitions.get(resolved.name or "", []):
                names |= {inner.arg for inner in nodes_in(node) if isinstance(inner, ast.arg)}
                names |= _members(node) if isinstance(node, ast.ClassDef) else set()
        return names

    def _nearest(self, name: str) -> str:
        if len(name) < _SHORTEST or name.rpartition(".")[2] in _FILE_ENDINGS:
            return ""
        nearby = self._prose.names_nearby(self._homes)
        known = [*self._own, *self._module.definitions, *self._module.imports, *nearby]
        close = get_close_matches(name, sorted(set(known)), n=1, cutoff=_LIKENESS)
        # The same letters in another case are no slip: `Order` may speak of a parameter `order`.
        return close[0] if close and close[0].lower() != name.lower() else ""


def _linked_modules(node: DefinitionNode) -> Iterator[str]:
    """The modules in texts such as `deps=["shop.tax:rate"]` of a decorator."""
    for decorator in node.decorator_list:
        for argument in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if argument.arg in ("deps", "targets"):
                for part in nodes_in(argument.value):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value.replace(":", ".").rpartition(".")[0]


def _looks_like_identifier(name: str) -> bool:
    """Whether a word is spelt as only identifiers are, with an underscore or capitals inside."""
    if "." in name:
        return False
    inner = name.strip("_")
    has_joint = "_" in inner and not inner.isupper()
    has_capital = any(char.isupper() for char in inner[1:]) and any(map(str.islower, inner))
    return has_joint or (has_capital and inner[:1].isupper())


def _may_gain_members(node: ast.ClassDef) -> bool:
    """Whether a decorator other than `dataclass` stands on a class, which may add members."""
    names = [dotted_name(without_call(decorator)) or "" for decorator in node.decorator_list]
    return any(name.rpartition(".")[2] != "dataclass" for name in names)


def _members(node: ast.ClassDef) -> set[str]:
    members: set[str] = set()
    for inner in nodes_in(node):
        if isinstance(inner, DEFINITIONS):
            members.add(inner.name)
        elif is_stored(inner):
            members.add(inner.id)
        elif isinstance(inner, ast.Attribute) and not isinstance(inner.ctx, ast.Load):
            members.add(inner.attr)
    return members


def _identifiers_in_code(node: DefinitionNode) -> set[str]:
    """Names and attributes in the code of a spec, and its string literals that could be names."""
    identifiers: set[str] = set()
    for inner in nodes_in(node):
        if isinstance(inner, ast.Attribute):
            identifiers.add(inner.attr)
        elif isinstance(inner, ast.Name):
            identifiers.add(inner.id)
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            identifiers |= {inner.value} if inner.value.isidentifier() else set()
    return identifiers
