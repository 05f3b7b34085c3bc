"""What a log must not hold: the key, and whatever else in the environment looks like one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from jaunt_core.analysis.masking import Masker
from jaunt_core.config.key import find_key
from jaunt_core.config.loading import Project, load_config
from jaunt_core.config.models import Config
from jaunt_core.errors import JauntConfigError

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH", re.IGNORECASE)


def masker_for(path: Path, environ: Mapping[str, str]) -> Masker:
    """What takes the secrets of a run out of a text, also where its `jaunt.toml` is broken."""
    try:
        config = load_config(path)
    except JauntConfigError:
        config = Config()
    key = find_key(Project(root=path.parent, config_path=path, config=config), environ)
    alike = (value for name, value in environ.items() if _SECRET_NAME.search(name))
    return Masker([key.value, *alike])


__all__ = ["masker_for"]
