"""The handwritten definitions that a spec names, as the model sees them, and what these name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from textwrap import dedent

from ..source.canonical import assignment_form, form_of
from ..source.mentioned_names import names_in_alias, names_in_outline
from ..source.module_table import ModuleTable
from ..source.scopes import free_names, names_in_signature
from ..source.source_module import SourceModule
from .comments import Comment, comments_form, comments_of
from .definitions import Definitions, Json, without_stubs
from .outline import Outline
from .signatures import lines_of

_WHOLE_BASES = ("enum.", "pydantic.", "typing.NamedTuple", "typing.TypedDict")
_WHOLE_DECORATORS = ("dataclasses.dataclass", "attr.", "attrs.", "pydantic.")


class ContextReader:
    """Collects context items, following what they name until nothing new is named."""

    def __init__(
        self, table: ModuleTable, *, is_spec: Callable[[str], bool], relative: Callable[..., str]
    ) -> None:
        self._table = table
        self._is_spec = is_spec
        self._relative = relative
        self._comments: dict[str, list[Comment]] = {}
        self._paths: dict[str, str] = {}
        self._known: dict[str, tuple[Json | None, list[str]]] = {}

    def items_of(self, refs: Iterable[str]) -> list[Json]:
        """The items for `refs` and all that they name in turn, ordered by reference.

        Specs are interfaces of their own and no items, but the types in their signatures are.
        """
        pending = sorted(set(refs))
        seen = set(pending)
        items: dict[str, Json] = {}
        while pending:
            ref = pending.pop()
            if ref not in self._known:
                self._known[ref] = self._read(ref)
            item, named = self._known[ref]
            if item is not None:
                items[ref] = item
            pending.extend(name for name in named if name not in seen)
            seen.update(named)
        return [items[ref] for ref in sorted(items)]

    def _read(self, ref: str) -> tuple[Json | None, list[str]]:
        module_name, _, name = ref.partition(":")
        module = self._table.find(module_name)
        nodes = module.definitions.get(name, []) if module else []
        if module is None or not nodes:
            return None, []
        named = sorted(
            found.ref
            for dotted in self._names(module, ref, nodes)
            if (found := self._table.resolve(module, dotted)) and found.ref and found.ref != ref
        )
        if self._is_spec(ref):
            return None, named
        shown = [self._shown(module, node) for node in nodes]
        item: Json = {
            "ref": ref,
            "path": self._path_of(module),
            "line": nodes[0].lineno,
            "text": "\n".join(text for text, _ in shown),
            "form": " ".join(form for _, form in shown),
        }
        return item, named

    def _names(self, module: SourceModule, ref: str, nodes: list[ast.stmt]) -> set[str]:
        found: set[str] = set()
        for node in nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found.update(names_in_signature(node))
            elif isinstance(node, ast.ClassDef) and (
                self._is_spec(ref) or not self._is_whole(module, node)
            ):
                found |= names_in_outline(node)
            else:
                found.update(free_names(node), names_in_alias(node))
        return found

    def _shown(self, module: SourceModule, node: ast.stmt) -> tuple[str, str]:
        resolve = self._table.resolver_of(module)
        is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        is_outlined = isinstance(node, ast.ClassDef) and not self._is_whole(module, node)
        if is_function or is_outlined:
            outline = Outline(module.text, resolve, Definitions(module.text, resolve))
            none: frozenset[int] = frozenset()
            return outline.text_of(node, skip=none), outline.form_of(node, skip=none)
        comments = self._comments_in(module)
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        last = node.end_lineno or node.lineno
        lines = lines_of(module.text)[first - 1 : last]
        text = dedent("\n".join(line.rstrip() for line in lines))
        said = comments_form(node, comments, last=last, skip=frozenset())
        if isinstance(node, ast.ClassDef):
            form = form_of(without_stubs(node), resolve)
        else:
            form = assignment_form(node, resolve)
        return text, f"{form} #[{said}]"

    def _is_whole(self, module: SourceModule, node: ast.ClassDef) -> bool:
        resolve = self._table.resolver_of(module)
        if not any(isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) for item in node.body):
            return True
        bases = [form_of(item, resolve) for item in node.bases]
        decorators = [
            form_of(item.func if isinstance(item, ast.Call) else item, resolve)
            for item in node.decorator_list
        ]
        return any(base.startswith(_WHOLE_BASES) for base in bases) or any(
            decorator.startswith(_WHOLE_DECORATORS) for decorator in decorators
        )

    def _path_of(self, module: SourceModule) -> str:
        if module.name not in self._paths:
            self._paths[module.name] = self._relative(module.path)
        return self._paths[module.name]

    def _comments_in(self, module: SourceModule) -> list[Comment]:
        if module.name not in self._comments:
            self._comments[module.name] = comments_of(module.text)
        return self._comments[module.name]
