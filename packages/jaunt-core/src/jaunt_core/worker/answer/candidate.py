"""Facts about an answer: its definitions as those of a spec, whether it compiles, its imports."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from ..contract.definitions import Definitions, Json
from ..contract.type_meanings import TypeMeanings
from ..source.canonical import Resolve, form_of
from ..source.evaluated_at_import import evaluated_names, evaluated_nodes
from ..source.hashing import sha256_of
from ..source.imported_names import ImportedName, imported_names
from ..source.interpreter_settings import deep_recursion
from ..source.module_table import ModuleTable
from ..source.rebound_names import rebound_names
from ..source.source_module import SourceModule
from ..source.syntax import DEFINITIONS, dotted_name
from .class_makers import class_facts
from .import_fallbacks import import_fallbacks
from .import_graph import ImportGraph
from .import_order import ImportOrder
from .misplaced_code import generated_names_in
from .undefined_names import undefined_names

_TYPE_VARIABLES = tuple(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("TypeVar", "ParamSpec", "TypeVarTuple")
)


def body_digest(tree: ast.Module) -> str:
    """A digest of the syntax tree: formatting, comments and line endings do not count."""
    return "sha256:" + sha256_of(form_of(tree).encode("utf-8", "surrogatepass"))


def digest_of_body(text: str) -> str | None:
    """The body digest of a source text, None where it does not parse."""
    try:
        with deep_recursion():
            return body_digest(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class CandidateReader:
    """Reads one answer as the generated module that it would become."""

    def __init__(self, table: ModuleTable, *, generated_dir: str) -> None:
        self._table = table
        self._generated_dir = generated_dir
        self._graph = ImportGraph(table, generated_dir=generated_dir)

    def facts_of(self, request: Json) -> Json:
        """The facts of the answer in `request`, or where its syntax is wrong."""
        with deep_recursion():
            return self._facts_of(request)

    def _facts_of(self, request: Json) -> Json:
        text = str(request["source"])
        name = str(request["generated_module"])
        path = Path(str(request["generated_path"]))
        try:
            compile(text, str(path), "exec", dont_inherit=True)
            module = SourceModule(name, path, text, is_package=bool(request["is_package"]))
            digest = body_digest(module.tree)
        except SyntaxError as error:
            return {"syntax_error": _syntax_error(error, text)}
        except (ValueError, RecursionError, MemoryError) as error:
            is_deep = isinstance(error, (RecursionError, MemoryError))
            deep = "it is nested more deeply than this Python can read"
            return {"syntax_error": {"line": 0, "message": deep if is_deep else str(error)}}
        spec_module = str(request["spec_module"])
        names = frozenset(cast("list[str]", request["names"]))
        resolve = _resolver_of_answer(module, self._table.resolver_of(module), spec_module, names)
        definitions = Definitions(text, resolve, TypeMeanings(self._table, module, resolve))
        from .import_effects import import_effects_of  # noqa: PLC0415 - most runs see no answer

        return {
            "syntax_error": None,
            "body_digest": digest,
            "definitions": [
                definitions.facts_of(node)
                for node in module.tree.body
                if isinstance(node, DEFINITIONS) and not definitions.is_overload(node)
            ],
            "assigned": sorted(_assigned_names(module)),
            "conditional": list(_conditional_definitions(module)),
            "imports": list(self._imports(module, spec_module)),
            "fallbacks": import_fallbacks(self._table, module),
            "undefined": [
                {"name": name, "line": line} for name, line in undefined_names(text, module.tree)
            ],
            "classes": class_facts(self._table, module.tree, spec_module),
            "generated_names": [*generated_names_in(module.tree, self._generated_dir)],
            **import_effects_of(self._table, module, request),
        }

    def _imports(self, module: SourceModule, spec_module: str) -> Iterator[Json]:
        listed = list(imported_names(module, lambda name: self._status(name)[0] == "ok"))
        answer = self._graph.top_level(listed)
        unbound = ImportOrder(self._graph, spec_module=spec_module, answer=answer).unbound()
        # The top-level packages that a person already uses in the spec module.
        spec = self._table.find(spec_module)
        packages = (
            {name.partition(".")[0] for name in spec.required_modules} if spec else set[str]()
        )
        has_typing_block = any(imported.scope == "typing" for imported in listed)
        evaluated = evaluated_names(module.tree) if has_typing_block else {}
        for imported in listed:
            status, nearest, ref = self._status(imported)
            bound = imported.bound
            typing_only = imported.scope == "typing" and bound not in module.binding_lines
            yield {
                "line": imported.line,
                "module": imported.module,
                "name": imported.name,
                "scope": imported.scope,
                "optional": imported.optional,
                "status": status,
                "nearest": nearest,
                "ref": ref,
                "generated": self._is_generated(imported),
                "cyclic": imported in unbound,
                "rebound": self._is_rebound(imported, spec),
                "distributions": self._distributions(imported, packages),
                "evaluated": evaluated.get(bound, 0) if typing_only else 0,
            }

    def _distributions(self, imported: ImportedName, used_packages: set[str]) -> list[str]:
        """The installed packages that a module may come from that is not the project's own."""
        top = imported.module.partition(".")[0]
        if not top or top in used_packages or top in sys.stdlib_module_names:
            return []
        if self._table.find(top) or self._table.is_namespace(top):
            return []
        # The metadata of an editable install lists no modules; that may be how we are installed.
        ours = [top.replace("_", "-")] if top.startswith("jaunt_") else []
        return sorted(set(_distributions_by_module().get(top, ours)))

    def _is_rebound(self, imported: ImportedName, spec: SourceModule | None) -> bool:
        """Whether what the answer imports once is a name that its module binds anew later."""
        home = self._table.find(imported.module) if imported.scope == "module" else None
        # What a person imports in the same way, they froze themselves.
        frozen = {binding[:2] for binding in spec.imports.values()} if spec else set()
        is_frozen = (imported.module, imported.name) in frozen
        return home is not None and not is_frozen and imported.name in rebound_names(home)

    def _is_generated(self, imported: ImportedName) -> bool:
        folder = self._generated_dir
        return folder in imported.module.split(".") or imported.name == folder

    def _status(self, imported: ImportedName) -> tuple[str, str | None, str | None]:
        """`ok`, `no module` or `no name`, the nearest name, the first-party reference."""
        source, name = imported.module, imported.name
        if self._is_generated(imported):
            return "ok", None, None  # not for us to import; a rule of its own forbids it
        if source.startswith("."):
            return "no module", "the relative import leads out of the top-level package", None
        module = self._table.find(source)
        if module is None and not self._table.is_namespace(source):
            return (*_external_status(source, name), None)
        if name is None or name == "*":
            return "ok", None, None
        return self._name_status(module, source, name, for_types=imported.scope == "typing")

    def _name_status(
        self, module: SourceModule | None, source: str, name: str, *, for_types: bool
    ) -> tuple[str, str | None, str | None]:
        """The status of a name in a first-party module, or in a namespace package."""
        submodule = f"{source}.{name}"
        if module is not None:
            resolved = self._table.resolve(module, name)
            through_star = name not in module.definitions and name not in module.imports
            if name in module.binding_lines or (resolved and (for_types or through_star)):
                return "ok", None, resolved.ref if resolved else None
        if self._table.file_of(submodule) or self._table.is_namespace(submodule):
            return "ok", None, None
        if module is None:
            return (*_external_status(source, name), None)
        # A module may have names that its source does not show.
        status, _ = _external_status(source, name)
        if status == "ok" or (status == "no module" and module.is_dynamic):
            return "ok", None, None
        close = get_close_matches(name, sorted(module.binding_lines), n=1)
        return "no name", close[0] if close else None, None


