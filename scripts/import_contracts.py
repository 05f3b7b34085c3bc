"""Kinds of import contract that import-linter does not bring, for `.importlinter`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.imports import Module


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One import that a contract does not allow."""

    importer: str
    imported: str
    lines: tuple[int, ...]


class AllowListContract(Contract):
    """A package imports itself, the standard library and what is listed; nothing else."""

    type_name = "allow_list"

    source = fields.ModuleField()
    allowed = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        """Whether every import of the package is allowed."""
        source = cast("Module", self.source).name
        listed = (source, *(name for name in cast("set[str]", self.allowed or set()) if name))
        violations = [
            violation
            for module in sorted({source, *graph.find_descendants(source)})
            for violation in _imports_of(graph, module)
            if not any(_is_in(violation.imported, name) for name in listed)
            and violation.imported.partition(".")[0] not in sys.stdlib_module_names
        ]
        return ContractCheck(kept=not violations, metadata={"violations": violations})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the imports that are not allowed."""
        _print_violations(check)


class OneWayDownContract(Contract):
    """No module imports a package that contains it: every import cycle begins there."""

    type_name = "one_way_down"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        """Whether no module imports one of its own ancestors."""
        violations = [
            violation
            for module in sorted(graph.modules)
            if not graph.is_module_squashed(module)
            for violation in _imports_of(graph, module)
            if module != violation.imported and _is_in(module, violation.imported)
        ]
        return ContractCheck(kept=not violations, metadata={"violations": violations})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the imports that lead upwards."""
        _print_violations(check)


class PublicFacesContract(Contract):
    """Packages import of another one what it makes public, and nothing deeper."""

    type_name = "public_faces"

    importers = fields.SetField(subfield=fields.ModuleField())
    package = fields.ModuleField()
    faces = fields.SetField(subfield=fields.ModuleField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        """Whether every import of the package is one of its faces."""
        package = cast("Module", self.package).name
        faces = {face.name for face in cast("set[Module]", self.faces)}
        names = sorted(module.name for module in cast("set[Module]", self.importers))
        violations = [
            violation
            for name in names
            for module in sorted({name, *graph.find_descendants(name)})
            for violation in _imports_of(graph, module)
            if _is_in(violation.imported, package) and violation.imported not in faces
        ]
        return ContractCheck(kept=not violations, metadata={"violations": violations})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the imports that go deeper."""
        _print_violations(check)


def _imports_of(graph: ImportGraph, module: str) -> list[Violation]:
    violations = []
    for imported in sorted(graph.find_modules_directly_imported_by(module)):
        details = graph.get_import_details(importer=module, imported=imported)
        lines = tuple(sorted({detail["line_number"] for detail in details}))
        violations.append(Violation(importer=module, imported=imported, lines=lines))
    return violations


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _print_violations(check: ContractCheck) -> None:
    for violation in cast("list[Violation]", check.metadata["violations"]):
        lines = ", ".join(str(line) for line in violation.lines)
        text = f"- {violation.importer} imports {violation.imported} (line {lines})"
        output.print_error(text, bold=False)
    output.new_line()
