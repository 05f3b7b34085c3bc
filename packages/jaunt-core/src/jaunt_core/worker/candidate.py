"""What an answer says: the same facts as of a spec, whether it compiles, what it imports."""

from __future__ import annotations

import ast
import hashlib
import importlib
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from .canonical import dotted_name, form_of
from .context import resolver
from .definitions import Definitions, Json
from .modules import ModuleTable
from .namespace import SourceModule, absolute_module, is_typing_guard, parse_module

_TYPE_VARIABLES = ("typing.TypeVar", "typing.ParamSpec", "typing.TypeVarTuple")
_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def body_digest(tree: ast.Module) -> str:
    """A digest of the syntax tree: formatting, comments and line endings do not count."""
    return "sha256:" + hashlib.sha256(form_of(tree).encode("utf-8", "surrogatepass")).hexdigest()


def digest_of_body(text: str) -> str | None:
    """The body digest of a source text, None where it does not parse."""
    try:
        return body_digest(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class CandidateReader:
    """Reads one answer as the generated module that it would become."""

    def __init__(self, table: ModuleTable, *, generated_dir: str) -> None:
        self._table = table
        self._generated_dir = generated_dir
        self._external: dict[tuple[str, str | None], tuple[str, str | None]] = {}

    def facts_of(self, request: Json) -> Json:
        """The facts of the answer in `request`, or where its syntax is wrong."""
        text = str(request["source"])
        name = str(request["generated_module"])
        path = Path(str(request["generated_path"]))
        try:
            compile(text, str(path), "exec", dont_inherit=True)
            module = parse_module(name, path, text, is_package=bool(request["is_package"]))
            digest = body_digest(module.tree)
        except SyntaxError as error:
            return {"syntax_error": {"line": error.lineno or 0, "message": str(error.msg)}}
        except (ValueError, RecursionError, MemoryError) as error:
            return {"syntax_error": {"line": 0, "message": str(error) or type(error).__name__}}
        spec_module = str(request["spec_module"])
        names = frozenset(cast("list[str]", request["names"]))
        definitions = Definitions(text, self._resolver(module, spec_module, names))
        return {
            "syntax_error": None,
            "body_digest": digest,
            "definitions": [
                definitions.facts_of(node)
                for nodes in module.definitions.values()
                for node in nodes
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            ],
            "assigned": sorted(
                {
                    bound
                    for bound, nodes in module.definitions.items()
                    if any(isinstance(node, (ast.Assign, ast.AnnAssign)) for node in nodes)
                }
            ),
            "imports": list(self._imports(module, spec_module)),
        }

    def _resolver(self, module: SourceModule, spec_module: str, names: frozenset[str]) -> Resolver:
        return Resolver(self._table, module, spec_module, names)

    def _imports(self, module: SourceModule, spec_module: str) -> Iterator[Json]:
        for node, scope, optional in _import_statements(module.tree.body, "module", optional=False):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield self._fact(spec_module, node, alias.name, None, scope, optional=optional)
            else:
                source = absolute_module(module, node)
                for alias in node.names:
                    yield self._fact(
                        spec_module, node, source, alias.name, scope, optional=optional
                    )

    def _fact(
        self,
        spec_module: str,
        node: ast.stmt,
        source: str,
        name: str | None,
        scope: str,
        *,
        optional: bool,
    ) -> Json:
        status, nearest, ref = self._status(source, name, scope)
        return {
            "line": node.lineno,
            "module": source,
            "name": name,
            "scope": scope,
            "optional": optional,
            "status": status,
            "nearest": nearest,
            "ref": ref,
            "generated": self._generated_dir in source.split(".") or name == self._generated_dir,
            "cyclic": scope == "module" and self._is_cyclic(spec_module, source, name),
        }

    def _status(
        self, source: str, name: str | None, scope: str
    ) -> tuple[str, str | None, str | None]:
        """`ok`, `no module` or `no name`, the nearest name, the first-party reference."""
        module = self._table.find(source)
        if module is None and not self._table.is_namespace(source):
            return (*self._external_status(source, name), None)
        if name is None or name == "*":
            return "ok", None, None
        submodule = f"{source}.{name}"
        if module is not None:
            found = self._table.resolve(module, name)
            through_star = name not in module.definitions and name not in module.imports
            if name in module.lines or (found and (scope == "typing" or through_star)):
                return "ok", None, found.ref if found else None
        if self._table.file_of(submodule) or self._table.is_namespace(submodule):
            return "ok", None, None
        if module is None:
            return (*self._external_status(source, name), None)
        if module.is_dynamic:
            return "ok", None, None
        close = get_close_matches(name, sorted(module.lines), n=1)
        return "no name", close[0] if close else None, None

    def _external_status(self, source: str, name: str | None) -> tuple[str, str | None]:
        key = (source, name)
        if key not in self._external:
            self._external[key] = _external_status(source, name)
        return self._external[key]

    def _is_cyclic(self, spec_module: str, source: str, name: str | None) -> bool:
        """Whether importing this while the spec module is half imported may find it unbound.

        True where the other module imports the spec module in turn, unless the spec module
        itself imports the same name.
        """
        spec = self._table.find(spec_module)
        if name is None or source == spec_module or spec is None:
            return False
        if f"{source}.{name}" in spec.requires:
            return False
        pending, seen = [source, f"{source}.{name}"], {source}
        while pending:
            module = self._table.find(pending.pop())
            for required in module.requires if module else ():
                if required == spec_module:
                    return True
                if required not in seen:
                    seen.add(required)
                    pending.append(required)
        return False


class Resolver:
    """Resolves the names of an answer to what its spec module means by them."""

    def __init__(
        self, table: ModuleTable, module: SourceModule, spec_module: str, names: frozenset[str]
    ) -> None:
        self._module = module
        self._spec_module = spec_module
        self._names = names
        self._plain = resolver(table, module)

    def __call__(self, dotted: str) -> str:
        """The qualified name; what the answer defines anew belongs to the spec module."""
        head = dotted.partition(".")[0]
        if head in self._names or self._is_type_variable(head):
            return f"{self._spec_module}.{dotted}"
        return self._plain(dotted)

    def _is_type_variable(self, name: str) -> bool:
        for node in self._module.definitions.get(name, []):
            value = node.value if isinstance(node, ast.Assign) else None
            if isinstance(value, ast.Call):
                called = dotted_name(value.func)
                return called is not None and self._plain(called) in _TYPE_VARIABLES
        return False


def _import_statements(
    body: list[ast.stmt], scope: str, *, optional: bool
) -> Iterator[tuple[ast.Import | ast.ImportFrom, str, bool]]:
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node, scope, optional
            continue
        inside = scope
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inside = "function"
        if isinstance(node, ast.If) and is_typing_guard(node.test):
            yield from _import_statements(node.body, "typing", optional=optional)
            yield from _import_statements(node.orelse, inside, optional=optional)
            continue
        guarded = optional or (isinstance(node, ast.Try) and _catches_import_errors(node))
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(node, field, [])
            yield from _import_statements(
                inner, inside, optional=guarded if field == "body" else optional
            )
        for part in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
            yield from _import_statements(part.body, inside, optional=optional)


def _catches_import_errors(node: ast.Try) -> bool:
    for handler in node.handlers:
        types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any(item is None or dotted_name(item) in _IMPORT_ERRORS for item in types):
            return True
    return False


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
