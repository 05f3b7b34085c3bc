"""What a person wrote, as facts: specs, their signatures and the context they name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Literal, NewType

from jaunt import SpecRef

Digest = NewType("Digest", str)
"""`sha256:` and 64 hexadecimal digits."""

Shape = Literal["function", "async function", "generator", "async generator", "class"]
ParameterKind = Literal[
    "positional-only", "positional or keyword", "*args", "keyword-only", "**kwargs"
]


StubForm = Literal["", "empty", "pass", "raise", "to do", "nothing"]


class Kind(StrEnum):
    """Which of the two pipelines a spec belongs to."""

    BUILD = "build"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """An expression as it is written and in the form that is compared.

    `form` is the same for all spellings that mean the same: quotes, `Optional[X]` and
    `X | None`, import aliases. `meaning` is the form of a type with type aliases written out, where
    that is another one.
    """

    text: str
    form: str
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a signature."""

    name: str
    kind: ParameterKind
    annotation: Expression | None = None
    default: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFacts:
    """A function or method as its source shows it.

    `declaration` is one line, `def name(...) -> ...`, in a normal form. `stub` is true where
    the body does nothing but `...`, `pass` or `raise NotImplementedError`, and `stub_form` says
    by which of them; it is "nothing" for a plain `return`, which is no stub.
    """

    name: str
    line: int
    shape: Shape
    parameters: tuple[Parameter, ...]
    returns: Expression | None
    decorators: tuple[Expression, ...]
    docstring: str
    stub: bool
    declaration: str
    parametrized: tuple[str, ...] = ()
    stub_form: StubForm = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeFacts:
    """An annotated or assigned name in the body of a class."""

    name: str
    line: int
    annotation: Expression | None
    default: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFacts:
    """A class as its source shows it."""

    name: str
    line: int
    bases: tuple[Expression, ...]
    keywords: tuple[Expression, ...]
    decorators: tuple[Expression, ...]
    docstring: str
    methods: tuple[FunctionFacts, ...]
    attributes: tuple[AttributeFacts, ...]
    stub: bool
    declaration: str


Definition = FunctionFacts | ClassFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """An import statement that binds a name which a spec uses, maybe for type checkers only."""

    text: str
    for_types: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedHome:
    """Where a name in a shown definition comes from: the import of it, as its module has it.

    For a first-party definition there is `ref`, for a class its `declaration`.
    """

    text: str
    ref: SpecRef | None = None
    declaration: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextItem:
    """A handwritten definition that a spec names, as the model sees it.

    `text` is shown to the model, `form` is what counts for digests. `names` are the homes of the
    names in the text. What is `supplied` is a fixture that nobody has to import; the value of a
    `rebound` one changes, since functions of its module bind it anew.
    """

    ref: SpecRef
    path: PurePosixPath
    line: int
    text: str
    form: str
    names: tuple[NamedHome, ...] = ()
    supplied: bool = False
    rebound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownDependency:
    """A `deps=` or `targets=` entry that names nothing known, with the nearest known name."""

    text: str
    nearest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractPart:
    """One named part of a contract in canonical form, e.g. `signature` or `docstring`."""

    name: str
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A name bound at the top level of a module, and the first line that binds it."""

    name: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecSource:
    """One spec: where it stands, what it says, and what it names.

    `explicit` are the targets of `deps=`, `targets=` and inheritance, `inferred` those of the
    names in body, decorators and annotations, `mentioned` those of its prose; all may name
    definitions that are no specs. `targets` are those of `targets=` alone.
    `api_text` and `api_form` are what a dependent sees: signature and docstring; `api_names` are
    the homes of the names in them. `imports` bind the names that the spec uses in its module.
    `replacing` are the decorators above ours that would rewrite the generated class.
    """

    ref: SpecRef
    kind: Kind
    module: str
    path: PurePosixPath
    line: int
    text: str
    definition: Definition
    prompt: str
    infer_deps: bool | None
    parts: tuple[ContractPart, ...]
    context: tuple[ContextItem, ...]
    explicit: tuple[SpecRef, ...]
    inferred: tuple[SpecRef, ...]
    mentioned: tuple[SpecRef, ...]
    unknown: tuple[UnknownDependency, ...]
    api_text: str
    api_form: str
    targets: tuple[SpecRef, ...] = ()
    imports: tuple[ImportLine, ...] = ()
    api_names: tuple[NamedHome, ...] = ()
    replacing: tuple[Binding, ...] = ()

    @property
    def name(self) -> str:
        """The top-level name that the generated module has to define."""
        return self.ref.qualname


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecModule:
    """A module that holds at least one spec.

    `bindings` tells what a generated class module may import from it while it is half
    imported: what stands above `first_class_line`.
    """

    name: str
    path: PurePosixPath
    kind: Kind
    is_package: bool
    specs: tuple[SpecSource, ...] = ()
    bindings: tuple[Binding, ...] = ()
    first_class_line: int | None = None
