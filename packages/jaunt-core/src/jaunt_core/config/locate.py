"""Find `jaunt.toml` without reading it: some commands need no more than the project's folder."""

from __future__ import annotations

from pathlib import Path

from jaunt_core.errors import JauntConfigError

CONFIG_NAME = "jaunt.toml"


def find_config(*, root: Path | None = None, config: Path | None = None) -> Path:
    """The `jaunt.toml` of a project; the links in its folder are resolved.

    Args:
        root: Where to look for it, upwards; the working directory where None.
        config: The file itself; its folder is the project's.

    Raises:
        JauntConfigError: `config` is no file, `root` no folder, or there is none on the way up.
    """
    path = _existing(config) if config is not None else _nearest(root or Path.cwd())
    # A jaunt.toml that is a link belongs to the folder it stands in.
    return path.parent.resolve() / path.name


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise JauntConfigError(
            f"{path} is no file", hint="pass the path of a jaunt.toml to --config"
        )
    return path


def _nearest(start: Path) -> Path:
    if not start.is_dir():
        raise JauntConfigError(f"{start} is no folder", hint="pass the project's folder to --root")
    resolved = start.resolve()
    for folder in (resolved, *resolved.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder / CONFIG_NAME
    raise JauntConfigError(
        f"no {CONFIG_NAME} in {resolved} or above it",
        hint=f"create a {CONFIG_NAME} with the line `version = 1` in the project's folder, "
        "or pass --root",
    )


__all__ = ["CONFIG_NAME", "find_config"]
