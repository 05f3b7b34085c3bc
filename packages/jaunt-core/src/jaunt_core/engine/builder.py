"""`jaunt build`: from specs to landed code, in the four steps that every command shares."""

from __future__ import annotations

from collections.abc import Mapping

from jaunt_core.backend.registry import LoadBackend, load_backend
from jaunt_core.config.loading import Project
from jaunt_core.generation.options import BuildOptions
from jaunt_core.generation.run import run_kind
from jaunt_core.generation.session import SessionMode, open_session
from jaunt_core.llm.confirmation import Confirm
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.model.events import Sink
from jaunt_core.model.report import BuildReport
from jaunt_core.model.spec import Kind
from jaunt_core.planning.staleness import selected_modules
from jaunt_core.snapshot.snapshot import target_modules


def build(
    project: Project,
    options: BuildOptions,
    *,
    sink: Sink,
    environ: Mapping[str, str],
    load: LoadBackend = load_backend,
    retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - a frozen value
    confirm: Confirm | None = None,
) -> BuildReport:
    """Build what is stale, and tell `sink` what happens.

    Args:
        project: Where, and under which configuration.
        options: What this run is asked for.
        sink: Is told every event, from any thread but one at a time.
        environ: The environment; the key of the backend is read from it and passed to nobody
            else.
        load: Makes the backend; entry points do by default.
        retry_policy: How faults between us and the model are tried again.
        confirm: Asks a person whether more calls may be made than `[budget] confirm_above`;
            nobody is there where None.

    Raises:
        JauntConfigError, JauntDiscoveryError, JauntDependencyCycleError: The run did not begin.
        LandingError: `.jaunt/` cannot be written.
        ConfirmationError: The run would make more calls than it may without being asked.
        BusyError: Another run works on the project, and this one does not wait.
        KeyboardInterrupt: The user interrupted; what has landed stays.
    """
    with open_session(
        project,
        options,
        mode=SessionMode.WRITE,
        kinds=[Kind.BUILD],
        sink=sink,
        environ=environ,
        load=load,
        retry_policy=retry_policy,
        confirm=confirm,
    ) as session:
        selected = everything = session.snapshot.names(Kind.BUILD)
        targets = target_modules(session.snapshot, options.targets)
        if targets:
            selected = selected_modules(targets, session.module_edges) & everything
        report = run_kind(
            session,
            Kind.BUILD,
            selected=selected,
            forced=(targets or everything) & everything if options.force else frozenset(),
            jobs=options.jobs or project.config.build.jobs,
        )
        session.save_cache()
        return report
