"""Every kind of finding: its code, what it means, and where the documentation explains it."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

_ANSWER = "the-answer-as-a-whole"
_NAMES = "names"
_SIGNATURES = "signatures-of-functions-and-methods"
_CLASSES = "classes"
_REPAIRS = "repairs"
_PARTS = "parts-of-a-module"
_EXAMPLES = "examples"
_TESTS = "generated-tests"
_IMPORTS = "imports"
_MISPLACED = "work-and-tests-where-they-do-not-belong"
_NO_PROOF = "tests-that-prove-nothing"
_TYPES = "types"


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

    ANSWER_REFUSED = "answer-refused", _ANSWER, "the model refused"
    ANSWER_CUT_OFF = "answer-cut-off", _ANSWER, "the answer ended at the output limit"
    ANSWER_EMPTY = "answer-empty", _ANSWER, "there is no code in it"
    ANSWER_TOO_LONG = (
        "answer-too-long",
        _ANSWER,
        "it has more than a million characters; it is not looked into",
    )
    ANSWER_PROSE = (
        "answer-prose",
        _ANSWER,
        "words stand before or after the code, outside of a fenced block",
    )
    NULL_BYTE = "null-byte", _ANSWER, "the code holds a null byte"
    HIDDEN_CHARACTER = (
        "hidden-character",
        _ANSWER,
        "it holds a control character, or one that turns the direction of text",
    )
    SYNTAX = "syntax", _ANSWER, "it does not compile under the project's interpreter"
    MORE_FINDINGS = (
        "more-findings",
        _ANSWER,
        "there are more than a hundred; the rest is not listed",
    )

    MISSING_NAME = (
        "missing-name",
        _NAMES,
        "a spec is not defined at the top level, or inside an `if` or `try` only",
    )
    DUPLICATE_NAME = (
        "duplicate-name",
        _NAMES,
        "a spec is defined twice, or its name is bound to something else as well",
    )
    WRONG_KIND = (
        "wrong-kind",
        _NAMES,
        "a spec is assigned or imported, or is a class where a function was declared",
    )

    PARAMETER_MISSING = "parameter-missing", _SIGNATURES, "a declared parameter is not there"
    PARAMETER_EXTRA = "parameter-extra", _SIGNATURES, "a parameter was not declared"
    PARAMETER_ORDER = "parameter-order", _SIGNATURES, "the parameters are in another order"
    PARAMETER_KIND = (
        "parameter-kind",
        _SIGNATURES,
        "positional, keyword-only, `*args` or `**kwargs` is not as declared",
    )
    PARAMETER_DEFAULT = "parameter-default", _SIGNATURES, "the default is another one"
    PARAMETER_ANNOTATION = "parameter-annotation", _SIGNATURES, "the annotation means another type"
    RETURN_ANNOTATION = (
        "return-annotation",
        _SIGNATURES,
        "the declared return type is another one or missing",
    )
    ASYNC = "async", _SIGNATURES, "asynchronous, but not declared so, or the reverse"
    GENERATOR = "generator", _SIGNATURES, "yields, but not declared so, or the reverse"
    DECORATORS = "decorators", _SIGNATURES, "a declared decorator is missing, or one was added"
    STUB_BODY = "stub-body", _SIGNATURES, "the body is a stub"
    TEST_SKIPPED = (
        "test-skipped",
        _SIGNATURES,
        "a generated test is marked to be skipped or to fail",
    )

    BASE_CLASSES = (
        "base-classes",
        _CLASSES,
        "the bases, the metaclass or other keywords are not as declared",
    )
    MEMBER_MISSING = "member-missing", _CLASSES, "a declared method is not there"
    ATTRIBUTE_MISSING = "attribute-missing", _CLASSES, "a declared attribute is not there"
    ATTRIBUTE = "attribute", _CLASSES, "an attribute has another annotation or value"
    CONSTRUCTOR = (
        "constructor",
        _CLASSES,
        "no constructor was declared, but the answer's requires arguments",
    )

    TEST_FAILED = (
        "test-failed",
        _REPAIRS,
        "a generated test fails, and `jaunt test --repair` asks for the code anew",
    )

    SHARED_NAME = (
        "shared-name",
        _PARTS,
        "it makes another thing of a helper or an import that the other specs use",
    )

    EXAMPLE_FAILED = (
        "example-failed",
        _EXAMPLES,
        "a `>>>` example gives or raises something else than it shows",
    )
    RAISES_MISSING = (
        "raises-missing",
        _EXAMPLES,
        "under the condition of a `Raises:` line, the call returns",
    )
    EXAMPLE_TIMEOUT = (
        "example-timeout",
        _EXAMPLES,
        "an example, or importing the answer, does not come to an end",
    )
    EXAMPLE_CRASH = (
        "example-crash",
        _EXAMPLES,
        "the process crashed or was ended by the answer, or the answer cannot be imported",
    )

    TEST_NOT_COLLECTED = (
        "test-not-collected",
        _TESTS,
        "importing the answer raises, or pytest does not find a declared test in it",
    )
    TEST_PROVES_NOTHING = (
        "test-proves-nothing",
        _TESTS,
        "the test passes, however wrong the code is that it is about",
    )

    IMPORT_MODULE = (
        "import-module",
        _IMPORTS,
        "the module cannot be imported in the project's environment",
    )
    IMPORT_CRASH = (
        "import-crash",
        _IMPORTS,
        "what it imports takes the interpreter down, or does not come back",
    )
    IMPORT_UNDECLARED = (
        "import-undeclared",
        _IMPORTS,
        "the module belongs to a package that `pyproject.toml` does not declare",
    )
    IMPORT_NAME = "import-name", _IMPORTS, "the module has no such name"
    IMPORT_TYPING_ONLY = (
        "import-typing-only",
        _IMPORTS,
        "imported under `TYPE_CHECKING`, but needed as soon as the module is imported",
    )
    IMPORT_STAR = "import-star", _IMPORTS, "a star import"
    IMPORT_JAUNT = "import-jaunt", _IMPORTS, "generated code imports `jaunt`"
    IMPORT_GENERATED = (
        "import-generated",
        _IMPORTS,
        "a generated module is imported in place of the spec module",
    )
    IMPORT_OWN_SPEC = (
        "import-own-spec",
        _IMPORTS,
        "a spec of the same module is imported, where its plain name is meant",
    )
    IMPORT_HALF_BOUND = (
        "import-half-bound",
        _IMPORTS,
        "needed at import time, but bound below the first class spec of the spec module",
    )
    IMPORT_CYCLE = (
        "import-cycle",
        _IMPORTS,
        "needed at import time from a module that, in one order of imports, is not done yet",
    )

    IMPORT_WORK = (
        "import-work",
        _MISPLACED,
        "importing the module opens files, reaches for the network, starts processes or threads",
    )
    UNDEFINED_NAME = (
        "undefined-name",
        _MISPLACED,
        "a name is looked up that nothing defines or imports",
    )
    MAIN_BLOCK = "main-block", _MISPLACED, 'an implementation has an `if __name__ == "__main__":`'
    TEST_CODE = "test-code", _MISPLACED, "an implementation holds a test"
    TEST_IMPLEMENTS = "test-implements", _MISPLACED, "a test module defines what it is to test"

    TEST_ASSERTS_CONSTANT = (
        "test-asserts-constant",
        _NO_PROOF,
        "everything that the test asserts holds whatever the code does",
    )
    TEST_ASSERTS_NOTHING = (
        "test-asserts-nothing",
        _NO_PROOF,
        "there is no `assert`, no `pytest.raises`, nothing in the helpers and fixtures it uses",
    )
    TEST_MISSES_TARGET = "test-misses-target", _NO_PROOF, "the test gets to none of its `targets=`"

    TYPE_ERROR = "type-error", _TYPES, "the project's type checker reports an error in the answer"
