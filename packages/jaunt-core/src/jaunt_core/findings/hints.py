"""What a person can do about an answer that was rejected, by what was wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import SpecModule

_MOST = 3
_LONGEST_VALUE = 60
_EXAMPLE = re.compile(r"in the docstring of \S+ (?P<verb>gives|raises) (?P<got>.*)", re.DOTALL)

_Remedy = Callable[[Finding, str], str]
"""Words what to do about a finding; the text says where its spec, or its example, stands."""


def hint_for(findings: Iterable[Finding], module: SpecModule) -> str:
    """What to do about an answer for a module with these findings, one line for each remedy."""
    remedies = dict.fromkeys(_remedy(finding, module) for finding in findings)
    lines = [*remedies][:_MOST]
    return "\n".join([*lines, "then build again: it goes on from the last answer"])


def _remedy(finding: Finding, module: SpecModule) -> str:
    place = finding.place or _place_of(finding.symbol, module)
    code = next((code for code in FindingCode if code == finding.code), None)
    if code is None:  # of another version
        return _say_more(finding, place)
    remedy = _BY_CODE.get(code) or _BY_SECTION.get(code.anchor) or _say_more
    return remedy(finding, place)


def _place_of(name: str, module: SpecModule) -> str:
    """Where a spec stands, or the module where it has no such spec."""
    lines = (spec.line for spec in module.specs if spec.name == name)
    line = next(lines, 0)
    return f"{module.path}:{line}" if line else str(module.path)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _say_more(finding: Finding, place: str) -> str:
    return f"say in the spec at {place} what the answer misses ({finding.code})"


def _check_example(finding: Finding, place: str) -> str:
    got = _EXAMPLE.search(finding.message)
    if got is None:
        return f"check the example at {place}: it, or the answer, is wrong"
    return (
        f"check the example at {place}: it shows {_shortened(finding.expected)}, the answer "
        f"{got['verb']} {_shortened(got['got'])}; if the example is right, say in words what "
        "makes it so"
    )


def _check_raises(finding: Finding, place: str) -> str:
    return f"check the `Raises:` line of {finding.symbol} at {place}: {_shortened(finding.message)}"


def _compare_declaration(finding: Finding, place: str) -> str:
    return (
        f"compare the answer with the declaration at {place} ({finding.code}): it has to be "
        "repeated as it stands; if the answer has the better one, change the spec"
    )


def _fixed(text: str) -> _Remedy:
    """The remedy that is the same for every finding of its kind; `{place}` is filled in."""
    return lambda finding, place: text.format(place=place, code=finding.code)


_BAD_TEXT = _fixed(
    "the model did not answer with Python code alone ({code}): ask another one ([llm] model, "
    "[build] escalate)"
)
_ASK_MORE = _fixed(
    "the answer breaks a rule that the model is told ({code}): allow more answers ([build] "
    "attempts), or ask another model ([llm] model, [build] escalate)"
)
_TELL_IMPORT = _fixed(
    "import in {place} what the answer is to use: the model is shown the imports that a spec uses"
)

_BY_CODE: Mapping[FindingCode, _Remedy] = {
    FindingCode.ANSWER_REFUSED: _fixed(
        "the model refused: say otherwise what {place} is for, or ask another one ([llm] model, "
        "[build] escalate)"
    ),
    FindingCode.ANSWER_CUT_OFF: _fixed(
        "split {place}, or allow longer answers: the setting of the backend (max_output_tokens "
        "in [llm], where it has one), and [budget] where it is what ended the answer"
    ),
    FindingCode.STUB_BODY: _fixed(
        "say at {place} what it does, step by step; where it is to do nothing, say that"
    ),
    FindingCode.TEST_SKIPPED: _fixed(
        "say at {place} how the test can run here: the answer leaves it out"
    ),
    FindingCode.SHARED_NAME: _fixed(
        "build with --force, which asks for the whole module: the code that is to stay and the "
        "new code need different things by one name"
    ),
    FindingCode.EXAMPLE_FAILED: _check_example,
    FindingCode.RAISES_MISSING: _check_raises,
    FindingCode.EXAMPLE_TIMEOUT: _fixed(
        "check the examples at {place}: each has ten seconds; take smaller values, or say how "
        "fast the code has to be"
    ),
    FindingCode.EXAMPLE_CRASH: _fixed(
        "the code ends the process, or cannot be imported: look at the answer, and say at "
        "{place} what it must not do"
    ),
    FindingCode.IMPORT_UNDECLARED: _fixed(
        "declare the package among the dependencies in pyproject.toml, or say at {place} what "
        "is to be used instead"
    ),
    FindingCode.IMPORT_MODULE: _fixed(
        "install what the answer imports into the project's environment and declare it, or say "
        "at {place} what is to be used instead"
    ),
    FindingCode.IMPORT_NAME: _TELL_IMPORT,
    FindingCode.IMPORT_HALF_BOUND: _fixed(
        "move what the generated code needs above the first class spec of {place}"
    ),
    FindingCode.IMPORT_CYCLE: _fixed(
        "break the circle of imports through {place}: let one of its modules import inside of "
        "the function that needs it"
    ),
    FindingCode.UNDEFINED_NAME: _TELL_IMPORT,
    FindingCode.TYPE_ERROR: _fixed(
        "look at the types that {place} declares: if no code can satisfy the checker with them, "
        "change them there or its settings ([build] type_check names the checker)"
    ),
}
_BY_SECTION: Mapping[str, _Remedy] = {
    FindingCode.SYNTAX.anchor: _BAD_TEXT,
    FindingCode.IMPORT_FALLBACK.anchor: _ASK_MORE,
    FindingCode.MAIN_BLOCK.anchor: _ASK_MORE,
    FindingCode.ASYNC.anchor: _compare_declaration,
    FindingCode.ATTRIBUTE.anchor: _compare_declaration,
    FindingCode.TEST_PROVES_NOTHING.anchor: _fixed(
        "say at {place} which values are expected, with an example ({code})"
    ),
    FindingCode.TEST_ASSERTS_NOTHING.anchor: _fixed(
        "say at {place} what is to be asserted, and of what ({code})"
    ),
}
