"""Specs as the tools see them: the reference that names one, and the entry that declares it."""

from __future__ import annotations

import sys

from jaunt._naming import MAIN_NAMES, module_name_of
from jaunt.errors import JauntConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, NoReturn

SPEC_REF_ATTRIBUTE = "__jaunt_spec_ref__"


class SpecRef(str):
    """The name of a spec, `"{module}:{qualname}"`; a plain string wherever one is wanted."""

    __slots__ = ()

    @property
    def module(self) -> str:
        """The dotted name of the spec's module."""
        return self.partition(":")[0]

    @property
    def qualname(self) -> str:
        """The spec's name inside its module."""
        return self.partition(":")[2]


def parse_spec_ref(text: str) -> SpecRef:
    """Return the reference that `text` spells.

    Raises:
        JauntConfigError: `text` is not of the form `pkg.mod:Qual`.
    """
    module, colon, qualname = text.partition(":")
    parts = (*module.split("."), *qualname.split("."))
    if not colon or not all(part.isidentifier() for part in parts):
        raise JauntConfigError(
            f"{text!r} names no spec", hint='write it as "package.module:name", with one colon'
        )
    return SpecRef(text)


def spec_ref_of(obj: object) -> SpecRef:
    """Return the reference of a spec, or of any other class or function, taken as one.

    A subclass of a magic class is not the magic class: only what `obj` itself carries counts.

    Raises:
        JauntConfigError: `obj` is no class or function, so that nothing says where it stands.
    """
    own = getattr(obj, "__dict__", {}).get(SPEC_REF_ATTRIBUTE)
    if own is not None:
        return SpecRef(own)
    module = getattr(obj, "__module__", None)
    qualname = getattr(obj, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(qualname, str):
        raise JauntConfigError(
            f"{obj!r} has no name that says where it stands",
            hint='name a class or a function, or write a string: "package.module:name"',
        )
    if module in MAIN_NAMES and module in sys.modules:
        module = module_name_of(vars(sys.modules[module]))
    return SpecRef(f"{module}:{qualname}")


class SpecEntry:
    """One spec as its decorator saw it. Immutable; equal to itself only.

    Attributes:
        ref: The spec's name.
        kind: `"build"` for `@jaunt.magic`, `"test"` for `@jaunt.test`.
        obj: The function or class as it was written, not what the decorator made of it.
        deps: What `deps=` named: objects and strings, unresolved.
        targets: What `targets=` named, likewise; empty for `"build"`.
        prompt: Words for the model that are no documentation, or "".
        infer_deps: Whether to infer dependencies; None leaves it to the project's configuration.
        file: The file that the spec stands in.
        line: The line, counted from 1, of its first decorator (of `magic` itself for a class).
    """

    # A dataclass in all but name: the dataclasses module would cost 10 ms on every start.
    __slots__ = (
        "deps",
        "file",
        "infer_deps",
        "kind",
        "line",
        "obj",
        "prompt",
        "ref",
        "targets",
    )

    ref: SpecRef
    kind: Literal["build", "test"]
    obj: object
    deps: tuple[object, ...]
    targets: tuple[object, ...]
    prompt: str
    infer_deps: bool | None
    file: str
    line: int

    def __init__(
        self,
        *,
        ref: SpecRef,
        kind: Literal["build", "test"],
        obj: object,
        deps: tuple[object, ...] = (),
        targets: tuple[object, ...] = (),
        prompt: str = "",
        infer_deps: bool | None = None,
        file: str,
        line: int,
    ) -> None:
        write = object.__setattr__
        write(self, "ref", ref)
        write(self, "kind", kind)
        write(self, "obj", obj)
        write(self, "deps", deps)
        write(self, "targets", targets)
        write(self, "prompt", prompt)
        write(self, "infer_deps", infer_deps)
        write(self, "file", file)
        write(self, "line", line)

    @property
    def qualname(self) -> str:
        """The spec's name inside its module."""
        return self.ref.qualname

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot assign to {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot delete {name!r}")

    def __repr__(self) -> str:
        return f"SpecEntry({self.kind} {self.ref} at {self.file}:{self.line})"
