# ruff: noqa: PT028 - `test` is a decorator, whatever its name looks like
"""`@jaunt.magic` and `@jaunt.test`: check and register what was declared, return what runs."""

from __future__ import annotations

import sys
from types import FunctionType

from jaunt import registry
from jaunt._dispatch import class_of, find_caller, function_of
from jaunt._naming import module_name_of
from jaunt._spec_module import watch_module
from jaunt.errors import JauntError
from jaunt.spec import SPEC_REF_ATTRIBUTE, SpecEntry, SpecRef

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, Protocol, TypeVar, overload

    _T = TypeVar("_T", bound=Callable[..., Any])

    class _Decorator(Protocol):
        """What `@magic(...)` and `@test(...)` return: a decorator that keeps the type."""

        def __call__(self, obj: _T, /) -> _T: ...

    @overload
    def magic(obj: _T, /) -> _T: ...
    @overload
    def magic(
        *, deps: object = (), prompt: str = "", infer_deps: bool | None = None
    ) -> _Decorator: ...


def magic(
    obj: object = None,
    /,
    *,
    deps: object = (),
    prompt: str = "",
    infer_deps: bool | None = None,
) -> object:
    """Declare a top-level function or class as a spec, whose code jaunt generates.

    Write a typed signature, a docstring and, if you like, pseudocode and comments; the body ends
    in `raise NotImplementedError`. Calls run the generated code, once `jaunt build` wrote it.

    Args:
        obj: The function or class, where the decorator is used without arguments.
        deps: What the code builds on: other specs, or handwritten types for the model to see. An
            object, a string such as `"pkg.mod:Name"`, or a list of them.
        prompt: Words for the model that do not belong into the documentation.
        infer_deps: Whether to find dependencies in the spec's code too; None leaves it to
            jaunt.toml.

    Raises:
        JauntError: The decorator stands on something that it does not support.
    """
    declare = _declare("build", deps=deps, prompt=prompt, infer_deps=infer_deps)
    return declare if obj is None else declare(obj)


if TYPE_CHECKING:

    @overload
    def test(obj: _T, /) -> _T: ...
    @overload
    def test(
        *,
        targets: object = (),
        deps: object = (),
        prompt: str = "",
        infer_deps: bool | None = None,
    ) -> _Decorator: ...


def test(
    obj: object = None,
    /,
    *,
    targets: object = (),
    deps: object = (),
    prompt: str = "",
    infer_deps: bool | None = None,
) -> object:
    """Declare a top-level function as a test spec, whose test jaunt generates.

    The function itself comes back unchanged, marked so that pytest does not collect it.

    Args:
        obj: The function, where the decorator is used without arguments.
        targets: The specs that the test is about: an object, a string, or a list of them.
        deps: What else the test builds on, likewise.
        prompt: Words for the model that do not belong into the documentation.
        infer_deps: Whether to find dependencies in the spec's code too; None leaves it to
            jaunt.toml.

    Raises:
        JauntError: The decorator stands on something that it does not support.
    """
    declare = _declare("test", targets=targets, deps=deps, prompt=prompt, infer_deps=infer_deps)
    return declare if obj is None else declare(obj)


# So that pytest takes the name for no test where a test module says `from jaunt import test`.
vars(test)["__test__"] = False


def _declare(
    kind: Literal["build", "test"],
    *,
    targets: object = (),
    deps: object,
    prompt: str,
    infer_deps: bool | None,
) -> Callable[[object], object]:
    """Check the arguments of a decorator, and return the decorator itself."""
    all_targets, all_deps = _listed("targets", targets), _listed("deps", deps)
    if not isinstance(prompt, str):
        raise _located_error(
            f"prompt must be a string, not {prompt!r}", hint='write prompt="some words"'
        )
    if not isinstance(infer_deps, bool | None):
        raise _located_error(
            f"infer_deps must be True, False or None, not {infer_deps!r}",
            hint="None leaves it to infer_deps in jaunt.toml",
        )

    def declare(obj: object) -> object:
        spec = _supported(obj, kind)
        namespace, line = _place_of(spec)
        ref = SpecRef(f"{module_name_of(namespace)}:{spec.__qualname__}")
        entry = SpecEntry(
            ref=ref,
            kind=kind,
            obj=spec,
            deps=all_deps,
            targets=all_targets,
            prompt=prompt,
            infer_deps=infer_deps,
            file=str(namespace.get("__file__", "<unknown>")),
            line=line,
        )
        registry.register(entry)
        if kind == "build" and not registry.is_discovering():
            watch_module(namespace)
        if isinstance(spec, type):
            return class_of(spec, ref, namespace)
        if kind == "build":
            return function_of(spec, ref)
        vars(spec).update({"__test__": False, SPEC_REF_ATTRIBUTE: ref})
        return spec

    return declare


def _listed(name: str, value: object) -> tuple[object, ...]:
    """Return what `deps=` or `targets=` names: the entries of a list, or the one object itself."""
    if value is None:
        raise _located_error(
            f"{name} must be an object, a string or a list of them, not None",
            hint=f"leave {name}= out where there is nothing to name",
        )
    # A named tuple is no list, but a constant.
    is_list = isinstance(value, list | tuple) and not hasattr(value, "_fields")
    return tuple(value) if is_list else (value,)


def _supported(obj: object, kind: Literal["build", "test"]) -> FunctionType | type:
    """Return `obj`, or raise a JauntError that says what is supported."""
    if kind == "build":
        decorator = "@jaunt.magic"
        supported = "top-level functions (also async, also generators) and classes"
    else:
        decorator = "@jaunt.test"
        supported = "top-level functions (also async)"
    problem = _unsupported_shape(obj, kind)
    if problem is not None:
        raise _located_error(
            f"{decorator} does not support {problem}", hint=f"supported are {supported}"
        )
    if isinstance(obj, type) or (isinstance(obj, FunctionType) and "__wrapped__" not in vars(obj)):
        return obj
    raise _located_error(
        f"{decorator} must stand directly above `def`, but below it is {obj!r}",
        hint=f"put {decorator} below all other decorators",
    )


def _unsupported_shape(obj: object, kind: Literal["build", "test"]) -> str | None:
    qualname = str(getattr(obj, "__qualname__", ""))
    if "<lambda>" in qualname:
        return "a lambda"
    if "<locals>" in qualname:
        return f"{qualname}, which was defined inside a function (perhaps of a decorator below it)"
    if "." in qualname:
        return f"{qualname}, a member of a class"
    if isinstance(obj, type):
        if kind == "test":
            return f"the class {qualname}"
        if type(obj) is not type:
            return f"the class {qualname}, whose metaclass is {type(obj).__qualname__}, not type"
    return None


def _place_of(spec: FunctionType | type) -> tuple[dict[str, object], int]:
    """Return the names of the module that `spec` stands in, and its line there."""
    if isinstance(spec, FunctionType):
        return spec.__globals__, spec.__code__.co_firstlineno
    caller = find_caller()
    # Only the frame is right under tools that run a script with a `__main__` of their own.
    if caller is not None and caller.f_globals.get("__name__") == spec.__module__:
        return caller.f_globals, caller.f_lineno
    module = sys.modules.get(spec.__module__)
    if module is None:
        raise _located_error(
            f"the module of {spec!r} is not imported", hint="import it, rather than exec its code"
        )
    return vars(module), 1


def _located_error(message: str, *, hint: str) -> JauntError:
    caller = find_caller()
    where = f"{caller.f_code.co_filename}:{caller.f_lineno}: " if caller else ""
    return JauntError(f"{where}{message}", hint=hint)
