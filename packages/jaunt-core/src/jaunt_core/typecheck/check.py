"""The type checker of the project, on answers in place of the generated files."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path, PurePosixPath

from jaunt_core.config.loading import Project
from jaunt_core.findings.type_errors import parse_type_faults, type_findings
from jaunt_core.model.generation import Finding
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.typecheck import TypeFault
from jaunt_core.processes.scratch import scratch_folder
from jaunt_core.processes.supervisor import ProgramLimits, ProgramResult, run_program
from jaunt_core.project.interpreter import child_environment
from jaunt_core.project.sources import Roots
from jaunt_core.storage.folder import state_folder
from jaunt_core.typecheck.commands import Target, checker_command
from jaunt_core.typecheck.detect import InstalledChecker
from jaunt_core.typecheck.shadow_tree import Mirror

TIME_LIMIT = 300.0
"""Seconds that one run of a type checker may take."""

_SHOWN_LINES = 3
_SHOWN_WIDTH = 300


class CheckerError(Exception):
    """A type checker did not do its work; this says nothing about the answers."""


class _Asked:
    """An answer that waits for the checker."""

    def __init__(self, plan: ModulePlan, code: str) -> None:
        self.plan = plan
        self.code = code
        self.findings: tuple[Finding, ...] | None = None


class TypeCheck:
    """Checks answers in waves: those that come while the checker runs go together in its next run.

    A checker that fails rejects nothing; `warn` is told so, once. The copy of the project that it
    looks at, made of links, stands until `closing` is left.
    """

    def __init__(
        self,
        project: Project,
        roots: Roots,
        installed: InstalledChecker,
        *,
        python: Path,
        environ: Mapping[str, str],
        warn: Callable[[str], None],
        closing: ExitStack,
    ) -> None:
        self._project = project
        self._roots = roots
        self._installed = installed
        self._python = python
        self._environ = child_environment(project, environ)
        self._warn = warn
        self._closing = closing
        self._mirror: tuple[Path, Mirror] | None = None
        self._waiting: list[_Asked] = []
        self._running = asyncio.Lock()
        self._has_failed = False
        self._is_useless = False

    async def findings(self, plan: ModulePlan, code: str) -> tuple[Finding, ...]:
        """The errors that the checker finds in an answer."""
        asked = _Asked(plan, code)
        self._waiting.append(asked)
        async with self._running:
            if asked.findings is None:  # else somebody's run had it among its own
                await self._run_wave()
        return asked.findings or ()

    async def _run_wave(self) -> None:
        wave = [*self._waiting]
        faults: Mapping[PurePosixPath, Sequence[TypeFault]] = {}
        try:
            faults = {} if self._is_useless else await self._faults(wave)
        except TimeoutError:
            self._is_useless = True
            self._fail(f"it did not end within {TIME_LIMIT:.0f} s")
        except OSError as error:
            self._is_useless = True
            self._fail(f"it cannot be run: {error.strerror or error}")
        except CheckerError as error:
            self._fail(str(error))
        for asked in wave:
            asked.findings = type_findings(
                self._installed.checker,
                asked.plan,
                in_answer=faults.get(asked.plan.file.path, ()),
                in_spec=faults.get(asked.plan.module.path, ()),
            )
        self._waiting = [asked for asked in self._waiting if asked.findings is None]

    def _fail(self, why: str) -> None:
        if not self._has_failed:
            self._has_failed = True
            self._warn(
                f"{self._installed.checker} did not check the types of what was generated: {why}"
            )

    async def _faults(self, wave: Sequence[_Asked]) -> Mapping[PurePosixPath, Sequence[TypeFault]]:
        """What the checker finds, by file below the project."""
        top = self._installed.top
        below = PurePosixPath(self._project.root.relative_to(top).as_posix())
        placed = {below / path: text for path, text in self._placed(wave).items()}
        mirror = await asyncio.to_thread(self._show, top, placed, below)
        folder = mirror / below
        if self._installed.settings is not None:
            folder = mirror / self._installed.settings.parent.relative_to(top)
        result = await self._run(wave, root=mirror / below, folder=folder)
        return self._by_file(result, root=mirror / below, folder=folder, mirror=mirror)

    def _show(self, top: Path, placed: Mapping[PurePosixPath, str], below: PurePosixPath) -> Path:
        """Where the project stands with these files in it."""
        if self._mirror is None:
            into = self._closing.enter_context(scratch_folder("types"))
            self._mirror = (into, Mirror(top, into, folders=[below]))
        into, mirror = self._mirror
        mirror.place(placed)
        return into

    def _placed(self, wave: Sequence[_Asked]) -> dict[PurePosixPath, str]:
        """What would land, with the `__init__.py` that landing would bring along."""
        placed: dict[PurePosixPath, str] = {}
        root = self._project.root
        for asked in wave:
            folder = asked.plan.file.path.parent
            is_package = folder.parent not in self._roots.of(asked.plan.module.kind)
            init = folder / "__init__.py"
            if (
                is_package
                and (root / folder.parent / "__init__.py").is_file()
                and not (root / init).exists()
            ):
                placed.setdefault(init, "")
            placed[asked.plan.file.path] = asked.code
        return placed

    async def _run(self, wave: Sequence[_Asked], *, root: Path, folder: Path) -> ProgramResult:
        targets = [
            target
            for asked in wave
            for target in (
                Target(module=asked.plan.generated_module, path=root / asked.plan.file.path),
                Target(module=asked.plan.name, path=root / asked.plan.module.path),
            )
        ]
        command = checker_command(
            self._installed,
            targets,
            python=self._python,
            folder=folder,
            prefix=[root / item for item in self._roots.prefix],
            cache=state_folder(self._project.root, "types"),
            environ=self._environ,
        )
        return await run_program(
            command.arguments,
            folder=folder,
            environ={**self._environ, **command.variables},
            limits=ProgramLimits(seconds=TIME_LIMIT),
        )

    def _by_file(
        self, result: ProgramResult, *, root: Path, folder: Path, mirror: Path
    ) -> Mapping[PurePosixPath, Sequence[TypeFault]]:
        output = result.output.decode("utf-8", "replace")
        if result.code not in (0, 1):
            raise CheckerError(f"exit code {result.code}{_said(result)}")
        try:
            faults = parse_type_faults(self._installed.checker, output)
        except ValueError:
            raise CheckerError(f"it printed what nobody can read{_said(result)}") from None
        found: defaultdict[PurePosixPath, list[TypeFault]] = defaultdict(list)
        for fault in faults:
            place = Path(os.path.normpath(folder / fault.path))
            for base in (root, self._project.root):  # of a link, it may tell where it leads to
                if place.is_relative_to(base):
                    message = fault.message.replace(f"{mirror}{os.sep}", "")
                    path = PurePosixPath(place.relative_to(base).as_posix())
                    found[path].append(replace(fault, message=message))
        return found


def _said(result: ProgramResult) -> str:
    """The first lines of what a checker printed."""
    text = (result.errors or result.output).decode("utf-8", "replace")
    lines = [line.strip()[:_SHOWN_WIDTH] for line in text.splitlines() if line.strip()]
    return "".join(f"; {line}" for line in lines[:_SHOWN_LINES])


__all__ = ["TIME_LIMIT", "TypeCheck"]
