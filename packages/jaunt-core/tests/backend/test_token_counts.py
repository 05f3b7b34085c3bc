from __future__ import annotations

import pytest

from jaunt_core.backend.token_counts import parse_usage
from jaunt_core.model.generation import NO_TOKENS, TokenUsage


@pytest.mark.parametrize("odd", [True, "5", -1, 2.5, 10**400, float("nan"), float("inf"), [1]])
def test_what_is_no_count_is_unknown(odd: object) -> None:
    assert parse_usage(odd, 0, 2) == NO_TOKENS
    assert parse_usage(5, 0, odd) == NO_TOKENS
    assert parse_usage(5, odd, 2) == TokenUsage(input=5, output=2)


def test_cached_tokens_are_a_part_of_those_sent() -> None:
    assert parse_usage(5.0, 9, None) == TokenUsage(input=5, cached=5)
