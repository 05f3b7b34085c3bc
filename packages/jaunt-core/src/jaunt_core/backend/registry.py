"""Find the backend that `[llm] provider` names among the installed distributions."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

from jaunt_core.backend.protocol import BackendSetup, GeneratorBackend
from jaunt_core.errors import JauntConfigError, JauntError

GROUP = "jaunt.backends"
_MEMBERS = ("name", "fingerprint", "generate_module", "aclose")

LoadBackend = Callable[[BackendSetup], GeneratorBackend]
"""Turns a setup into a backend; `load_backend` does it by entry points."""


def load_backend(setup: BackendSetup) -> GeneratorBackend:
    """The backend for `setup.provider`; no other backend is imported.

    Raises:
        JauntConfigError: No distribution provides it, two do, it cannot be imported, or it is
            no backend; the message names the distribution and its version.
    """
    entry = _entry_point(setup)
    try:
        factory = entry.load()
    except Exception as error:
        raise JauntConfigError(
            f"backend {entry.name!r} of {_distribution(entry)} cannot be imported: "
            f"{type(error).__name__}: {error}",
            hint="reinstall that distribution, or report this to its authors",
        ) from error
    if not callable(factory):
        raise _misshapen(entry, f"{entry.value} is not callable")
    try:
        backend = factory(setup)
    except JauntError:
        raise
    except Exception as error:
        raise _misshapen(entry, f"making it raises {type(error).__name__}: {error}") from error
    missing = [name for name in _MEMBERS if not hasattr(backend, name)]
    if missing:
        raise _misshapen(entry, f"it lacks {', '.join(missing)}")
    return backend


def _entry_point(setup: BackendSetup) -> EntryPoint:
    listed = sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value))
    found = {(_distribution(entry), entry.value): entry for entry in listed}
    matching = [entry for entry in found.values() if entry.name == setup.provider]
    if len(matching) == 1:
        return matching[0]
    where = f"{setup.config}: [llm] provider = {setup.provider!r}"
    if matching:
        owners = " and ".join(_distribution(entry) for entry in matching)
        raise JauntConfigError(
            f"{where} is claimed by {owners}", hint="uninstall all of these but one"
        )
    names = sorted({entry.name for entry in listed})
    close = get_close_matches(setup.provider, names, n=1)
    known = f"installed backends: {', '.join(names) or 'none'}"
    advice = (
        f"did you mean {close[0]}?"
        if close
        else f'install it, e.g. pip install "jaunt-cli[{setup.provider}]"'
    )
    raise JauntConfigError(f"{where} names no installed backend", hint=f"{advice} ({known})")


def _misshapen(entry: EntryPoint, what: str) -> JauntConfigError:
    return JauntConfigError(
        f"backend {entry.name!r} of {_distribution(entry)} is no usable backend: {what}",
        hint="report this to its authors; jaunt_core.testing has a kit that checks backends",
    )


def _distribution(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unknown distribution"


__all__ = ["GROUP", "LoadBackend", "load_backend"]
