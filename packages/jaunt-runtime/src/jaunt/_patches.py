"""Which names of a generated module follow a name of its spec module, and what undoes that.

Generated code has globals of its own for what it imports from its spec module and for the specs
beside it. A person who replaces a name of the spec module, as a test does, means both: it is one
module to them. All here works on the namespaces of the two alone.
"""

from __future__ import annotations

import builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Namespace = dict[str, object]

MISSING = object()
"""Stands for the value of a name that is not bound."""

PATCHES = "__jaunt_patches__"
"""The global of a generated module with what is replaced just now: a dictionary that has, by name,
the original value in the spec module, and those of the names that follow it.
"""

# One such object may be the value of many names that have nothing to do with each other.
_LITERALS = (bool, int, float, complex, str, bytes, tuple, frozenset, type(None), type(Ellipsis))


def follow(
    name: str, before: object, *, own: Namespace, generated: Namespace, is_spec: bool
) -> None:
    """Give the names in `generated` that stand for `name` the value that it has in `own` now.

    Once `name` has its original value again, so have they.

    Args:
        name: The name that was bound anew, or deleted.
        before: What it was bound to until then, or MISSING.
        own: The `__dict__` of the spec module.
        generated: The `__dict__` of its generated module.
        is_spec: Whether `name` is a spec, for which `generated` has an object of its own.
    """
    value = own.get(name, MISSING)
    patches: Any = generated.setdefault(PATCHES, {})
    if name not in patches:
        followers = _followers(name, before, own=own, generated=generated, is_spec=is_spec)
        if not followers:
            return
        patches[name] = (before, followers)
    original, followers = patches[name]
    for follower, first in followers.items():
        # What somebody else has put there meanwhile stays.
        if generated.get(follower, MISSING) is (first if before is original else before):
            _bind(generated, follower, first if value is original else value)
    if value is original:
        del patches[name]


def original_of(name: str, generated: Namespace) -> object | None:
    """Return what `generated` itself defines as `name`, whatever stands there now, or None."""
    patches: Any = generated.get(PATCHES, {})
    _, followers = patches.get(name, (None, {}))
    return followers.get(name, generated.get(name))


def _followers(
    name: str, value: object, *, own: Namespace, generated: Namespace, is_spec: bool
) -> Namespace:
    """Return the names of `generated` that stand for `name`, once `value`, with their values."""
    if value is MISSING:
        # A global of the name of a builtin hides that from the code of the module.
        is_builtin = hasattr(builtins, name) and name not in generated
        return {name: MISSING} if is_builtin else {}
    return {
        follower: first
        for follower, first in list(generated.items())
        if (is_spec and follower == name) or _stands_for(name, value, follower, first, own)
    }


def _stands_for(name: str, value: object, follower: str, first: object, own: Namespace) -> bool:
    """Return whether the name `follower` of a generated module is the spec module's `name`."""
    if first is not value:
        return False
    is_similar = follower.strip("_") == name.strip("_")
    is_alias = own.get(follower) is not value and (is_similar or not isinstance(value, _LITERALS))
    return follower == name or is_alias


def _bind(namespace: Namespace, name: str, value: object) -> None:
    if value is MISSING:
        namespace.pop(name, None)
    else:
        namespace[name] = value
