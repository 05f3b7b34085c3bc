"""No character that a terminal obeys gets through, wherever the text came from."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaunt_cli.render.lines import Span, Style, block_of, line_of, render_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with ünïcode and 日本", "plain, with ünïcode and 日本"),
        ("a\tb", "a\tb"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[1;1Hgone", "gone"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r0m\x1b\\text", "text"),
        ("\x1b]0;never ended", ""),
        ("\x9b31mred", "red"),
        ("\x1bcreset", "reset"),
        ("over\rwritten\b\b", "overwritten"),
        ("bell\x07 null\x00 del\x7f", "bell null del"),
        ("right\u202eto left", "rightto left"),
        ("lone \x1b", "lone "),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert Span(text).shown == shown


@given(st.text(), st.sampled_from(Style))
def test_without_colour_a_line_is_text_only(text: str, style: Style) -> None:
    written = render_lines([line_of(Span(text, style))], color=False)
    assert written.endswith("\n")
    assert all(unicodedata.category(char) != "Cc" or char == "	" for char in written[:-1])


def test_colours() -> None:
    lines = [line_of("a ", Span("b\x1b[1m", Style.BAD), Span(" c", Style.PLAIN))]
    assert render_lines(lines, color=True) == "a \x1b[31mb\x1b[0m c\n"
    assert render_lines(lines, color=False) == "a b c\n"
    assert render_lines([], color=True) == ""


def test_blocks_keep_their_lines_behind_an_indent() -> None:
    lines = block_of("one\r\n  two\nthree\n", first=line_of("! "), indent="  ")
    assert render_lines(lines, color=False) == "  ! one\n    two\n  three\n"
