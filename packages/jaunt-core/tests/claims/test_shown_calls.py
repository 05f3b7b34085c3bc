"""Calls with their results that docstrings show in notations of their own."""

from __future__ import annotations

import pytest

from jaunt_core.claims.shown_calls import Callee, shown_calls

F = Callee(name="f", parameters=("n", "k"), needed=1)

SHOWN = [
    ("f(1) == 2", "f(1)", "2"),
    ("f(1) -> 2", "f(1)", "2"),
    ("f(1) --> 2", "f(1)", "2"),
    ("f(1) => 'a, b'", "f(1)", "'a, b'"),
    ('f("x(") ==> ["x", \'y\']', 'f("x(")', "['x', 'y']"),
    ("f(3) \u279e 2.5", "f(3)", "2.5"),
    ("f(3) \u2192 2", "f(3)", "2"),
    ("f(4) => [true, null]", "f(4)", "[True, None]"),
    ("f(5) returns None", "f(5)", "None"),
    ("f(5) -> None", "f(5)", "None"),
    ("f(6)  # 17", "f(6)", "17"),
    ("f(7)  # => 3", "f(7)", "3"),
    ("y = f(7)  # [3]", "f(7)", "[3]"),
    ("f(8) = 3.", "f(8)", "3"),
    ('f(9) should return "It\'s"', "f(9)", '"It\'s"'),
    ("assert f(10) == 1", "f(10)", "1"),
    ("assert f(10) == [1], 'no'", "f(10)", "[1]"),
    (">>> f(10) == 'x'", "f(10)", "'x'"),
    (">>> f(10) == 'x'\n>>> f(11)\n2", "f(10)", "'x'"),
    ("for f(10) == 3", "f(10)", "3"),
    ("It is defined as follows:\nf(10) -> 3\nf(n) -> f(n - 1)", "f(10)", "3"),
    ("f(10) # => 'No' (the name should start with a letter)", "f(10)", "'No'"),
    ("- f(11) == 1", "f(11)", "1"),
    ("2) f(11) == 1", "f(11)", "1"),
    ("* `f(12)` returns `9`.", "f(12)", "9"),
    ("``f(12) == 9``", "f(12)", "9"),
    ("e.g. f(13) == 9", "f(13)", "9"),
    ("For example, f(14) == 9", "f(14)", "9"),
    ("f(27)\n=> 5", "f(27)", "5"),
    ("f([\n    1,\n]) == [\n   3,\n]", "f([ 1, ])", "[3]"),
    ("sorted(f(28)) == [1]", "sorted(f(28))", "[1]"),
    ("f(29).name == 'x'", "f(29).name", "'x'"),
    ("f(30)[0] -> 4", "f(30)[0]", "4"),
    ("f(33) is True", "f(33)", "True"),
    ("f(34) -> Decimal('1.5')", "f(34)", "Decimal('1.5')"),
    ("f(35) -> Color.RED", "f(35)", "Color.RED"),
    ("f(38) -> 3, because of this", "f(38)", "3"),
    ("f(n=3) == {'a': {1}}", "f(n=3)", "{'a': {1}}"),
    ("Examples:\n    Input: 5\n    Output: 6", "f(5)", "6"),
    ("Examples:\n    Input: n = 1, k = 2\n    Output: [1]", "f(n=1, k=2)", "[1]"),
    ("Example:\n    [1, 2] -> 3", "f([1, 2])", "3"),
]
NOT_SHOWN = [
    "f(n) == 1",
    "f(n=3) -> int",
    "f(n: int) -> 3",
    "f() -> None",
    "f(1) != 3",
    "f(1) >= 3",
    "f(1) == 2 or 3",
    "f(1) == g(2)",
    "f(1) == f(2)",
    "f(1) == 3 if strict",
    "f(1) == 1, 2",
    "f(1) == 1 (mod 3)",
    "f(1) == 1 (or 3 in some cases)",
    ">>> f(1) == 1\nTrue",
    "f(1) == ...",
    "f(...) == 1",
    "f(1) \u2248 3",
    "f(1) returns about 3",
    "f(1) returns `3` if strict",
    "f(1)  # 1\nf(2)  # 2",
    "If strict, f(1) == 3",
    "not f(1) == 3",
    "Never f(1) == 3",
    "Wrong:\n    f(1) == 3",
    "Before version 2:\n    f(1) == 3",
    "If strict: f(1) == 3",
    "Add. When strict: f(1) == 3",
    "This is wrong: f(1) == 3",
    "g(1) == 3",
    "self.f(1) == 3",
    "if_f(1) == 3",
    "f(1) == '3",
    "f(1",
    "1 -> 2",
    "Example:\n    1, 2 -> 3",
    "Input: 5\nOutput: some text",
    ">>> f(1)\n2\nf(1) == 2",
    ">>> f(1)\n2\n\nf(1) == 2",
]


@pytest.mark.parametrize(("text", "source", "want"), SHOWN)
def test_a_call_is_read(text: str, source: str, want: str) -> None:
    (call,) = shown_calls(f"Do.\n\n{text}\n", F)
    assert (call.source, call.want, call.error) == (source, want, "")
    assert call.line in (2, 3)


@pytest.mark.parametrize("text", NOT_SHOWN)
def test_what_is_not_clear_is_not_read(text: str) -> None:
    assert shown_calls(f"Do.\n\n{text}\n", F) == ()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("f(1) raises ValueError", "ValueError"),
        ("f(1) -> raises shop.SoldOut", None),
        ("`f(1)` should raise `shop.NoError`.", "shop.NoError"),
        ("f(1) raises a ValueError: bad", "ValueError"),
        ("f(1) raises ValueErrors often", None),
    ],
)
def test_an_error_is_read(text: str, error: str | None) -> None:
    assert [call.error for call in shown_calls(text, F)] == ([error] if error else [])


@pytest.mark.parametrize(
    "text",
    [
        "For example, f(1) == 9, f(2) == 10 and f(3) == 11.",
        "Square: `f(1)` returns `9`, `f(2)` returns `10`; `f(3)` returns `11`.",
    ],
)
def test_several_calls_on_one_line(text: str) -> None:
    calls = shown_calls(text, F)
    assert [(call.source, call.want) for call in calls] == [
        ("f(1)", "9"),
        ("f(2)", "10"),
        ("f(3)", "11"),
    ]
