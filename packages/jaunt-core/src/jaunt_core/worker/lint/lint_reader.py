"""Facts for the linter about the specs of one module and their docstrings, with lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..contract.contract_reader import has_jaunt_decorator, is_jaunt_decorator
from ..contract.definitions import OVERLOADS, Json, statements_of
from ..contract.signatures import Signatures
from ..source.canonical import Resolve, type_form
from ..source.docstring_sections import entries_of
from ..source.module_table import ModuleTable
from ..source.scopes import free_names, names_in_definition
from ..source.source_module import SourceModule
from ..source.syntax import (
    DEFINITIONS,
    FUNCTIONS,
    DefinitionNode,
    FunctionNode,
    arguments_of,
    children_of,
    docstring_of,
    dotted_name,
)
from .docstring_examples import escapes_in, examples_of
from .docstring_names import DocstringNames
from .unseen_imports import unseen_imports

_ANY = ("typing.Any", "typing_extensions.Any")
_JSON = frozenset(
    [
        *(
            f"{mapping}[str, typing.Any]"
            for mapping in ("dict", "collections.abc.Mapping", "collections.abc.MutableMapping")
        ),
        *(
            f"{sequence}[typing.Any]"
            for sequence in ("list", "collections.abc.Sequence", "collections.abc.MutableSequence")
        ),
    ]
)


class LintReader:
    """Reads the specs of one module."""

    def __init__(self, table: ModuleTable, module: SourceModule) -> None:
        self._table = table
        self._module = module
        self._resolve: Resolve = table.resolver_of(module)
        self._signatures = Signatures(module.text, self._resolve)

    def facts(self) -> Json:
        """The facts of every spec of the module, in source order, and imports that none sees."""
        unseen = unseen_imports(self._table, self._module)
        return {
            "specs": self._facts_of_specs(),
            "unseen": [{"name": name, "line": line} for name, line in unseen],
        }

    def _facts_of_specs(self) -> list[Json]:
        return [
            self._spec_facts(node)
            for node in self._module.tree.body
            if isinstance(node, DEFINITIONS)
            and has_jaunt_decorator(self._table, self._module, node)
        ]

    def _spec_facts(self, node: DefinitionNode) -> Json:
        owner = node if isinstance(node, ast.ClassDef) else None
        functions = [
            part for part in (owner.body if owner else [node]) if isinstance(part, FUNCTIONS)
        ]
        return {
            "name": node.name,
            "line": node.lineno,
            "is_class": owner is not None,
            "documented": docstring_of(node.body) is not None,
            "parts": [self._function_facts(function, owner) for function in functions],
            "attributes_of_any": self._any_attributes(owner) if owner else [],
            "prose": self._docstring_facts(owner, None) if owner else None,
            "named": list(self._references(node)),
        }

    def _function_facts(self, node: FunctionNode, owner: ast.ClassDef | None) -> Json:
        decorators = [dotted_name(decorator) for decorator in node.decorator_list]
        parameters = arguments_of(node.args)
        is_bound = owner is not None and "staticmethod" not in decorators
        # `self` and `cls` need no annotation.
        shown = parameters[1:] if is_bound and parameters else parameters
        signature = self._signatures.signature_of(node)
        return {
            "name": f"{owner.name}.{node.name}" if owner else node.name,
            "line": node.lineno,
            "shape": signature.shape,
            "documented": docstring_of(node.body) is not None or self._is_overload(node),
            "empty": not statements_of(node),
            "decorated": len(node.decorator_list) > (0 if owner else 1),
            "parameters": signature.parameters[1:] if is_bound else signature.parameters,
            "returns": signature.returns,
            "untyped": [_binding(argument) for argument in shown if argument.annotation is None],
            "any": [_binding(argument) for argument in shown if self._is_any(argument.annotation)],
            "returns_any": self._is_any(node.returns),
            "prose": self._docstring_facts(node, owner),
        }

    def _is_any(self, annotation: ast.expr | None) -> bool:
        """Whether an annotation is `Any` or holds it, under whatever name.

        What is typed as JSON is, such as `dict[str, Any]`, is not meant.
        """
        if annotation is None or type_form(annotation, self._resolve) in _JSON:
            return False
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                return self._is_any(ast.parse(annotation.value.strip(), mode="eval").body)
            except (SyntaxError, ValueError):
                return False
        name = dotted_name(annotation)
        if name is not None:
            return self._resolve(name) in _ANY
        parts = (part for part in children_of(annotation) if isinstance(part, ast.expr))
        return any(map(self._is_any, parts))

    def _is_overload(self, node: FunctionNode) -> bool:
        names = filter(None, map(dotted_name, node.decorator_list))
        return any(self._resolve(name) in OVERLOADS for name in names)

    def _any_attributes(self, node: ast.ClassDef) -> list[Json]:
        return [
            {"name": statement.target.id, "line": statement.lineno}
            for statement in node.body
            if isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and self._is_any(statement.annotation)
        ]

    def _docstring_facts(self, node: DefinitionNode, owner: ast.ClassDef | None) -> Json | None:
        """The facts of the docstring; None where there is none."""
        raw = docstring_of(node.body)
        if raw is None:
            return None
        first = node.body[0].lineno
        names = DocstringNames(self._table, self._module, node, owner)
        entries = list(entries_of(raw))
        known = {*self._module.definitions, *self._module.imports}
        examples = () if self._module.is_dynamic else examples_of(raw, first, known)
        literal = ast.get_source_segment(self._module.text, node.body[0]) or '""'
        return {
            "line": first,
            "text": raw,
            "escapes": list(escapes_in(literal, first)),
            "examples": list(examples),
            "raises": [
                {"name": entry.name, "line": first + entry.line, "condition": entry.text}
                for entry in entries
                if entry.section == "Raises"
            ],
            "unknown": [
                {"name": name, "line": first + line, "nearest": nearest}
                for name, line, nearest in names.unknown_names(raw, entries)
            ],
        }

    def _references(self, node: DefinitionNode) -> Iterator[Json]:
        """The first-party definitions that the code of a spec names, each with a line of it."""
        seen: set[str] = set()
        names = [(name, node.lineno) for name in names_in_definition(node)]
        for decorator in node.decorator_list:
            if not is_jaunt_decorator(self._table, self._module, decorator):
                names += [(name, decorator.lineno) for name in free_names(decorator)]
        used = [inner for inner in ast.walk(node) if isinstance(inner, (ast.Name, ast.Attribute))]
        lines = {dotted_name(inner): inner.lineno for inner in reversed(used)}
        for name, line in names:
            for resolved in self._table.alias_chain(self._module, name):
                if resolved.ref and resolved.ref not in seen:
                    seen.add(resolved.ref)
                    yield {"ref": resolved.ref, "line": lines.get(name, line)}


def _binding(argument: ast.arg) -> Json:
    return {"name": argument.arg, "line": argument.lineno}
