"""Signatures as facts: parameters, what is returned, and both on one line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ..source.canonical import Resolve, form_of, forms_of, type_form
from ..source.scopes import Scope
from ..source.syntax import FunctionNode, children_of

Json = dict[str, object]

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def on_one_line(text: str, node: ast.expr | ast.stmt) -> str:
    """The source of a node on one line."""
    if node.end_lineno != node.lineno:
        # Line ends may stand in strings and behind comments; the parser knows.
        return ast.unparse(node)
    line = lines_of(text)[node.lineno - 1]
    if line.isascii():
        return line[node.col_offset : node.end_col_offset]
    # The offsets of a syntax tree count bytes of UTF-8.
    return line.encode()[node.col_offset : node.end_col_offset].decode()


@lru_cache(maxsize=16)  # `ast.get_source_segment` splits the whole text for every node
def lines_of(text: str) -> list[str]:
    """The lines of a text as the parser sees them: a form feed ends none."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


class Signature(NamedTuple):
    """A signature as facts, as a header on one line, and as canonical form.

    Header and form have everything from `def` to the colon.
    """

    shape: str
    parameters: list[Json]
    returns: Json | None
    header: str
    form: str


class Signatures:
    """Reads the signatures of one module, each once, names resolved by `resolve`."""

    def __init__(self, text: str, resolve: Resolve) -> None:
        self._text = text
        self._resolve = resolve
        self._known: dict[FunctionNode, Signature] = {}

    def signature_of(self, node: FunctionNode) -> Signature:
        """The signature of a function or method."""
        if node not in self._known:
            self._known[node] = self._read_signature(node)
        return self._known[node]

    def generics_form(self, node: FunctionNode | ast.ClassDef) -> str:
        """The canonical form of the type parameters in brackets behind a name."""
        listed = getattr(node, "type_params", ())
        return forms_of(listed, self._resolve, Scope().inside(item.name for item in listed))

    def _read_signature(self, node: FunctionNode) -> Signature:
        shape = _shape_of(node)
        parameters = list(self._parameters(node.args))
        returns = self.annotation(node.returns)
        word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        name = f"{node.name}{self.type_parameters(node)}"
        inside = ", ".join(_parameter_texts(parameters))
        arrow = f" -> {returns['text']}" if returns else ""
        forms = " ".join(
            f"({item['kind']} {item['name']} {_form(item['annotation'])} {_form(item['default'])})"
            for item in parameters
        )
        return Signature(
            shape=shape,
            parameters=parameters,
            returns=returns,
            header=f"{word} {name}({inside}){arrow}",
            form=f"{shape} [{self.generics_form(node)}] ({forms}) -> {_form(returns)}",
        )

    def _parameters(self, args: ast.arguments) -> Iterator[Json]:
        positional = [*args.posonlyargs, *args.args]
        defaults = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
        for index, (item, default) in enumerate(zip(positional, defaults, strict=True)):
            only = index < len(args.posonlyargs)
            yield self._parameter(
                item, "positional-only" if only else "positional or keyword", default
            )
        if args.vararg:
            yield self._parameter(args.vararg, "*args", None)
        for item, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            yield self._parameter(item, "keyword-only", default)
        if args.kwarg:
            yield self._parameter(args.kwarg, "**kwargs", None)

    def _parameter(self, item: ast.arg, kind: str, default: ast.expr | None) -> Json:
        return {
            "name": item.arg,
            "kind": kind,
            "annotation": self.annotation(item.annotation),
            "default": self.value(default) if default is not None else None,
        }

    def type_parameters(self, node: ast.AST) -> str:
        """The type parameters of a definition in their brackets, empty where it has none."""
        listed = [on_one_line(self._text, item) for item in getattr(node, "type_params", ())]
        return f"[{', '.join(listed)}]" if listed else ""

    def annotation(self, node: ast.expr | None) -> Json | None:
        """Text and form of an annotation."""
        if node is None:
            return None
        return {"text": on_one_line(self._text, node), "form": type_form(node, self._resolve)}

    def value(self, node: ast.expr) -> Json:
        """Text and form of any other expression."""
        return {"text": on_one_line(self._text, node), "form": form_of(node, self._resolve)}


def _yields(node: FunctionNode) -> bool:
    """Whether the function itself has a `yield`."""
    stack: list[ast.AST] = list(node.body)
    while stack:
        inner = stack.pop()
        if isinstance(inner, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(inner, _SCOPES):
            stack += children_of(inner)
    return False


def _shape_of(node: FunctionNode) -> str:
    """`function`, `async function`, `generator` or `async generator`."""
    kind = "generator" if _yields(node) else "function"
    return f"async {kind}" if isinstance(node, ast.AsyncFunctionDef) else kind


def _parameter_texts(parameters: list[Json]) -> Iterator[str]:
    kinds = [item["kind"] for item in parameters]
    for index, item in enumerate(parameters):
        kind = item["kind"]
        if kind == "keyword-only" and not {"*args", "keyword-only"} & set(kinds[:index]):
            yield "*"
        star = {"*args": "*", "**kwargs": "**"}.get(str(kind), "")
        annotation, default = item["annotation"], item["default"]
        text = f"{star}{item['name']}"
        if isinstance(annotation, dict):
            text += f": {annotation['text']}"
        if isinstance(default, dict):
            text += f" = {default['text']}" if annotation else f"={default['text']}"
        yield text
        if kind == "positional-only" and kinds[index + 1 : index + 2] != [kind]:
            yield "/"


def _form(expression: object) -> object:
    return expression["form"] if isinstance(expression, dict) else "_"
