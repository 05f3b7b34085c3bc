"""What is asked for a module, and who is told of it."""

from __future__ import annotations

from dataclasses import replace

from jaunt_core.execution.attempts import AttemptWatch
from jaunt_core.execution.generated_files import generated_path, read_generated
from jaunt_core.execution.rejected import keep_rejected, rejected_path
from jaunt_core.execution.workshop import Workshop
from jaunt_core.model.events import (
    AttemptRejected,
    AttemptStarted,
    BackendNoted,
    RequestDelayed,
)
from jaunt_core.model.generation import (
    DependencySource,
    Finding,
    GenerationRequest,
    Message,
    ModuleSpecContext,
)
from jaunt_core.model.plan import FileState, ModulePlan
from jaunt_core.model.spec import Kind
from jaunt_core.planning.prompt import render_messages
from jaunt_core.planning.request import base_context


class Asking:
    """Makes the requests for the modules of one run."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        self._notes: set[str] = set()

    def request(self, plan: ModulePlan) -> GenerationRequest:
        """The first request for a module."""
        shop = self._shop
        readable = plan.file.state in (FileState.WHOLE, FileState.EDITED)
        context = replace(
            base_context(shop.judged.graph, plan.module, plan.generated_module),
            previous_source=plan.file.body if readable else None,
            dependency_sources=self._dependency_sources(plan),
        )
        return GenerationRequest(
            context=context, messages=self.render(context), digest=plan.request
        )

    def render(self, context: ModuleSpecContext) -> tuple[Message, ...]:
        """The messages for a context, by this project's templates."""
        return render_messages(context, self._shop.templates())

    def watch(self, plan: ModulePlan) -> AttemptWatch:
        """Turns what happens to the requests for a module into events."""
        shop, kind, name = self._shop, self._shop.kind, plan.name

        def started(attempt: int) -> None:
            shop.sink(
                AttemptStarted(kind=kind, module=name, attempt=attempt, attempts=shop.attempts)
            )

        def rejected(attempt: int, findings: tuple[Finding, ...], text: str) -> None:
            path = rejected_path(kind, name, attempt)
            keep_rejected(shop.project.root, path, text, findings)
            shop.sink(
                AttemptRejected(
                    kind=kind, module=name, attempt=attempt, findings=findings, rejected=path
                )
            )

        def delayed(fault: str, seconds: float) -> None:
            shop.sink(RequestDelayed(kind=kind, module=name, fault=fault, seconds=seconds))

        def noted(message: str) -> None:
            if message not in self._notes:
                self._notes.add(message)
                shop.sink(BackendNoted(kind=kind, message=message))

        return AttemptWatch(started=started, rejected=rejected, delayed=delayed, noted=noted)

    def _dependency_sources(self, plan: ModulePlan) -> tuple[DependencySource, ...]:
        """The generated code of what a module depends on; tests are never shown any."""
        shop = self._shop
        if shop.kind is Kind.TEST:
            return ()
        graph = shop.judged.graph
        needed = {target for spec in plan.module.specs for target in graph.edges[spec.ref]}
        names = {graph.specs[ref].module for ref in needed} - {plan.name}
        found = []
        for module in graph.modules:
            if module.name in names:
                path = generated_path(module, shop.project.config.paths.generated_dir)
                file = read_generated(shop.project.root, path)
                if file.state is FileState.WHOLE:
                    found.append(DependencySource(module=module.name, text=file.body))
        return tuple(found)


__all__ = ["Asking"]
