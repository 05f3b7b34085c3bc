"""What is confirmed about keys, for `jaunt trust`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from jaunt_core.config.loading import load_project
from jaunt_core.config.locate import find_config
from jaunt_core.engine.truster import confirm_addresses, list_trust, revoke_trust
from jaunt_core.model.trust import TrustReport


def change_trust(arguments: Namespace, environ: Mapping[str, str]) -> TrustReport:
    """What is confirmed, after it was looked at, confirmed or taken back."""
    if arguments.list:
        return list_trust(environ=environ)
    if arguments.revoke:
        root = find_config(root=arguments.root, config=arguments.config).parent
        return revoke_trust(root, environ=environ)
    project = load_project(root=arguments.root, config=arguments.config)
    return confirm_addresses(project, environ=environ)
