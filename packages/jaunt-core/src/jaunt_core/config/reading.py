"""Read files that people name, without waiting for pipes and devices."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read_regular(path: Path, *, largest: int | None = None) -> bytes:
    """What a regular file holds; a pipe or a device is not waited for.

    Args:
        path: The file; links are followed.
        largest: How many bytes it may have.

    Raises:
        OSError: It cannot be read, is something else, or is larger.
    """
    # Without this flag, opening a pipe waits for somebody who writes to it.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        if largest is not None and status.st_size > largest:
            raise OSError(errno.EFBIG, f"it has more than {largest:,} bytes", str(path))
        return file.read()
