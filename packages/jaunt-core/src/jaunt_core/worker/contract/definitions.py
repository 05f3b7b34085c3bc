"""Functions and classes as facts: signature, decorators, docstring, whether the body is a stub."""

from __future__ import annotations

import ast
import re

from ..source.canonical import Resolve, form_of, forms_of, type_form
from ..source.syntax import (
    FUNCTIONS,
    DefinitionNode,
    FunctionNode,
    clean_docstring,
    docstring_of,
    dotted_name,
    is_empty_statement,
    with_body,
    without_call,
)
from .comments import comments_of
from .parametrized import parametrized_names
from .signatures import Json, Signatures, on_one_line
from .type_meanings import TypeMeanings

OVERLOADS = ("typing.overload", "typing_extensions.overload")
# In stubs such as `return None  # TODO`.
_TODO_COMMENT = re.compile(
    r"\b(?:TODO|FIXME)\b|^(?:to be |not (?:yet )?)?implement(?:ed)?\b(?! \w+ed\b)"
    r"|\b(?:implementation|code|logic) (?:goes )?here\b|^placeholder\b",
    re.IGNORECASE,
)


def statements_of(node: DefinitionNode) -> list[ast.stmt]:
    """The body without its docstring and without statements that only spell an empty body."""
    body = node.body[1:] if docstring_of(node.body) is not None else node.body
    return [statement for statement in body if not is_empty_statement(statement)]


def docstring_text(node: DefinitionNode) -> str:
    """The cleaned docstring, empty where there is none."""
    return clean_docstring(docstring_of(node.body) or "")


def without_stubs(node: ast.ClassDef) -> ast.ClassDef:
    """A copy of the class without statements that only spell an empty body."""
    body: list[ast.stmt] = []
    for statement in node.body:
        if isinstance(statement, ast.ClassDef):
            body.append(without_stubs(statement))
        elif isinstance(statement, FUNCTIONS) and not statements_of(statement):
            docstring = [part for part in statement.body if not is_empty_statement(part)]
            body.append(with_body(statement, docstring))
        elif not is_empty_statement(statement):
            body.append(statement)
    return with_body(node, body)


class Definitions:
    """Turns the definitions of one module into facts; `resolve` qualifies their names."""

    def __init__(self, text: str, resolve: Resolve, meanings: TypeMeanings | None = None) -> None:
        self._text = text
        self._resolve = resolve
        self._signatures = Signatures(text, resolve, meanings)

    def facts_of(self, node: DefinitionNode) -> Json:
        """The facts of a function or a class."""
        if isinstance(node, ast.ClassDef):
            return self._class_facts(node)
        signature = self._signatures.signature_of(node)
        stub_form = _stub_form(node, self._text)
        return {
            "name": node.name,
            "line": node.lineno,
            "shape": signature.shape,
            "parameters": signature.parameters,
            "returns": signature.returns,
            "decorators": list(map(self._signatures.value, node.decorator_list)),
            "docstring": docstring_text(node),
            "stub": stub_form not in ("", "nothing"),
            "stub_form": stub_form,
            "declaration": signature.header,
            "parametrized": parametrized_names(node),
        }

    def is_overload(self, node: DefinitionNode) -> bool:
        """Whether a definition is for type checkers only: an overload of the one that follows."""
        names = map(dotted_name, node.decorator_list)
        return any(name and self._resolve(name) in OVERLOADS for name in names)

    def _class_facts(self, node: ast.ClassDef) -> Json:
        """The facts of a class, its methods and attributes in source order."""
        methods: list[Json] = []
        attributes: list[Json] = []
        for member in node.body:
            if isinstance(member, FUNCTIONS):
                if not self.is_overload(member):
                    methods.append(self.facts_of(member))
            elif isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
                attributes.append(self._attribute(member.target, member.annotation, member.value))
            elif isinstance(member, ast.Assign):
                attributes.extend(
                    self._attribute(target, None, member.value)
                    for target in member.targets
                    if isinstance(target, ast.Name)
                )
        return {
            "name": node.name,
            "line": node.lineno,
            "bases": list(map(self._base, node.bases)),
            "keywords": [
                {
                    "text": f"{keyword.arg}={on_one_line(self._text, keyword.value)}",
                    "form": form_of(keyword, self._resolve),
                }
                for keyword in node.keywords
            ],
            "decorators": list(map(self._signatures.value, node.decorator_list)),
            "docstring": docstring_text(node),
            "methods": methods,
            "attributes": attributes,
            "stub": not statements_of(node),
            "declaration": self.declaration(node),
        }

    def _base(self, node: ast.expr) -> Json:
        """A base class, which means the same as `typing.Mapping` and as that of `collections`."""
        meaning = (self._signatures.annotation(node) or {}).get(
            "meaning", type_form(node, self._resolve)
        )
        return {**self._signatures.value(node), "meaning": meaning}

    def declaration(self, node: DefinitionNode) -> str:
        """The header of a definition on one line, without the colon."""
        if not isinstance(node, ast.ClassDef):
            return self._signatures.signature_of(node).header
        arguments = [on_one_line(self._text, base) for base in node.bases]
        arguments += [
            f"{keyword.arg}={on_one_line(self._text, keyword.value)}" if keyword.arg else "**…"
            for keyword in node.keywords
        ]
        return f"class {node.name}{self._signatures.type_parameters(node)}" + (
            f"({', '.join(arguments)})" if arguments else ""
        )

    def header_form(self, node: DefinitionNode) -> str:
        """The canonical form of everything between `def` or `class` and the colon."""
        if not isinstance(node, ast.ClassDef):
            return self._signatures.signature_of(node).form
        bases = forms_of(node.bases, self._resolve)
        keywords = forms_of(node.keywords, self._resolve)
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


