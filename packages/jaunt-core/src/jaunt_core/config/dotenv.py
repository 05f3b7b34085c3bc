"""One variable out of a `.env` file; nothing else in it is ever looked at."""

from __future__ import annotations

import errno
import re
from pathlib import Path

from jaunt_core.config.reading import read_regular

DOTENV = ".env"
_LONGEST_FILE = 1024 * 1024
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IN_SINGLE = re.compile(r"'([^']*)'(?:\s+#.*|\s*)")
_IN_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\s+#.*|\s*)')
_ESCAPED = re.compile(r'\\(["\\$])')


class DotenvError(Exception):
    """A `.env` file from which the value cannot be taken; the message never holds any of it."""


def find_in_dotenv(path: Path, name: str) -> str | None:
    """The value of one variable; None where the file, the variable or a value is missing.

    Lines are `NAME=value`, with or without `export`, quotes and a comment behind a space. Nothing
    is expanded, and the last line counts.

    Raises:
        DotenvError: The file cannot be read, or the value is written in another way.
    """
    if not _NAME.fullmatch(name):
        return None
    content = _read(path)
    if content.startswith(_UTF16_MARKS):
        raise DotenvError(f"{path} is no UTF-8")
    line = re.compile(rb"\s*(?:export\s+)?" + name.encode() + rb"[ \t]*=(.*)", re.DOTALL)
    assignment: tuple[int, bytes] | None = None
    for number, text in enumerate(content.removeprefix(_UTF8_MARK).split(b"\n"), start=1):
        match = line.fullmatch(text)
        assignment = (number, match[1]) if match else assignment
    if assignment is None:
        return None
    number, raw = assignment
    try:
        return _parse_value(raw.decode("utf-8")) or None
    except UnicodeDecodeError:
        raise DotenvError(f"{path}:{number}: the value of {name} is no UTF-8") from None
    except ValueError as error:
        raise DotenvError(f"{path}:{number}: the value of {name} {error}") from None


def _read(path: Path) -> bytes:
    """What the file holds; a folder of that name, as of a virtual environment, is no such file."""
    try:
        return read_regular(path, largest=_LONGEST_FILE)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return b""
    except OSError as error:
        if path.is_dir():
            return b""
        problems = {
            errno.EINVAL: "is no regular file",
            errno.EFBIG: f"is larger than {_LONGEST_FILE // 1024**2} MB",
        }
        problem = problems.get(error.errno or 0, f"cannot be read: {error.strerror}")
        raise DotenvError(f"{path} {problem}") from None


def _parse_value(raw: str) -> str:
    """What stands behind the `=`.

    Raises:
        ValueError: It is written in a way that other programs may read otherwise.
    """
    text = raw.strip()
    single, double = _IN_SINGLE.fullmatch(text), _IN_DOUBLE.fullmatch(text)
    if single:
        return single[1]
    if text.startswith(("'", '"')) and not double:
        raise ValueError("has no closing quote at the end of its line")
    text = double[1] if double else re.sub(r"\s+#.*", "", raw).strip()
    if re.search(r"(?<!\\)(?:\$[{(\w]|`)", text):
        raise ValueError(
            "refers to something else, which is not looked up: put it in single quotes"
        )
    return _ESCAPED.sub(r"\1", text) if double else text