def _resolver_of_answer(
    module: SourceModule, plain: Resolve, spec_module: str, names: frozenset[str]
) -> Resolve:
    """Resolve names in an answer to what they mean in its spec module.

    So the definitions of the two can be compared, although they are in different modules.
    """

    def is_type_variable(name: str) -> bool:
        values = (_value_of(name, node) for node in module.definitions.get(name, []))
        call = next((value for value in values if isinstance(value, ast.Call)), None)
        called = dotted_name(call.func) if call else None
        return called is not None and plain(called) in _TYPE_VARIABLES

    def resolve(dotted: str) -> str:
        head = dotted.partition(".")[0]
        is_defined_anew = head in names or is_type_variable(head)
        return f"{spec_module}.{dotted}" if is_defined_anew else plain(dotted)

    return resolve


def _value_of(name: str, node: ast.stmt) -> ast.expr | None:
    """What a statement assigns to a name, also as one of several: `K, V = first, second`."""
    if not isinstance(node, ast.Assign):
        return None
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=False)
        return next((part for bound, part in pairs if dotted_name(bound) == name), None)
    return value


def _syntax_error(error: SyntaxError, text: str) -> Json:
    from .newer_syntax import newer_syntax_in  # noqa: PLC0415 - only mistakes pay for it
    from .surrounding_prose import prose_in  # noqa: PLC0415 - likewise

    lines, line = text.split("\n"), error.lineno or 0
    newer = newer_syntax_in(lines[line - 1]) if 0 < line <= len(lines) else ""
    if newer:
        return {"line": line, "message": f"{error.msg}; {newer}", "prose": ""}
    prose = prose_in(text)
    line, words = prose or (error.lineno or 0, "")
    return {"line": line, "message": str(error.msg), "prose": words}


def _assigned_names(module: SourceModule) -> set[str]:
    """The top-level names that something else than a `def` or `class` binds or removes."""
    assigned = {
        name
        for name, nodes in module.definitions.items()
        if not all(isinstance(node, DEFINITIONS) for node in nodes)
    }
    deleted = {
        target.id
        for node in evaluated_nodes(module.tree, module.tree.body)
        if isinstance(node, ast.Delete)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return assigned | (module.imports.keys() & module.binding_lines.keys()) | deleted


def _conditional_definitions(module: SourceModule) -> Iterator[Json]:
    """The definitions inside an `if`, `try` or other block, which may not be executed."""
    always = {id(node) for node in module.tree.body}
    for name, nodes in module.definitions.items():
        for node in nodes:
            if isinstance(node, DEFINITIONS) and id(node) not in always:
                yield {"name": name, "line": node.lineno}


@cache
def _distributions_by_module() -> Mapping[str, list[str]]:
    # Slow, and needed only where an answer imports something that is not the project's own.
    from importlib.metadata import packages_distributions  # noqa: PLC0415

    return packages_distributions()


@cache
def _external_status(source: str, name: str | None) -> tuple[str, str | None]:
    if source.partition(".")[0] == "_typeshed":  # exists for type checkers only
        return "ok", None
    try:
        if name is None:
            return ("ok", None) if find_spec(source) else ("no module", None)
        module = importlib.import_module(source)
        if name == "*" or hasattr(module, name) or find_spec(f"{source}.{name}"):
            return "ok", None
    except BaseException as error:  # noqa: BLE001 - what an installed package does on import is its own affair
        missing = isinstance(error, ModuleNotFoundError)
        if missing and name and getattr(error, "name", "") == f"{source}.{name}":
            return "no name", None
        if missing:
            return "no module", None
        return "no module", f"importing it raises {type(error).__name__}: {error}"
    close = get_close_matches(name, dir(module), n=1)
    return "no name", close[0] if close else None
