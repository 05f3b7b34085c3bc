"""Run the examples of docstrings as at a prompt, and compare their output as doctest does."""

from __future__ import annotations

import ast
import re
from doctest import OPTIONFLAGS_BY_NAME, SKIP, DocTestParser, Example

from ..harness.calls import CallResult, CallRunner, Namespace, ShownExamples
from ..harness.channel import Channel
from ..harness.fault_attribution import FaultAttribution, error_text, places_of, shortened
from .doctest_match import is_expected_error, is_expected_output

_ARITY = re.compile(
    r"(?P<name>[\w.]+)\(\) (missing|takes|got an unexpected|got multiple|got some positional)"
)
_PARSER = DocTestParser()


class DoctestRun:
    """Runs the examples of docstrings, and sends those that end otherwise than shown."""

    def __init__(
        self,
        runner: CallRunner,
        attribution: FaultAttribution,
        channel: Channel,
        *,
        seconds: float,
        callables: frozenset[str],
        options: list[str],
        shown: list[ShownExamples],
    ) -> None:
        self._runner = runner
        self._attribution = attribution
        self._channel = channel
        self._seconds = seconds
        self._callables = callables
        self._options = sum(OPTIONFLAGS_BY_NAME.get(name, 0) for name in set(options))
        self._shown = shown

    def run(self, owner: str, text: str, names: Namespace) -> None:
        """Run the examples of one docstring in a namespace of their own.

        The first one that says nothing about the answer ends it: the next may build on it.
        """
        try:
            examples = _PARSER.get_examples(text, owner)
        except ValueError as error:  # doctest cannot read the prompt
            self._record_unclear(owner, "", str(error))
            return
        finished: list[Example] = []
        for example in examples:
            options = self._options_of(example)
            if options & SKIP:
                continue
            source = example.source.strip()
            self._channel.begin({"owner": owner, "source": source}, seconds=self._seconds)
            if not self._is_conclusive(owner, example, options, names):
                break
            if self._runner.is_exhausted:
                return
            finished.append(example)
        self._shown.append(ShownExamples(owner, finished, names))

    def _options_of(self, example: Example) -> int:
        options = self._options
        for flag, is_on in example.options.items():
            options = options | flag if is_on else options & ~flag
        return options

    def _is_conclusive(self, owner: str, example: Example, options: int, names: Namespace) -> bool:
        """Run an example; whether it says anything about the answer, right or wrong."""
        file = f"<example of {owner}>"
        source = example.source.strip()
        try:
            code = compile(
                example.source, file, "single", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
            )
        except (SyntaxError, ValueError) as error:
            self._record_unclear(owner, source, error_text(error))
            return False
        result = self._runner.call(lambda: eval(code, names))  # noqa: S307 - running it is the job
        if self._is_right(example, result, options):
            return True
        unclear = self._why_unclear(result, file)
        if unclear:
            self._record_unclear(owner, source, unclear)
            return False
        error = result.error
        got = error_text(error) if error is not None else result.printed.rstrip("\n")
        self._channel.record(
            {
                "kind": "example",
                "owner": owner,
                "source": source,
                "status": "raised" if error is not None else "failed",
                "got": shortened(got),
                "want": shortened((example.exc_msg or example.want).rstrip("\n")),
                "line": self._attribution.line_of(error) if error is not None else 0,
            }
        )
        return True

    def _is_right(self, example: Example, result: CallResult, options: int) -> bool:
        if result.error is None:
            return example.exc_msg is None and is_expected_output(
                example.want, result.printed, options
            )
        if example.exc_msg is None:
            return False
        return is_expected_error(example.exc_msg, error_text(result.error) + "\n", options)

    def _why_unclear(self, result: CallResult, file: str) -> str:
        """Why an example that went wrong says nothing about the answer; empty if it does."""
        error = result.error
        if self._attribution.refused:
            return f"{self._attribution.refused} is not allowed here"
        if error is None:
            return ""
        if self._attribution.is_environmental(error):
            return error_text(error)
        innermost = places_of(error.__traceback__)[-1:]
        if not innermost or innermost[0].path != file:
            return ""
        arity = _ARITY.match(str(error)) if isinstance(error, TypeError) else None
        is_own = isinstance(error, NameError) or (arity and arity["name"] in self._callables)
        return error_text(error) if is_own else ""

    def _record_unclear(self, owner: str, source: str, why: str) -> None:
        self._channel.record(
            {
                "kind": "example",
                "owner": owner,
                "source": source,
                "status": "unclear",
                "got": shortened(why),
                "want": "",
                "line": 0,
            }
        )
