"""Lead from a spec to its generated code: import that, or say precisely why there is none.

A function spec becomes a *shim*: a function with the spec's exact parameters that calls a private
global. That global is a loader at first, and the generated function itself from the first call on.
So modules may import each other in any order, and a call costs little more than a direct one. A
class spec is exchanged for the generated class at once, because a class is used as an object, by
`isinstance`, `super()` and subclasses.
"""

from __future__ import annotations

import functools
import importlib
import sys
from types import FunctionType

from jaunt import registry
from jaunt._hints import settle_hints
from jaunt._naming import (
    MAIN_NAMES,
    generated_dir_of,
    generated_module_of,
    is_package_namespace,
)
from jaunt._patches import original_of
from jaunt._shim import SHIM_FILE_PREFIX, TARGET, make_shim
from jaunt.errors import JauntDiscoveryError, JauntError, JauntNotBuiltError
from jaunt.spec import SPEC_REF_ATTRIBUTE, SpecRef

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType
    from typing import Any, NoReturn

    Namespace = dict[str, object]


_OWNER = "__jaunt_owner__"
"""The global of a generated module that holds the names of the spec module that it belongs to."""

_LOADED = "__jaunt_loaded__"
"""The global of a spec module that holds its generated module."""


def find_caller() -> FrameType | None:
    """Return the innermost frame that runs neither jaunt's code nor the standard library's."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - inspect is costly to import
    while frame is not None:
        package = str(frame.f_globals.get("__name__")).partition(".")[0]
        is_ours = package == "jaunt" or frame.f_code.co_filename.startswith(SHIM_FILE_PREFIX)
        if not is_ours and package not in sys.stdlib_module_names:
            return frame
        frame = frame.f_back
    return None


def generated_name_of(module: str, namespace: Namespace) -> str:
    """Return the name of the module that holds, or will hold, what is generated for `module`.

    Args:
        module: The dotted name of a spec module.
        namespace: The `__dict__` of that module.
    """
    top = sys.modules.get(module.partition(".")[0])
    generated_dir = generated_dir_of(namespace if top is None else vars(top))
    is_package = is_package_namespace(namespace)
    return generated_module_of(module, is_package=is_package, generated_dir=generated_dir)


def load_generated(module: str, namespace: Namespace) -> ModuleType | None:
    """Import and return the generated module of `module`, None where there is none.

    Raises:
        Exception: Whatever the generated module raises while it is imported, untouched.
    """
    _bind_main_module(module, namespace)
    generated = generated_name_of(module, namespace)
    there = sys.modules.get(generated)
    if there is not None and vars(there).get(_OWNER, namespace) is not namespace:
        # It is that of another copy of the spec module, which a test imported anew, say.
        own: Any = namespace.get(_LOADED)
        if own is not None:
            return own
        sys.modules.pop(generated, None)
    try:
        loaded = importlib.import_module(generated)
    except ImportError as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing and f"{generated}.".startswith(f"{missing}."):
            return None
        _explain_half_import(error)
        raise
    vars(loaded)[_OWNER] = namespace
    namespace[_LOADED] = loaded
    return loaded


def find_generated(ref: SpecRef, namespace: Namespace) -> object | None:
    """Import and return what was generated for `ref`, None where nothing was.

    Raises:
        JauntError: The program entered through the generated module instead of the spec module.
        Exception: Whatever the generated module raises while it is imported, untouched.
    """
    module = load_generated(ref.module, namespace)
    if module is None:
        return None
    definition = original_of(ref.qualname, vars(module))
    if definition is None and is_initialising(module.__name__):
        raise JauntError(
            f"{module.__name__} was imported before {ref.module}, which needs {ref.qualname} from "
            "it",
            hint=f"import {ref.module} instead: generated modules are no entry points",
        )
    return definition


def not_built_error(ref: SpecRef, namespace: Namespace) -> JauntNotBuiltError:
    """Return the error to raise where `find_generated` returns None."""
    generated = generated_name_of(ref.module, namespace)
    if generated in sys.modules:
        reason = f"{generated} does not define {ref.qualname}"
    else:
        reason = f"there is no module {generated}"
    return JauntNotBuiltError(
        f"{ref} is not built: {reason}", hint=f"run `jaunt build --target {ref.module}`"
    )


def _bind_main_module(spec_module: str, namespace: Namespace) -> None:
    """Let the module that Python was started with be imported by name.

    Generated code imports names from its spec module. Without this, `python app.py` would run
    app.py a second time for it, and the types of the two copies would not be the same.
    """
    name = namespace.get("__name__")
    if name in MAIN_NAMES:
        module = sys.modules.get(str(name))
        if module is not None and vars(module) is namespace:
            sys.modules.setdefault(spec_module, module)


def is_initialising(module_name: str) -> bool:
    """Return whether the module is being imported just now."""
    spec = getattr(sys.modules.get(module_name), "__spec__", None)
    return bool(getattr(spec, "_initializing", False))


def _explain_half_import(error: ImportError) -> None:
    note = (
        f"{error.name} is still being imported: what a generated class module imports from a spec "
        "module must stand above the first class spec there; import the rest inside functions, or "
        "under TYPE_CHECKING for annotations"
    )
    is_half_done = error.name is not None and (
        error.name in MAIN_NAMES or is_initialising(error.name)
    )
    # The error passes here once for each spec module that waits for the one that failed.
    if is_half_done and note not in getattr(error, "__notes__", ()):
        error.add_note(note)


def function_of(written: FunctionType, ref: SpecRef) -> FunctionType:
    """Return the function that stands for the function spec `written`.

    Calling it imports the generated module and raises JauntNotBuiltError where there is none,
    JauntDiscoveryError while discovering.
    """
    shim = make_shim(written, label=ref)
    shim.__globals__[TARGET] = _loader_of(shim, ref, written.__globals__)
    vars(shim)[SPEC_REF_ATTRIBUTE] = ref
    return shim


def _loader_of(shim: FunctionType, ref: SpecRef, namespace: Namespace) -> Callable[..., object]:
    def load(*args: object, **kwargs: object) -> object:
        if registry.is_discovering():
            raise _called_while_discovering(ref)
        target: Any = find_generated(ref, namespace)
        if target is None:
            raise not_built_error(ref, namespace)
        # A fake that a test put in the place of generated code must not outlive its patch.
        if getattr(target, "__module__", None) == generated_name_of(ref.module, namespace):
            shim.__globals__[TARGET] = target
        return target(*args, **kwargs)

    return load


def _called_while_discovering(ref: SpecRef) -> JauntDiscoveryError:
    caller = find_caller()
    where = f"{caller.f_code.co_filename}:{caller.f_lineno}: " if caller else ""
    return JauntDiscoveryError(
        f"{where}{ref} is called while its module is imported, before there is code for it",
        hint="call it inside a function, so that jaunt can import the module to read its specs",
    )


def class_of(written: type, ref: SpecRef, namespace: Namespace) -> type:
    """Return the class that stands for the class spec `written`.

    It is the generated class; `written` itself, harmless, while discovering; or `written` as a
    placeholder that raises JauntNotBuiltError where nothing was generated.

    Raises:
        JauntError: The program entered through the generated module instead of the spec module.
        Exception: Whatever the generated module raises while it is imported, untouched.
    """
    setattr(written, SPEC_REF_ATTRIBUTE, ref)
    if registry.is_discovering():
        _make_inert(written, namespace)
        return written
    generated = find_generated(ref, namespace)
    if not isinstance(generated, type):
        _make_placeholder(written, ref, namespace)
        return written
    _move_class(generated, ref, namespace)
    generated.__qualname__ = written.__qualname__
    generated.__doc__ = generated.__doc__ or written.__doc__
    setattr(generated, SPEC_REF_ATTRIBUTE, ref)
    return generated


def _move_class(cls: type, ref: SpecRef, namespace: Namespace) -> None:
    """Let `cls`, and the classes inside of it, say that they stand in the spec module."""
    generated = sys.modules.get(cls.__module__)
    if generated is None or cls.__module__ != generated_name_of(ref.module, namespace):
        return
    settle_hints(cls, own=namespace, generated=vars(generated))
    for name, member in list(vars(cls).items()):
        if isinstance(member, type) and member.__qualname__ == f"{cls.__qualname__}.{name}":
            _move_class(member, ref, namespace)
    # repr, pickle and help() go by this: the spec module is where people find the class.
    cls.__module__ = str(namespace["__name__"])


def _make_inert(written: type, namespace: Namespace) -> None:
    """Let `written` be instantiated and subclassed without running a stub body of its own."""
    for name in ("__init__", "__post_init__", "__init_subclass__", "__set_name__"):
        member = vars(written).get(name)
        if _is_handwritten(member, namespace):
            setattr(written, name, _with_body(member, _accept_anything))
    inherited_new = getattr(written.__base__, "__new__")  # noqa: B009 - as the next line sets it
    if _is_handwritten(vars(written).get("__new__"), namespace):
        new = _with_body(vars(written)["__new__"], lambda cls, *_args, **_kw: inherited_new(cls))
        setattr(written, "__new__", new)  # noqa: B010 - type checkers take it for a method
    if vars(written).get("__init__", written.__init__) is object.__init__:
        setattr(written, "__init__", _accept_anything)  # noqa: B010 - likewise


def _make_placeholder(written: type, ref: SpecRef, namespace: Namespace) -> None:
    """Let each use of `written` that would run a stub raise JauntNotBuiltError."""

    def refuse(*_args: object, **_kwargs: object) -> NoReturn:
        raise not_built_error(ref, namespace)

    for name, member in list(vars(written).items()):
        if isinstance(member, (property, functools.cached_property)):
            setattr(written, name, property(refuse, refuse, refuse, member.__doc__))
        elif _is_handwritten(member, namespace):
            setattr(written, name, _with_body(member, refuse))
    # Not __init__: a dataclass decorator or a subclass would put its own in front of it.
    setattr(written, "__new__", staticmethod(refuse))  # noqa: B010 - likewise


def _is_handwritten(member: object, namespace: Namespace) -> bool:
    """Return whether a person wrote this member, rather than (say) a dataclass decorator."""
    function = getattr(member, "__func__", member)
    while "__wrapped__" in getattr(function, "__dict__", ()):
        function = vars(function)["__wrapped__"]
    if not isinstance(function, FunctionType) or function.__globals__ is not namespace:
        return False
    return not function.__code__.co_filename.startswith("<")  # "<string>": made by exec


def _with_body(member: object, body: Callable[..., object]) -> object:
    """Return a member of the same kind and signature as `member` that runs `body` instead."""
    wrapped: Any = getattr(member, "__func__", member)

    @functools.wraps(wrapped)
    def replacement(*args: object, **kwargs: object) -> object:
        return body(*args, **kwargs)

    return type(member)(replacement) if wrapped is not member else replacement


def _accept_anything(*_args: object, **_kwargs: object) -> None:
    """Do nothing, in place of a stub that must not run while jaunt reads specs."""
