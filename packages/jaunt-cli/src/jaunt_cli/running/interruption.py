"""Treat SIGTERM and SIGHUP like Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

# A hang-up is what a closed terminal window sends; Windows has none.
_SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def stoppable() -> Generator[None]:
    """While it is entered, SIGTERM and SIGHUP interrupt the run as Ctrl-C does.

    So children are ended, the terminal is restored, and the exit code is that of an
    interruption. Signals that the caller ignores stay ignored, as `nohup` needs it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return
    unhandled = [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    for number in unhandled:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in unhandled:
            signal.signal(number, signal.SIG_DFL)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    """Call the handler of Ctrl-C: asyncio, for example, installs one of its own."""
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
    else:
        raise KeyboardInterrupt
