"""Examples as they stand in docstrings: run like at a prompt, compared like doctest does."""

from __future__ import annotations

import ast
import re
from doctest import OPTIONFLAGS_BY_NAME, SKIP, DocTestParser, Example

from ..harness.calls import Ended, Namespace, Session, Shown
from ..harness.channel import Channel
from ..harness.fault_attribution import Blame, places_of, shortened, words_of
from .doctest_match import is_expected_error, is_expected_output

_ARITY = re.compile(
    r"(?P<name>[\w.]+)\(\) (missing|takes|got an unexpected|got multiple|got some positional)"
)
_PARSER = DocTestParser()


class Prompt:
    """Runs the examples of docstrings, and tells what does not fit."""

    def __init__(
        self,
        session: Session,
        blame: Blame,
        channel: Channel,
        *,
        seconds: float,
        callables: frozenset[str],
        options: list[str],
        shown: list[Shown],
    ) -> None:
        self._session = session
        self._blame = blame
        self._channel = channel
        self._seconds = seconds
        self._callables = callables
        self._options = sum(OPTIONFLAGS_BY_NAME.get(name, 0) for name in set(options))
        self._shown = shown

    def run(self, owner: str, text: str, names: Namespace) -> None:
        """Run the examples of one docstring in a namespace of their own.

        The first one that tells nothing ends it: those that follow may build on it.
        """
        try:
            examples = _PARSER.get_examples(text, owner)
        except ValueError as error:  # no prompt that doctest can read
            self._tell(owner, "", "unclear", str(error))
            return
        done: list[Example] = []
        for example in examples:
            options = self._options_of(example)
            if options & SKIP:
                continue
            source = example.source.strip()
            self._channel.begin({"owner": owner, "source": source}, seconds=self._seconds)
            if not self._runs(owner, example, options, names):
                break
            done.append(example)
        self._shown.append(Shown(owner, done, names))

    def _options_of(self, example: Example) -> int:
        options = self._options
        for flag, is_on in example.options.items():
            options = options | flag if is_on else options & ~flag
        return options

    def _runs(self, owner: str, example: Example, options: int, names: Namespace) -> bool:
        """Whether an example tells whether the answer is right."""
        file = f"<example of {owner}>"
        source = example.source.strip()
        try:
            code = compile(
                example.source, file, "single", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
            )
        except (SyntaxError, ValueError) as error:
            self._tell(owner, source, "unclear", words_of(error))
            return False
        ended = self._session.call(lambda: eval(code, names))  # noqa: S307 - that is the job
        if self._is_right(example, ended, options):
            return True
        unclear = self._why_unclear(ended, file)
        if unclear:
            self._tell(owner, source, "unclear", unclear)
            return False
        error = ended.error
        got = words_of(error) if error is not None else ended.printed.rstrip("\n")
        self._channel.found(
            {
                "kind": "example",
                "owner": owner,
                "source": source,
                "status": "raised" if error is not None else "failed",
                "got": shortened(got),
                "want": shortened((example.exc_msg or example.want).rstrip("\n")),
                "line": self._blame.line_of(error) if error is not None else 0,
            }
        )
        return True

    def _is_right(self, example: Example, ended: Ended, options: int) -> bool:
        if ended.error is None:
            return example.exc_msg is None and is_expected_output(
                example.want, ended.printed, options
            )
        if example.exc_msg is None:
            return False
        return is_expected_error(example.exc_msg, words_of(ended.error) + "\n", options)

    def _why_unclear(self, ended: Ended, file: str) -> str:
        """Why an example that did not end as it shows tells nothing; empty if it does tell."""
        error = ended.error
        if self._blame.refused:
            return f"{self._blame.refused} is not allowed here"
        if error is None:
            return ""
        if self._blame.is_circumstance(error):
            return words_of(error)
        innermost = places_of(error.__traceback__)[-1:]
        if not innermost or innermost[0].path != file:
            return ""
        arity = _ARITY.match(str(error)) if isinstance(error, TypeError) else None
        is_own = isinstance(error, NameError) or (arity and arity["name"] in self._callables)
        return words_of(error) if is_own else ""

    def _tell(self, owner: str, source: str, status: str, got: str) -> None:
        self._channel.found(
            {
                "kind": "example",
                "owner": owner,
                "source": source,
                "status": status,
                "got": shortened(got),
                "want": "",
                "line": 0,
            }
        )
