"""A module cut into pieces, so that some can be replaced and the others stay as they are."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from ..source.canonical import form_of
from ..source.scopes import free_names, names_bound_by
from ..source.source_module import is_typing_guard
from ..source.syntax import DEFINITIONS, IMPORTS, bound_name, first_line_of


class BoundImport(NamedTuple):
    """One name of an import statement; `renamed` where it has an `as`.

    `source` is the module as it is written, dots included; `name` is None for `import module`.
    `typing_only` is true where it is imported for type checkers only.
    """

    bound: str
    source: str
    name: str | None
    typing_only: bool
    renamed: bool = False

    @property
    def origin(self) -> str:
        """What the name stands for: equal for two imports of the same thing."""
        if self.name is None and self.source.startswith(f"{self.bound}.") and not self.renamed:
            return f"{self.bound}:"  # `import a.b` binds `a`, and makes sure that it has a `b`
        return f"{self.source}:{self.name or ''}"

    @property
    def at_run_time(self) -> BoundImport:
        """The same import outside of a block for type checkers."""
        return self._replace(typing_only=False)


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
    imports: tuple[BoundImport, ...]

    @property
    def is_definition(self) -> bool:
        """Whether it is a function or a class."""
        return isinstance(self.nodes[0], DEFINITIONS)

    @property
    def is_bare_constant(self) -> bool:
        """Whether it is a constant that nothing uses, such as a docstring."""
        node = self.nodes[0]
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)

    @property
    def is_statement(self) -> bool:
        """Whether it does something, rather than define, import or assign names."""
        node = self.nodes[0]
        # `type X = …` is told by its field: Python 3.11 has no `ast.TypeAlias` to ask for.
        assigns = isinstance(node, (ast.Assign, ast.AnnAssign)) or hasattr(node, "type_params")
        plain = self.is_definition or self.is_bare_constant or (assigns and bool(self.binds))
        return not plain and not self.imports

    @property
    def decorated_with(self) -> frozenset[str]:
        """The names in the decorators of a definition."""
        return frozenset(
            name.partition(".")[0]
            for node in self.nodes
            for decorator in getattr(node, "decorator_list", ())
            for name in free_names(decorator)
        )

    @property
    def form(self) -> str:
        """The same for all spellings of the same code; comments do not count."""
        return " ".join(form_of(node) for node in self.nodes)


class ModulePieces:
    """The pieces of one module, in order, and lookups by name.

    `binding` has the pieces that bind a name by anything else than an import, `imported` the
    imports that bind it, `first_imports` the pieces that import above all other code,
    `neighbours` which piece stands right below which, `tail` the comments below the last piece.
    """

    def __init__(self, text: str) -> None:
        """Cut a text.

        Raises:
            SyntaxError, ValueError, RecursionError, MemoryError: It is no Python.
        """
        self.pieces = tuple(_cut(text))
        self.neighbours = {(above.nodes, below.nodes) for above, below in pairwise(self.pieces)}
        end = self.pieces[-1].end if self.pieces else 0
        self.tail = "\n".join(text.split("\n")[end:]).strip("\n")
        self.first_imports = tuple(self._leading_imports())
        self.binding: dict[str, list[Piece]] = {}
        self.imported: dict[str, list[BoundImport]] = {}
        for piece in self.pieces:
            for binding in piece.imports:
                self.imported.setdefault(binding.bound, []).append(binding)
            for name in () if piece.imports else piece.binds:
                self.binding.setdefault(name, []).append(piece)

    def _leading_imports(self) -> Iterator[Piece]:
        for piece in self.pieces:
            if piece.imports:
                yield piece
            elif not piece.is_bare_constant:
                return

    def origin_of(self, name: str) -> str | None:
        """What a name stands for: an import or the form of its definition; None if not here."""
        if name in self.binding:
            return " ".join(piece.form for piece in self.binding[name])
        imported = self.imported.get(name)
        return " ".join(sorted({binding.origin for binding in imported})) if imported else None

    def names_reached_from(
        self, names: Iterable[str], *, without: Collection[str] = ()
    ) -> set[str]:
        """The names, and all that their code takes from the module, imports included.

        The names in `without` are not followed, and are not among the result.
        """
        pending, reached = list(names), set[str]()
        while pending:
            name = pending.pop()
            if name in reached or name in without:
                continue
            if name in self.binding or name in self.imported:
                reached.add(name)
            for piece in self.binding.get(name, ()):
                pending.extend(piece.uses)
        return reached


def _names_used_by(nodes: tuple[ast.stmt, ...]) -> Iterator[str]:
    """The names that code takes from its module; rather one too many.

    One too few would drop code that is still needed; one too many only keeps some alive.
    """
    for node in nodes:
        yield from (name.partition(".")[0] for name in free_names(node))
        for inner in ast.walk(node):
            if isinstance(inner, ast.Global):
                yield from inner.names
            elif isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name):
                yield inner.target.id
            elif isinstance(inner, ast.ClassDef):
                # `parse = staticmethod(parse)` binds the name and looks it up in the module too.
                plain = [part for part in inner.body if not isinstance(part, DEFINITIONS)]
                names = (name for part in plain for name in ast.walk(part))
                yield from (name.id for name in names if isinstance(name, ast.Name))


def _cut(text: str) -> Iterator[Piece]:
    lines = text.split("\n")
    end = 0
    for nodes in _group_by_lines(ast.parse(text).body):
        first = min(first_line_of(node) for node in nodes) - 1
        last = max(node.end_lineno or node.lineno for node in nodes)
        # An indented comment below the last statement of a body is no part of the syntax tree.
        while last < len(lines) and lines[last][:1].isspace() and lines[last].strip()[:1] == "#":
            last += 1
        above = lines[end:first]
        gap = next((index for index, line in enumerate(above) if line.strip()), len(above))
        yield Piece(
            nodes=nodes,
            text="\n".join(lines[end + gap : last]),
            end=last,
            gap=gap,
            binds=names_bound_by(nodes),
            uses=frozenset(_names_used_by(nodes)),
            imports=_imports_in(nodes),
        )
        end = last


def _group_by_lines(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, ...]]:
    """The statements; those that stand on one line, separated by semicolons, together."""
    group: list[ast.stmt] = []
    for node in body:
        if group and first_line_of(node) > (group[-1].end_lineno or group[-1].lineno):
            yield tuple(group)
            group = []
        group.append(node)
    if group:
        yield tuple(group)


def _imports_in(nodes: tuple[ast.stmt, ...]) -> tuple[BoundImport, ...]:
    """The names of a piece that does nothing but import, empty for any other."""
    bindings: list[BoundImport] = []
    for node in nodes:
        if isinstance(node, IMPORTS):
            bindings.extend(_bindings_of(node, typing_only=False))
        elif (
            isinstance(node, ast.If)
            and is_typing_guard(node.test)
            and not node.orelse
            and all(isinstance(statement, IMPORTS) for statement in node.body)
        ):
            for statement in node.body:
                bindings.extend(_bindings_of(statement, typing_only=True))
        else:
            return ()
    return tuple(bindings)


def _bindings_of(node: ast.stmt, *, typing_only: bool) -> Iterator[BoundImport]:
    for alias in node.names if isinstance(node, IMPORTS) else ():
        source, name = alias.name, None
        if isinstance(node, ast.ImportFrom):
            source, name = "." * node.level + (node.module or ""), alias.name
        renamed = alias.asname is not None
        yield BoundImport(bound_name(alias), source, name, typing_only, renamed)
