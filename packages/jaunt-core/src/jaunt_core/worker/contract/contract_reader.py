"""The contract of a spec: what a person wrote for a model to read, part by part."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from textwrap import dedent

from ..source.canonical import form_of, forms_of
from ..source.module_table import ModuleTable, Resolved
from ..source.scopes import (
    class_scope,
    free_names,
    function_scope,
    names_in_definition,
    names_in_signature,
)
from ..source.source_module import SourceModule
from ..source.syntax import (
    FUNCTIONS,
    IMPORTS,
    DefinitionNode,
    FunctionNode,
    dotted_name,
    first_line_of,
    nodes_in,
    without_call,
)
from .comments import comments_form, comments_of, last_line_of
from .context_reader import ContextReader, is_short
from .definitions import Definitions, Json, docstring_text, statements_of
from .fixtures import Fixture, Fixtures
from .import_lines import imports_form
from .outline import Outline
from .prose_names import ProseNames, local_names_of
from .signatures import lines_of, on_one_line
from .type_meanings import TypeMeanings


def is_jaunt_decorator(table: ModuleTable, module: SourceModule, node: ast.expr) -> bool:
    """Whether a decorator is `jaunt.magic` or `jaunt.test`, under whatever name."""
    name = dotted_name(without_call(node))
    chain = table.alias_chain(module, name) if name else []
    return any(resolved.qualified in ("jaunt.magic", "jaunt.test") for resolved in chain)


def has_jaunt_decorator(table: ModuleTable, module: SourceModule, node: ast.stmt) -> bool:
    """Whether a statement defines a spec."""
    decorators = getattr(node, "decorator_list", ())
    return any(is_jaunt_decorator(table, module, decorator) for decorator in decorators)


def is_spec(table: ModuleTable, ref: str) -> bool:
    """Whether a reference names a spec, be it one that this run does not read."""
    definitions = table.definitions_at(ref)
    return any(has_jaunt_decorator(table, module, node) for module, node in definitions)


def locally_imported(
    table: ModuleTable, module: SourceModule, node: ast.stmt
) -> Iterator[Resolved]:
    """What a definition uses of the imports in its own body."""
    nodes = nodes_in(node)
    imports = [inner for inner in nodes if isinstance(inner, IMPORTS)]
    if imports:
        # Read as a module of its own, they bind names as the top level of a module does.
        text = "\n".join(map(ast.unparse, imports))
        local = SourceModule(module.name, module.path, text, is_package=module.is_package)
        for name in filter(None, {*map(dotted_name, nodes)}):
            yield from table.alias_chain(local, name)


def named_parts(parts: Iterable[tuple[str, str]]) -> list[Json]:
    """The parts of a contract that are not empty."""
    return [{"name": name, "form": form} for name, form in parts if form]


class ContractReader:
    """Reads the contracts of the specs of one module."""

    def __init__(
        self, table: ModuleTable, module: SourceModule, context: ContextReader, fixtures: Fixtures
    ) -> None:
        self._table = table
        self._fixtures = fixtures
        self._module = module
        self._context = context
        self._resolve = table.resolver_of(module)
        self._definitions = Definitions(
            module.text, self._resolve, TypeMeanings(table, module, self._resolve)
        )
        self._outline = Outline(module.text, self._resolve, self._definitions)
        self._comments = comments_of(module.text)
        self._imports = context.homes.lines_of(module)
        self._prose = ProseNames(table, module)
        self._following = dict(zip(map(id, module.tree.body), module.tree.body[1:], strict=False))

    def facts_of(
        self, node: DefinitionNode, *, kind: str, linked: Iterable[str], prompt: str = ""
    ) -> Json:
        """The facts of a spec; `linked` are the references of its `deps=` and `targets=`."""
        jaunt_lines = self._jaunt_lines(node)
        last = last_line_of(node, self._comments, self._following.get(id(node)))
        code = self._names_in_code(node, jaunt_lines)
        inherited, inferred = self._refs(node, code)
        prose = self._resolved_prose(node, last, prompt, {*linked, *inherited, *inferred})
        fixtures = self._fixtures.needed_by(node) if kind == "test" else []
        mentioned = {there.ref for there in prose.values() if there.ref}
        mentioned.update(*map(self._refs_of_fixture, fixtures))
        context = self._context.items_of({*linked, *inherited, *inferred, *mentioned})
        names, names_form = self._context.homes.of_outline(self._module, node, prose)
        parts = self._parts(node, last, jaunt_lines, kind)
        parts.append(("imports", imports_form(self._module, prose)))
        return {
            "line": first_line_of(node),
            "text": self._text(node, last, jaunt_lines),
            "definition": self._definition(node, kind, jaunt_lines),
            "parts": named_parts(parts),
            "inherited": sorted(inherited),
            "inferred": sorted(inferred),
            "mentioned": sorted(mentioned),
            "imports": self._imports.binding([*code, *prose]),
            "context": _joined(context, self._context.fixture_items(fixtures)),
            "api_text": self._outline.text_of(node, skip=jaunt_lines),
            "api_form": self._outline.form_of(node, skip=jaunt_lines)
            + (f" names[{names_form}]" if names_form else ""),
            "api_names": names,
        }

    def _definition(self, node: DefinitionNode, kind: str, jaunt_lines: frozenset[int]) -> Json:
        definition = self._definitions.facts_of(node)
        definition["decorators"] = [
            {"text": on_one_line(self._module.text, shown), "form": form_of(shown, self._resolve)}
            for shown in _other_decorators(node, jaunt_lines)
            # What stands above `@jaunt.magic` is applied by the spec module, to what was generated.
            # A test is collected from the generated file alone, so it takes all of them along.
            if kind == "test" or not _is_above(shown, jaunt_lines)
        ]
        return definition

    def _jaunt_lines(self, node: DefinitionNode) -> frozenset[int]:
        """The lines of jaunt's own decorator, whose arguments are facts of their own."""
        return frozenset(
            line
            for decorator in node.decorator_list
            if is_jaunt_decorator(self._table, self._module, decorator)
            for line in range(decorator.lineno, (decorator.end_lineno or decorator.lineno) + 1)
        )

    def _text(self, node: DefinitionNode, last: int, jaunt_lines: frozenset[int]) -> str:
        lines, first = lines_of(self._module.text), first_line_of(node)
        shown = [number for number in range(first, last + 1) if number not in jaunt_lines]
        return dedent("\n".join(lines[number - 1].rstrip() for number in shown))

    def _parts(
        self, node: DefinitionNode, last: int, jaunt_lines: frozenset[int], kind: str
    ) -> list[tuple[str, str]]:
        """Names and canonical forms of the parts, whose changes are reported separately."""
        is_class = isinstance(node, ast.ClassDef)
        return [
            ("decorators", self._decorators_form(node, jaunt_lines, kind)),
            *(self._class_parts(node) if is_class else self._function_parts(node, "")),
            ("comments", comments_form(node, self._comments, last=last, skip=jaunt_lines)),
        ]

    def _decorators_form(self, node: DefinitionNode, jaunt_lines: frozenset[int], kind: str) -> str:
        """The other decorators; those above our own are applied to something else than code."""
        shown = _other_decorators(node, jaunt_lines)
        above = [part for part in shown if kind == "build" and _is_above(part, jaunt_lines)]
        below = [part for part in shown if part not in above]
        applied = f"above[{forms_of(above, self._resolve)}]" if above else ""
        return " ".join(filter(None, [applied, forms_of(below, self._resolve)]))

    def _function_parts(self, node: FunctionNode, prefix: str) -> list[tuple[str, str]]:
        return [
            (f"{prefix}signature", self._definitions.header_form(node)),
            (f"{prefix}docstring", docstring_text(node)),
            (f"{prefix}body", forms_of(statements_of(node), self._resolve, function_scope(node))),
        ]

    def _class_parts(self, node: ast.ClassDef) -> list[tuple[str, str]]:
        parts = [
            ("signature", self._definitions.header_form(node)),
            ("docstring", docstring_text(node)),
        ]
        scope = class_scope(node)
        members = []
        count: Counter[str] = Counter()
        for member in statements_of(node):
            if not isinstance(member, FUNCTIONS):
                members.append(form_of(member, self._resolve, scope))
                continue
            # A property and its setter share a name.
            count[member.name] += 1
            number = count[member.name]
            name = f"{member.name}#{number}" if number > 1 else member.name
            members.append(name)
            decorators = forms_of(member.decorator_list, self._resolve, scope)
            parts += [(f"{name}.decorators", decorators)]
            parts += self._function_parts(member, f"{name}.")
        return [*parts, ("members", " ".join(members))]

    def _names_in_code(self, node: DefinitionNode, jaunt_lines: frozenset[int]) -> list[str]:
        names = [*names_in_definition(node)]
        for decorator in _other_decorators(node, jaunt_lines):
            names += free_names(decorator)
        return names

    def _refs(self, node: DefinitionNode, names: Iterable[str]) -> tuple[set[str], set[str]]:
        """References to what the spec inherits from, and to what else its code names."""
        inherited = self._ancestors(node) if isinstance(node, ast.ClassDef) else set()
        local = locally_imported(self._table, self._module, node)
        named = self._refs_of(self._module, names).union(alias.ref for alias in local if alias.ref)
        return inherited, named - inherited

    def _refs_of_fixture(self, fixture: Fixture) -> set[str]:
        """References to what a fixture shows that it uses; other fixtures are shown as such.

        A test that is given one unasked has no use for what that is made of.
        """
        if fixture.autouse:
            return set()
        node = fixture.node
        names = names_in_definition(node) if is_short(node) else names_in_signature(node)
        return self._refs_of(fixture.module, names)

    def _ancestors(self, node: ast.ClassDef) -> set[str]:
        """The first-party bases, and the bases of handwritten ones, up to the nearest specs."""
        ancestors: set[str] = set()
        pending = [(self._module, node)]
        while pending:
            module, definition = pending.pop()
            bases = self._refs_of(module, _base_names(definition)) - ancestors
            ancestors |= bases
            pending += [
                (home, base)
                for ref in bases
                for home, base in self._table.definitions_at(ref)
                if isinstance(base, ast.ClassDef)
                and not has_jaunt_decorator(self._table, home, base)
            ]
        return ancestors

    def _refs_of(self, module: SourceModule, names: Iterable[str]) -> set[str]:
        chains = (self._table.alias_chain(module, name) for name in names)
        return {resolved.ref for chain in chains for resolved in chain if resolved.ref}

    def _resolved_prose(
        self, node: DefinitionNode, last: int, prompt: str, refs: Iterable[str]
    ) -> dict[str, Resolved]:
        """What docstrings and comments of the spec, and its `prompt=`, mention by name."""
        documented = [node, *(inner for inner in nodes_in(node) if isinstance(inner, FUNCTIONS))]
        prose = list(map(docstring_text, documented))
        inside = range(node.lineno, last + 1)
        prose.extend(comment.text for comment in self._comments if comment.line in inside)
        homes = {ref.partition(":")[0] for ref in refs}
        return self._prose.resolved_in(
            "\n\n".join([*prose, prompt]), own=local_names_of(node), homes=homes
        )


def _other_decorators(node: DefinitionNode, jaunt_lines: frozenset[int]) -> list[ast.expr]:
    return [decorator for decorator in node.decorator_list if decorator.lineno not in jaunt_lines]


def _is_above(decorator: ast.expr, jaunt_lines: frozenset[int]) -> bool:
    return decorator.lineno < min(jaunt_lines, default=0)


def _joined(context: list[Json], fixtures: list[Json]) -> list[Json]:
    """Context items with fixtures among them, ordered by reference; a fixture counts as one."""
    by_ref = {str(shown["ref"]): shown for shown in [*context, *fixtures]}
    return [by_ref[ref] for ref in sorted(by_ref)]


def _base_names(node: ast.ClassDef) -> list[str]:
    """The names of the classes that a class inherits from, without their type arguments."""
    bases = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return [name for base in bases if (name := dotted_name(base))]
