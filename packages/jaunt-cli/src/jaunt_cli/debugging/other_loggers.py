"""What other packages log while a run lasts: the SDK of a provider, its HTTP library, asyncio."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager

from jaunt_cli.debugging.log_file import LogFile


class _Handler(logging.Handler):
    def __init__(self, file: LogFile) -> None:
        super().__init__(logging.DEBUG)
        self._file = file

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record down; one that cannot be told is left out."""
        try:
            text = self.format(record)
        except Exception as error:  # noqa: BLE001 - a bad call of the logger is no matter of ours
            text = f"(an entry that cannot be told: {type(error).__name__})"
        self._file.write(f"{record.name} {record.levelname}", text)


@contextmanager
def logged_by_others(file: LogFile) -> Generator[None]:
    """While it is entered, whatever is logged goes to a file as well, from DEBUG on."""
    root = logging.getLogger()
    handler, level = _Handler(file), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
