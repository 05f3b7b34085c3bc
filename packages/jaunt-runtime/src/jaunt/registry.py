"""The specs that this process has seen, and whether it imports modules only to find them.

This is the only module-level state of jaunt. Applications never need it; the tools do.
"""

from jaunt.spec import SpecEntry, SpecRef

_entries: dict[SpecRef, SpecEntry] = {}

# One key, present while discovering. Each operation below is a single one on a dict, which no other
# thread can see half done; so there is no lock.
_discovery: dict[str, bool] = {}


def register(entry: SpecEntry) -> None:
    """Register `entry`, in the place of one of the same reference (of a reloaded module)."""
    _entries[entry.ref] = entry


def is_registered(ref: SpecRef) -> bool:
    """Return whether the decorator of this spec has run."""
    return ref in _entries


def entries() -> tuple[SpecEntry, ...]:
    """Return all specs seen, in the order in which their decorators first ran."""
    return tuple(_entries.values())


def clear() -> None:
    """Forget all specs."""
    _entries.clear()


def begin_discovery() -> None:
    """Import no generated module from now on; specs are only registered."""
    _discovery["running"] = True


def end_discovery() -> None:
    """Let specs import their generated code again from now on."""
    _discovery.clear()


def is_discovering() -> bool:
    """Return whether modules are imported only to find the specs in them."""
    return "running" in _discovery
