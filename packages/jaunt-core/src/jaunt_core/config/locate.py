"""Find `jaunt.toml` without reading it: some commands need no more than the project's folder.

The command that has nothing to do comes through here as well, so nothing is imported before it is
needed, not even pathlib.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from jaunt_core.errors import JauntConfigError

CONFIG_NAME = "jaunt.toml"


def find_project_folder(start: str) -> str | None:
    """The folder at or above `start` that has a `jaunt.toml`, links resolved; None without one."""
    folder = os.path.realpath(start)
    if not os.path.isdir(folder):  # noqa: PTH112
        return None
    while not os.path.isfile(os.path.join(folder, CONFIG_NAME)):  # noqa: PTH113, PTH118
        parent = os.path.dirname(folder)  # noqa: PTH120
        if parent == folder:
            return None
        folder = parent
    return folder


def find_config(*, root: Path | None = None, config: Path | None = None) -> Path:
    """The `jaunt.toml` of a project; the links in its folder are resolved.

    Args:
        root: Where to look for it, upwards; the working directory where None.
        config: The file itself; its folder is the project's.

    Raises:
        JauntConfigError: `config` is no file, `root` no folder, or there is none on the way up.
    """
    if config is None:
        return _nearest(root)
    if not config.is_file():
        raise _error(f"{config} is no file", hint="pass the path of a jaunt.toml to --config")
    # A jaunt.toml that is a link belongs to the folder it stands in.
    return config.parent.resolve() / config.name


def _nearest(root: Path | None) -> Path:
    from pathlib import Path  # noqa: PLC0415 - not for the command that has nothing to do

    start = root or Path.cwd()
    if not start.is_dir():
        raise _error(f"{start} is no folder", hint="pass the project's folder to --root")
    folder = find_project_folder(str(start))
    if folder is None:
        raise _error(
            f"no {CONFIG_NAME} in {start.resolve()} or above it",
            hint=f"create a {CONFIG_NAME} with the line `version = 1` in the project's folder, "
            "or pass --root",
        )
    return Path(folder, CONFIG_NAME)


def _error(message: str, *, hint: str) -> JauntConfigError:
    from jaunt_core.errors import JauntConfigError  # noqa: PLC0415 - likewise

    return JauntConfigError(message, hint=hint)
