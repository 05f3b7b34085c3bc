"""What is asked for a module: its base context, what stands in the tree, within the limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from jaunt_core.config.loading import Project
from jaunt_core.contracts.digest import short_digest_of
from jaunt_core.contracts.header import split_header
from jaunt_core.errors import RequestError
from jaunt_core.model.generation import (
    DependencySource,
    GenerationRequest,
    ImportPolicy,
    Message,
    ModuleSpecContext,
)
from jaunt_core.model.plan import FileState, ModulePlan
from jaunt_core.model.spec import Kind, SpecModule
from jaunt_core.planning.prompt import Templates, render_messages
from jaunt_core.planning.prompt_limit import fit_messages
from jaunt_core.planning.request import base_context
from jaunt_core.planning.staleness import JudgedGraph
from jaunt_core.snapshot.generated_files import generated_path, read_generated


class RequestBuilder:
    """Makes the requests for the modules of one run.

    Args:
        project: Where, and under which configuration.
        kind: What the modules hold.
        judged: All specs of the project.
        templates: Loads the project's prompt templates; called when a request is made.
        imports: Tells what answers may import; likewise.
        judged_by: Tells what the answers for a module are put to; likewise.
        warn: Is told of requests that were shortened.
    """

    def __init__(
        self,
        project: Project,
        kind: Kind,
        judged: JudgedGraph,
        *,
        templates: Callable[[], Templates],
        imports: Callable[[], ImportPolicy],
        judged_by: Callable[[ModulePlan], tuple[str, ...]],
        warn: Callable[[str], None],
    ) -> None:
        self._project = project
        self._kind = kind
        self._judged = judged
        self._imports = imports
        self._judged_by = judged_by
        self._warn = warn
        self._sources: dict[str, str | None] = {}
        self.templates = templates

    def request_for(self, plan: ModulePlan) -> GenerationRequest:
        """The first request for a module.

        Raises:
            RequestError: It would be too long.
        """
        readable = plan.file.state in (FileState.WHOLE, FileState.EDITED)
        context = replace(
            base_context(self._judged.graph, plan.module, plan.generated_module),
            imports=self._imports(),
            judged_by=self._judged_by(plan),
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
        module, limit = context.spec_module, self._project.config.prompts.max_tokens
        fitted = fit_messages(
            context,
            lambda shortened: render_messages(shortened, self.templates()),
            max_tokens=limit,
        )
        if fitted.tokens > limit:
            raise RequestError(
                f"the request for {module} has about {fitted.tokens} tokens, more than [prompts] "
                f"max_tokens = {limit}, and nothing is left to be taken out of it",
                tokens=fitted.tokens,
                hint="split the module, shorten its specs, or allow more tokens",
            )
        if fitted.omitted:
            self._warn(
                f"the request for {module} was shortened to fit [prompts] max_tokens = {limit}: "
                f"without {', '.join(fitted.omitted)}"
            )
        return fitted.messages

    @cached_property
    def templates_digest(self) -> str:
        """What the prompt templates are recognised by in a header."""
        templates = self.templates()
        return short_digest_of([templates.system.text, templates.module.text])

    def note_written(self, plan: ModulePlan, text: str) -> None:
        """Take note of what a module's file holds now, so that nobody has to read it again."""
        self._sources[plan.name] = split_header(text)[1]

    def _dependency_sources(self, plan: ModulePlan) -> tuple[DependencySource, ...]:
        """The generated code of what a module depends on; tests are never shown any."""
        if self._kind is Kind.TEST:
            return ()
        graph = self._judged.graph
        targets = {target for spec in plan.module.specs for target in graph.edges[spec.ref]}
        names = {graph.specs[ref].module for ref in targets} - {plan.name}
        sources = ((name, self._source(name)) for name in sorted(names))
        return tuple(
            DependencySource(module=name, text=text) for name, text in sources if text is not None
        )

    def _source(self, name: str) -> str | None:
        """The generated code of a module, None where there is none that is whole."""
        if name not in self._sources:
            generated_dir = self._project.config.paths.generated_dir
            path = generated_path(self._modules[name], generated_dir)
            file = read_generated(self._project.root, path)
            self._sources[name] = file.body if file.state is FileState.WHOLE else None
        return self._sources[name]

    @cached_property
    def _modules(self) -> dict[str, SpecModule]:
        return {module.name: module for module in self._judged.graph.modules}
