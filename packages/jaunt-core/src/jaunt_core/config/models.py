"""`jaunt.toml` as values: every section and key, with its default."""

from __future__ import annotations

from collections.abc import Mapping
from keyword import iskeyword
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from jaunt_core.planning.attempt_schedule import MOST_ATTEMPTS

Count = Annotated[int, Field(ge=1, strict=True)]
Attempts = Annotated[int, Field(ge=1, le=MOST_ATTEMPTS, strict=True)]
Name = Annotated[str, Field(min_length=1, strict=True)]
Text = Annotated[str, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PathsConfig(_Section):
    """Where specs stand, and under which interpreter they are read.

    Roots are relative to the project's folder and below it. Those that nobody named, the
    defaults, are skipped where they do not exist. An empty `python` means: the active
    environment, else `.venv`, else the interpreter that runs jaunt.
    """

    source_roots: tuple[Text, ...] = ("src", ".")
    test_roots: tuple[Text, ...] = ("tests",)
    generated_dir: Text = "__generated__"
    python: Text = ""

    @field_validator("source_roots", "test_roots")
    @classmethod
    def _check_roots(cls, roots: tuple[str, ...]) -> tuple[str, ...]:
        for root in roots:
            path = PurePosixPath(root)
            if not root.strip() or path.is_absolute() or ".." in path.parts:
                raise ValueError(f"{root!r} is not a folder below the project's own")
        if len({PurePosixPath(root) for root in roots}) < len(roots):
            raise ValueError("the same folder is listed twice")
        return roots

    @field_validator("generated_dir")
    @classmethod
    def _check_generated_dir(cls, name: str, info: ValidationInfo) -> str:
        if not name.isidentifier() or iskeyword(name):
            raise ValueError(f"{name!r} is not a name that Python can import")
        roots = [*info.data.get("source_roots", ()), *info.data.get("test_roots", ())]
        if any(name in PurePosixPath(root).parts for root in roots):
            raise ValueError(f"{name!r} is a root, or a folder around one")
        return name


class LlmConfig(BaseModel):
    """Which backend is asked; keys that core does not know belong to the backend."""

    model_config = ConfigDict(extra="allow", frozen=True)

    provider: Text = "openai"
    model: Text = "gpt-5.2"
    api_key_env: Text = "OPENAI_API_KEY"

    @property
    def settings(self) -> Mapping[str, object]:
        """The keys that are the backend's own, unchecked."""
        return dict(self.model_extra or {})


class BuildConfig(_Section):
    """How code is built, and what it is put to before it lands.

    `attempts` is how often the model is asked for a module: for an answer, its repair, a fresh
    start and its repair. The models in `escalate` are asked after it, in that order.
    """

    jobs: Count = 8
    infer_deps: Flag = True
    attempts: Attempts = 2
    escalate: tuple[Name, ...] = ()
    run_examples: Flag = True
    type_check: Literal["auto", "off", "ty", "mypy", "pyright"] = "auto"


class TestConfig(_Section):
    """How tests are built, judged and run.

    With `type_check = "tell"` type errors are warnings; with "strict" they keep a test from
    landing.
    """

    __test__ = False

    jobs: Count = 4
    infer_deps: Flag = True
    pytest_args: tuple[Text, ...] = ("-q",)
    run_trials: Flag = True
    type_check: Literal["tell", "strict", "off"] = "tell"


class PromptsConfig(_Section):
    """Template files in place of the shipped ones, relative to the project's folder.

    A request has about `max_tokens` at most.
    """

    build_system: Text = ""
    build_module: Text = ""
    test_system: Text = ""
    test_module: Text = ""
    max_tokens: Count = 100_000


class BudgetConfig(_Section):
    """What one run may spend; what is not named here is not limited.

    `max_tokens` are input and output together, `max_cost` is in the currency of `[prices]`. More
    than `confirm_above` calls are made only after a person has agreed.
    """

    max_tokens: Count | None = None
    max_cost: Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)] | None = None
    confirm_above: Annotated[int, Field(ge=0, strict=True)] | None = None


class PriceConfig(_Section):
    """What a million tokens of a model cost, in any currency; cached ones as others by default."""

    input: Amount
    cached_input: Amount | None = None
    output: Amount


class LintConfig(_Section):
    """What `jaunt lint` reports: a switch for each of its codes, spelt as they are."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=lambda name: name.replace("_", "-")
    )

    untyped_parameter: Flag = True
    untyped_return: Flag = True
    no_docstring: Flag = True
    any_type: Flag = True
    example_broken: Flag = True
    example_signature: Flag = True
    example_type: Flag = True
    example_unjudged: Flag = True
    example_notation: Flag = True
    raises_without_condition: Flag = True
    unknown_name: Flag = True
    unseen_import: Flag = True
    undeclared_dependency: Flag = True
    decorator_order: Flag = True

    def reports(self, code: str) -> bool:
        """Whether a code is switched on."""
        return bool(getattr(self, code.replace("-", "_")))


class Config(_Section):
    """The whole of `jaunt.toml`."""

    version: int = 1
    paths: PathsConfig = PathsConfig()
    llm: LlmConfig = LlmConfig()
    build: BuildConfig = BuildConfig()
    test: TestConfig = TestConfig()
    prompts: PromptsConfig = PromptsConfig()
    lint: LintConfig = LintConfig()
    prices: Mapping[Name, PriceConfig] = Field(default_factory=dict)
    budget: BudgetConfig = BudgetConfig()

    @property
    def models(self) -> tuple[str, ...]:
        """The models that are asked, in the order of their turn."""
        return (self.llm.model, *self.build.escalate)

    @field_validator("version", mode="before")
    @classmethod
    def _check_version(cls, version: object) -> object:
        if type(version) is not int or version != 1:
            raise ValueError("it must be 1, the only version that there is")
        return version
