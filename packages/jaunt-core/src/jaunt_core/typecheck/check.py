"""Run the project's type checker on answers that stand in for the generated files."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path, PurePosixPath

from jaunt_core.findings.type_errors import parse_type_faults, type_findings
from jaunt_core.model.generation import Finding
from jaunt_core.model.judgement import CheckName, Judgement, Unjudged
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.spec import Kind
from jaunt_core.model.typecheck import TypeFault
from jaunt_core.processes.scratch import scratch_folder
from jaunt_core.processes.supervisor import ProgramLimits, ProgramResult, run_program
from jaunt_core.project.workspace import Workspace
from jaunt_core.storage.folder import state_folder
from jaunt_core.typecheck.commands import Target, checker_command
from jaunt_core.typecheck.detect import InstalledChecker
from jaunt_core.typecheck.scope import CheckerScope
from jaunt_core.typecheck.shadow_tree import ShadowTree

TIME_LIMIT = 300.0
"""Seconds that one run of a type checker may take."""

_SHOWN_LINES = 3
_SHOWN_WIDTH = 300


class CheckerError(Exception):
    """A type checker failed, which says nothing about the answers."""


class _PendingAnswer:
    """An answer that waits for the checker."""

    def __init__(self, plan: ModulePlan, code: str) -> None:
        self.plan = plan
        self.code = code
        self.judgement: Judgement | None = None


class TypeCheck:
    """Checks answers in waves: those that come while the checker runs share its next run.

    A checker that fails rejects nothing; the judgement says why. Nor does one whose settings leave
    the file out. Unless it `is_strict`, errors are warnings. The shadow tree that the checker looks
    at stands until `closing` is left.
    """

    def __init__(
        self,
        workspace: Workspace,
        installed: InstalledChecker,
        *,
        is_strict: bool = True,
        closing: ExitStack,
    ) -> None:
        self._workspace = workspace
        self._root = workspace.root
        self._installed = installed
        self._is_strict = is_strict
        self._scope = CheckerScope(installed)
        self._closing = closing
        self._shadow: tuple[Path, ShadowTree] | None = None
        self._waiting: list[_PendingAnswer] = []
        self._running = asyncio.Lock()
        self._broken = ""

    async def judge(self, plan: ModulePlan, code: str) -> Judgement:
        """The findings of the checker about an answer, or why it has none to tell."""
        if self._is_left_out(plan):
            return self._left_out(plan)
        pending = _PendingAnswer(plan, code)
        self._waiting.append(pending)
        async with self._running:
            if pending.judgement is None:  # else another answer's run has checked it, too
                await self._run_wave()
        return pending.judgement or Judgement()

    async def _run_wave(self) -> None:
        wave = [*self._waiting]
        faults: Mapping[PurePosixPath, Sequence[TypeFault]] = {}
        why = self._broken
        try:
            faults = {} if self._broken else await self._faults(wave)
        except TimeoutError:
            why = self._broken = f"it did not end within {TIME_LIMIT:.0f} s"
        except OSError as error:
            why = self._broken = f"it cannot be run: {error.strerror or error}"
        except CheckerError as error:
            why = str(error)
        for pending in wave:
            pending.judgement = self._judgement(pending, faults, why)
        self._waiting = [pending for pending in self._waiting if pending.judgement is None]

    def _judgement(
        self, pending: _PendingAnswer, faults: Mapping[PurePosixPath, Sequence[TypeFault]], why: str
    ) -> Judgement:
        plan, checker = pending.plan, self._installed.checker
        if why:
            reason = f"{checker}: {why}"
            return Judgement(
                unjudged=(Unjudged(module=plan.name, check=CheckName.TYPES, why=reason),)
            )
        findings = type_findings(
            checker,
            plan,
            in_answer=faults.get(plan.file.path, ()),
            in_spec=faults.get(plan.module.path, ()),
        )
        if findings and not self._is_strict:
            return Judgement(warnings=(_warning_of(plan, pending.code, findings),))
        return Judgement(findings=findings)

    def _is_left_out(self, plan: ModulePlan) -> bool:
        """Whether the settings leave out where the answer goes, or the specs that it is for."""
        names = {plan.name, plan.generated_module}
        paths = (plan.file.path, plan.module.path)
        return any(self._scope.leaves_out(self._root / path, names) for path in paths)

    def _left_out(self, plan: ModulePlan) -> Judgement:
        """That the settings leave an answer out, which is told of code alone."""
        if plan.module.kind is Kind.TEST:
            return Judgement()
        why = f"{self._installed.checker}: the project's settings leave it out"
        return Judgement(unjudged=(Unjudged(module=plan.name, check=CheckName.TYPES, why=why),))

    async def _faults(
        self, wave: Sequence[_PendingAnswer]
    ) -> Mapping[PurePosixPath, Sequence[TypeFault]]:
        """The errors that the checker reports, by file below the project."""
        top = self._installed.top
        below = PurePosixPath(self._root.relative_to(top).as_posix())
        files = {below / path: text for path, text in self._files_of(wave).items()}
        shadow = await asyncio.to_thread(self._update_shadow, top, files, below)
        folder = shadow / below
        if self._installed.settings is not None:
            folder = shadow / self._installed.settings.parent.relative_to(top)
        result = await self._run(wave, root=shadow / below, folder=folder)
        return self._by_file(result, root=shadow / below, folder=folder, shadow=shadow)

    def _update_shadow(
        self, top: Path, files: Mapping[PurePosixPath, str], below: PurePosixPath
    ) -> Path:
        """Show these files in the shadow tree, and return its folder."""
        if self._shadow is None:
            into = self._closing.enter_context(scratch_folder("types"))
            self._shadow = (into, ShadowTree(top, into, folders=[below]))
        into, tree = self._shadow
        tree.show_files(files)
        return into

    def _files_of(self, wave: Sequence[_PendingAnswer]) -> dict[PurePosixPath, str]:
        """The files that would land, with each `__init__.py` that landing would write, too."""
        files: dict[PurePosixPath, str] = {}
        root = self._root
        for pending in wave:
            folder = pending.plan.file.path.parent
            is_package = folder.parent not in self._workspace.roots.of(pending.plan.module.kind)
            init = folder / "__init__.py"
            if (
                is_package
                and (root / folder.parent / "__init__.py").is_file()
                and not (root / init).exists()
            ):
                files.setdefault(init, "")
            files[pending.plan.file.path] = pending.code
        return files

    async def _run(
        self, wave: Sequence[_PendingAnswer], *, root: Path, folder: Path
    ) -> ProgramResult:
        targets = [
            target
            for pending in wave
            for target in (
                Target(module=pending.plan.generated_module, path=root / pending.plan.file.path),
                Target(module=pending.plan.name, path=root / pending.plan.module.path),
            )
        ]
        environ = self._workspace.child_environ
        command = checker_command(
            self._installed,
            targets,
            python=self._workspace.interpreter.path,
            folder=folder,
            prefix=[root / prefix for prefix in self._workspace.roots.prefix],
            cache=state_folder(self._root, "types"),
            environ=environ,
        )
        return await run_program(
            command.arguments,
            folder=folder,
            environ={**environ, **command.variables},
            limits=ProgramLimits(seconds=TIME_LIMIT),
        )

    def _by_file(
        self, result: ProgramResult, *, root: Path, folder: Path, shadow: Path
    ) -> Mapping[PurePosixPath, Sequence[TypeFault]]:
        output = result.output.decode("utf-8", "replace")
        if result.code not in (0, 1):
            raise CheckerError(f"exit code {result.code}{_output_lines(result)}")
        try:
            faults = parse_type_faults(self._installed.checker, output)
        except ValueError:
            raise CheckerError(f"it printed what nobody can read{_output_lines(result)}") from None
        faults_by_path: defaultdict[PurePosixPath, list[TypeFault]] = defaultdict(list)
        for fault in faults:
            reported = Path(os.path.normpath(folder / fault.path))
            for base in (root, self._root):  # a checker may name what a link leads to
                if reported.is_relative_to(base):
                    message = fault.message.replace(f"{shadow}{os.sep}", "")
                    path = PurePosixPath(reported.relative_to(base).as_posix())
                    faults_by_path[path].append(replace(fault, message=message))
        return faults_by_path


def _warning_of(plan: ModulePlan, code: str, findings: Sequence[Finding]) -> str:
    """What is wrong with the types of an answer that may land all the same."""
    lines = code.splitlines()
    parts = [
        f"`{lines[finding.line - 1].strip()}`: {finding.message}"
        for finding in findings[:_SHOWN_LINES]
    ]
    more = len(findings) - _SHOWN_LINES
    parts += [f"and {more} more"] if more > 0 else []
    head = "a type error" if len(findings) == 1 else f"{len(findings)} type errors"
    return f"{plan.file.path}: {head}, which in tests keep nothing from landing: {'; '.join(parts)}"


def _output_lines(result: ProgramResult) -> str:
    """The first lines that a checker printed, to go after a message."""
    text = (result.errors or result.output).decode("utf-8", "replace")
    lines = [line.strip()[:_SHOWN_WIDTH] for line in text.splitlines() if line.strip()]
    return "".join(f"; {line}" for line in lines[:_SHOWN_LINES])
