"""`jaunt test`: build, generate the tests of stale test specs, and run them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jaunt_cli.arguments.options import add_run_options, contradiction_in
from jaunt_cli.arguments.parser import Parser, make_parser
from jaunt_cli.arguments.parsing import parse_arguments
from jaunt_cli.exit_codes import ExitCode, code_of_test
from jaunt_cli.running.runner import RunResult, make_debug_run, run_engine
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.document import Json, render_document
from jaunt_cli.wire.reports import document_of_test
from jaunt_core.model.events import Sink
from jaunt_core.model.report import TestReport
from jaunt_core.model.spec import Kind

if TYPE_CHECKING:
    from jaunt_cli.debugging import DebugRun

_DESCRIPTION = """\
Build, write the tests of all stale @jaunt.test specs, and run them with pytest.

pytest runs under the project's interpreter on exactly the generated test files; its output goes
to stdout as it comes (to stderr with --json). A run that collects no test has failed.
"""
_EXAMPLES = """\
  jaunt test                                build, write tests, run them
  jaunt test --no-run                       write the tests only
  jaunt test --no-build                     leave the code as it is
  jaunt test --target tests.test_tax        the tests of one module
  jaunt test --repair                       have code asked for anew that fails its tests
  jaunt test --strength                     what changes of the code the tests do not notice
  jaunt test --pytest-args -x --pytest-args=-vv
                                            more arguments for pytest, one at a time
"""
_EXIT_CODES = """\
  0    all tests passed
  2    wrong usage or configuration, specs that cannot be read, a dependency cycle
  3    a module or test could not be generated (the tests that could be made were still run),
       or another run was not waited for
  4    a test failed, or none was collected
  130  interrupted; what was finished is kept
"""
_PYTEST_ARGS = "--pytest-args"


def make_test_parser() -> Parser:
    """The arguments of `jaunt test`."""
    parser = make_parser(
        "test", description=_DESCRIPTION, examples=_EXAMPLES, exit_codes=_EXIT_CODES
    )
    add_run_options(parser)
    parser.add_argument(
        "--no-build",
        action="store_false",
        dest="build",
        help="do not build first; tests run against the code that is there",
    )
    parser.add_argument(
        "--no-run", action="store_false", dest="run", help="write the tests, do not run them"
    )
    parser.add_argument(
        "--repair",
        action="store_true",
        help="ask for the code of failing tests' targets once more, with what the tests said; kept "
        "only where fewer tests fail, and never against an example in a docstring",
    )
    parser.add_argument(
        "--strength",
        action="store_true",
        help="where all tests pass, run them against small changes of the code as well, and show "
        "which ones no test notices; the exit code stays the same",
    )
    parser.add_argument(
        _PYTEST_ARGS,
        action="append",
        default=[],
        metavar="ARG",
        help="one more argument for pytest, after those of jaunt.toml (repeatable)",
    )
    return parser


def run(argv: Sequence[str], terminal: Terminal) -> int:
    """Build, generate tests and run them, and return the exit code."""
    joined = _with_values_joined(argv)
    arguments = parse_arguments(make_test_parser(), joined, terminal, check=_contradiction_in)
    if isinstance(arguments, ExitCode):
        return arguments
    debug = make_debug_run("test", argv, arguments, terminal)
    result = run_engine(
        lambda sink: _test(arguments, terminal, sink, debug),
        lambda report: code_of_test(report, run=arguments.run),
        terminal=terminal,
        json=arguments.json,
        debug=debug,
    )
    if arguments.json:
        terminal.out.write(render_document(_document_of(result)))
    return result.code


def _contradiction_in(arguments: Namespace) -> str:
    if arguments.repair and (arguments.offline or not arguments.run):
        return "--repair runs the tests and asks the model: leave out --no-run and --offline"
    if arguments.strength and not arguments.run:
        return "--strength runs the tests and --no-run does not: leave out one of them"
    return contradiction_in(arguments)


def _test(
    arguments: Namespace, terminal: Terminal, sink: Sink, debug: DebugRun | None
) -> TestReport:
    from jaunt_cli.running.confirmation import confirmation
    from jaunt_core.backend.registry import load_backend
    from jaunt_core.config.loading import load_project
    from jaunt_core.engine.tester import TestOptions, run_tests

    project = load_project(root=arguments.root, config=arguments.config)
    options = TestOptions(
        jobs=arguments.jobs,
        force=arguments.force,
        targets=tuple(arguments.targets),
        infer_deps=arguments.infer_deps,
        offline=arguments.offline,
        wait=arguments.wait,
        build=arguments.build,
        run=arguments.run,
        pytest_args=tuple(arguments.pytest_args),
        strength=arguments.strength,
        repair=arguments.repair,
        color=terminal.colors_on(terminal.err if arguments.json else terminal.out),
    )
    confirm = confirmation(arguments, terminal)
    load = load_backend if debug is None else debug.load
    return run_tests(
        project, options, sink=sink, environ=terminal.environ, load=load, confirm=confirm
    )


def _document_of(result: RunResult[TestReport]) -> Json:
    report, history = result.report, result.history
    if report is not None:
        build, tests, pytest = report.build, report.tests, report.pytest
        strength = report.mutation
    else:
        build, tests = (
            history.report(kind) if history.reached(kind) else None
            for kind in (Kind.BUILD, Kind.TEST)
        )
        pytest, strength = history.pytest, history.mutation
    return document_of_test(
        ok=result.code is ExitCode.SUCCESS,
        problem=result.problem,
        build=build,
        tests=tests,
        pytest=pytest,
        strength=strength,
    )


def _with_values_joined(argv: Sequence[str]) -> list[str]:
    """Join `--pytest-args -x` to `--pytest-args=-x`: argparse would take `-x` for an option."""
    joined: list[str] = []
    rest = iter(argv)
    for argument in rest:
        value = next(rest, None) if argument == _PYTEST_ARGS else None
        joined.append(argument if value is None else f"{argument}={value}")
    return joined
