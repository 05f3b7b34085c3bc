"""Functions and classes as facts: signature, decorators, docstring, whether the body is a stub."""

from __future__ import annotations

import ast

from ..source.canonical import Resolve, form_of
from ..source.syntax import (
    FunctionNode,
    clean_docstring,
    docstring_of,
    dotted_name,
    is_empty_statement,
    with_body,
)
from .parametrized import parametrized_names
from .signatures import Json, Signatures, on_one_line
from .todo_stubs import is_todo_stub

_OVERLOADS = ("typing.overload", "typing_extensions.overload")


def statements_of(node: FunctionNode | ast.ClassDef) -> list[ast.stmt]:
    """The body without its docstring and without what only spells that it is empty."""
    body = node.body[1:] if docstring_of(node.body) is not None else node.body
    return [item for item in body if not is_empty_statement(item)]


def docstring_text(node: FunctionNode | ast.ClassDef) -> str:
    """The cleaned docstring, empty where there is none."""
    return clean_docstring(docstring_of(node.body) or "")


def without_stubs(node: ast.ClassDef) -> ast.ClassDef:
    """The class, where every body that only spells that it is empty is gone."""
    body: list[ast.stmt] = []
    for item in node.body:
        if isinstance(item, ast.ClassDef):
            body.append(without_stubs(item))
        elif isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body.append(_without_stub(item))
        elif not is_empty_statement(item):
            body.append(item)
    return with_body(node, body)


def _without_stub(node: FunctionNode) -> FunctionNode:
    if statements_of(node):
        return node
    return with_body(node, [item for item in node.body if not is_empty_statement(item)])


class Definitions:
    """Turns the definitions of one module into facts, names resolved by `resolve`."""

    def __init__(self, text: str, resolve: Resolve) -> None:
        self._text = text
        self._resolve = resolve
        self._signatures = Signatures(text, resolve)

    def facts_of(self, node: FunctionNode | ast.ClassDef) -> Json:
        """The facts of a function or a class."""
        if isinstance(node, ast.ClassDef):
            return self.class_facts(node)
        return self.function_facts(node)

    def function_facts(self, node: FunctionNode) -> Json:
        """The facts of a function or method."""
        signature = self._signatures.signature_of(node)
        return {
            "name": node.name,
            "line": node.lineno,
            "shape": signature.shape,
            "parameters": signature.parameters,
            "returns": signature.returns,
            "decorators": [self._signatures.value(item) for item in node.decorator_list],
            "docstring": docstring_text(node),
            "stub": _is_stub(node) or is_todo_stub(node, self._text),
            "declaration": signature.header,
            "parametrized": parametrized_names(node),
        }

    def is_overload(self, node: FunctionNode | ast.ClassDef) -> bool:
        """Whether a definition is for type checkers only: an overload of the one that follows."""
        names = [dotted_name(item) for item in node.decorator_list]
        return any(name and self._resolve(name) in _OVERLOADS for name in names)

    def class_facts(self, node: ast.ClassDef) -> Json:
        """The facts of a class, its methods and attributes in source order."""
        methods: list[Json] = []
        attributes: list[Json] = []
        for item in node.body:
            if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if not self.is_overload(item):
                    methods.append(self.function_facts(item))
            elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                attributes.append(self._attribute(item.target, item.annotation, item.value))
            elif isinstance(item, ast.Assign):
                attributes.extend(
                    self._attribute(target, None, item.value)
                    for target in item.targets
                    if isinstance(target, ast.Name)
                )
        return {
            "name": node.name,
            "line": node.lineno,
            "bases": [self._signatures.value(item) for item in node.bases],
            "keywords": [
                {
                    "text": f"{item.arg}={on_one_line(self._text, item.value)}",
                    "form": form_of(item, self._resolve),
                }
                for item in node.keywords
            ],
            "decorators": [self._signatures.value(item) for item in node.decorator_list],
            "docstring": docstring_text(node),
            "methods": methods,
            "attributes": attributes,
            "stub": not statements_of(node),
            "declaration": self.declaration(node),
        }

    def declaration(self, node: FunctionNode | ast.ClassDef) -> str:
        """The header of a definition on one line, without the colon."""
        if not isinstance(node, ast.ClassDef):
            return self._signatures.signature_of(node).header
        inside = [on_one_line(self._text, item) for item in node.bases]
        inside += [
            f"{item.arg}={on_one_line(self._text, item.value)}" if item.arg else "**…"
            for item in node.keywords
        ]
        return f"class {node.name}{self._signatures.type_parameters(node)}" + (
            f"({', '.join(inside)})" if inside else ""
        )

    def signature_form(self, node: FunctionNode) -> str:
        """The canonical form of everything between `def` and the colon."""
        return self._signatures.signature_of(node).form

    def class_form(self, node: ast.ClassDef) -> str:
        """The canonical form of everything between `class` and the colon."""
        bases = " ".join(form_of(item, self._resolve) for item in node.bases)
        keywords = " ".join(form_of(item, self._resolve) for item in node.keywords)
        generics = self._signatures.generics_form(node)
        return f"class [{generics}] ({bases}) ({keywords})"

    def _attribute(
        self, target: ast.Name, annotation: ast.expr | None, value: ast.expr | None
    ) -> Json:
        return {
            "name": target.id,
            "line": target.lineno,
            "annotation": self._signatures.annotation(annotation),
            "default": self._signatures.value(value) if value is not None else None,
        }


def _is_stub(node: FunctionNode) -> bool:
    return not statements_of(node) or _refuses(node.body)


def _only_refuses(body: list[ast.stmt]) -> bool:
    """Whether statements end in `raise NotImplementedError` whichever way they are left."""
    *before, last = body
    if not all(isinstance(item, ast.If) and _refuses(item.body) for item in before):
        return False
    if isinstance(last, ast.If):
        return _refuses(last.body) and _refuses(last.orelse)
    if isinstance(last, ast.Match):
        return all(_refuses(item.body) for item in last.cases)
    return _raises_not_implemented(last)


def _refuses(body: list[ast.stmt]) -> bool:
    said = [item for item in body if not _is_silent(item)]
    return bool(said) and _only_refuses(said)


def _is_silent(node: ast.stmt) -> bool:
    constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return constant or isinstance(node, ast.Pass)


def _raises_not_implemented(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return dotted_name(raised) == "NotImplementedError"
