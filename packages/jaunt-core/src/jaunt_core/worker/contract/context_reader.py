"""The context of a spec: the handwritten definitions that it names, as a model sees them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import cache
from textwrap import dedent

from ..source.canonical import assignment_form, form_of
from ..source.mentioned_names import names_in_alias, names_in_outline
from ..source.module_table import ModuleTable
from ..source.rebound_names import rebound_names
from ..source.scopes import free_names, names_in_signature
from ..source.source_module import SourceModule
from ..source.syntax import FUNCTIONS, FunctionNode, first_line_of, without_call
from .comments import comments_form, comments_of
from .definitions import Definitions, Json, without_stubs
from .fixtures import Fixture
from .named_homes import NamedHomes
from .outline import Outline
from .signatures import lines_of

# Classes of these kinds are data: a model sees them whole, methods included.
_WHOLE_BASES = ("enum.", "pydantic.", "typing.NamedTuple", "typing.TypedDict")
_WHOLE_DECORATORS = ("dataclasses.dataclass", "attr.", "attrs.", "pydantic.")

_SHORT = 20
"""How many lines of a fixture are shown with its body."""


class ContextReader:
    """Collects context items, and those that they name in turn."""

    def __init__(
        self, table: ModuleTable, *, is_spec: Callable[[str], bool], relative: Callable[..., str]
    ) -> None:
        self._table = table
        self._is_spec = is_spec
        self._relative = cache(relative)
        self.homes = NamedHomes(table)
        self._items: dict[str, tuple[Json | None, list[str]]] = {}

    def items_of(self, refs: Iterable[str]) -> list[Json]:
        """The context items for `refs` and for all that these name in turn, ordered by reference.

        Specs among `refs` are shown as interfaces elsewhere, so they are no items, but what their
        signatures name is. Further specs are not shown, nor is what they name.
        """
        first = set(refs)
        pending = sorted(first)
        seen = set(pending)
        items: dict[str, Json] = {}
        while pending:
            ref = pending.pop()
            if ref not in self._items:
                self._items[ref] = self._read(ref)
            context_item, named = self._items[ref]
            if context_item is not None:
                items[ref] = context_item
            elif ref not in first:
                continue
            pending.extend(further for further in named if further not in seen)
            seen.update(named)
        return [items[ref] for ref in sorted(items)]

    def fixture_items(self, fixtures: Iterable[Fixture]) -> list[Json]:
        """Fixtures as context items: whole where they are short, else as functions are."""
        return [self._fixture_item(fixture) for fixture in fixtures]

    def _fixture_item(self, fixture: Fixture) -> Json:
        module, node = fixture.module, fixture.node
        text, form, names = self._fixture_text(module, node)
        return {
            "ref": fixture.ref,
            "path": self._relative(module.path),
            "line": node.lineno,
            "text": text,
            "form": f"{form} {'supplied' if fixture.supplied else ''}".rstrip(),
            "names": names,
            "supplied": fixture.supplied,
        }

    def _fixture_text(
        self, module: SourceModule, node: FunctionNode
    ) -> tuple[str, str, list[Json]]:
        if not is_short(node):
            return self._text_and_form(module, node)
        resolve = self._table.resolver_of(module)
        comments = comments_form(node, comments_of(module.text), last=node.end_lineno or 0)
        form = f"{form_of(node, resolve)} #[{comments}]"
        return _source_of(module, node), form, self.homes.of_code(module, node)

    def _read(self, ref: str) -> tuple[Json | None, list[str]]:
        """The item for one reference, None for specs, and the references that it names."""
        definitions = self._table.definitions_at(ref)
        if not definitions:
            return None, []
        module, nodes = definitions[0][0], [node for _, node in definitions]
        named = sorted(
            target.ref
            for dotted in self._names(module, ref, nodes)
            if (target := self._table.resolve(module, dotted)) and target.ref and target.ref != ref
        )
        if self._is_spec(ref):
            return None, named
        shown = [self._text_and_form(module, node) for node in nodes]
        context_item: Json = {
            "ref": ref,
            "path": self._relative(module.path),
            "line": nodes[0].lineno,
            "text": "\n".join(text for text, _, _ in shown),
            "form": " ".join(form for _, form, _ in shown),
            "names": [home for _, _, homes in shown for home in homes],
            "rebound": ref.partition(":")[2] in rebound_names(module),
        }
        return context_item, named

    def _names(self, module: SourceModule, ref: str, nodes: list[ast.stmt]) -> set[str]:
        # Only names in what the model is shown count: those in hidden bodies do not.
        names: set[str] = set()
        for node in nodes:
            if isinstance(node, FUNCTIONS):
                names.update(names_in_signature(node))
            elif isinstance(node, ast.ClassDef) and (
                self._is_spec(ref) or not self._is_shown_whole(module, node)
            ):
                names |= names_in_outline(node)
            else:
                names.update(free_names(node), names_in_alias(node))
        return names

    def _text_and_form(self, module: SourceModule, node: ast.stmt) -> tuple[str, str, list[Json]]:
        """A definition as a model sees it, the form of just that, and the homes of its names."""
        resolve = self._table.resolver_of(module)
        is_outlined = isinstance(node, ast.ClassDef) and not self._is_shown_whole(module, node)
        if isinstance(node, FUNCTIONS) or is_outlined:
            outline = Outline(module.text, resolve, Definitions(module.text, resolve))
            homes, names_form = self.homes.of_outline(module, node)
            names_form = f" names[{names_form}]" if names_form else ""
            return outline.text_of(node), outline.form_of(node) + names_form, homes
        text = _source_of(module, node)
        comments = comments_form(node, comments_of(module.text), last=node.end_lineno or 0)
        if isinstance(node, ast.ClassDef):
            form = form_of(without_stubs(node), resolve)
        else:
            form = assignment_form(node, resolve)
        return text, f"{form} #[{comments}]", self.homes.of_code(module, node)

    def _is_shown_whole(self, module: SourceModule, node: ast.ClassDef) -> bool:
        resolve = self._table.resolver_of(module)
        return (
            not any(isinstance(member, FUNCTIONS) for member in node.body)
            or any(form_of(base, resolve).startswith(_WHOLE_BASES) for base in node.bases)
            or any(
                form_of(without_call(decorator), resolve).startswith(_WHOLE_DECORATORS)
                for decorator in node.decorator_list
            )
        )


def is_short(node: FunctionNode) -> bool:
    """Whether a fixture is shown whole."""
    return (node.end_lineno or node.lineno) - first_line_of(node) < _SHORT


def _source_of(module: SourceModule, node: ast.stmt) -> str:
    lines = lines_of(module.text)[first_line_of(node) - 1 : node.end_lineno]
    return dedent("\n".join(line.rstrip() for line in lines))
