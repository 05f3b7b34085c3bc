"""A parsed module and the names that its top level binds, read without running it."""

from __future__ import annotations

import ast
import codecs
import tokenize
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from .hashing import sha256_of
from .syntax import DEFINITIONS, IMPORTS, bound_name, first_line_of


class ImportBinding(NamedTuple):
    """What an import binds a name to: `attribute` of `module`, or the module itself."""

    module: str
    attribute: str | None
    line: int


class SourceModule:
    """A parsed module and its top-level names.

    `definitions` holds every statement that binds a name (overloads and branches bind it more
    than once), `imports` the first import that does, `star_imports` the modules of star imports.
    `binding_lines` has the first line that binds each name at run time, `required_modules` the
    modules and names that its import needs, with their lines; both leave out what stands under
    `TYPE_CHECKING`. `digest` is the SHA-256 of the file that was read, in hexadecimal digits, and
    empty where there was no file.
    """

    def __init__(self, name: str, path: Path, text: str, *, is_package: bool) -> None:
        """Parse `text` as the source of the module `name`.

        Raises:
            SyntaxError, ValueError, RecursionError, MemoryError: It is not valid.
        """
        self.name = name
        self.path = path
        self.is_package = is_package
        self.text = text
        self.tree = ast.parse(text, filename=str(path))
        self.definitions: dict[str, list[ast.stmt]] = {}
        self.imports: dict[str, ImportBinding] = {}
        self.binding_lines: dict[str, int] = {}
        self.star_imports: list[str] = []
        self.required_modules: dict[str, int] = {}
        self.digest = ""
        self._bind_all(self.tree.body, typing_only=False)

    @property
    def is_dynamic(self) -> bool:
        """Whether the module may have names that its source does not show."""
        return bool(self.star_imports) or "__getattr__" in self.definitions

    def is_read_from(self, file: str) -> bool:
        """Whether `file` is the one that the module was read from."""
        return file == str(self.path) or Path(file).resolve() == self.path.resolve()

    def exports(self, name: str) -> bool:
        """Whether a star import of this module binds `name`, if it is there."""
        nodes = self.definitions.get("__all__", [])
        node = nodes[0] if len(nodes) == 1 else None
        listed = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if isinstance(listed, (ast.List, ast.Tuple)):
            return any(getattr(entry, "value", None) == name for entry in listed.elts)
        return bool(nodes) or not name.startswith("_")

    def _bind_all(self, body: list[ast.stmt], *, typing_only: bool) -> None:
        for node in body:
            self._bind(node, typing_only=typing_only)

    def _bind(self, node: ast.stmt, *, typing_only: bool) -> None:
        if isinstance(node, DEFINITIONS):
            self._define(node.name, node, None if typing_only else first_line_of(node))
        elif isinstance(node, IMPORTS):
            self._bind_imports(node, typing_only=typing_only)
        elif isinstance(node, ast.If) and is_typing_guard(node.test):
            self._bind_all(node.body, typing_only=True)
            self._bind_all(node.orelse, typing_only=typing_only)
        else:
            for name in _assigned_names(node):
                self._define(name, node, None if typing_only else node.lineno)
            for inner in _inner_bodies(node):
                self._bind_all(inner, typing_only=typing_only)

    def _define(self, name: str, node: ast.stmt, line: int | None) -> None:
        self.definitions.setdefault(name, []).append(node)
        if line is not None:
            self.binding_lines.setdefault(name, line)

    def _bind_imports(self, node: ast.Import | ast.ImportFrom, *, typing_only: bool) -> None:
        source = absolute_module(self, node) if isinstance(node, ast.ImportFrom) else None
        if source is not None and not typing_only:
            self.required_modules.setdefault(source, node.lineno)
        for alias in node.names:
            if source is not None and alias.name == "*":
                self.star_imports.append(source)
                continue
            bound = bound_name(alias)
            if source is None:
                module, attribute = alias.name if alias.asname else bound, None
            else:
                module, attribute = source, alias.name
            self.imports.setdefault(bound, ImportBinding(module, attribute, node.lineno))
            if not typing_only:
                self.binding_lines.setdefault(bound, node.lineno)
                # `from package import module` imports a module; harmless where it is a plain name.
                required = alias.name if source is None else f"{source}.{alias.name}"
                self.required_modules.setdefault(required, node.lineno)


def read_module(name: str, path: Path, *, is_package: bool) -> SourceModule:
    """Read and parse the module at `path`.

    Raises:
        SyntaxError: Its source is not valid for this interpreter.
        OSError, UnicodeDecodeError: The file cannot be read.
    """
    data = path.read_bytes()
    module = SourceModule(name, path, _decoded(path, data), is_package=is_package)
    module.digest = sha256_of(data)
    return module


def _decoded(path: Path, data: bytes) -> str:
    """The text of a source file, decoded by its coding line, with line feeds as line ends."""
    try:
        text = data.decode(_encoding_of(data))
    except SyntaxError as error:  # an unknown encoding; the error has no line number
        data.decode("utf-8")  # raises for bytes that are simply no UTF-8
        line = 1 if b"coding" in data.split(b"\n", 1)[0] else 2
        message = str(error.msg).partition(" for ")[0]
        raise SyntaxError(message, (str(path), line, None, None)) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:  # the parser's own message differs from one Python to the next
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SyntaxError("source code cannot contain null bytes", (str(path), line, None, None))
    return text


def _encoding_of(data: bytes) -> str:
    declared = any(b"coding" in line for line in data.split(b"\n", 2)[:2])
    if declared or data.startswith(codecs.BOM_UTF8):
        return tokenize.detect_encoding(BytesIO(data).readline)[0]
    return "utf-8"


def absolute_module(module: SourceModule, node: ast.ImportFrom) -> str:
    """The full name of the module in a `from … import`, relative ones resolved.

    A name that leads out of the top-level package keeps its dots; no module has such a name.
    """
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    drop = node.level - 1 if module.is_package else node.level
    if drop >= len(parts):
        return "." * node.level + (node.module or "")
    package = parts[: len(parts) - drop]
    return ".".join([*package, node.module] if node.module else package)


def is_typing_guard(test: ast.expr) -> bool:
    """Whether the condition of an `if` holds for type checkers only."""
    return "TYPE_CHECKING" in (getattr(test, "id", None), getattr(test, "attr", None))


def target_names(node: ast.AST) -> list[str]:
    """The plain names that an assignment target binds."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Starred):
        return target_names(node.value)
    if isinstance(node, (ast.Tuple, ast.List)):
        return [name for element in node.elts for name in target_names(element)]
    return []


def _assigned_names(node: ast.stmt) -> list[str]:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For)):
        targets = [node.target]
    elif isinstance(node, ast.With):
        targets = [manager.optional_vars for manager in node.items if manager.optional_vars]
    elif type(node).__name__ == "TypeAlias":  # `type X = …`, from Python 3.12 on
        targets = [getattr(node, "name")]  # noqa: B009 - unknown to Python 3.11
    return [name for target in targets for name in target_names(target)]


def _inner_bodies(node: ast.stmt) -> list[list[ast.stmt]]:
    bodies = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    for name in ("handlers", "cases"):
        bodies.extend(branch.body for branch in getattr(node, name, []))
    return bodies
