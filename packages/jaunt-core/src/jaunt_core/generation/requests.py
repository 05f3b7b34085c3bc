"""What is asked for a module, and who is told of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from jaunt_core.contracts.header import split_header
from jaunt_core.errors import RequestError
from jaunt_core.generation.attempts import AttemptWatch
from jaunt_core.generation.run_context import Workshop
from jaunt_core.model.events import (
    AttemptRejected,
    AttemptStarted,
    BackendNoted,
    RequestDelayed,
    WarningRaised,
)
from jaunt_core.model.generation import (
    DependencySource,
    Finding,
    GenerationRequest,
    Message,
    ModuleSpecContext,
)
from jaunt_core.model.plan import FileState, ModulePlan
from jaunt_core.model.spec import Kind, SpecModule
from jaunt_core.planning.prompt import render_messages
from jaunt_core.planning.prompt_limit import fit_messages
from jaunt_core.planning.request import base_context
from jaunt_core.snapshot.generated_files import generated_path, read_generated
from jaunt_core.storage.rejected import RejectedAnswers, rejected_path


class Asking:
    """Makes the requests for the modules of one run."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        self.rejected = RejectedAnswers(shop.project.root, shop.kind)
        self._notes: set[str] = set()
        self._sources: dict[str, str | None] = {}

    def request(self, plan: ModulePlan) -> GenerationRequest:
        """The first request for a module."""
        shop = self._shop
        readable = plan.file.state in (FileState.WHOLE, FileState.EDITED)
        context = replace(
            base_context(shop.judged.graph, plan.module, plan.generated_module),
            imports=shop.imports(),
            previous_source=plan.file.body if readable else None,
            dependency_sources=self._dependency_sources(plan),
        )
        if plan.patch is not None:
            context = replace(context, wanted=plan.patch.wanted)
        return GenerationRequest(
            context=context, messages=self.render(context), digest=plan.request
        )

    def render(self, context: ModuleSpecContext) -> tuple[Message, ...]:
        """The messages for a context, by this project's templates; not longer than it allows.

        Raises:
            RequestError: They are too long, whatever is left out.
        """
        shop, name = self._shop, context.spec_module
        limit = shop.project.config.prompts.max_tokens
        fitted = fit_messages(
            context, lambda it: render_messages(it, shop.templates()), max_tokens=limit
        )
        if fitted.tokens > limit:
            raise RequestError(
                f"the request for {name} has about {fitted.tokens} tokens, more than [prompts] "
                f"max_tokens = {limit}, and nothing is left to be taken out of it",
                tokens=fitted.tokens,
                hint="split the module, shorten its specs, or allow more tokens",
            )
        if fitted.omitted:
            message = (
                f"the request for {name} was shortened to fit [prompts] max_tokens = {limit}: "
                f"without {', '.join(fitted.omitted)}"
            )
            shop.sink(WarningRaised(kind=shop.kind, message=message))
        return fitted.messages

    def watch(self, plan: ModulePlan) -> AttemptWatch:
        """Turns what happens to the requests for a module into events."""
        shop, kind, name = self._shop, self._shop.kind, plan.name

        def started(attempt: int) -> None:
            shop.sink(
                AttemptStarted(kind=kind, module=name, attempt=attempt, attempts=len(shop.schedule))
            )

        def rejected(attempt: int, findings: tuple[Finding, ...], text: str) -> None:
            path = rejected_path(kind, name, attempt)
            self.rejected.save(path, text, findings)
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
        found = ((name, self._source(name)) for name in sorted(names))
        return tuple(
            DependencySource(module=name, text=text) for name, text in found if text is not None
        )

    def landed(self, plan: ModulePlan, text: str) -> None:
        """Take note of what was written for a module, so that nobody has to read it again."""
        self._sources[plan.name] = split_header(text)[1]

    def _source(self, name: str) -> str | None:
        """The generated code of a module, None where there is none that is whole."""
        if name not in self._sources:
            shop = self._shop
            path = generated_path(self._modules[name], shop.project.config.paths.generated_dir)
            file = read_generated(shop.project.root, path)
            self._sources[name] = file.body if file.state is FileState.WHOLE else None
        return self._sources[name]

    @cached_property
    def _modules(self) -> dict[str, SpecModule]:
        return {module.name: module for module in self._shop.judged.graph.modules}
