"""Records of other packages in the log: a provider's SDK, its HTTP library, asyncio."""

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
        """Log a record; one that cannot be formatted is replaced by a note."""
        try:
            text = self.format(record)
        except Exception as error:  # noqa: BLE001 - a bad call of the logger is no matter of ours
            text = f"(an entry that cannot be told: {type(error).__name__})"
        self._file.write(f"{record.name} {record.levelname}", text)


@contextmanager
def other_loggers_to(file: LogFile) -> Generator[None]:
    """While it is entered, whatever is logged goes to a file as well, from level DEBUG on."""
    root = logging.getLogger()
    handler, level = _Handler(file), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
