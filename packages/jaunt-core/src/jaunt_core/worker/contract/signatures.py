"""Signatures as facts: parameters, return type, and both on one line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ..source.canonical import Resolve, form_of, forms_of, type_form
from ..source.scopes import Scope
from ..source.syntax import DEFINITIONS, DefinitionNode, FunctionNode, nodes_outside

if TYPE_CHECKING:
    from .type_meanings import TypeMeanings

Json = dict[str, object]

_SCOPES = (*DEFINITIONS, ast.Lambda)


def on_one_line(text: str, node: ast.expr | ast.stmt) -> str:
    """The source of a node on one line."""
    if node.end_lineno != node.lineno:
        # Lines cannot just be joined: some end inside a string, others in a comment.
        return ast.unparse(node)
    line = lines_of(text)[node.lineno - 1]
    if line.isascii():
        return line[node.col_offset : node.end_col_offset]
    # Columns in a syntax tree count bytes of UTF-8, not characters.
    return line.encode()[node.col_offset : node.end_col_offset].decode()


@lru_cache(maxsize=16)  # `ast.get_source_segment` splits the whole text for every node
def lines_of(text: str) -> list[str]:
    """The lines of a text as the parser counts them: a form feed ends none."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


class Signature(NamedTuple):
    """A signature as facts, as a `header` on one line, and as canonical `form`.

    Header and form hold everything from `def` to the colon.
    """

    shape: str
    parameters: list[Json]
    returns: Json | None
    header: str
    form: str


class Signatures:
    """Reads the signatures of one module, each once; `resolve` qualifies their names.

    With `meanings`, annotations come with what they mean.
    """

    def __init__(self, text: str, resolve: Resolve, meanings: TypeMeanings | None = None) -> None:
        self._text = text
        self._resolve = resolve
        self._meanings = meanings
        self._known: dict[FunctionNode, Signature] = {}

    def signature_of(self, node: FunctionNode) -> Signature:
        """The signature of a function or method."""
        if node not in self._known:
            self._known[node] = self._read_signature(node)
        return self._known[node]

    def generics_form(self, node: DefinitionNode) -> str:
        """The canonical form of the type parameters in brackets behind a name."""
        parameters = getattr(node, "type_params", ())
        scope = Scope().inside(parameter.name for parameter in parameters)
        return forms_of(parameters, self._resolve, scope)

    def _read_signature(self, node: FunctionNode) -> Signature:
        shape = _shape_of(node)
        parameters = list(self._parameters(node.args))
        returns = self.annotation(node.returns)
        keyword = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        name = f"{node.name}{self.type_parameters(node)}"
        inside = ", ".join(_parameter_texts(parameters))
        arrow = f" -> {returns['text']}" if returns else ""
        forms = " ".join(
            f"({parameter['kind']} {parameter['name']} "
            f"{_form(parameter['annotation'])} {_form(parameter['default'])})"
            for parameter in parameters
        )
        return Signature(
            shape=shape,
            parameters=parameters,
            returns=returns,
            header=f"{keyword} {name}({inside}){arrow}",
            form=f"{shape} [{self.generics_form(node)}] ({forms}) -> {_form(returns)}",
        )

    def _parameters(self, args: ast.arguments) -> Iterator[Json]:
        positional = [*args.posonlyargs, *args.args]
        defaults = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
        for index, (argument, default) in enumerate(zip(positional, defaults, strict=True)):
            is_only = index < len(args.posonlyargs)
            kind = "positional-only" if is_only else "positional or keyword"
            yield self._parameter(argument, kind, default)
        if args.vararg:
            yield self._parameter(args.vararg, "*args", None)
        for argument, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            yield self._parameter(argument, "keyword-only", default)
        if args.kwarg:
            yield self._parameter(args.kwarg, "**kwargs", None)

    def _parameter(self, argument: ast.arg, kind: str, default: ast.expr | None) -> Json:
        return {
            "name": argument.arg,
            "kind": kind,
            "annotation": self.annotation(argument.annotation),
            "default": self.value(default) if default is not None else None,
        }

    def type_parameters(self, node: ast.AST) -> str:
        """The type parameters of a definition in their brackets, empty where it has none."""
        texts = [on_one_line(self._text, part) for part in getattr(node, "type_params", ())]
        return f"[{', '.join(texts)}]" if texts else ""

    def annotation(self, node: ast.expr | None) -> Json | None:
        """Text and form of an annotation."""
        if node is None:
            return None
        form = type_form(node, self._resolve)
        meaning = self._meanings.meaning_of(node) if self._meanings else form
        return {"text": on_one_line(self._text, node), "form": form} | (
            {"meaning": meaning} if meaning != form else {}
        )

    def value(self, node: ast.expr) -> Json:
        """Text and form of any other expression."""
        return {"text": on_one_line(self._text, node), "form": form_of(node, self._resolve)}


def _shape_of(node: FunctionNode) -> str:
    """The kind of a function: `function`, `generator`, or either with `async` before it."""
    # A `yield` counts where it is the function's own, not in a scope inside it.
    own_nodes = nodes_outside(_SCOPES, node.body)
    is_generator = any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in own_nodes)
    kind = "generator" if is_generator else "function"
    return f"async {kind}" if isinstance(node, ast.AsyncFunctionDef) else kind


def _parameter_texts(parameters: list[Json]) -> Iterator[str]:
    """The parameters as a header has them, with the bare `*` and `/` where they are needed."""
    kinds = [parameter["kind"] for parameter in parameters]
    for index, parameter in enumerate(parameters):
        kind = parameter["kind"]
        if kind == "keyword-only" and not {"*args", "keyword-only"} & set(kinds[:index]):
            yield "*"
        star = {"*args": "*", "**kwargs": "**"}.get(str(kind), "")
        annotation, default = parameter["annotation"], parameter["default"]
        text = f"{star}{parameter['name']}"
        if isinstance(annotation, dict):
            text += f": {annotation['text']}"
        if isinstance(default, dict):
            text += f" = {default['text']}" if annotation else f"={default['text']}"
        yield text
        if kind == "positional-only" and kinds[index + 1 : index + 2] != [kind]:
            yield "/"


def _form(expression: object) -> object:
    return expression["form"] if isinstance(expression, dict) else "_"
