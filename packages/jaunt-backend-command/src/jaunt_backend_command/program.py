"""The program that runs, and the environment that it gets."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from jaunt_core.backend import BackendError, BackendSetup, FaultKind

# A shorter key may stand by chance in values that have nothing to do with it.
_LEAST_KEY_LENGTH = 12


def find_program(program: str, *, root: Path, environ: Mapping[str, str]) -> str:
    """The file that runs as `program`.

    A name is looked for on the PATH and then beside our own interpreter, so that the scripts of
    the environment that jaunt is installed in are found without being on the PATH. A path counts
    from the project's root.

    Raises:
        BackendError: There is none that can be executed.
    """
    if "/" in program:
        executable = shutil.which(str(root / Path(program).expanduser()))
        places = f"{root / program} is no executable file"
    else:
        own = (sysconfig.get_path("scripts"), str(Path(sys.executable).parent))
        candidates = (_find_on_path(program, path) for path in (environ.get("PATH", ""), *own))
        executable = next(filter(None, candidates), None)
        places = f"it is neither on the PATH nor in {own[0]}"
    if executable is None:
        raise BackendError(
            f"the command {program!r} was not found: {places}",
            kind=FaultKind.CONFIGURATION,
            hint="install it, or correct the first entry of `[llm] command`",
        )
    return executable


def environment_of(setup: BackendSetup) -> dict[str, str]:
    """The environment of this run without the API key, under whatever name it stands there.

    The program gets no key of ours; keys of its own, under other names, are its own business.
    """
    key = (setup.api_key or "").strip()
    return {
        name: value
        for name, value in setup.environ.items()
        if name != setup.api_key_env and not _contains_key(value, key)
    }


def _find_on_path(program: str, path: str) -> str | None:
    # An empty path would make `which` look at our own PATH and not at the run's.
    return shutil.which(program, path=path) if path else None


def _contains_key(value: str, key: str) -> bool:
    if not key:
        return False
    return value.strip() == key or (len(key) >= _LEAST_KEY_LENGTH and key in value)
