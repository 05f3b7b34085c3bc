"""Which words of a test spec ask for no more than that nothing is raised."""

from __future__ import annotations

import pytest

from jaunt_core.findings.test_wording import expects_no_error

NO_MORE = """\
Raises nothing.
An empty list raises nothing.
It does not raise.
check(5) doesn't raise.
Does not raise for 0.
A valid name is accepted.
Accepts names of 40 characters.
Positive amounts raise no error.
No exception is raised for 0 or 100.
Closing twice is no error.
Can be closed twice.
Closing twice succeeds.
Passing None works.
A ledger may be closed without error.
Runs without raising.
It never raises ValueError for positive numbers.
Nothing is raised.
Nothing happens.
A percentage of 0 or 100 is allowed.
Parsing an empty text does not fail.
Unknown keys are ignored.
An amount of 1 is valid, without any warning.
Valid input goes through without errors.
It returns nothing and raises nothing.
A closed connection can safely be closed again.
Validates "a@b.c" without complaint.
The boundary 100 is fine.
Never throws.
Raises no exception for a known currency.
Can be called with a generator.
Closing an open door raises no ValueError.
Importing an empty file is tolerated: no exception.
"""
MORE = """\
5 in steps of 10 is 10.
A step of 0 is a ValueError.
Does not raise for empty and returns 0.
Negative raises ValueError.
Positive raises nothing, negative raises ValueError.
The discount can be applied twice: 100 becomes 81.
Accepts tuples and gives their sum.
It adds up.
The balance is unchanged.
Test it.
Accepts "1": it is 1.
An unknown name raises KeyError.
An empty cart is empty.
Without errors, the list is [].
0 is refused.
Duplicates are ignored: [1, 1] gives [1].
"""


@pytest.mark.parametrize(
    ("lines", "expected"), [(NO_MORE, True), (MORE, False)], ids=["no more", "more"]
)
def test_what_words_ask_for(lines: str, expected: bool) -> None:
    wrong = [line for line in lines.splitlines() if expects_no_error(line) is not expected]

    assert wrong == []