def _stub_form(node: FunctionNode, text: str) -> str:
    """How a body is spelt that is a stub or does nothing, empty where it does something."""
    if not statements_of(node):
        kinds = [ast.Raise, ast.Pass]
        kind = next((kind for kind in kinds if any(isinstance(n, kind) for n in node.body)), None)
        return {ast.Raise: "raise", ast.Pass: "pass", None: "empty"}[kind]
    if _is_unimplemented(node.body):
        return "raise"
    body = node.body[1:] if docstring_of(node.body) is not None else node.body
    if not body or not all(map(_does_nothing, body)):
        return ""
    return "to do" if _is_to_be_written(node, text) else "nothing"


def _is_unimplemented(body: list[ast.stmt]) -> bool:
    """Whether a body does nothing but raise `NotImplementedError`, on every path through it."""
    effective = [statement for statement in body if not _has_no_effect(statement)]
    if not effective:
        return False
    *before, last = effective
    if not all(isinstance(branch, ast.If) and _is_unimplemented(branch.body) for branch in before):
        return False
    if isinstance(last, ast.If):
        return _is_unimplemented(last.body) and _is_unimplemented(last.orelse)
    if isinstance(last, ast.Match):
        return all(_is_unimplemented(case.body) for case in last.cases)
    raised = without_call(last.exc) if isinstance(last, ast.Raise) and last.exc else last
    return dotted_name(raised) == "NotImplementedError"


def _has_no_effect(node: ast.stmt) -> bool:
    constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return constant or isinstance(node, ast.Pass)


def _is_to_be_written(node: FunctionNode, text: str) -> bool:
    """Whether a comment in a body says that it is to be written."""
    # The comment may stand on the line below the last statement, where the body ends for Python.
    first, last = node.lineno, node.end_lineno or node.lineno
    return any(
        first < comment.line <= last + 1 and _TODO_COMMENT.search(comment.text)
        for comment in comments_of(text)
        if comment.column > node.col_offset or not comment.alone
    )


def _does_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Return):
        value = node.value or ast.Constant(None)
        return isinstance(value, ast.Constant) and value.value is None
    return isinstance(node, ast.Pass)
