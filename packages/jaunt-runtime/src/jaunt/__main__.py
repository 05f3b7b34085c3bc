"""`python -m jaunt ARGS`: hand over to the command line of jaunt-cli, where it is installed."""

import sys
from importlib import import_module

_HOW_TO_INSTALL = """\
the jaunt command is not installed: this environment holds only its runtime
  hint: uv add --dev "jaunt-cli[openai]"
    or: pip install "jaunt-cli[openai]"
"""


def main(argv: list[str]) -> int:
    """Run the jaunt command and return its exit code, 2 where it is not installed."""
    try:
        command = import_module("jaunt_cli.main")
    except ModuleNotFoundError as error:
        if error.name not in {"jaunt_cli", "jaunt_cli.main"}:
            raise
        sys.stderr.write(_HOW_TO_INSTALL)
        return 2
    return command.main(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
