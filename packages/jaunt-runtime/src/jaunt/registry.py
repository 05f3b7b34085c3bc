"""The specs that this process has seen, and whether it is only looking for them.

This is the only module-level state of jaunt. Applications never need it; the tools do.
"""

from jaunt.spec import SpecEntry, SpecRef

_entries: dict[SpecRef, SpecEntry] = {}

# One key, present while discovering. Each operation below is a single one on a dict, which no other
# thread can see half done; so there is no lock.
_discovery: dict[str, bool] = {}


def register(entry: SpecEntry) -> None:
    """Keep `entry`; one of the same reference (of a reloaded module) is replaced in its place."""
    _entries[entry.ref] = entry


def entries() -> tuple[SpecEntry, ...]:
    """Return all specs seen, in the order in which their decorators first ran."""
    return tuple(_entries.values())


def clear() -> None:
    """Forget all specs."""
    _entries.clear()


def begin_discovery() -> None:
    """From now on import no generated module; specs are only registered."""
    _discovery["running"] = True


def end_discovery() -> None:
    """From now on specs find their generated code again."""
    _discovery.clear()


def is_discovering() -> bool:
    """Return whether modules are imported only to find the specs in them."""
    return "running" in _discovery
