"""What answers are put to outside of this process: a type checker, a formatter, a sandbox."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from jaunt_core.generation.validation import Checks, LateCheck
from jaunt_core.model.spec import Kind
from jaunt_core.planning.staleness import JudgedGraph
from jaunt_core.project.workspace import Workspace
from jaunt_core.sandbox.example_check import ExampleCheck
from jaunt_core.sandbox.sandbox import Sandbox
from jaunt_core.sandbox.test_check import TestCheck
from jaunt_core.typecheck.check import TypeCheck
from jaunt_core.typecheck.detect import find_checker
from jaunt_core.typecheck.formatting import Formatter


def build_checks(
    workspace: Workspace,
    kind: Kind,
    judged: JudgedGraph,
    *,
    warn: Callable[[str], None],
    closing: ExitStack,
) -> Checks:
    """What the project has and wants answers of one kind to be put to.

    What that makes on the disk is removed when `closing` is left.

    Raises:
        JauntConfigError: The project's environment lacks the type checker that is named.
    """
    project, config, sandbox = workspace.project, workspace.config, Sandbox(workspace, warn)
    late: list[LateCheck] = []
    if kind is Kind.TEST and config.test.run_trials:
        late.append(TestCheck(project, sandbox, judged.graph, closing=closing))
    elif kind is Kind.BUILD and config.build.run_examples:
        late.append(ExampleCheck(project.root, sandbox, warn))
    installed = find_checker(project, workspace.interpreter)
    if installed is not None and (kind is Kind.BUILD or config.test.type_check != "off"):
        is_strict = kind is Kind.BUILD or config.test.type_check == "strict"
        late.append(TypeCheck(workspace, installed, is_strict=is_strict, closing=closing))
    return Checks(late=tuple(late), formatter=Formatter(workspace))
