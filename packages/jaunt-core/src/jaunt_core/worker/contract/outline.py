"""Outlines of definitions, for a model that may use them but not see their bodies."""

from __future__ import annotations

import ast
from collections.abc import Container
from textwrap import indent

from ..source.canonical import Resolve, form_of, forms_of
from ..source.scopes import MODULE_SCOPE, Scope, class_scope, function_scope
from ..source.set_attributes import attributes_set_in
from ..source.syntax import DEFINITIONS, DefinitionNode
from .definitions import Definitions, docstring_text
from .signatures import on_one_line

_INDENT = "    "


class Outline:
    """Signatures and docstrings of one module's definitions, as text and as canonical form.

    Of constructors, also the attributes that they set.
    """

    def __init__(self, text: str, resolve: Resolve, definitions: Definitions) -> None:
        self._text = text
        self._resolve = resolve
        self._definitions = definitions

    def text_of(self, node: DefinitionNode, *, skip: Container[int] = ()) -> str:
        """The outline as source code; decorators at the lines in `skip` are left out."""
        head = [
            f"@{on_one_line(self._text, decorator)}"
            for decorator in node.decorator_list
            if decorator.lineno not in skip
        ]
        head.append(f"{self._definitions.declaration(node)}:")
        docstring = docstring_text(node)
        body = [_quoted(docstring)] if docstring else []
        if isinstance(node, ast.ClassDef):
            body.extend(map(self._member_text, filter(_is_shown, node.body)))
        else:
            body.extend(map(ast.unparse, attributes_set_in(node)))
        body = body or ["..."]
        return "\n".join([*head, indent("\n".join(body), _INDENT)])

    def form_of(
        self, node: DefinitionNode, *, skip: Container[int] = (), scope: Scope = MODULE_SCOPE
    ) -> str:
        """The canonical form of what `text_of` shows."""
        shown = [decorator for decorator in node.decorator_list if decorator.lineno not in skip]
        decorators = forms_of(shown, self._resolve, scope)
        members = ""
        if isinstance(node, ast.ClassDef):
            shown_members, inner = filter(_is_shown, node.body), class_scope(node)
            members = " ".join(self._member_form(member, inner) for member in shown_members)
        else:
            members = forms_of(attributes_set_in(node), self._resolve, function_scope(node, scope))
        head = self._definitions.header_form(node)
        return f"@[{decorators}] {head} {docstring_text(node)!a} {{{members}}}"

    def _member_text(self, member: ast.stmt) -> str:
        if isinstance(member, DEFINITIONS):
            return self.text_of(member)
        return on_one_line(self._text, member)

    def _member_form(self, member: ast.stmt, scope: Scope) -> str:
        if isinstance(member, DEFINITIONS):
            return f"{member.name} {self.form_of(member, scope=scope)}"
        return form_of(member, self._resolve, scope)


def _is_shown(member: ast.stmt) -> bool:
    return isinstance(member, (*DEFINITIONS, ast.AnnAssign, ast.Assign))


def _quoted(docstring: str) -> str:
    escaped = docstring.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{escaped}"""' if "\n" not in escaped else f'"""{escaped}\n"""'
