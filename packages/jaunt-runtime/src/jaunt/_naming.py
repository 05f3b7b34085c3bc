"""Which generated module belongs to a spec module: the rule that runtime and tools share.

Generated code stands beside its spec file, in a folder of its own and under the same file name:
`pkg/mod.py` → `pkg/__generated__/mod.py`, `pkg/__init__.py` → `pkg/__generated__/__init__.py`.
"""

from __future__ import annotations

import os.path

from jaunt.errors import JauntConfigError, JauntError

# Type checkers take this name for true; `typing` itself would cost 10 ms on every start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePosixPath

GENERATED_DIR = "__generated__"
GENERATED_DIR_ATTRIBUTE = "__jaunt_generated__"

MAIN_NAMES = frozenset({"__main__", "__mp_main__"})
"""What the started script calls itself; the second is its copy in a `multiprocessing` child."""


def generated_module_of(
    spec_module: str, *, is_package: bool, generated_dir: str = GENERATED_DIR
) -> str:
    """Return the dotted name of the module that holds what is generated for `spec_module`.

    Args:
        spec_module: Dotted name of the module that the specs stand in.
        is_package: Whether `spec_module` is a package, so that its file is an `__init__.py`.
        generated_dir: Name of the generated folder, where the project chose another one.
    """
    if is_package:
        return f"{spec_module}.{generated_dir}"
    parent, dot, name = spec_module.rpartition(".")
    return f"{parent}{dot}{generated_dir}.{name}"


def generated_path_of(
    spec_path: PurePosixPath, *, generated_dir: str = GENERATED_DIR
) -> PurePosixPath:
    """Return the path of the generated file that belongs to the spec file at `spec_path`."""
    return spec_path.parent / generated_dir / spec_path.name


def generated_dir_of(top_level: Mapping[str, object]) -> str:
    """Return the name of a project's generated folder, given its top-level package's names.

    Args:
        top_level: The `__dict__` of the top-level package (or module) of a spec module.

    Raises:
        JauntConfigError: `__jaunt_generated__` is there, but is no possible package name.
    """
    name = top_level.get(GENERATED_DIR_ATTRIBUTE, GENERATED_DIR)
    if not isinstance(name, str) or not name.isidentifier():
        raise JauntConfigError(
            f"{GENERATED_DIR_ATTRIBUTE} of {top_level.get('__name__')} is {name!r}, "
            "which is no package name",
            hint=f'set it to the generated_dir of jaunt.toml, "{GENERATED_DIR}" by default',
        )
    return name


def is_package_namespace(namespace: Mapping[str, object]) -> bool:
    """Return whether the module with this `__dict__` is a package."""
    return "__path__" in namespace or namespace.get("__package__") == namespace.get("__name__")


def module_name_of(namespace: Mapping[str, object]) -> str:
    """Return the name under which other modules import the module with this `__dict__`.

    It differs from `__name__` only in the script or module that Python was started with.

    Raises:
        JauntError: The module is no file (a prompt, a notebook, `python -c`), so it has no name.
    """
    name = str(namespace.get("__name__"))
    if name not in MAIN_NAMES:
        return name
    spec = namespace.get("__spec__")
    if spec is not None:  # python -m pkg.mod
        return str(getattr(spec, "name", name))
    file = namespace.get("__file__")
    if not isinstance(file, str):
        raise JauntError(
            "jaunt needs specs in a file: what is typed at a prompt has no module to build",
            hint="put the spec into a module and import it",
        )
    # A script's folder is sys.path[0], so that its stem is its name. (pathlib is costly to import.)
    return os.path.splitext(os.path.basename(file))[0]  # noqa: PTH119, PTH122
