"""What a workshop has outside of this process: a type checker, a formatter, a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace

from jaunt_core.generation.run_context import LateCheck, Workshop
from jaunt_core.model.spec import Kind
from jaunt_core.project.sources import Roots
from jaunt_core.sandbox.example_check import ExampleCheck
from jaunt_core.sandbox.sandbox import Sandbox
from jaunt_core.sandbox.test_check import ProofCheck
from jaunt_core.typecheck.check import TypeCheck
from jaunt_core.typecheck.detect import find_checker
from jaunt_core.typecheck.formatting import Formatter


def equipped(
    shop: Workshop,
    roots: Roots,
    environ: Mapping[str, str],
    warn: Callable[[str], None],
    closing: ExitStack,
) -> Workshop:
    """The workshop with what the project has and wants answers to be put to.

    What that makes on the disk is removed when `closing` is left.

    Raises:
        JauntConfigError: The project's environment lacks the type checker that is named.
    """
    project, interpreter = shop.project, shop.worker.interpreter
    formatter = Formatter(project, interpreter, environ)
    checks = list(_trials(shop, Sandbox(project, roots, interpreter.path, environ), warn))
    installed = find_checker(project, interpreter)
    if installed is not None:
        checks.append(
            TypeCheck(
                project,
                roots,
                installed,
                python=interpreter.path,
                environ=environ,
                warn=warn,
                closing=closing,
            )
        )
    return replace(shop, formatter=formatter, late_checks=tuple(checks))


def _trials(shop: Workshop, sandbox: Sandbox, warn: Callable[[str], None]) -> Iterator[LateCheck]:
    config = shop.project.config
    if shop.kind is Kind.TEST and config.test.run_trials:
        yield ProofCheck(shop.project, sandbox, shop.judged.graph, warn)
    elif shop.kind is Kind.BUILD and config.build.run_examples:
        yield ExampleCheck(shop.project.root, sandbox, warn)
