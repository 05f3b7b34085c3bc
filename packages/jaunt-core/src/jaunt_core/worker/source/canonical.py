"""Canonical forms: one text for all spellings that mean the same, on every Python version.

`ast.dump` and `ast.unparse` differ between versions, so the forms are written here: node names,
fields in order, empty fields left out. A field that a later Python adds is empty for source that
does not use it, so every older form stays as it was.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Sequence
from itertools import groupby

from .scopes import MODULE_SCOPE, Scope, scope_of_field
from .syntax import DEFINITIONS, clean_docstring, docstring_of, dotted_name

Resolve = Callable[[str], str]
"""Turns a dotted name as written into the qualified name that it stands for."""

_IGNORED_FIELDS = frozenset({"ctx", "type_comment", "kind", "type_ignores"})
_DOCUMENTED = (*DEFINITIONS, ast.Module)

# Fields that hold types, from Python 3.12 on: `type X = …`, and `X: …` in type parameters.
_TYPE_FIELDS = frozenset({("TypeAlias", "value"), ("TypeVar", "bound")})

_BUILTIN_GENERICS = {
    "List": "list",
    "Dict": "dict",
    "Set": "set",
    "FrozenSet": "frozenset",
    "Tuple": "tuple",
    "Type": "type",
    "Text": "str",
    "Deque": "collections.deque",
    "DefaultDict": "collections.defaultdict",
    "OrderedDict": "collections.OrderedDict",
    "Counter": "collections.Counter",
    "ChainMap": "collections.ChainMap",
    "Pattern": "re.Pattern",
    "Match": "re.Match",
    "ContextManager": "contextlib.AbstractContextManager",
    "AsyncContextManager": "contextlib.AbstractAsyncContextManager",
    "AbstractSet": "collections.abc.Set",
}
_ABSTRACT_GENERICS = frozenset({
    "AsyncGenerator", "AsyncIterable", "AsyncIterator", "Awaitable", "ByteString", "Callable",
    "Collection", "Container", "Coroutine", "Generator", "Hashable", "ItemsView", "Iterable",
    "Iterator", "KeysView", "Mapping", "MappingView", "MutableMapping", "MutableSequence",
    "MutableSet", "Reversible", "Sequence", "Sized", "ValuesView",
})  # fmt: skip


def as_written(name: str) -> str:
    """The name itself: the resolver for forms that keep names as they are written."""
    return name


def form_of(node: ast.AST, resolve: Resolve = as_written, scope: Scope = MODULE_SCOPE) -> str:
    """The canonical form of a node: an s-expression without positions or formatting.

    Names that `scope` or the node itself binds stay as they are written.
    """
    if isinstance(node, ast.Constant):
        # ASCII only: which other characters `repr` escapes depends on the Python version.
        return f"({type(node.value).__name__} {node.value!a})"
    name = dotted_name(node)
    if name is not None:
        return name if scope.knows(name) else resolve(name)
    if isinstance(node, ast.JoinedStr):
        return f"(JoinedStr {' '.join(_joined_parts(node, resolve, scope))})"
    fields = []
    for field in node._fields:
        value = getattr(node, field, None)
        if field in _IGNORED_FIELDS or value is None or value == []:
            continue
        # Finding what is local takes time, and makes no difference to names kept as written.
        inner = scope if resolve is as_written else scope_of_field(node, field, scope)
        if field in ("annotation", "returns") or (type(node).__name__, field) in _TYPE_FIELDS:
            fields.append(f":{field} {type_form(value, resolve, inner)}")
            continue
        if field == "body" and isinstance(node, _DOCUMENTED):
            value = _with_clean_docstring(value)
        fields.append(f":{field} {_value_form(value, resolve, inner)}")
    return f"({' '.join([type(node).__name__, *fields])})"


def forms_of(
    nodes: Sequence[ast.AST], resolve: Resolve = as_written, scope: Scope = MODULE_SCOPE
) -> str:
    """The canonical forms of several nodes, in order."""
    return " ".join(form_of(node, resolve, scope) for node in nodes)


def _value_form(value: object, resolve: Resolve, scope: Scope) -> str:
    if isinstance(value, ast.AST):
        return form_of(value, resolve, scope)
    if isinstance(value, list):
        # None is the key of `**mapping` and the default of a keyword-only parameter without one.
        forms = ["_" if part is None else _value_form(part, resolve, scope) for part in value]
        return f"[{' '.join(forms)}]"
    return ascii(value)


def _joined_parts(node: ast.JoinedStr, resolve: Resolve, scope: Scope) -> list[str]:
    # Python versions cut the constant pieces of an f-string at different places: join them.
    parts: list[str] = []
    for kind, values in groupby(node.values, type):
        if kind is not ast.Constant:
            parts += [form_of(value, resolve, scope) for value in values]
        elif text := "".join(str(getattr(value, "value")) for value in values):  # noqa: B009 - typed
            parts.append(ascii(text))
    return parts


def _with_clean_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    # Formatters change the indentation of docstrings, which is no change of their content.
    text = docstring_of(body)
    if text is None:
        return body
    return [ast.Expr(ast.Constant(clean_docstring(text))), *body[1:]]


def type_form(node: ast.AST, resolve: Resolve = as_written, scope: Scope = MODULE_SCOPE) -> str:
    """The canonical form of an annotation: the same for all spellings of one type.

    Quoted annotations are parsed and names resolved; `Optional[X]`, `Union[X, None]` and
    `X | None` have one form, and so have `typing.List` and `list`.
    """
    if resolve is as_written or scope == MODULE_SCOPE:
        return _type_form(node, resolve)

    def resolve_here(dotted: str) -> str:
        return dotted if scope.knows(dotted) else resolve(dotted)

    return _type_form(node, resolve_here)


def _type_form(node: ast.AST, resolve: Resolve) -> str:
    members = _members(node, resolve)
    if len(members) == 1:
        return members[0]
    ordered = sorted(set(members) - {"None"})
    return " | ".join([*ordered, "None"] if "None" in members else ordered)


def _members(node: ast.AST, resolve: Resolve) -> list[str]:
    """The members of a union, however it is spelt; any other type is its only member."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return _members(ast.parse(node.value.strip(), mode="eval").body, resolve)
        except (SyntaxError, ValueError):
            return [form_of(node)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_members(node.left, resolve), *_members(node.right, resolve)]
    if isinstance(node, ast.Subscript):
        base = _type_form(node.value, resolve)
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if base in ("typing.Optional", "typing.Union"):
            members = [member for part in arguments for member in _members(part, resolve)]
            return [*members, "None"] if base == "typing.Optional" else members
        return [f"{base}[{', '.join(_argument_forms(base, arguments, resolve))}]"]
    return [_member_form(node, resolve)]


