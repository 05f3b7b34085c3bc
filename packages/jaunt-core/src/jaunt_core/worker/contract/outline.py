"""How a definition is shown to a model that may use it but not see its insides."""

from __future__ import annotations

import ast
from textwrap import indent

from ..source.canonical import Resolve, form_of, forms_of
from ..source.scopes import MODULE_SCOPE, Scope, class_scope
from ..source.syntax import FunctionNode
from .definitions import Definitions, docstring_text
from .signatures import on_one_line

_INDENT = "    "


class Outline:
    """Signatures and docstrings of one module's definitions, as text and as canonical form."""

    def __init__(self, text: str, resolve: Resolve, definitions: Definitions) -> None:
        self._text = text
        self._resolve = resolve
        self._definitions = definitions

    def text_of(self, node: FunctionNode | ast.ClassDef, *, skip: frozenset[int]) -> str:
        """The outline; decorators at the lines in `skip` are left out."""
        head = [
            f"@{on_one_line(self._text, item)}"
            for item in node.decorator_list
            if item.lineno not in skip
        ]
        head.append(f"{self._definitions.declaration(node)}:")
        docstring = docstring_text(node)
        body = [_quoted(docstring)] if docstring else []
        if isinstance(node, ast.ClassDef):
            body.extend(self._member_text(item) for item in node.body if self._shown(item))
        body = body or ["..."]
        return "\n".join([*head, indent("\n".join(body), _INDENT)])

    def form_of(
        self,
        node: FunctionNode | ast.ClassDef,
        *,
        skip: frozenset[int],
        scope: Scope = MODULE_SCOPE,
    ) -> str:
        """The canonical form of what `text_of` shows."""
        shown = [item for item in node.decorator_list if item.lineno not in skip]
        decorators = forms_of(shown, self._resolve, scope)
        if isinstance(node, ast.ClassDef):
            head, inner = self._definitions.class_form(node), class_scope(node)
            members = " ".join(
                self._member_form(item, inner) for item in node.body if self._shown(item)
            )
        else:
            head, members = self._definitions.signature_form(node), ""
        return f"@[{decorators}] {head} {docstring_text(node)!a} {{{members}}}"

    @staticmethod
    def _shown(item: ast.stmt) -> bool:
        return isinstance(
            item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.AnnAssign, ast.Assign)
        )

    def _member_text(self, item: ast.stmt) -> str:
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return self.text_of(item, skip=frozenset())
        return on_one_line(self._text, item)

    def _member_form(self, item: ast.stmt, scope: Scope) -> str:
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return f"{item.name} {self.form_of(item, skip=frozenset(), scope=scope)}"
        return form_of(item, self._resolve, scope)


def _quoted(docstring: str) -> str:
    escaped = docstring.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{escaped}"""' if "\n" not in escaped else f'"""{escaped}\n"""'
