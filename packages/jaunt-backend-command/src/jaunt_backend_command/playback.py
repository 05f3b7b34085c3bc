"""`jaunt-playback DIR`: a program for `[llm] command` that plays back recorded answers.

DIR holds `requests.json`, an object from `"<kind>/<spec module>"` to the digest of the request that
was answered, and the answers as `<kind>/<spec module>.py`. Examples use it to work without a model.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

_ANSWERED = 0
_MISUSED = 2
_NOT_RECORDED = 3

_USAGE = """\
usage: jaunt-playback DIR
prints the answer that DIR holds for the request of a running jaunt; it is meant to be started
by jaunt, from jaunt.toml:
  [llm]
  provider = "command"
  command = ["jaunt-playback", "DIR"]
"""

_CONNECT = """\
this example plays back recorded answers: no model is connected
{why}
to have it generated, connect a model in jaunt.toml:
  [llm]
  provider = "openai"
  model = "gpt-5.2"
and set OPENAI_API_KEY, or base_url in [llm] for a server of your own
"""


def main(argv: list[str] | None = None) -> int:
    """Print the recorded answer to the request that the environment names.

    Returns:
        0 for an answer, 2 where it was not started by jaunt or the recording is damaged, 3
        where nothing was recorded for this request.
    """
    arguments = sys.argv[1:] if argv is None else argv
    environ = os.environ
    names = ("JAUNT_KIND", "JAUNT_SPEC_MODULE", "JAUNT_REQUEST")
    if len(arguments) != 1 or not all(environ.get(name) for name in names):
        sys.stderr.write(_USAGE)
        return _MISUSED
    # A program that does not read its prompt looks broken to whoever wrote it.
    sys.stdin.buffer.read()
    kind, module, request = (environ[name] for name in names)
    folder = Path(arguments[0])
    try:
        recorded = load_requests(folder).get(f"{kind}/{module}")
        answer = (folder / kind / f"{module}.py").read_bytes() if recorded == request else None
    except FileNotFoundError as exc:
        sys.stderr.write(f"jaunt-playback: {exc.filename} is missing\n")
        return _MISUSED
    except (OSError, ValueError) as exc:
        sys.stderr.write(f"jaunt-playback: the recording in {folder} is damaged: {exc}\n")
        return _MISUSED
    if answer is None:
        sys.stderr.write(_CONNECT.format(why=_why(kind, module, known=recorded is not None)))
        return _NOT_RECORDED
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    sys.stderr.write("note: recorded answers are played back, no model is asked\n")
    return _ANSWERED


def load_requests(folder: Path) -> Mapping[str, object]:
    """The digests of the recorded requests by `"<kind>/<spec module>"`.

    Raises:
        FileNotFoundError: There is no `requests.json`.
        ValueError: It is no JSON object.
    """
    loaded: object = json.loads((folder / "requests.json").read_text(encoding="utf-8"))
    if not isinstance(loaded, dict):
        raise ValueError("requests.json holds no object")  # noqa: TRY004 - a value, not a type
    return {str(name): digest for name, digest in loaded.items()}


def _why(kind: str, module: str, *, known: bool) -> str:
    specs = f"the {'test ' if kind == 'test' else ''}specs of `{module}`"
    if known:
        return f"{specs} (or what they use) changed since the answers were recorded"
    return f"{specs} are new: nothing was recorded for them"


if __name__ == "__main__":
    sys.exit(main())
