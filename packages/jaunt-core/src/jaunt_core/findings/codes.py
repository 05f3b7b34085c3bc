"""Every kind of finding: its code, what it means, and where the documentation explains it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Self

from jaunt_core.model.generation import Finding


def _section(anchor: str) -> Callable[[str, str], tuple[str, str, str]]:
    """What makes the members whose codes a section of the documentation explains."""
    return lambda value, meaning: (value, anchor, meaning)


_ANSWER = _section("the-answer-as-a-whole")
_NAMES = _section("names")
_SIGNATURES = _section("signatures-of-functions-and-methods")
_CLASSES = _section("classes")
_REPAIRS = _section("repairs")
_PARTS = _section("parts-of-a-module")
_EXAMPLES = _section("examples")
_TESTS = _section("generated-tests")
_IMPORTS = _section("imports")
_MISPLACED = _section("work-and-tests-where-they-do-not-belong")
_NO_PROOF = _section("tests-that-prove-nothing")
_TYPES = _section("types")


class FindingCode(StrEnum):
    """The code of a finding, as users, models and stored answers see it; it never changes.

    A test compares the tables of `docs/reference/findings.md` with this list.

    Attributes:
        anchor: The section of that page which has the code in its table.
        meaning: How the explanation there begins, in Markdown.
    """

    anchor: str
    meaning: str

    def __new__(cls, value: str, anchor: str, meaning: str) -> Self:
        """A code, which is a text like any other, with what is known of it."""
        code = str.__new__(cls, value)
        code._value_ = value
        code.anchor = anchor
        code.meaning = meaning
        return code

    def finding(
        self, message: str, expected: str, *, line: int = 0, symbol: str = "", place: str = ""
    ) -> Finding:
        """A finding of this kind; without a line and a symbol it is about the whole answer."""
        return Finding(
            code=self, message=message, line=line, expected=expected, symbol=symbol, place=place
        )

    ANSWER_REFUSED = _ANSWER("answer-refused", "the model refused")
    ANSWER_CUT_OFF = _ANSWER("answer-cut-off", "the answer ended at the output limit")
    ANSWER_EMPTY = _ANSWER("answer-empty", "there is no code in it")
    ANSWER_TOO_LONG = _ANSWER(
        "answer-too-long", "it has more than a million characters; it is not looked into"
    )
    ANSWER_PROSE = _ANSWER(
        "answer-prose", "words stand before or after the code, outside of a fenced block"
    )
    NULL_BYTE = _ANSWER("null-byte", "the code holds a null byte")
    HIDDEN_CHARACTER = _ANSWER(
        "hidden-character", "it holds a control character, or one that turns the direction of text"
    )
    SYNTAX = _ANSWER("syntax", "it does not compile under the project's interpreter")
    MORE_FINDINGS = _ANSWER(
        "more-findings", "there are more than a hundred; the rest is not listed"
    )

    MISSING_NAME = _NAMES(
        "missing-name", "a spec is not defined at the top level, or inside an `if` or `try` only"
    )
    DUPLICATE_NAME = _NAMES(
        "duplicate-name", "a spec is defined twice, or its name is bound to something else as well"
    )
    WRONG_KIND = _NAMES(
        "wrong-kind", "a spec is assigned or imported, or is a class where a function was declared"
    )

    REDEFINED_NAME = _NAMES(
        "redefined-name", "a class has the name of another one of the project that a spec means"
    )

    PARAMETER_MISSING = _SIGNATURES("parameter-missing", "a declared parameter is not there")
    PARAMETER_EXTRA = _SIGNATURES("parameter-extra", "a parameter was not declared")
    PARAMETER_ORDER = _SIGNATURES("parameter-order", "the parameters are in another order")
    PARAMETER_KIND = _SIGNATURES(
        "parameter-kind", "positional, keyword-only, `*args` or `**kwargs` is not as declared"
    )
    PARAMETER_DEFAULT = _SIGNATURES("parameter-default", "the default is another one")
    PARAMETER_ANNOTATION = _SIGNATURES("parameter-annotation", "the annotation means another type")
    RETURN_ANNOTATION = _SIGNATURES(
        "return-annotation", "the declared return type is another one or missing"
    )
    ASYNC = _SIGNATURES("async", "asynchronous, but not declared so, or the reverse")
    GENERATOR = _SIGNATURES("generator", "yields, but not declared so, or the reverse")
    DECORATORS = _SIGNATURES("decorators", "a declared decorator is missing, or one was added")
    STUB_BODY = _SIGNATURES("stub-body", "the body is a stub")
    TEST_SKIPPED = _SIGNATURES("test-skipped", "a generated test is skipped or expected to fail")

    BASE_CLASSES = _CLASSES(
        "base-classes", "the bases, the metaclass or other keywords are not as declared"
    )
    MEMBER_MISSING = _CLASSES("member-missing", "a declared method is not there")
    ATTRIBUTE_MISSING = _CLASSES("attribute-missing", "a declared attribute is not there")
    ATTRIBUTE = _CLASSES("attribute", "an attribute has another annotation or value")
    CONSTRUCTOR = _CLASSES(
        "constructor", "no constructor was declared, but the answer's requires arguments"
    )

    TEST_FAILED = _REPAIRS(
        "test-failed", "a generated test fails, and `jaunt test --repair` asks for the code anew"
    )

    SHARED_NAME = _PARTS(
        "shared-name", "it makes another thing of a helper or an import that the other specs use"
    )

    EXAMPLE_FAILED = _EXAMPLES(
        "example-failed", "a `>>>` example gives or raises something else than it shows"
    )
    RAISES_MISSING = _EXAMPLES(
        "raises-missing", "under the condition of a `Raises:` line, the call returns"
    )
    EXAMPLE_TIMEOUT = _EXAMPLES(
        "example-timeout", "an example, or importing the answer, does not come to an end"
    )
    EXAMPLE_CRASH = _EXAMPLES(
        "example-crash",
        "the process crashed or was ended by the answer, or the answer cannot be imported",
    )

    TEST_NOT_COLLECTED = _TESTS(
        "test-not-collected",
        "importing the answer raises, or pytest does not find a declared test in it",
    )
    TEST_PROVES_NOTHING = _TESTS(
        "test-proves-nothing", "the test passes, however wrong the code is that it is about"
    )

    IMPORT_MODULE = _IMPORTS(
        "import-module", "the module cannot be imported in the project's environment"
    )
    IMPORT_CRASH = _IMPORTS(
        "import-crash", "what it imports takes the interpreter down, or does not come back"
    )
    IMPORT_UNDECLARED = _IMPORTS(
        "import-undeclared",
        "the module belongs to a package that `pyproject.toml` does not declare",
    )
    IMPORT_NAME = _IMPORTS("import-name", "the module has no such name")
    IMPORT_TYPING_ONLY = _IMPORTS(
        "import-typing-only",
        "imported under `TYPE_CHECKING`, but needed as soon as the module is imported",
    )
    IMPORT_STAR = _IMPORTS("import-star", "a star import")
    IMPORT_JAUNT = _IMPORTS("import-jaunt", "generated code imports `jaunt`")
    IMPORT_GENERATED = _IMPORTS(
        "import-generated", "a generated module is imported in place of the spec module"
    )
    IMPORT_OWN_SPEC = _IMPORTS(
        "import-own-spec", "a spec of the same module is imported, where its plain name is meant"
    )
    IMPORT_FALLBACK = _IMPORTS(
        "import-fallback",
        "a name of the project has something else in its place, should it not be there",
    )
    IMPORT_HALF_BOUND = _IMPORTS(
        "import-half-bound",
        "needed at import time, but bound below the first class spec of the spec module",
    )
    IMPORT_CYCLE = _IMPORTS(
        "import-cycle",
        "needed at import time from a module that, in one order of imports, is not done yet",
    )
    IMPORT_REBOUND = _IMPORTS(
        "import-rebound", "the value of a name that its module binds anew later, by `global`"
    )

    IMPORT_WORK = _MISPLACED(
        "import-work",
        "importing the module opens files, reaches for the network, starts processes or threads",
    )
    UNDEFINED_NAME = _MISPLACED(
        "undefined-name", "a name is looked up that nothing defines or imports"
    )
    MAIN_BLOCK = _MISPLACED("main-block", 'an implementation has an `if __name__ == "__main__":`')
    TEST_CODE = _MISPLACED("test-code", "an implementation holds a test")
    TEST_IMPLEMENTS = _MISPLACED("test-implements", "a test module defines what it is to test")

    TEST_ASSERTS_CONSTANT = _NO_PROOF(
        "test-asserts-constant", "everything that the test asserts holds whatever the code does"
    )
    TEST_ASSERTS_NOTHING = _NO_PROOF(
        "test-asserts-nothing",
        "there is no `assert`, no `pytest.raises`, nothing in the helpers and fixtures it uses",
    )
    TEST_CATCHES_ANY = _NO_PROOF(
        "test-catches-any", "any exception satisfies the test, where its spec names one"
    )
    TEST_MISSES_TARGET = _NO_PROOF("test-misses-target", "the test gets to none of its `targets=`")

    TYPE_ERROR = _TYPES("type-error", "the project's type checker reports an error in the answer")
