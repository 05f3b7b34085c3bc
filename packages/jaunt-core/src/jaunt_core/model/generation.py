"""Requests to a backend, its results, and findings about them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from jaunt_core.model.spec import ContextItem, Digest, ImportLine, Kind, NamedHome, SpecRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One reason why an answer may not land, for a model and a person to act on.

    `line` is the line of the answer, 0 where the finding is about the whole of it. `symbol` is
    the spec that it is about where the line may not tell, and `place` where in the project that
    stands which the answer does not agree with, such as `shop.py:12` for an example.
    """

    code: str
    message: str
    line: int = 0
    expected: str = ""
    symbol: str = ""
    place: str = ""

    def __str__(self) -> str:
        """The finding on one line: `line 3: [missing-name] …`."""
        where = f"line {self.line}: " if self.line else ""
        tail = f" (expected: {self.expected})" if self.expected else ""
        return f"{where}[{self.code}] {self.message}{tail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedName:
    """A top-level name that the answer has to define, with its declaration."""

    name: str
    declaration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecText:
    """The source of one spec as the model reads it, with its own `prompt=`."""

    ref: SpecRef
    text: str
    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyApi:
    """Signature and docstring of a spec in another module, or of a test's target.

    `names` are the homes of the names in the text.
    """

    ref: SpecRef
    text: str
    form: str
    names: tuple[NamedHome, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencySource:
    """The generated source of a module that this one depends on."""

    module: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPolicy:
    """What generated code may import beside the project's own modules.

    `packages` are the distributions that the project declares, by their normal names, and None
    where it declares nothing, so that all may be imported that is there. `python` is the version
    of the project's interpreter.
    """

    packages: tuple[str, ...] | None = None
    python: str = ""


ANY_IMPORTS = ImportPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A request for some specs of a module whose other code stays as it is.

    `base` is the module's code before, `wanted` are the names to write, `fixed` those of the
    specs whose code stays, `removed` those of specs that are no more.
    """

    base: str
    wanted: tuple[str, ...]
    fixed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSpecContext:
    """All that a backend may know about the module it is asked for, typed.

    `wanted` are the names that this request asks for: all expected ones, unless only some of the
    specs changed; the code of the others in `previous_source` is fixed then. A repair may ask for
    fewer: `standing` are the others of `previous_answer`, whose code there stands. `edited` are
    those whose specs have changed since that answer. `spec_imports`
    bind the names that the specs use in their module. `bound_above` are the names of the spec
    module that a generated class module can import while both are being imported; None where it
    defines no class. `decorated` are its functions beside others that the spec module decorates.
    `judged_by` says line by line what an answer is put to.
    """

    kind: Kind
    spec_module: str
    generated_module: str
    expected: tuple[ExpectedName, ...]
    specs: tuple[SpecText, ...]
    dependency_apis: tuple[DependencyApi, ...]
    dependency_sources: tuple[DependencySource, ...]
    context: tuple[ContextItem, ...]
    wanted: tuple[str, ...]
    standing: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    imports: ImportPolicy = ANY_IMPORTS
    spec_imports: tuple[ImportLine, ...] = ()
    bound_above: tuple[str, ...] | None = None
    decorated: tuple[str, ...] = ()
    judged_by: tuple[str, ...] = ()
    previous_source: str | None = None
    previous_answer: str | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of the conversation that is sent."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """One request: the typed context, the rendered messages, the digest of the base request.

    `attempt` counts from 1; from the second on, the messages carry the answer before and what
    was wrong with it. An answer of more than `max_output_tokens` could not be paid for: the
    backend has the provider end it there; None where no budget limits it.
    """

    context: ModuleSpecContext
    messages: tuple[Message, ...]
    digest: Digest
    attempt: int = 1
    max_output_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUsage:
    """Tokens as the provider counted them; `cached` is a part of `input`."""

    input: int = 0
    cached: int = 0
    output: int = 0

    def __add__(self, other: TokenUsage) -> TokenUsage:
        """The sum, field by field."""
        return TokenUsage(
            input=self.input + other.input,
            cached=self.cached + other.cached,
            output=self.output + other.output,
        )


NO_TOKENS = TokenUsage()


class StopReason(StrEnum):
    """Why the model stopped."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationResult:
    """What a backend returns: the text as the model wrote it, unchecked.

    `model` is the name that the provider reports. For a refusal, `text` is what the model said
    instead of code. `note` is shown to the user, once a run however often it comes.
    """

    text: str
    usage: TokenUsage = NO_TOKENS
    model: str = ""
    stop: StopReason = StopReason.COMPLETE
    note: str = ""
