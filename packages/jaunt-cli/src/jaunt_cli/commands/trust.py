"""`jaunt trust`: confirm that the key may go where the project sends it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from jaunt_cli.arguments.options import add_json_option, add_project_options
from jaunt_cli.arguments.parser import Parser, make_parser
from jaunt_cli.arguments.parsing import parse_arguments
from jaunt_cli.exit_codes import ExitCode
from jaunt_cli.render.trust import trust_lines
from jaunt_cli.running.runner import run_and_show
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.inspections import body_of_trust
from jaunt_core.model.trust import TrustReport

_DESCRIPTION = """\
Confirm that the key may go to the addresses that jaunt.toml sends it to.

A key goes to the provider's own server, to this machine, and to where $OPENAI_BASE_URL leads,
without asking. Before it goes to another address that stands in a project's jaunt.toml, that has
to be confirmed once, for this project, this address and this variable. It is kept in a folder of
your own, ~/.local/state/jaunt or below $XDG_STATE_HOME, and never in the project. Nothing is sent.
"""
_EXAMPLES = """\
  jaunt trust            show what jaunt.toml sends where, and confirm it
  jaunt trust --list     what is confirmed, for all projects
  jaunt trust --revoke   take back what was confirmed for this project
  JAUNT_TRUST=https://llm.example.com jaunt build
                         confirm an address for one run, for example in CI
"""
_EXIT_CODES = """\
  0    done, or nothing had to be
  2    wrong usage or configuration, or there is no place to keep it
  130  interrupted
"""


def make_trust_parser() -> Parser:
    """The arguments of `jaunt trust`."""
    parser = make_parser(
        "trust", description=_DESCRIPTION, examples=_EXAMPLES, exit_codes=_EXIT_CODES
    )
    add_project_options(parser)
    parser.add_argument(
        "--list", action="store_true", help="show what is confirmed, and confirm nothing"
    )
    parser.add_argument(
        "--revoke", action="store_true", help="take back all that was confirmed for this project"
    )
    add_json_option(parser)
    return parser


def run(argv: Sequence[str], terminal: Terminal) -> int:
    """Confirm, list or revoke, and return the exit code."""
    arguments = parse_arguments(make_trust_parser(), argv, terminal, check=_contradiction_in)
    if isinstance(arguments, ExitCode):
        return arguments
    action = "list" if arguments.list else "revoke" if arguments.revoke else "confirm"
    return run_and_show(
        "trust",
        arguments,
        terminal,
        lambda _: _change_trust(arguments, terminal),
        lines=lambda report: trust_lines(report, action=action),
        body=lambda report: body_of_trust(report, action=action),
    )


def _contradiction_in(arguments: Namespace) -> str:
    if arguments.list and arguments.revoke:
        return "--list only looks and --revoke does not: leave out one of them"
    return ""


def _change_trust(arguments: Namespace, terminal: Terminal) -> TrustReport:
    from jaunt_core.config.loading import load_project
    from jaunt_core.config.locate import find_config
    from jaunt_core.engine.truster import confirm_addresses, list_trust, revoke_trust

    if arguments.list:
        return list_trust(environ=terminal.environ)
    if arguments.revoke:
        root = find_config(root=arguments.root, config=arguments.config).parent
        return revoke_trust(root, environ=terminal.environ)
    project = load_project(root=arguments.root, config=arguments.config)
    return confirm_addresses(project, environ=terminal.environ)
