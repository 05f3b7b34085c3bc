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
    # By name: its value in the spec module before it was replaced, and those of its followers.
    Patches = dict[str, tuple[object, Namespace]]

MISSING = object()
"""Stands for the value of a name that is not bound."""

PATCHES = "__jaunt_patches__"
"""The global of a generated module, there while names are replaced, that holds the originals."""

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
    patches = _patches_of(generated)
    if name not in patches:
        followers = {
            follower: first
            for follower, first in list(generated.items())
            if (is_spec and follower == name) or _stands_for(name, before, follower, first, own)
        }
        if before is MISSING and name not in generated and hasattr(builtins, name):
            # A global of the name of a builtin hides that from the code of the module.
            followers = {name: MISSING}
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
    _bind(generated, PATCHES, patches or MISSING)


def original_of(name: str, generated: Namespace) -> object | None:
    """Return what `generated` itself defines as `name`, whatever stands there now, or None."""
    _, followers = _patches_of(generated).get(name, (None, {}))
    return followers.get(name, generated.get(name))


def _patches_of(generated: Namespace) -> Patches:
    patches: Any = generated.get(PATCHES, {})
    return dict(patches)


def _stands_for(name: str, value: object, follower: str, first: object, own: Namespace) -> bool:
    """Return whether the name `follower` of a generated module is the spec module's `name`."""
    if first is not value:
        return False
    is_alias = not isinstance(value, _LITERALS) and own.get(follower) is not value
    return follower == name or is_alias


def _bind(namespace: Namespace, name: str, value: object) -> None:
    if value is MISSING:
        namespace.pop(name, None)
    else:
        namespace[name] = value
