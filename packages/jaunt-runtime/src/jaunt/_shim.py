"""Shims: functions with the exact signature of a spec that pass their arguments on."""

from __future__ import annotations

import functools
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

# What inspect.CO_* are called; importing inspect would cost 10 ms on every start.
_VARARGS, _VARKEYWORDS = 0x04, 0x08
_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200

SHIM_FILE_PREFIX = "<jaunt shim of "
"""How the file name of all shims begins in tracebacks."""

TARGET = "__jaunt_target__"
"""The global of a shim that holds what it calls."""

_PLAIN = """\
def {name}({parameters}):
    return {target}({arguments})
"""
_COROUTINE_FUNCTION = """\
async def {name}({parameters}):
    return await {target}({arguments})
"""
_GENERATOR_FUNCTION = """\
def {name}({parameters}):
    return (yield from {target}({arguments}))
"""
# There is no `yield from` in async generators: this is what it would do (PEP 380).
_ASYNC_GENERATOR_FUNCTION = """\
async def {name}({parameters}):
    __jaunt_stream__ = {target}({arguments})
    try:
        __jaunt_value__ = await __jaunt_stream__.__anext__()
        while True:
            try:
                __jaunt_sent__ = yield __jaunt_value__
            except GeneratorExit:
                await __jaunt_stream__.aclose()
                raise
            except BaseException as __jaunt_error__:
                __jaunt_value__ = await __jaunt_stream__.athrow(__jaunt_error__)
            else:
                __jaunt_value__ = await __jaunt_stream__.asend(__jaunt_sent__)
    except StopAsyncIteration:
        return
"""


def make_shim(spec: FunctionType, *, label: str) -> FunctionType:
    """Return a function of the same kind, signature and metadata as `spec`.

    It calls what its caller puts into `shim.__globals__[TARGET]`, and finds it there on each call.

    Args:
        spec: The function to look like.
        label: What to call the shim in tracebacks.
    """
    code = spec.__code__
    namespace: dict[str, Any] = {"__name__": spec.__module__}
    compiled = compile(_render_shim(code), f"{SHIM_FILE_PREFIX}{label}>", "exec")
    exec(compiled, namespace)  # noqa: S102 - a function with given parameters has no other source
    shim: FunctionType = namespace.pop(code.co_name)
    functools.update_wrapper(shim, spec)  # sets __wrapped__, which inspect.signature follows
    shim.__defaults__ = spec.__defaults__
    shim.__kwdefaults__ = spec.__kwdefaults__
    return shim


def _render_shim(code: CodeType) -> str:
    if code.co_flags & _ASYNC_GENERATOR:
        template = _ASYNC_GENERATOR_FUNCTION
    elif code.co_flags & _GENERATOR:
        template = _GENERATOR_FUNCTION
    elif code.co_flags & _COROUTINE:
        template = _COROUTINE_FUNCTION
    else:
        template = _PLAIN
    parameters, arguments = _render_parameters(code)
    return template.format(
        name=code.co_name, parameters=parameters, arguments=arguments, target=TARGET
    )


def _render_parameters(code: CodeType) -> tuple[str, str]:
    """Return the parameter list of `code`, and the argument list that passes it all on.

    Defaults are no part of either: they are set on the function.
    """
    names = list(code.co_varnames)
    positional = [names.pop(0) for _ in range(code.co_argcount)]
    keyword_only = [names.pop(0) for _ in range(code.co_kwonlyargcount)]
    parameters, arguments = positional.copy(), positional.copy()
    if code.co_posonlyargcount:
        parameters.insert(code.co_posonlyargcount, "/")
    if code.co_flags & _VARARGS:
        star = f"*{names.pop(0)}"
        parameters.append(star)
        arguments.append(star)
    elif keyword_only:
        parameters.append("*")
    parameters += keyword_only
    arguments += [f"{name}={name}" for name in keyword_only]
    if code.co_flags & _VARKEYWORDS:
        double_star = f"**{names.pop(0)}"
        parameters.append(double_star)
        arguments.append(double_star)
    return ", ".join(parameters), ", ".join(arguments)
