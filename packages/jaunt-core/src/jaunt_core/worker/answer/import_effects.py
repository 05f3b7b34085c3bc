"""What an answer does when it is imported, and code that does not belong in its kind of module."""

from __future__ import annotations

from typing import cast

from ..contract.definitions import Json
from ..source.module_table import ModuleTable
from ..source.source_module import SourceModule
from .assertions import TestReader
from .import_work import main_block_line, work_at_import
from .misplaced_code import replaced_names_in, test_code_in


def import_effects_of(table: ModuleTable, module: SourceModule, request: Json) -> Json:
    """The facts of an answer that are about more than its definitions and imports.

    For tests, also what these assert.
    """
    resolve = table.resolver_of(module)
    names = frozenset(cast("list[str]", request["names"]))
    facts: Json = {
        "work": [work._asdict() for work in work_at_import(module, resolve)],
        "main_block": main_block_line(module.tree),
    }
    if request["kind"] == "test":
        facts["tests"] = list(TestReader(table, module, resolve).facts_of(names))
        facts["replaced"] = list(replaced_names_in(module, resolve))
    else:
        spec_module = table.find(str(request["spec_module"]))
        facts["test_code"] = list(test_code_in(module, resolve, names, spec_module))
    return facts
