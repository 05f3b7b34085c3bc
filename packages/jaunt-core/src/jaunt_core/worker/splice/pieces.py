"""A module cut into pieces, so that some can be exchanged and the others stay as they are."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from ..source.canonical import form_of
from ..source.scopes import free_names, names_bound_by
from ..source.source_module import is_typing_guard

_IMPORTS = (ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class ImportedAs(NamedTuple):
    """One name of an import statement; `renamed` where it has an `as`.

    `source` is the module as it is written, dots included; `name` is None for `import module`.
    `typing` is true where it is imported for type checkers only.
    """

    bound: str
    source: str
    name: str | None
    typing: bool
    renamed: bool = False

    @property
    def origin(self) -> str:
        """What the name stands for, the same wherever that is the same."""
        if self.name is None and self.source.startswith(f"{self.bound}.") and not self.renamed:
            return f"{self.bound}:"  # `import a.b` binds `a`, and makes sure that it has a `b`
        return f"{self.source}:{self.name or ''}"

    @property
    def at_run_time(self) -> ImportedAs:
        """The same import outside of a block for type checkers."""
        return self._replace(typing=False)


class Piece(NamedTuple):
    """Top-level statements that share lines, with the comments above them.

    `binds` are the names that it gives to the module, `uses` those that it takes from it. `gap`
    is the number of blank lines above it, `end` the line of the text below it, from 0 on.
    """

    nodes: tuple[ast.stmt, ...]
    text: str
    end: int
    gap: int
    binds: frozenset[str]
    uses: frozenset[str]
    imports: tuple[ImportedAs, ...]

    @property
    def is_definition(self) -> bool:
        """Whether it is a function or a class."""
        return isinstance(self.nodes[0], _DEFINITIONS)

    @property
    def line(self) -> int:
        """The line of its first statement, from 1 on."""
        return _first_line(self.nodes[0])

    @property
    def is_text(self) -> bool:
        """Whether it is a text that nobody uses, as a docstring is."""
        node = self.nodes[0]
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)

    @property
    def is_statement(self) -> bool:
        """Whether it does something, rather than to define, import or assign names."""
        node = self.nodes[0]
        assigns = isinstance(node, (ast.Assign, ast.AnnAssign)) or hasattr(node, "type_params")
        plain = self.is_definition or self.is_text or (assigns and bool(self.binds))
        return not plain and not self.imports

    @property
    def decorated_with(self) -> frozenset[str]:
        """The names in the decorators of a definition."""
        found = [it for node in self.nodes for it in getattr(node, "decorator_list", ())]
        return frozenset(name.partition(".")[0] for it in found for name in free_names(it))

    @property
    def form(self) -> str:
        """The same for all spellings of the same code; comments do not count."""
        return " ".join(form_of(node) for node in self.nodes)


class Pieces:
    """The pieces of one module, in order, and what is found in them.

    `binding` has the pieces that bind a name by anything else than an import, `first_imports` the
    imports above all other code, `neighbours` what follows what, `tail` the comments below the
    last piece.
    """

    def __init__(self, text: str) -> None:
        """Cut a text.

        Raises:
            SyntaxError, ValueError, RecursionError, MemoryError: It is no Python.
        """
        self.listed = tuple(_cut(text))
        self.neighbours = {(above.nodes, below.nodes) for above, below in pairwise(self.listed)}
        self.tail = "\n".join(text.split("\n")[_end_of(self.listed) :]).strip("\n")
        code = (at for at, it in enumerate(self.listed) if not it.imports and not it.is_text)
        first = next(code, len(self.listed))
        self.first_imports = tuple(it for it in self.listed[:first] if it.imports)
        self.binding: dict[str, list[Piece]] = {}
        self.imported: dict[str, list[ImportedAs]] = {}
        for piece in self.listed:
            for item in piece.imports:
                self.imported.setdefault(item.bound, []).append(item)
            for name in () if piece.imports else piece.binds:
                self.binding.setdefault(name, []).append(piece)

    def origin(self, name: str) -> str | None:
        """What a name stands for: an import or the form of its definition; None if not here."""
        if name in self.binding:
            return " ".join(piece.form for piece in self.binding[name])
        imported = self.imported.get(name)
        return " ".join(sorted({item.origin for item in imported})) if imported else None

    def reached_from(self, names: Iterable[str], *, without: Collection[str] = ()) -> set[str]:
        """The names, and all that their code takes from the module, imports included.

        What is `without` is not followed, and is not among them.
        """
        pending, found = list(names), set[str]()
        while pending:
            name = pending.pop()
            if name in found or name in without:
                continue
            if name in self.binding or name in self.imported:
                found.add(name)
            for piece in self.binding.get(name, ()):
                pending.extend(piece.uses)
        return found


def _used_by(nodes: tuple[ast.stmt, ...]) -> Iterator[str]:
    """The names that code takes from its module; rather one too many."""
    for node in nodes:
        yield from (name.partition(".")[0] for name in free_names(node))
        for inner in ast.walk(node):
            if isinstance(inner, ast.Global):
                yield from inner.names
            elif isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name):
                yield inner.target.id
            elif isinstance(inner, ast.ClassDef):  # `parse = staticmethod(parse)` means both
                for item in inner.body:
                    if not isinstance(item, _DEFINITIONS):
                        yield from (it.id for it in ast.walk(item) if isinstance(it, ast.Name))


def _end_of(listed: tuple[Piece, ...]) -> int:
    return listed[-1].end if listed else 0


def _cut(text: str) -> Iterator[Piece]:
    lines = text.split("\n")
    end = 0
    for nodes in _sharing_lines(ast.parse(text).body):
        first = min(_first_line(node) for node in nodes) - 1
        last = max(node.end_lineno or node.lineno for node in nodes)
        while last < len(lines) and lines[last][:1].isspace() and lines[last].strip()[:1] == "#":
            last += 1  # a comment at the end of a body
        above = lines[end:first]
        gap = next((index for index, row in enumerate(above) if row.strip()), len(above))
        yield Piece(
            nodes=nodes,
            text="\n".join(lines[end + gap : last]),
            end=last,
            gap=gap,
            binds=names_bound_by(nodes),
            uses=frozenset(_used_by(nodes)),
            imports=_imports_in(nodes),
        )
        end = last


def _sharing_lines(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, ...]]:
    """The statements; those that stand on one line, separated by semicolons, together."""
    group: list[ast.stmt] = []
    for node in body:
        if group and _first_line(node) > (group[-1].end_lineno or group[-1].lineno):
            yield tuple(group)
            group = []
        group.append(node)
    if group:
        yield tuple(group)


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))])


def _imports_in(nodes: tuple[ast.stmt, ...]) -> tuple[ImportedAs, ...]:
    """The names of a piece that does nothing but import, empty for any other."""
    found: list[ImportedAs] = []
    for node in nodes:
        if isinstance(node, _IMPORTS):
            found.extend(_names_of(node, typing=False))
        elif _is_typing_block(node):
            inner: list[ast.stmt] = getattr(node, "body")  # noqa: B009 - an `if`, as was asked
            for item in inner:
                found.extend(_names_of(item, typing=True))
        else:
            return ()
    return tuple(found)


def _is_typing_block(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.If)
        and is_typing_guard(node.test)
        and not node.orelse
        and all(isinstance(item, _IMPORTS) for item in node.body)
    )


def _names_of(node: ast.stmt, *, typing: bool) -> Iterator[ImportedAs]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            yield ImportedAs(bound, alias.name, None, typing, alias.asname is not None)
    elif isinstance(node, ast.ImportFrom):
        source = "." * node.level + (node.module or "")
        for alias in node.names:
            bound = alias.asname or alias.name
            yield ImportedAs(bound, source, alias.name, typing, alias.asname is not None)
