"""Facts about an answer: its definitions as those of a spec, whether it compiles, its imports."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from ..contract.definitions import Definitions, Json
from ..source.canonical import form_of
from ..source.evaluated_at_import import evaluated_names, evaluated_nodes
from ..source.hashing import sha256_of
from ..source.imported_names import ImportedName, imported_names
from ..source.interpreter_settings import deep_recursion
from ..source.module_table import ModuleTable
from ..source.source_module import SourceModule, parse_module
from ..source.syntax import dotted_name
from .distributions import distributions_of
from .import_graph import ImportGraph
from .import_order import ImportOrder
from .undefined_names import undefined_names

_TYPE_VARIABLES = tuple(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("TypeVar", "ParamSpec", "TypeVarTuple")
)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


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
        self._external: dict[tuple[str, str | None], tuple[str, str | None]] = {}

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
            module = parse_module(name, path, text, is_package=bool(request["is_package"]))
            digest = body_digest(module.tree)
        except SyntaxError as error:
            return {"syntax_error": _syntax_error(error, text)}
        except (ValueError, RecursionError, MemoryError) as error:
            is_deep = isinstance(error, (RecursionError, MemoryError))
            deep = "it is nested more deeply than this Python can read"
            return {"syntax_error": {"line": 0, "message": deep if is_deep else str(error)}}
        spec_module = str(request["spec_module"])
        names = frozenset(cast("list[str]", request["names"]))
        definitions = Definitions(text, AnswerResolver(self._table, module, spec_module, names))
        return {
            "syntax_error": None,
            "body_digest": digest,
            "definitions": [
                definitions.facts_of(node)
                for node in module.tree.body
                if isinstance(node, _DEFINITIONS) and not definitions.is_overload(node)
            ],
            "assigned": sorted(_assigned_names(module)),
            "conditional": list(_conditional_definitions(module)),
            "imports": list(self._imports(module, spec_module)),
            "undefined": [
                {"name": name, "line": line} for name, line in undefined_names(text, module.tree)
            ],
            **self._import_effects(module, request),
        }

    def _import_effects(self, module: SourceModule, request: Json) -> Json:
        from .import_effects import import_effects_of  # noqa: PLC0415 - most runs see no answer

        return import_effects_of(self._table, module, request)

    def _imports(self, module: SourceModule, spec_module: str) -> Iterator[Json]:
        listed = list(imported_names(module, self._resolves))
        unbound = self._unbound(spec_module, listed)
        packages = self._packages_used_by(spec_module)
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
                "distributions": self._distributions(imported, packages),
                "evaluated": evaluated.get(bound, 0) if typing_only else 0,
            }

    def _resolves(self, imported: ImportedName) -> bool:
        return self._status(imported)[0] == "ok"

    def _packages_used_by(self, spec_module: str) -> set[str]:
        """The top-level packages that a person already uses in the spec module."""
        module = self._table.find(spec_module)
        return {name.partition(".")[0] for name in module.required_modules} if module else set()

    def _distributions(self, imported: ImportedName, used_packages: set[str]) -> list[str]:
        top = imported.module.partition(".")[0]
        if top in used_packages or self._table.find(top) or self._table.is_namespace(top):
            return []
        return distributions_of(top)

    def _unbound(self, spec_module: str, listed: list[ImportedName]) -> set[ImportedName]:
        answer = self._graph.top_level(listed)
        return ImportOrder(self._graph, spec_module=spec_module, answer=answer).unbound()

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
            return (*self._external_status(source, name), None)
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
            return (*self._external_status(source, name), None)
        # A module may have names that its source does not show.
        status, _ = self._external_status(source, name)
        if status == "ok" or (status == "no module" and module.is_dynamic):
            return "ok", None, None
        close = get_close_matches(name, sorted(module.binding_lines), n=1)
        return "no name", close[0] if close else None, None

    def _external_status(self, source: str, name: str | None) -> tuple[str, str | None]:
        key = (source, name)
        if key not in self._external:
            self._external[key] = _external_status(source, name)
        return self._external[key]


class AnswerResolver:
    """Resolves names in an answer to what they mean in its spec module.

    So the definitions of the two can be compared, although they are in different modules.
    """

    def __init__(
        self, table: ModuleTable, module: SourceModule, spec_module: str, names: frozenset[str]
    ) -> None:
        self._module = module
        self._spec_module = spec_module
        self._names = names
        self._plain = table.resolver_of(module)

    def __call__(self, dotted: str) -> str:
        """The qualified name; what the answer defines anew belongs to the spec module."""
        head = dotted.partition(".")[0]
        if head in self._names or self._is_type_variable(head):
            return f"{self._spec_module}.{dotted}"
        return self._plain(dotted)

    def _is_type_variable(self, name: str) -> bool:
        for node in self._module.definitions.get(name, []):
            value = _value_of(name, node)
            if isinstance(value, ast.Call):
                called = dotted_name(value.func)
                return called is not None and self._plain(called) in _TYPE_VARIABLES
        return False


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
    from .surrounding_prose import prose_in  # noqa: PLC0415 - only mistakes pay for it

    prose = prose_in(text)
    line, words = prose or (error.lineno or 0, "")
    return {"line": line, "message": str(error.msg), "prose": words}


def _assigned_names(module: SourceModule) -> set[str]:
    """The top-level names that something else than a `def` or `class` binds or removes."""
    assigned = {
        name
        for name, nodes in module.definitions.items()
        if any(not isinstance(node, _DEFINITIONS) for node in nodes)
    }
    return (
        assigned
        | (module.imports.keys() & module.binding_lines.keys())
        | _deleted_names(module.tree)
    )


def _deleted_names(tree: ast.Module) -> set[str]:
    """The names that a `del` removes while the module is imported."""
    return {
        target.id
        for node in evaluated_nodes(tree, tree.body)
        if isinstance(node, ast.Delete)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _conditional_definitions(module: SourceModule) -> Iterator[Json]:
    """The definitions inside an `if`, `try` or other block, which may not be executed."""
    always = {id(node) for node in module.tree.body}
    for name, nodes in module.definitions.items():
        for node in nodes:
            if isinstance(node, _DEFINITIONS) and id(node) not in always:
                yield {"name": name, "line": node.lineno}


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
