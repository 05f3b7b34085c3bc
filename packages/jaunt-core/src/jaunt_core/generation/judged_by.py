"""What an answer will be put to, told before it is asked for. It is recipe, and no contract."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from jaunt_core.config.pytest_settings import describe_pytest
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.spec import FunctionFacts, Kind
from jaunt_core.project.workspace import Workspace
from jaunt_core.typecheck.detect import InstalledChecker, find_checker
from jaunt_core.typecheck.scope import CheckerScope
from jaunt_core.typecheck.strictness import describe_checker


class JudgedBy:
    """Says for each module of one kind how its answers are judged.

    Args:
        workspace: The project, and what it has installed.
        kind: What the modules hold.
        python: The version of the project's interpreter.
    """

    def __init__(self, workspace: Workspace, kind: Kind, *, python: str) -> None:
        self._workspace = workspace
        self._kind = kind
        self._python = python

    def lines_for(self, plan: ModulePlan) -> tuple[str, ...]:
        """One line for each check."""
        lines = [f"It runs under Python {self._python}."] if self._python else []
        lines += self._about_types(plan)
        lines += self._about_tests(plan) if self._kind is Kind.TEST else self._about_code()
        return tuple(lines)

    def _about_types(self, plan: ModulePlan) -> Iterator[str]:
        test_types = self._workspace.config.test.type_check
        if self._checker is None or (self._kind is Kind.TEST and test_types == "off"):
            return
        installed, scope = self._checker
        names = {plan.name, plan.generated_module}
        paths = (plan.file.path, plan.module.path)
        if any(scope.leaves_out(self._workspace.root / path, names) for path in paths):
            return
        only_warns = self._kind is Kind.TEST and test_types != "strict"
        ending = " Errors are warnings." if only_warns else ""
        yield f"{describe_checker(installed)} checks the types.{ending}"

    def _about_code(self) -> Iterator[str]:
        if self._workspace.config.build.run_examples:
            yield "The examples and `Raises:` lines of docstrings are run."

    def _about_tests(self, plan: ModulePlan) -> Iterator[str]:
        if self._workspace.config.test.run_trials:
            yield "Each test is run on wrong implementations; one that always passes is rejected."
        else:
            yield "A test that asserts nothing is rejected."
        specs = plan.module.specs
        shapes = [spec.definition for spec in specs if isinstance(spec.definition, FunctionFacts)]
        fixtures = [entry.text for spec in specs for entry in spec.context if entry.supplied]
        is_asynchronous = any(shape.shape.startswith("async") for shape in shapes) or any(
            "async def" in text for text in fixtures
        )
        yield from describe_pytest(self._workspace.root, is_asynchronous=is_asynchronous)

    @cached_property
    def _checker(self) -> tuple[InstalledChecker, CheckerScope] | None:
        """The checker that there is; one that is missing is reported where answers are checked."""
        try:
            installed = find_checker(self._workspace.project, self._workspace.interpreter)
        except JauntConfigError:
            return None
        return (installed, CheckerScope(installed)) if installed is not None else None
