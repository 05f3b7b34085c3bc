"""Secrets that are never shown: the key, and variables whose names say that they hold one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from jaunt_core.backend.masking import Masker
from jaunt_core.config.key import find_key
from jaunt_core.config.loading import Project, load_config
from jaunt_core.config.locate import find_config
from jaunt_core.config.models import Config
from jaunt_core.errors import JauntConfigError

_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|AUTH)$", re.IGNORECASE)


def masker_for(
    environ: Mapping[str, str], *, root: Path | None = None, config: Path | None = None
) -> Masker:
    """A masker for the secrets of a run, also where there is no project, or a broken one.

    Args:
        environ: The environment of the run.
        root: Where to look for the project, if the user says so.
        config: The project's jaunt.toml, if the user names it.
    """
    secrets = [value for name, value in environ.items() if _SECRET_NAME.search(name)]
    try:
        path = find_config(root=root, config=config)
    except JauntConfigError:
        return Masker(secrets)
    try:
        settings = load_config(path)
    except JauntConfigError:
        settings = Config()  # the key is then looked up under its usual name
    key = find_key(Project(root=path.parent, config_path=path, config=settings), environ)
    return Masker([*secrets, key.value])
