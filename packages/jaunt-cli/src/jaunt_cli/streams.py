"""The terminal of a run, and streams that outlive their readers."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:  # costs `--version` time
    from pathlib import Path

# The reader has gone: a closed pipe, or a terminal that was hung up.
_READER_GONE = frozenset({errno.EPIPE, errno.EIO, errno.ESHUTDOWN})


class Stream:
    """A text stream to a reader who may leave; then the rest is dropped and the run goes on.

    It writes through at once, never fails on characters that the encoding lacks, and is enough
    of a file for rich.

    Args:
        file: Where the text goes; None where the process was started without such a stream.
    """

    def __init__(self, file: TextIO | None) -> None:
        self._file = file
        self.encoding = (file.encoding if file is not None else None) or "utf-8"

    def write(self, text: str) -> int:
        """Write and flush; returns the number of characters, as files do."""
        try:
            self._write(text)
        except OSError as error:
            if error.errno not in _READER_GONE:
                raise
            # The files of the run count more than its output.
            self._detach()
        return len(text)

    def flush(self) -> None:
        """Write what others left in the file's buffer."""
        self.write("")

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self._file is not None and self._file.isatty()

    def fileno(self) -> int:
        """The descriptor of the file below.

        Raises:
            OSError: There is none.
        """
        if self._file is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._file.fileno()

    def _write(self, text: str) -> None:
        if self._file is None:
            return
        try:
            self._file.write(text)
        except UnicodeEncodeError:
            encoding = self._file.encoding or "ascii"
            self._file.write(text.encode(encoding, "backslashreplace").decode(encoding))
        self._file.flush()

    def _detach(self) -> None:
        """Let nothing reach the closed pipe again, not even Python's own flush at the end."""
        file, self._file = self._file, None
        if file is None:
            return
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - pathlib costs `--version` time
            os.dup2(nowhere.fileno(), file.fileno())


class Terminal:
    """The streams and the environment of one run of the command.

    Args:
        out: For what programs read: JSON, and the output of pytest.
        err: For people.
        environ: The environment.

    Attributes:
        root: Where the user says that the project is, once the arguments are parsed.
        config: The jaunt.toml that the user names, likewise.
    """

    def __init__(self, *, out: Stream, err: Stream, environ: Mapping[str, str]) -> None:
        self.out = out
        self.err = err
        self.environ = environ
        self.root: Path | None = None
        self.config: Path | None = None

    def colors_on(self, stream: Stream) -> bool:
        """Whether colours are wanted there."""
        return stream.isatty() and not self.environ.get("NO_COLOR") and not self._is_dumb

    @property
    def live(self) -> bool:
        """Whether people see a terminal that can redraw a line."""
        return self.err.isatty() and not self._is_dumb

    @property
    def _is_dumb(self) -> bool:
        return self.environ.get("TERM", "") in {"dumb", "unknown"}


def current_terminal() -> Terminal:
    """The streams and the environment of this process."""
    return Terminal(out=Stream(sys.stdout), err=Stream(sys.stderr), environ=os.environ)
