"""Find the backend that `[llm] provider` names among the installed distributions."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from jaunt_core.backend.protocol import BackendSetup, GeneratorBackend
from jaunt_core.errors import JauntConfigError, JauntError

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

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
    except (Exception, SystemExit) as error:
        raise JauntConfigError(
            f"backend {entry.name!r} of {_distribution_text(entry)} cannot be imported: "
            f"{type(error).__name__}: {error}",
            hint="reinstall that distribution, or report this to its authors",
        ) from error
    if not callable(factory):
        raise _unusable_error(entry, f"{entry.value} is not callable")
    try:
        backend = factory(setup)
        missing = [name for name in _MEMBERS if not hasattr(backend, name)]
    except JauntError:
        raise
    except Exception as error:
        raise _unusable_error(entry, f"making it raises {type(error).__name__}: {error}") from error
    if missing:
        raise _unusable_error(entry, f"it lacks {', '.join(missing)}")
    return backend


def offline_loader(load: LoadBackend) -> LoadBackend:
    """The same for an offline run: without a backend, the error says what one is needed for."""

    def explained(setup: BackendSetup) -> GeneratorBackend:
        try:
            return load(setup)
        except JauntConfigError as error:
            raise JauntConfigError(
                f"{error.args[0]}; an offline run asks no backend, but stored answers are filed "
                "under the fingerprint that only the backend can tell",
                hint=error.hint,
            ) from error

    return explained


def _entry_point(setup: BackendSetup) -> EntryPoint:
    listed = _installed_backends()
    matching = [entry for entry in listed if entry.name == setup.provider]
    if len(matching) == 1:
        return matching[0]
    where = f"{setup.config}: [llm] provider = {setup.provider!r}"
    if matching:
        owners = " and ".join(_distribution_text(entry) for entry in matching)
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


def _installed_backends() -> list[EntryPoint]:
    """The backends of all distributions; what cannot be read is left out, whatever is in it.

    Of two copies of a distribution the first on the path counts, as it does for imports.
    """
    from importlib.metadata import distributions  # noqa: PLC0415 - slow, and rarely needed

    claims: dict[str, list[EntryPoint]] = {}
    for distribution in distributions():
        name, listed = _claims_of(distribution)
        claims.setdefault(name, listed)
    return [entry for name in sorted(claims) for entry in claims[name]]


def _claims_of(distribution: Distribution) -> tuple[str, list[EntryPoint]]:
    try:
        name = re.sub(r"[-_.]+", "-", distribution.name).lower()
        listed = list(distribution.entry_points.select(group=GROUP))
    except Exception:  # noqa: BLE001 - a broken neighbour is no affair of ours
        return "", []
    return name, sorted(listed, key=lambda entry: entry.value)


def _unusable_error(entry: EntryPoint, what: str) -> JauntConfigError:
    return JauntConfigError(
        f"backend {entry.name!r} of {_distribution_text(entry)} is no usable backend: {what}",
        hint="report this to its authors; jaunt_core.testing has a kit that checks backends",
    )


def _distribution_text(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unknown distribution"
