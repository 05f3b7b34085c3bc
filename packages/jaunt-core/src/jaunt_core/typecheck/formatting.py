"""Format code with the project's own ruff before it lands, where the project has it."""

from __future__ import annotations

from pathlib import PurePosixPath

from jaunt_core.findings.answer_text import unix_lines
from jaunt_core.processes.supervisor import ProgramLimits, run_program
from jaunt_core.project.interpreter import program_beside
from jaunt_core.project.workspace import Workspace

TIME_LIMIT = 60.0
"""Seconds that formatting one module may take."""


class Formatter:
    """Formats code with the project's settings, where the project's environment has ruff."""

    def __init__(self, workspace: Workspace) -> None:
        interpreter = workspace.interpreter
        self._root = workspace.root
        self._environ = workspace.child_environ
        self._ruff = program_beside(interpreter, "ruff") if interpreter.is_own else None

    async def formatted(self, path: PurePosixPath, code: str) -> str:
        """The code, formatted as a file of the project.

        It is returned unchanged where there is no ruff, where ruff fails, and where the settings
        leave the file out.
        """
        if self._ruff is None:
            return code
        command = [str(self._ruff), "format", "--no-cache", "--force-exclude"]
        # An absolute path, since some settings of ruff do not apply to a relative one.
        command += ["--stdin-filename", str(self._root / path), "-"]
        try:
            result = await run_program(
                command,
                folder=self._root,
                environ=self._environ,
                limits=ProgramLimits(seconds=TIME_LIMIT),
                stdin=code.encode(),
            )
            text = result.output.decode()
        except (OSError, TimeoutError, UnicodeError):
            return code
        is_whole = result.code == 0 and bool(text.strip()) == bool(code.strip())
        # With the line ends of the header above it.
        return unix_lines(text) if is_whole else code
