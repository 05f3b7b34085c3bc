"""Run the examples of docstrings, and judge what they come to."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Mapping
from doctest import OPTIONFLAGS_BY_NAME, SKIP, Example
from typing import NamedTuple, cast

from ..harness.calls import CallResult, CallRunner, Namespace, ShownExamples
from ..harness.channel import Channel, Json
from ..harness.fault_attribution import FaultAttribution, error_text, places_of, shortened
from .declared_types import Declared
from .doctest_match import is_expected_error
from .example_verdict import (
    RIGHT,
    WRONG,
    Came,
    Claim,
    verdict_of_claim,
    verdict_of_error,
    verdict_of_printed,
    verdict_of_raising,
    verdict_of_value,
)
from .shown_examples import BrokenExample, examples_in, is_print, prose_of, shows_nothing, words_in

_ARITY = re.compile(
    r"(?P<name>[\w.]+)\(\) (missing|takes|got an unexpected|got multiple|got some positional)"
)


class _Ran(NamedTuple):
    """What became of an example: whether it is judged, whether it ran, whether others may."""

    is_judged: bool
    has_run: bool = True
    is_last: bool = False


class DoctestRun:
    """Runs the examples of docstrings, and sends how each of them ended.

    One that says nothing about the answer keeps the others from being judged only where they may
    build on it.
    """

    def __init__(
        self,
        runner: CallRunner,
        attribution: FaultAttribution,
        channel: Channel,
        *,
        seconds: float,
        returns: Mapping[str, Json],
        options: list[str],
        shown: list[ShownExamples],
    ) -> None:
        self._runner = runner
        self._attribution = attribution
        self._channel = channel
        self._seconds = seconds
        self._returns = {
            name: Declared(str(declared["text"]), frozenset(cast("list[str]", declared["kinds"])))
            for name, declared in returns.items()
        }
        self._options = sum(OPTIONFLAGS_BY_NAME.get(name, 0) for name in set(options))
        self._shown = shown

    def run(self, owner: str, text: str, names: Namespace) -> None:
        """Run the examples of one docstring in a namespace of their own."""
        known, prose = frozenset(names), prose_of(text)
        doubtful: set[str] = set()  # what examples that did not run would have changed
        finished: list[Example] = []
        for example in examples_in(text, owner):
            if isinstance(example, BrokenExample):
                self._record(owner, example.source, "unclear", example.why)
                doubtful |= words_in(example.source) - known
                continue
            options = self._options_of(example)
            words = words_in(example.source)
            if options & SKIP or words & doubtful:
                doubtful |= words - known
                continue
            self._channel.begin(
                {"owner": owner, "source": example.source.strip()}, seconds=self._seconds
            )
            claim = Claim(example.want, options, names, prose)
            ran = self._run_example(owner, example, claim)
            if ran.is_judged:
                finished.append(example)
            elif not ran.has_run:
                doubtful |= words - known
            if ran.is_last or self._runner.is_exhausted:
                break
        self._shown.append(ShownExamples(owner, finished, names))

    def run_claim(self, claim: Mapping[str, str], names: Namespace) -> None:
        """Run a call that stands outside of examples; what cannot be judged is not sent."""
        if self._runner.is_exhausted:
            return
        owner, source, error = claim["owner"], claim["source"], claim["error"]
        self._channel.begin({"owner": owner, "source": source}, seconds=self._seconds)
        example = Example(source, claim["want"], f"{error}\n" if error else None)
        shown = Claim(claim["want"], 0, names, claim["prose"], loose=True)
        self._run_example(owner, example, shown)

    def _options_of(self, example: Example) -> int:
        options = self._options
        for flag, is_on in example.options.items():
            options = options | flag if is_on else options & ~flag
        return options

    def _run_example(self, owner: str, example: Example, claim: Claim) -> _Ran:
        """Run an example, and send how it ended."""
        file = f"<example of {owner}>"
        source = example.source.strip()
        try:
            tree = ast.parse(example.source)
            expression = _expression_of(tree)
            run = _runner_of(tree, expression, file)
        except (SyntaxError, ValueError) as error:
            self._record(owner, source, "unclear", error_text(error))
            return _Ran(is_judged=False, has_run=False)
        names = claim.names
        result = self._runner.call(lambda: run(names))
        if result.error is None and expression is not None and result.value is not None:
            vars(builtins)["_"] = result.value  # as at the prompt
        claim = claim._replace(returns=self._returned_by(owner, expression))
        verdict, result = self._verdict(example, tree.body, result, claim)
        if verdict != RIGHT:
            unclear = self._why_unclear(result, file)
            if unclear:
                self._record_unclear(owner, source, unclear, claim)
                is_own = not self._attribution.refused and _is_own_mistake(result.error)
                return _Ran(is_judged=False, has_run=False, is_last=not is_own)
            if verdict != WRONG:
                self._record_unclear(owner, source, verdict, claim)
                return _Ran(is_judged=False)
        self._record_result(owner, example, result, is_right=verdict == RIGHT)
        return _Ran(is_judged=True)

    def _returned_by(self, owner: str, expression: ast.expr | None) -> Declared:
        """What the spec that an expression calls is declared to return, empty where it is none."""
        if not isinstance(expression, ast.Call):
            return Declared()
        name = ast.unparse(expression.func).rpartition(".")[2]
        head = owner.partition(".")[0]
        return self._returns.get(f"{head}.{name}", self._returns.get(name, Declared()))

    def _verdict(
        self, example: Example, statements: list[ast.stmt], result: CallResult, claim: Claim
    ) -> tuple[str, CallResult]:
        """The verdict, and what there is to tell of it: comparing runs user code, too."""
        error = result.error
        if example.exc_msg is not None and claim.loose:
            return verdict_of_raising(example.exc_msg.strip(), result.value, error), result
        if example.exc_msg is not None:
            text = error_text(error) + "\n" if error is not None else ""
            is_same = bool(text) and is_expected_error(example.exc_msg, text, claim.options)
            return (RIGHT if is_same else WRONG), result
        if error is not None:
            return verdict_of_error(claim.want, type(error).__name__), result
        expression = _expression_of(ast.Module(statements, []))
        if expression is None or is_print(expression):
            verdict = verdict_of_printed(claim, result.printed)
            if verdict == WRONG and not result.printed and shows_nothing(statements):
                verdict = "an assignment shows nothing"
            return verdict, result
        came = Came(result.value, result.printed, lambda: repr(result.value))
        judge = verdict_of_claim if claim.loose else verdict_of_value
        judged = self._runner.call(lambda: judge(claim, came), keep=True)
        if judged.error is not None:
            return WRONG, judged
        return str(judged.value), result

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
        is_own = isinstance(error, NameError) or (arity and arity["name"] in self._returns)
        return error_text(error) if is_own else ""

    def _record_unclear(self, owner: str, source: str, why: str, claim: Claim) -> None:
        if not claim.loose:  # prose owes nobody an example
            self._record(owner, source, "unclear", why)

    def _record_result(
        self, owner: str, example: Example, result: CallResult, *, is_right: bool
    ) -> None:
        source, error = example.source.strip(), result.error
        if is_right:
            self._record(owner, source, "passed", "")
            return
        line = self._attribution.line_of(error) if error is not None else 0
        if error is not None:
            got = error_text(error)
        else:
            shown = self._runner.call(lambda: "" if result.value is None else repr(result.value))
            text = shown.value if shown.error is None else "what cannot be shown"
            got = f"{result.printed}{text}".rstrip("\n")
        want = (example.exc_msg or example.want).rstrip("\n")
        self._record(owner, source, "raised" if error else "failed", got, want=want, line=line)

    def _record(
        self, owner: str, source: str, status: str, got: str, *, want: str = "", line: int = 0
    ) -> None:
        self._channel.record(
            {
                "kind": "example",
                "owner": owner,
                "source": source,
                "status": status,
                "got": shortened(got),
                "want": shortened(want),
                "line": line,
            }
        )


def _expression_of(tree: ast.Module) -> ast.expr | None:
    """The expression that an example ends in, None where something else is shown, too."""
    before, last = tree.body[:-1], tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or (before and not shows_nothing(before)):
        return None
    return last.value


def _runner_of(
    tree: ast.Module, expression: ast.expr | None, file: str
) -> Callable[[Namespace], object]:
    """A function that runs an example in a namespace, and returns the value of its expression."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    if expression is None:
        whole = compile(ast.Interactive(tree.body), file, "single", flags, dont_inherit=True)
        return lambda names: eval(whole, names)  # noqa: S307
    value = compile(ast.Expression(expression), file, "eval", flags, dont_inherit=True)
    if len(tree.body) == 1:
        return lambda names: eval(value, names)  # noqa: S307
    before = compile(ast.Module(tree.body[:-1], []), file, "exec", dont_inherit=True)

    def run(names: Namespace) -> object:
        exec(before, names)  # noqa: S102 - running it is the job
        return eval(value, names)  # noqa: S307

    return run


def _is_own_mistake(error: BaseException | None) -> bool:
    """Whether an error that says nothing about the answer comes of how an example is written."""
    return isinstance(error, NameError | TypeError)