def _argument_forms(base: str, arguments: list[ast.expr], resolve: Resolve) -> list[str]:
    if base == "typing.Literal":
        return [form_of(argument, resolve) for argument in arguments]
    if base == "typing.Annotated":
        metadata = [form_of(argument, resolve) for argument in arguments[1:]]
        return [_type_form(arguments[0], resolve), *metadata]
    return [_type_form(argument, resolve) for argument in arguments]


def _member_form(node: ast.AST, resolve: Resolve) -> str:
    if isinstance(node, ast.Constant):
        return "..." if node.value is Ellipsis else ascii(node.value)
    name = dotted_name(node)
    if name is not None:
        return _type_name(resolve(name))
    if isinstance(node, ast.List):
        return f"[{', '.join(_type_form(element, resolve) for element in node.elts)}]"
    if isinstance(node, ast.Starred):
        return f"typing.Unpack[{_type_form(node.value, resolve)}]"
    return form_of(node, resolve)


def assignment_form(node: ast.stmt, resolve: Resolve = as_written) -> str:
    """The canonical form of an assignment; a type alias is the same for all its spellings."""
    is_assignment = isinstance(node, (ast.Assign, ast.AnnAssign))
    if not is_assignment or not node.value or not is_type(node.value):
        return form_of(node, resolve)
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return f"(Alias {forms_of(targets, resolve)} {type_form(node.value, resolve)})"


def is_type(node: ast.expr) -> bool:
    """Whether an expression can only be meant as a type; `A | B` of two dictionaries is none."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _is_type_member(node.left) and _is_type_member(node.right)
    return isinstance(node, ast.Subscript) and is_type_name(node.value)


def _is_type_member(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is None or isinstance(node.value, str)
    return is_type(node) or is_type_name(node)


def is_type_name(node: ast.expr) -> bool:
    """Whether a name is spelt like that of a type: `Order`, `int`; not `TABLE` or `table`."""
    name = (dotted_name(node) or "").rpartition(".")[2]
    is_builtin = isinstance(vars(builtins).get(name), type)
    return is_builtin or (name[:1].isupper() and not name.isupper())


def _type_name(name: str) -> str:
    module, _, last = name.rpartition(".")
    if module not in ("typing", "typing_extensions"):
        return name
    if last in _BUILTIN_GENERICS:
        return _BUILTIN_GENERICS[last]
    if last in _ABSTRACT_GENERICS:
        return f"collections.abc.{last}"
    return f"typing.{last}"
