"""Facts that the linter reads of specs, and its findings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from jaunt_core.model.spec import Binding, Expression, Parameter, Shape, SpecRef


class LintCode(StrEnum):
    """What may be wrong with a spec; the values are the keys of `[lint]` too."""

    UNTYPED_PARAMETER = "untyped-parameter"
    UNTYPED_RETURN = "untyped-return"
    NO_DOCSTRING = "no-docstring"
    ANY_TYPE = "any-type"
    EXAMPLE_BROKEN = "example-broken"
    EXAMPLE_SIGNATURE = "example-signature"
    EXAMPLE_TYPE = "example-type"
    EXAMPLE_UNJUDGED = "example-unjudged"
    EXAMPLE_NOTATION = "example-notation"
    RAISES_WITHOUT_CONDITION = "raises-without-condition"
    UNKNOWN_NAME = "unknown-name"
    UNSEEN_IMPORT = "unseen-import"
    UNDECLARED_DEPENDENCY = "undeclared-dependency"
    DECORATOR_ORDER = "decorator-order"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordFacts:
    """A keyword argument, and the built-in type of a literal that it is given."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """A call in an example.

    `made_by` is the name that is called for the object that a method belongs to. `positional` has
    the built-in type of each literal, empty for what is none. `bound_to` is the name that the
    example gives to the result.
    """

    line: int
    name: str
    made_by: str
    positional: tuple[str, ...]
    keywords: tuple[KeywordFacts, ...]
    starred: bool
    bound_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFacts:
    """The call that an example consists of, and the type of the literal that it shows for it."""

    name: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleFacts:
    """A `>>>` example; `broken` says why it does not parse.

    `want` is the output that it shows. `elides` tells whether `...` in that stands for anything,
    `assigns` whether it does no more than to give names to values.
    """

    line: int
    broken: str
    source: str
    want: str
    elides: bool
    assigns: bool
    unknown: tuple[str, ...]
    raises: bool
    calls: tuple[CallFacts, ...]
    shows: ShownFacts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisesFacts:
    """An error of a `Raises:` section, and the condition that is given for it."""

    name: str
    line: int
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownName:
    """A name in a docstring that does not exist, and the nearest that does."""

    name: str
    line: int
    nearest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProseFacts:
    """What a docstring says.

    `line` is that of its first line, `escapes` are the escaped control characters in its examples,
    where it is not raw.
    """

    line: int
    text: str
    escapes: tuple[Binding, ...]
    examples: tuple[ExampleFacts, ...]
    raises: tuple[RaisesFacts, ...]
    unknown: tuple[UnknownName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFacts:
    """A function spec, or a method of a class spec; `parameters` are without `self`.

    `empty` ones have nothing but a docstring. `untyped` are the parameters without annotation,
    `any` those whose annotation holds `Any`.
    """

    name: str
    line: int
    shape: Shape
    documented: bool
    empty: bool
    decorated: bool
    parameters: tuple[Parameter, ...]
    returns: Expression | None
    untyped: tuple[Binding, ...]
    any: tuple[Binding, ...]
    returns_any: bool
    prose: ProseFacts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFacts:
    """A first-party definition that the code of a spec names."""

    ref: SpecRef
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecLint:
    """A spec as a linter sees it."""

    name: str
    line: int
    is_class: bool
    documented: bool
    parts: tuple[PartFacts, ...]
    attributes_of_any: tuple[Binding, ...]
    prose: ProseFacts | None
    named: tuple[NamedFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """A gap in a spec that a model would have to guess at; `remedy` says what to write."""

    code: LintCode
    spec: SpecRef
    path: PurePosixPath
    line: int
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LintReport:
    """The findings in the specs of some modules, ordered by place."""

    findings: tuple[LintFinding, ...]
    modules: int
    specs: int

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings
