"""Functions and classes as facts: signature, decorators, docstring, whether the body is a stub."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from copy import copy
from functools import lru_cache

from .canonical import Resolve, form_of, type_form
from .syntax import FunctionNode, cleaned, docstring_of, dotted_name, is_empty_statement

Json = dict[str, object]

_LINE_ENDS = re.compile(r"\r\n|\r|\n")  # as the parser sees them: a form feed ends no line
_OVERLOADS = ("typing.overload", "typing_extensions.overload")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def squeezed(text: str, node: ast.expr | ast.stmt) -> str:
    """The source of a node on one line."""
    if node.end_lineno != node.lineno:
        # Line ends may stand in strings and behind comments; the parser knows.
        return ast.unparse(node)
    line = _lines_of(text)[node.lineno - 1]
    if line.isascii():
        return line[node.col_offset : node.end_col_offset]
    # The offsets of a syntax tree count bytes of UTF-8.
    return line.encode()[node.col_offset : node.end_col_offset].decode()


@lru_cache(maxsize=16)
def _lines_of(text: str) -> list[str]:
    # `ast.get_source_segment` would split the whole text anew for every node.
    return _LINE_ENDS.split(text)


def statements_of(node: FunctionNode | ast.ClassDef) -> list[ast.stmt]:
    """The body without its docstring and without what only spells that it is empty."""
    body = node.body[1:] if docstring_of(node.body) is not None else node.body
    return [item for item in body if not is_empty_statement(item)]


def docstring_text(node: FunctionNode | ast.ClassDef) -> str:
    """The cleaned docstring, empty where there is none."""
    return cleaned(docstring_of(node.body) or "")


def without_stubs(node: ast.ClassDef) -> ast.ClassDef:
    """The class, where every body that only spells that it is empty is gone."""
    bare = copy(node)
    bare.body = []
    for item in node.body:
        if isinstance(item, ast.ClassDef):
            bare.body.append(without_stubs(item))
        elif isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            bare.body.append(_without_stub(item))
        elif not is_empty_statement(item):
            bare.body.append(item)
    return bare


def _without_stub(node: FunctionNode) -> FunctionNode:
    bare = copy(node)
    if not statements_of(node):
        bare.body = [item for item in node.body if not is_empty_statement(item)]
    return bare


def yields(node: FunctionNode) -> bool:
    """Whether the function itself has a `yield`."""
    stack: list[ast.AST] = list(node.body)
    while stack:
        inner = stack.pop()
        if isinstance(inner, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(inner, _SCOPES):
            stack.extend(ast.iter_child_nodes(inner))
    return False


def shape_of(node: FunctionNode | ast.ClassDef) -> str:
    """`function`, `async function`, `generator`, `async generator` or `class`."""
    if isinstance(node, ast.ClassDef):
        return "class"
    kind = "generator" if yields(node) else "function"
    return f"async {kind}" if isinstance(node, ast.AsyncFunctionDef) else kind


class Definitions:
    """Turns the definitions of one module into facts, names resolved by `resolve`."""

    def __init__(self, text: str, resolve: Resolve) -> None:
        self._text = text
        self._resolve = resolve

    def facts_of(self, node: FunctionNode | ast.ClassDef) -> Json:
        """The facts of a function or a class."""
        if isinstance(node, ast.ClassDef):
            return self.class_facts(node)
        return self.function_facts(node)

    def function_facts(self, node: FunctionNode) -> Json:
        """The facts of a function or method."""
        return {
            "name": node.name,
            "line": node.lineno,
            "shape": shape_of(node),
            "parameters": list(self._parameters(node.args)),
            "returns": self._annotation(node.returns),
            "decorators": [self._value(item) for item in node.decorator_list],
            "docstring": docstring_text(node),
            "stub": _is_stub(node),
            "declaration": self.declaration(node),
            "parametrized": _parametrized(node),
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
            "bases": [self._value(item) for item in node.bases],
            "keywords": [
                {
                    "text": f"{item.arg}={squeezed(self._text, item.value)}",
                    "form": form_of(item, self._resolve),
                }
                for item in node.keywords
            ],
            "decorators": [self._value(item) for item in node.decorator_list],
            "docstring": docstring_text(node),
            "methods": methods,
            "attributes": attributes,
            "stub": not statements_of(node),
            "declaration": self.declaration(node),
        }

    def declaration(self, node: FunctionNode | ast.ClassDef) -> str:
        """The header of a definition on one line, without the colon."""
        if isinstance(node, ast.ClassDef):
            inside = [squeezed(self._text, item) for item in node.bases]
            inside += [
                f"{item.arg}={squeezed(self._text, item.value)}" if item.arg else "**…"
                for item in node.keywords
            ]
            return f"class {node.name}{self._type_parameters(node)}" + (
                f"({', '.join(inside)})" if inside else ""
            )
        word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        returns = f" -> {squeezed(self._text, node.returns)}" if node.returns else ""
        parameters = ", ".join(self._parameter_texts(node.args))
        return f"{word} {node.name}{self._type_parameters(node)}({parameters}){returns}"

    def signature_form(self, node: FunctionNode) -> str:
        """The canonical form of everything between `def` and the colon."""
        parameters = " ".join(
            f"({item['kind']} {item['name']} {_form(item['annotation'])} {_form(item['default'])})"
            for item in self._parameters(node.args)
        )
        generics = " ".join(form_of(item) for item in getattr(node, "type_params", ()))
        returns = type_form(node.returns, self._resolve) if node.returns else "_"
        return f"{shape_of(node)} [{generics}] ({parameters}) -> {returns}"

    def class_form(self, node: ast.ClassDef) -> str:
        """The canonical form of everything between `class` and the colon."""
        bases = " ".join(form_of(item, self._resolve) for item in node.bases)
        keywords = " ".join(form_of(item, self._resolve) for item in node.keywords)
        generics = " ".join(form_of(item) for item in getattr(node, "type_params", ()))
        return f"class [{generics}] ({bases}) ({keywords})"

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
            "annotation": self._annotation(item.annotation),
            "default": self._value(default) if default is not None else None,
        }

    def _parameter_texts(self, args: ast.arguments) -> Iterator[str]:
        listed = list(self._parameters(args))
        kinds = [item["kind"] for item in listed]
        for index, item in enumerate(listed):
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

    def _type_parameters(self, node: ast.AST) -> str:
        listed = [squeezed(self._text, item) for item in getattr(node, "type_params", ())]
        return f"[{', '.join(listed)}]" if listed else ""

    def _annotation(self, node: ast.expr | None) -> Json | None:
        if node is None:
            return None
        return {"text": squeezed(self._text, node), "form": type_form(node, self._resolve)}

    def _value(self, node: ast.expr) -> Json:
        return {"text": squeezed(self._text, node), "form": form_of(node, self._resolve)}

    def _attribute(
        self, target: ast.Name, annotation: ast.expr | None, value: ast.expr | None
    ) -> Json:
        return {
            "name": target.id,
            "line": target.lineno,
            "annotation": self._annotation(annotation),
            "default": self._value(value) if value is not None else None,
        }


def _form(expression: object) -> object:
    return expression["form"] if isinstance(expression, dict) else "_"


def _is_stub(node: FunctionNode) -> bool:
    rest = statements_of(node)
    if len(rest) != 1 or not isinstance(rest[0], ast.Raise) or rest[0].exc is None:
        return not rest
    raised = rest[0].exc.func if isinstance(rest[0].exc, ast.Call) else rest[0].exc
    return dotted_name(raised) == "NotImplementedError"


def _parametrized(node: FunctionNode) -> list[str]:
    """The parameters that `pytest.mark.parametrize` decorators supply."""
    names: list[str] = []
    for item in node.decorator_list:
        if not isinstance(item, ast.Call) or not item.args:
            continue
        if not (dotted_name(item.func) or "").endswith("mark.parametrize"):
            continue
        first = item.args[0]
        parts = first.elts if isinstance(first, (ast.List, ast.Tuple)) else [first]
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                names.extend(name.strip() for name in part.value.split(",") if name.strip())
    return names
