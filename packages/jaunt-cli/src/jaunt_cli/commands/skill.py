"""`jaunt skill`: export the packaged skill docs for an AI assistant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from jaunt_cli.arguments.parser import Parser, make_parser
from jaunt_cli.arguments.parsing import parse_arguments
from jaunt_cli.exit_codes import ExitCode
from jaunt_cli.render.lines import Line, Span, Style, line_of, render_lines
from jaunt_cli.render.runs import error_lines
from jaunt_cli.skill_export import ExportedFile, FileOutcome, SkillExportError, export_skill
from jaunt_cli.streams import Terminal

_DESCRIPTION = """\
Export the skill: documents that teach your AI assistant (Claude, Cursor, Copilot, ...) to write
specs, and to leave generated code to jaunt.

Writes SKILL.md, cursorrules.md and examples/ into DIR/jaunt-skill/. Files that were changed
there are left alone, unless --force is given.
"""
_EXAMPLES = """\
  jaunt skill export                         into ./jaunt-skill/
  jaunt skill export --dest .claude/skills   where Claude Code looks for skills
  jaunt skill export --force                 replace files that were changed
"""
_EXIT_CODES = """\
  0  every file is there as packaged
  2  wrong usage, a changed file was left alone, or DIR cannot be written
"""
_STYLES = {
    FileOutcome.WRITTEN: Style.GOOD,
    FileOutcome.REPLACED: Style.GOOD,
    FileOutcome.UNCHANGED: Style.QUIET,
    FileOutcome.REFUSED: Style.BAD,
}
_WIDTH = max(len(outcome.value) for outcome in FileOutcome)


def make_skill_parser() -> Parser:
    """The arguments of `jaunt skill`."""
    parser = make_parser(
        "skill", description=_DESCRIPTION, examples=_EXAMPLES, exit_codes=_EXIT_CODES
    )
    parser.add_argument("action", choices=["export"], help="what to do with the skill")
    parser.add_argument(
        "--dest",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the folder to hold jaunt-skill/ (default: the working directory)",
    )
    parser.add_argument("--force", action="store_true", help="replace files that were changed")
    return parser


def run(argv: Sequence[str], terminal: Terminal) -> int:
    """Export the skill, show the outcome of each file, and return the exit code."""
    arguments = parse_arguments(make_skill_parser(), argv, terminal)
    if isinstance(arguments, ExitCode):
        return arguments
    try:
        files = export_skill(arguments.dest, force=arguments.force)
    except SkillExportError as error:
        lines, code = error_lines(str(error.args[0]), error.hint), ExitCode.USAGE
    else:
        lines, code = _lines_and_code(files)
    terminal.err.write(render_lines(lines, color=terminal.colors_on(terminal.err)))
    return code


def _lines_and_code(files: Iterable[ExportedFile]) -> tuple[list[Line], ExitCode]:
    lines: list[Line] = []
    refused = 0
    for file in files:
        outcome = Span(f"{file.outcome.value:{_WIDTH}}", _STYLES[file.outcome])
        lines.append(line_of(outcome, f" {file.path}", f": {file.detail}" if file.detail else ""))
        refused += file.outcome is FileOutcome.REFUSED
    if not refused:
        return lines, ExitCode.SUCCESS
    what = "a file was" if refused == 1 else f"{refused} files were"
    hint = "pass --force to replace what was changed, or --dest for another folder"
    return [*lines, *error_lines(f"{what} left alone", hint)], ExitCode.USAGE
