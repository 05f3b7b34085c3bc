"""Imports of the project's own names that nothing mentions, so that no model sees them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..contract.comments import comments_of
from ..source.docstring_sections import entries_of
from ..source.imported_names import ImportedName, imported_names
from ..source.mentioned_names import capitalised_words, names_in_prose
from ..source.module_table import ModuleTable
from ..source.source_module import SourceModule
from ..source.syntax import DEFINITIONS, docstring_of, nodes_in

_IDENTIFIER = re.compile(r"[^\W\d]\w*")


def unseen_imports(table: ModuleTable, module: SourceModule) -> Iterator[tuple[str, int]]:
    """Names and lines of imports at the top level that neither code nor prose of specs mention.

    What a package's own module imports, or what is imported under its own name, is for others; an
    import with a comment that silences other linters is wanted for what it does.
    """
    if module.is_package or module.is_dynamic:
        return
    mentioned = _mentioned_in(module)
    silenced = {comment.line for comment in comments_of(module.text) if "noqa" in comment.text}
    for imported in imported_names(module):
        if (
            imported.scope != "function"
            and imported.bound not in mentioned
            and imported.line not in silenced
            and _is_own(table, imported)
            and not _is_reexport(module, imported)
        ):
            yield imported.bound, imported.line


def _is_own(table: ModuleTable, imported: ImportedName) -> bool:
    name = imported.module
    return table.file_of(name) is not None or table.is_namespace(name)


def _is_reexport(module: SourceModule, imported: ImportedName) -> bool:
    return any(
        alias.asname == alias.name == imported.bound
        for node in module.tree.body
        if isinstance(node, ast.ImportFrom) and node.lineno == imported.line
        for alias in node.names
    )


def _mentioned_in(module: SourceModule) -> set[str]:
    """Names in code, in texts that may be code, and in the prose of definitions."""
    names: set[str] = set()
    docstrings = {id(module.tree.body[0])} if docstring_of(module.tree.body) is not None else set()
    prose = []
    spans: list[range] = []
    for node in nodes_in(module.tree):
        if isinstance(node, DEFINITIONS):
            spans.append(range(node.lineno, (node.end_lineno or node.lineno) + 2))
            if (docstring := docstring_of(node.body)) is not None:
                docstrings.add(id(node.body[0]))
                prose.append(docstring)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.arg):  # a fixture that is imported is asked for by this name
            names.add(node.arg)
    for node in nodes_in(module.tree):
        if isinstance(node, ast.Expr) and id(node) in docstrings:
            continue
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Constant) and isinstance(child.value, str):
                names.update(_IDENTIFIER.findall(child.value))
    prose += [
        comment.text
        for comment in comments_of(module.text)
        if any(comment.line in span for span in spans)
    ]
    for text in prose:
        marked = names_in_prose(text) | capitalised_words(text)
        marked.update(entry.name for entry in entries_of(text))
        names.update(name.partition(".")[0] for name in marked)
    return names
