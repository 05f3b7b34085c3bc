"""The contract of a spec: what a person wrote for the model to read, part by part."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from textwrap import dedent

from ..source.canonical import form_of, forms_of
from ..source.mentioned_names import names_in_prose
from ..source.module_table import ModuleTable
from ..source.scopes import (
    class_scope,
    free_names,
    function_scope,
    local_names,
    names_in_definition,
)
from ..source.source_module import SourceModule, parse_module
from ..source.syntax import FunctionNode, dotted_name, nodes_in
from .comments import comments_form, comments_of, last_line_of
from .context_reader import ContextReader
from .definitions import Definitions, Json, docstring_text, statements_of
from .outline import Outline
from .signatures import lines_of, on_one_line

SpecNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def is_jaunt_decorator(table: ModuleTable, module: SourceModule, node: ast.expr) -> bool:
    """Whether a decorator is `jaunt.magic` or `jaunt.test`, under whatever name."""
    name = dotted_name(node.func if isinstance(node, ast.Call) else node)
    found = table.alias_chain(module, name) if name else []
    return any(item.qualified in ("jaunt.magic", "jaunt.test") for item in found)


def is_spec(table: ModuleTable, ref: str) -> bool:
    """Whether a reference names a spec, also one of a kind that this run does not read."""
    module_name, _, name = ref.partition(":")
    module = table.find(module_name)
    return module is not None and any(
        is_jaunt_decorator(table, module, item)
        for node in module.definitions.get(name, [])
        for item in getattr(node, "decorator_list", ())
    )


class ContractReader:
    """Reads the contracts of the specs of one module."""

    def __init__(self, table: ModuleTable, module: SourceModule, context: ContextReader) -> None:
        self._table = table
        self._module = module
        self._context = context
        self._resolve = table.resolver_of(module)
        self._definitions = Definitions(module.text, self._resolve)
        self._outline = Outline(module.text, self._resolve, self._definitions)
        self._comments = comments_of(module.text)
        self._following = dict(zip(map(id, module.tree.body), module.tree.body[1:], strict=False))

    def facts_of(self, node: SpecNode, *, kind: str, linked: Iterable[str]) -> Json:
        """What the source of a spec says; `linked` are the references of `deps=` and `targets=`."""
        ours = self._our_lines(node)
        last = last_line_of(node, self._comments, self._following.get(id(node)))
        inherited, inferred = self._refs(node, ours)
        mentioned = self._mentioned(node, last)
        definition = self._definitions.facts_of(node)
        definition["decorators"] = [
            {"text": on_one_line(self._module.text, item), "form": form_of(item, self._resolve)}
            for item in self._repeated_decorators(node, ours, kind)
        ]
        return {
            "line": min([node.lineno, *(item.lineno for item in node.decorator_list)]),
            "text": self._text(node, last, ours),
            "definition": definition,
            "parts": [
                {"name": name, "form": form} for name, form in self._parts(node, last, ours) if form
            ],
            "inherited": sorted(inherited),
            "inferred": sorted(inferred),
            "mentioned": sorted(mentioned),
            "context": self._context.items_of({*linked, *inherited, *inferred, *mentioned}),
            "api_text": self._outline.text_of(node, skip=ours),
            "api_form": self._outline.form_of(node, skip=ours),
        }

    def _our_lines(self, node: SpecNode) -> frozenset[int]:
        return frozenset(
            line
            for item in node.decorator_list
            if is_jaunt_decorator(self._table, self._module, item)
            for line in range(item.lineno, (item.end_lineno or item.lineno) + 1)
        )

    def _repeated_decorators(
        self, node: SpecNode, ours: frozenset[int], kind: str
    ) -> list[ast.expr]:
        """The decorators that the generated definition has to carry itself.

        What stands above `@jaunt.magic` is applied by the spec module, to what was generated. A
        test is collected from the generated file alone, so it takes all of them along.
        """
        others = [item for item in node.decorator_list if item.lineno not in ours]
        if kind == "test":
            return others
        return [item for item in others if item.lineno > max(ours, default=0)]

    def _text(self, node: SpecNode, last: int, ours: frozenset[int]) -> str:
        first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
        lines = lines_of(self._module.text)
        kept = [
            lines[number - 1].rstrip() for number in range(first, last + 1) if number not in ours
        ]
        return dedent("\n".join(kept))

    def _parts(self, node: SpecNode, last: int, ours: frozenset[int]) -> list[tuple[str, str]]:
        decorators = [item for item in node.decorator_list if item.lineno not in ours]
        said = comments_form(node, self._comments, last=last, skip=ours)
        if isinstance(node, ast.ClassDef):
            body = self._class_parts(node)
        else:
            body = self._function_parts(node, "")
        return [
            ("decorators", forms_of(decorators, self._resolve)),
            *body,
            ("comments", said),
        ]

    def _function_parts(self, node: FunctionNode, prefix: str) -> list[tuple[str, str]]:
        return [
            (f"{prefix}signature", self._definitions.signature_form(node)),
            (f"{prefix}docstring", docstring_text(node)),
            (f"{prefix}body", forms_of(statements_of(node), self._resolve, function_scope(node))),
        ]

    def _class_parts(self, node: ast.ClassDef) -> list[tuple[str, str]]:
        parts = [
            ("signature", self._definitions.class_form(node)),
            ("docstring", docstring_text(node)),
        ]
        scope = class_scope(node)
        members = []
        count: Counter[str] = Counter()
        for item in statements_of(node):
            if not isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                members.append(form_of(item, self._resolve, scope))
                continue
            # A property and its setter share a name.
            count[item.name] += 1
            name = f"{item.name}#{count[item.name]}" if count[item.name] > 1 else item.name
            members.append(name)
            decorators = forms_of(item.decorator_list, self._resolve, scope)
            parts.append((f"{name}.decorators", decorators))
            parts.extend(self._function_parts(item, f"{name}."))
        return [*parts, ("members", " ".join(members))]

    def _refs(self, node: SpecNode, ours: frozenset[int]) -> tuple[set[str], set[str]]:
        """What the spec inherits from, and what else its code names, first-party only."""
        inherited = self._ancestors(node) if isinstance(node, ast.ClassDef) else set()
        names = set(names_in_definition(node))
        for item in node.decorator_list:
            if item.lineno not in ours:
                names.update(free_names(item))
        named = self._resolved(self._module, names)
        return inherited, (named | self._locally_imported(node)) - inherited

    def _ancestors(self, node: ast.ClassDef) -> set[str]:
        """The first-party bases, and the bases of handwritten ones, up to the nearest specs."""
        found: set[str] = set()
        pending = [(self._module, node)]
        while pending:
            module, definition = pending.pop()
            bases = self._resolved(module, _base_names(definition)) - found
            found |= bases
            pending.extend(item for ref in bases for item in self._handwritten(ref))
        return found

    def _handwritten(self, ref: str) -> Iterator[tuple[SourceModule, ast.ClassDef]]:
        """The class statements of a class that is no spec."""
        module_name, _, name = ref.partition(":")
        home = self._table.find(module_name)
        if home is None:
            return
        for node in home.definitions.get(name, []):
            if isinstance(node, ast.ClassDef) and not any(
                is_jaunt_decorator(self._table, home, item) for item in node.decorator_list
            ):
                yield home, node

    def _locally_imported(self, node: SpecNode) -> set[str]:
        inside = nodes_in(node)
        statements = [item for item in inside if isinstance(item, (ast.Import, ast.ImportFrom))]
        if not statements:
            return set()
        text = "\n".join(ast.unparse(item) for item in statements)
        module = self._module
        local = parse_module(module.name, module.path, text, is_package=module.is_package)
        used = {dotted_name(item) for item in inside if isinstance(item, (ast.Name, ast.Attribute))}
        return self._resolved(local, {name for name in used if name})

    def _resolved(self, module: SourceModule, names: Iterable[str]) -> set[str]:
        return {
            item.ref for name in names for item in self._table.alias_chain(module, name) if item.ref
        }

    def _mentioned(self, node: SpecNode, last: int) -> set[str]:
        prose = [docstring_text(node)]
        own = {node.name}
        for item in nodes_in(node):
            if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                prose.append(docstring_text(item))
                own |= local_names(item)
        first = node.lineno
        prose.extend(item.text for item in self._comments if first <= item.line <= last)
        refs = set()
        for dotted in names_in_prose("\n".join(prose)):
            if dotted.partition(".")[0] in own:
                continue
            found = self._table.resolve(self._module, dotted) or (
                self._table.resolve_absolute(self._module, dotted) if "." in dotted else None
            )
            if found and found.ref:
                refs.add(found.ref)
        return refs


def _base_names(node: ast.ClassDef) -> list[str]:
    """The classes that it inherits from; not what they are subscripted with."""
    bases = (item.value if isinstance(item, ast.Subscript) else item for item in node.bases)
    return [name for item in bases if (name := dotted_name(item))]
