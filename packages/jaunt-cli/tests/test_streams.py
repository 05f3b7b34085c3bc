"""Streams that outlive their readers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from jaunt_cli.streams import Stream

from .conftest import Page


def test_streams_survive_what_cannot_be_encoded() -> None:
    class Ascii(Page):
        encoding = "ascii"

        def write(self, text: str) -> int:
            text.encode("ascii")
            return super().write(text)

    page = Ascii()
    Stream(page).write("naïve\n")
    assert page.getvalue() == "na\\xefve\n"
    Stream(None).write("nobody listens")
    assert not Stream(None).isatty()


def test_other_write_errors_are_not_hidden() -> None:
    def refuse(_: str) -> int:
        raise OSError(28, "No space left on device")

    full = SimpleNamespace(write=refuse, flush=lambda: None, encoding="utf-8")
    with pytest.raises(OSError, match="No space"):
        Stream(full).write("text")  # ty: ignore[invalid-argument-type]
