"""Hard limits on processor time, memory and files of a trial, where the system has them."""

from __future__ import annotations

from contextlib import suppress

try:
    import resource
except ImportError:  # Windows
    resource = None

_FILE_BYTES = 16 * 2**20
_STATUS = "/proc/self/statm"


def limit_process(*, cpu_seconds: int) -> None:
    """Limit processor time and the size of files; no core dumps."""
    if resource is not None:
        _limit(resource.RLIMIT_CPU, cpu_seconds)
        _limit(resource.RLIMIT_FSIZE, _FILE_BYTES)
        _limit(resource.RLIMIT_CORE, 0)


def limit_data(most_bytes: int) -> None:
    """Limit memory that can be written to; unlike address space, it is not reserved in vain."""
    if resource is not None:
        _limit(resource.RLIMIT_DATA, most_bytes)


def limit_memory(more_bytes: int) -> None:
    """Allow so much address space beyond what is in use now.

    Packages reserve very different amounts when they are imported, so what they take is not
    counted.
    """
    if resource is not None:
        _limit(resource.RLIMIT_AS, _bytes_in_use() + more_bytes)


def _limit(resource_number: int, most: int) -> None:
    if resource is None:
        return
    _, hard = resource.getrlimit(resource_number)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ValueError, OSError):  # some systems take no limit on address space
        resource.setrlimit(resource_number, (allowed, allowed))


def _bytes_in_use() -> int:
    try:
        with open(_STATUS, encoding="ascii") as file:  # noqa: PTH123 - pathlib is not needed here
            pages = int(file.read().split()[0])
    except OSError:
        return 2**30
    return pages * (resource.getpagesize() if resource else 0)
