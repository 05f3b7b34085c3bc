"""What is never told: the key, and whatever else in the environment is called one."""

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
    """What takes secrets out of a text, also where there is no project, or a broken one.

    Args:
        environ: The environment of the run.
        root: Where the project is looked for, as the user said it.
        config: Its file, likewise.
    """
    secrets = [value for name, value in environ.items() if _SECRET_NAME.search(name)]
    try:
        path = find_config(root=root, config=config)
    except JauntConfigError:
        return Masker(secrets)
    try:
        settings = load_config(path)
    except JauntConfigError:
        settings = Config()
    key = find_key(Project(root=path.parent, config_path=path, config=settings), environ)
    return Masker([*secrets, key.value])
