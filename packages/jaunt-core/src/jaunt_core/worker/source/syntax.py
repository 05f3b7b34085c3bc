"""Small questions about syntax trees that most of the worker asks."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, TypeGuard, TypeVar

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
DefinitionNode = FunctionNode | ast.ClassDef

# `isinstance` is several times faster with tuples than with the unions above.
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
_LEAVES = (ast.Name, ast.Constant)

Definition = TypeVar("Definition", bound=DefinitionNode)


def children_of(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below a node, the `ctx` of names and attributes left out."""
    children: list[ast.AST] = []
    if isinstance(node, _LEAVES):
        return children
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            children += [child for child in value if isinstance(child, ast.AST)]
        elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
            children.append(value)
    return children


@lru_cache(maxsize=4)  # several readers ask for the same definition, one after the other
def nodes_in(node: ast.AST) -> tuple[ast.AST, ...]:
    """A node and all nodes below it, the outer ones first."""
    nodes = [node]
    for reached in nodes:  # grows meanwhile
        nodes += children_of(reached)
    return tuple(nodes)


def nodes_outside(kinds: tuple[type[ast.AST], ...], body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of some code, those of the `kinds` included, but not what is below these."""
    pending = list(body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, kinds):
            pending += children_of(node)


def arguments_of(args: ast.arguments) -> list[ast.arg]:
    """All parameters of a function or lambda, `*args` and `**kwargs` included."""
    arguments = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return [argument for argument in arguments if argument is not None]


def defaults_of(args: ast.arguments) -> list[ast.expr]:
    """The defaults of the parameters that have one."""
    return [default for default in (*args.defaults, *args.kw_defaults) if default is not None]


def annotations_of(node: FunctionNode) -> list[ast.expr]:
    """The annotations of the parameters and of the result, where there are any."""
    annotations = [argument.annotation for argument in arguments_of(node.args)]
    return [annotation for annotation in (*annotations, node.returns) if annotation is not None]


def first_line_of(node: ast.stmt) -> int:
    """The line that a statement begins at, its decorators included."""
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def with_body(node: Definition, body: list[ast.stmt]) -> Definition:
    """A copy of a definition that has `body` in place of its own."""
    fields: dict[str, Any] = {**dict(ast.iter_fields(node)), "body": body}
    return type(node)(**fields)


def bound_name(alias: ast.alias) -> str:
    """The name that an import binds: `a` for `import a.b`."""
    return alias.asname or alias.name.partition(".")[0]


def is_stored(node: ast.AST) -> TypeGuard[ast.Name]:
    """Whether a node is a name that is bound or deleted, not looked up."""
    return isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)


def prefixes_of(parts: Iterable[str]) -> Iterator[str]:
    """The modules on the way along a dotted name: `a`, `a.b` and `a.b.c` for its three parts."""
    return accumulate(parts, "{}.{}".format)


def dotted_name(node: ast.AST) -> str | None:
    """`a.b.c` for a chain of attributes on a name, None for anything else."""
    if isinstance(node, ast.Name):  # the most frequent case
        return node.id
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))


def without_call(node: ast.expr) -> ast.expr:
    """What an expression calls if it is a call, as decorators often are; else itself."""
    return node.func if isinstance(node, ast.Call) else node


def docstring_of(body: Sequence[ast.stmt]) -> str | None:
    """The raw docstring at the head of a body, None where there is none."""
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        value = body[0].value.value
        return value if isinstance(value, str) else None
    return None


@lru_cache(maxsize=64)
def clean_docstring(docstring: str) -> str:
    """A docstring without its indentation, and without white space at the ends of lines.

    `inspect.cleandoc` keeps the latter, and differs between Python versions in what it strips.
    """
    lines = [line.rstrip() for line in docstring.expandtabs().split("\n")]
    margin = min((len(line) - len(line.lstrip()) for line in lines[1:] if line), default=0)
    return "\n".join([lines[0].lstrip(), *(line[margin:] for line in lines[1:])]).strip("\n")


def is_empty_statement(node: ast.stmt) -> bool:
    """Whether a statement only spells an empty body: `pass`, `...`, `raise NotImplementedError`."""
    if isinstance(node, ast.Pass):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and node.value.value is Ellipsis
    if isinstance(node, ast.Raise) and node.cause is None:
        raised = node.exc
        if isinstance(raised, ast.Call) and not raised.args and not raised.keywords:
            raised = raised.func
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return False
