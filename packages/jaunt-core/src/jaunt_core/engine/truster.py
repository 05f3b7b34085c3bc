"""`jaunt trust`: confirm where the key of a project may go, look at it, take it back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jaunt_core.backend.registry import LoadBackend, load_backend
from jaunt_core.config.loading import Project
from jaunt_core.llm.key_guard import KeyGuard, key_use_of, setup_of
from jaunt_core.llm.trust_store import TrustStore
from jaunt_core.model.trust import TrustReport
from jaunt_core.project.workspace import Workspace


def confirm_addresses(
    project: Project, *, environ: Mapping[str, str], load: LoadBackend = load_backend
) -> TrustReport:
    """Confirm all addresses that a project's settings send its key to; nothing is sent.

    Args:
        project: Where, and under which configuration.
        environ: The environment, which says where this is kept.
        load: Makes the backend, which says what it does with a key; it gets none here.

    Raises:
        JauntConfigError: There is no such backend, its settings are wrong, or this cannot be kept.
    """
    workspace = Workspace(project=project, environ=environ)
    backend = load(setup_of(workspace, project.config.llm.model, None))
    unconfirmed = KeyGuard(workspace).unconfirmed(key_use_of(backend))
    store = TrustStore(environ)
    before = store.of(project.root)
    after = tuple(dict.fromkeys((*before, *(address.trusted for address in unconfirmed))))
    if after != before:
        store.save(project.root, after)
    return TrustReport(confirmed=unconfirmed, trusted=after)


def revoke_trust(root: Path, *, environ: Mapping[str, str]) -> TrustReport:
    """Take back all that was confirmed for the project in a folder.

    Raises:
        JauntConfigError: The file that it is kept in cannot be removed.
    """
    store = TrustStore(environ)
    revoked = store.of(root)
    store.save(root, ())
    return TrustReport(revoked=revoked)


def list_trust(*, environ: Mapping[str, str]) -> TrustReport:
    """What this user has confirmed, for all projects."""
    return TrustReport(trusted=TrustStore(environ).all())
