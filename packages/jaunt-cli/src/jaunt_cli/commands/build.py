"""`jaunt build`: generate the code of stale specs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jaunt_cli.arguments.options import add_run_options, contradiction_in
from jaunt_cli.arguments.parser import Parser, make_parser
from jaunt_cli.arguments.parsing import parse_arguments
from jaunt_cli.exit_codes import ExitCode, code_of_build
from jaunt_cli.noop import noop_build
from jaunt_cli.render.prompts import prompt_lines, prompt_text
from jaunt_cli.running.runner import always_success, make_debug_run, run_engine, show_result
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.document import render_document
from jaunt_cli.wire.inspections import body_of_prompt
from jaunt_cli.wire.reports import document_of_build
from jaunt_core.model.events import Sink
from jaunt_core.model.generation import GenerationRequest
from jaunt_core.model.report import BuildReport
from jaunt_core.model.spec import Kind

if TYPE_CHECKING:
    from jaunt_cli.debugging import DebugRun

_DESCRIPTION = """\
Write the code of all @jaunt.magic specs whose contract changed since it was last written.

Specs are read, compared with the generated files, and only what is stale is sent to the model,
dependencies first. Answers are checked before they land in __generated__/; files that people
wrote are never edited. A second run without changes does nothing.
"""
_EXAMPLES = """\
  jaunt build                               everything that is stale
  jaunt build --root services/shop          the project in another folder
  jaunt build --target shop.tax             one module, with its stale dependencies
  jaunt build --target shop.tax:rate        the module of one spec
  jaunt build --force --target shop.tax     ask for new code although nothing changed
  jaunt build --offline                     from stored answers only, without a model
  jaunt build --show-prompt shop.tax        what the model would read, and nothing else
  jaunt build --json | jq .counts           for programs
"""
_EXIT_CODES = """\
  0    every module stands
  2    wrong usage or configuration, specs that cannot be read, a dependency cycle, an address
       that nobody confirmed (jaunt trust), more calls than are made without --yes
  3    a module could not be generated (the others were), the budget was spent, or another run
       was not waited for
  130  interrupted; what was finished is kept
"""


def make_build_parser() -> Parser:
    """The arguments of `jaunt build`."""
    parser = make_parser(
        "build", description=_DESCRIPTION, examples=_EXAMPLES, exit_codes=_EXIT_CODES
    )
    add_run_options(parser)
    parser.add_argument(
        "--show-prompt",
        metavar="MODULE",
        help="print what would be sent for a module next, of code or of tests, and do nothing else",
    )
    return parser


def run(argv: Sequence[str], terminal: Terminal) -> int:
    """Build, and return the exit code."""
    arguments = parse_arguments(make_build_parser(), argv, terminal, check=contradiction_in)
    if isinstance(arguments, ExitCode):
        return arguments
    if arguments.show_prompt is not None:
        return _show_prompt(arguments, terminal)
    debug = make_debug_run("build", argv, arguments, terminal)
    result = run_engine(
        lambda sink: _build(arguments, terminal, sink, debug),
        code_of_build,
        terminal=terminal,
        json=arguments.json,
        debug=debug,
    )
    if arguments.json:
        document = document_of_build(
            ok=result.code is ExitCode.SUCCESS,
            problem=result.problem,
            report=result.report or result.history.report(Kind.BUILD),
        )
        terminal.out.write(render_document(document))
    return result.code


def _show_prompt(arguments: Namespace, terminal: Terminal) -> int:
    result = run_engine(
        lambda sink: _next_request(arguments, terminal, sink),
        always_success,
        terminal=terminal,
        json=arguments.json,
    )
    if result.report is not None and not arguments.json and not terminal.out.isatty():
        terminal.out.write(prompt_text(result.report))
        return result.code
    return show_result(
        "build", result, arguments, terminal, lines=prompt_lines, body=body_of_prompt
    )


def _next_request(arguments: Namespace, terminal: Terminal, sink: Sink) -> GenerationRequest:
    from jaunt_cli.running.null_backend import tolerant_loader
    from jaunt_core.config.loading import load_project
    from jaunt_core.engine.inspector import show_request

    return show_request(
        load_project(root=arguments.root, config=arguments.config),
        arguments.show_prompt,
        environ=terminal.environ,
        infer_deps=arguments.infer_deps,
        load=tolerant_loader(sink),
    )


def _build(
    arguments: Namespace, terminal: Terminal, sink: Sink, debug: DebugRun | None
) -> BuildReport:
    unchanged = noop_build(arguments, terminal.environ, sink)
    if unchanged is not None:
        return unchanged
    from jaunt_cli.running.confirmation import confirmation
    from jaunt_core.backend.registry import load_backend
    from jaunt_core.config.loading import load_project
    from jaunt_core.engine.builder import BuildOptions, build

    project = load_project(root=arguments.root, config=arguments.config)
    options = BuildOptions(
        jobs=arguments.jobs,
        force=arguments.force,
        targets=tuple(arguments.targets),
        infer_deps=arguments.infer_deps,
        offline=arguments.offline,
        wait=arguments.wait,
    )
    confirm = confirmation(arguments, terminal)
    load = load_backend if debug is None else debug.load
    return build(project, options, sink=sink, environ=terminal.environ, load=load, confirm=confirm)
