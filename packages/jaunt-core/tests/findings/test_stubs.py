"""Members that rightly do nothing, and members of which more is asked."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import indent

import pytest

from jaunt_core.findings.members import class_findings
from jaunt_core.findings.stubs import stub_findings
from jaunt_core.model.spec import ClassFacts, FunctionFacts
from jaunt_core.snapshot.decoding import decode
from jaunt_core.worker.contract.definitions import Definitions
from jaunt_core.worker.source.module_table import ModuleTable
from jaunt_core.worker.source.source_module import SourceModule

_IMPORTS = """\
import abc
import contextlib
from abc import ABC, abstractmethod
from typing import NoReturn, Protocol

"""


def facts_in(text: str, kind: type[ClassFacts | FunctionFacts]) -> object:
    """The facts of the definition in a text."""
    module = SourceModule("shop", Path("shop.py"), _IMPORTS + text, is_package=False)
    resolve = ModuleTable([], generated_dir="__generated__").resolver_of(module)
    node = module.tree.body[-1]
    assert isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    return decode(kind, Definitions(module.text, resolve).facts_of(node))


def method(head: str, docstring: str, body: str) -> str:
    lines = [f'"""{docstring}"""'] if docstring else []
    *decorators, signature = head.split("\n")
    return "\n".join([*decorators, f"def {signature}:", *(f"    {x}" for x in [*lines, body])])


def codes_of(
    head: str,
    docstring: str = "",
    *,
    spelt: str = "raise NotImplementedError",
    stub: str = "pass",
    of_class: str = "class Shop",
    class_docstring: str = "Sells things.",
    other: str = "return 1",
) -> list[str]:
    """The codes for a class with one stub, beside a method with another body."""
    facts = []
    for body, other_body in ((spelt, "raise NotImplementedError"), (stub, other)):
        members = [
            f'"""{class_docstring}"""',
            "",
            method("price(self) -> int", "Return the price.", other_body),
            method(head, docstring if body == spelt else "", body),
        ]
        facts.append(facts_in(f"{of_class}:\n{indent(chr(10).join(members), '    ')}", ClassFacts))
    declared, actual = facts
    assert isinstance(declared, ClassFacts)
    assert isinstance(actual, ClassFacts)
    return [str(finding.code) for finding in class_findings(declared, actual)]


RIGHT = {
    "constructor": ("__init__(self) -> None", ""),
    "constructor, said": ("__init__(self) -> None", "Create a new, empty shop."),
    "constructor of anything": ("__init__(self, *args: int, **more: int) -> None", ""),
    "exit": ("__exit__(self, *details: object) -> None", ""),
    "exit, said": ("__exit__(self, *details: object) -> None", "Leave the context."),
    "exit, optional": ("__exit__(self, *details: object) -> bool | None", ""),
    "close": ("close(self) -> None", ""),
    "close, nothing": ("close(self) -> None", "Does nothing."),
    "hook": ("on_start(self) -> None", ""),
    "hook, said": ("on_start(self, event: str) -> None", "Called when the shop opens."),
    "hook of a name": ("started(self) -> None", "Hook that runs once the shop is open."),
    "hook with arguments": ("on_end(self, event: str) -> None", (
        "Called at the end.\n\n    Args:\n        event: What happened."
    )),
    "nothing": ("ring(self) -> None", "Do nothing."),
    "nothing, later": ("ring(self) -> None", "Ring the bell. Does nothing by default."),
    "no-op": ("ring(self) -> None", "A no-op."),
    "default": ("ring(self) -> None", "Ring. The default implementation does nothing."),
    "for subclasses": ("ring(self) -> None", "Ring the bell; subclasses must override this."),
    "may be overridden": ("ring(self) -> None", "Subclasses may override it."),
    "abstract": ("@abstractmethod\nrate(self) -> int", "Return the rate."),
    "abstract property": ("@property\n@abc.abstractmethod\nrate(self) -> int", "The rate."),
}  # fmt: skip

WRONG = {
    "value": ("rate(self) -> int", "Return the rate."),
    "value of a hook": ("on_rate(self) -> int", "Called for the rate."),
    "value by words": ("rate(self)", "Return the rate."),
    "effect": ("ring(self) -> None", "Ring the bell."),
    "effect of no name": ("ring(self) -> None", ""),
    "effect of a constructor": ("__init__(self) -> None", "Open the log file."),
    "constructor that keeps": ("__init__(self, owner: str) -> None", ""),
    "exit that closes": ("__exit__(self, *details: object) -> None", "Close the file."),
    "exit that swallows": ("__exit__(self, *details: object) -> bool", "Swallow errors."),
    "close with an effect": ("close(self) -> None", "Close the connection."),
    "hook with an effect": ("on_start(self) -> None", "Note the time."),
    "sometimes nothing": ("drop(self) -> None", "Drop it; does nothing if it is missing."),
    "otherwise nothing": ("drop(self) -> None", "Drop it, otherwise do nothing."),
    "nothing is noted": ("add(self) -> None", (
        "Add.\n\n    Raises:\n        ValueError: If closed; nothing is noted."
    )),
    "an effect that may be replaced": ("ring(self) -> None", "Ring. Subclasses may override it."),
    "a hook that raises": ("on_start(self) -> None", (
        "Called at start.\n\n    Raises:\n        ValueError: If it is open."
    )),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("stub", ["pass", "...", '"""Nothing."""'])
def test_members_that_owe_nothing_may_do_nothing(name: str, stub: str) -> None:
    assert codes_of(*RIGHT[name], stub=stub) == []


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("stub", ["pass", "...", "raise NotImplementedError"])
def test_members_that_owe_something_do_it(name: str, stub: str) -> None:
    assert codes_of(*WRONG[name], stub=stub) == ["stub-body"]


def test_what_is_left_to_subclasses_may_raise() -> None:
    rate = ("rate(self) -> int", "Return the rate.")
    stub = "raise NotImplementedError"

    assert codes_of("rate(self) -> int", "To be overridden.", stub=stub) == []
    assert codes_of("rate(self) -> int", "To be overridden.", stub="pass") == ["stub-body"]
    assert codes_of(*rate, stub=stub, class_docstring="Subclasses implement `rate`.") == []
    assert codes_of("rate(self) -> int", "Subclasses may override it.", stub=stub) != []
    assert codes_of("on_start(self) -> None", "", stub=stub) == ["stub-body"]
    assert codes_of("@abstractmethod\nrate(self) -> int", "Return it.", stub=stub) == []


def test_a_class_says_of_all_its_members_that_they_do_nothing() -> None:
    log = ("log(self, text: str) -> None", "Log the text.")

    assert codes_of(*log, class_docstring="A logger that does nothing.") == []
    assert codes_of(*log, class_docstring="A logger.") == ["stub-body"]
    assert codes_of(*log, class_docstring="A log.\n\nIt drops all texts at the end.") != []
    assert codes_of("rate(self) -> int", of_class="class Shop(Protocol)", other="...") == []


def test_pass_in_the_spec_is_meant_where_the_other_members_are_written() -> None:
    assert codes_of("ring(self) -> None", spelt="pass") == []
    assert codes_of("ring(self) -> None", "Ring the bell.", spelt="pass") == ["stub-body"]
    assert codes_of("ring(self) -> None", spelt="pass", other="pass") == ["stub-body"] * 2
    assert codes_of("ring(self) -> int", spelt="pass") == ["stub-body"]


def test_a_comment_that_asks_for_code_is_a_stub() -> None:
    assert codes_of("close(self) -> None", stub="pass  # TODO: write it") == []
    assert codes_of("close(self) -> None", stub="return  # TODO: write it") == ["stub-body"]


@pytest.mark.parametrize(
    ("docstring", "codes"),
    [("Do nothing.", []), ("Called at start.", []), ("Note it.", ["stub-body"])],
)
def test_functions_may_do_nothing_where_they_say_so(docstring: str, codes: list[str]) -> None:
    declared = facts_in(
        f'def note() -> None:\n    """{docstring}"""\n    raise NotImplementedError', FunctionFacts
    )
    actual = facts_in("def note() -> None:\n    pass", FunctionFacts)
    assert isinstance(declared, FunctionFacts)
    assert isinstance(actual, FunctionFacts)

    assert [finding.code for finding in stub_findings(declared, actual)] == codes


@pytest.mark.parametrize(
    ("docstring", "codes"),
    [("A marker for open shops.", []), ("Has no members.", []), ("Sells.", ["stub-body"])],
)
def test_classes_may_be_empty_where_they_say_so(docstring: str, codes: list[str]) -> None:
    declared = facts_in(f'class Shop:\n    """{docstring}"""', ClassFacts)
    actual = facts_in("class Shop:\n    pass", ClassFacts)
    assert isinstance(declared, ClassFacts)
    assert isinstance(actual, ClassFacts)

    assert [finding.code for finding in class_findings(declared, actual)] == codes


@pytest.mark.parametrize(
    "raised", ["Raises:\n        ValueError: It is bad.", ":raises ValueError: No."]
)
def test_what_raises_something_does_not_plainly_return(raised: str) -> None:
    check = ("check(self, code: str) -> None", f"Do nothing for a good code.\n\n    {raised}")

    assert codes_of(*check, stub="return None") == ["stub-body"]
    assert codes_of(*check, stub="return") == ["stub-body"]
    assert codes_of("check(self) -> None", f"Does nothing.\n\n    {raised}", stub="return") == []
    assert codes_of("ring(self) -> None", "Ring the bell.", stub="return None") == []
