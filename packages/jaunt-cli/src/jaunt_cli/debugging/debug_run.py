"""The log of one run: its events, requests and answers, other packages' logs, and its end."""

from __future__ import annotations

import platform
import sys
import traceback
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from jaunt_cli.debugging.events import text_of_event
from jaunt_cli.debugging.log_file import LogFile, LogFileError
from jaunt_cli.debugging.other_loggers import other_loggers_to
from jaunt_cli.debugging.recorded_backend import RecordedBackend
from jaunt_cli.masking import masker_for
from jaunt_cli.version import __version__
from jaunt_core.backend.masking import Masker
from jaunt_core.backend.protocol import BackendSetup, GeneratorBackend
from jaunt_core.backend.registry import load_backend
from jaunt_core.config.locate import find_config
from jaunt_core.model.events import Event, PytestPrinted, Sink, WarningRaised
from jaunt_core.model.spec import Kind

ReportT = TypeVar("ReportT")


class DebugRun:
    """Logs one run, without its secrets.

    Where the log cannot be written there is a warning, and the run goes on.

    Args:
        command: The command.
        argv: The arguments that follow it.
        arguments: The same arguments, parsed.
        environ: The environment; it is not logged.
    """

    def __init__(
        self,
        command: str,
        argv: Sequence[str],
        arguments: Namespace,
        environ: Mapping[str, str],
    ) -> None:
        self._command = command
        self._argv = argv
        self._arguments = arguments
        self._environ = environ
        self._file: LogFile | None = None
        self._printed = ""
        self._has_warned = False

    @property
    def place(self) -> str:
        """The path of the log, empty where there is none."""
        return "" if self._file is None else str(self._file.path)

    def watch(self, work: Callable[[Sink], ReportT], sink: Sink) -> ReportT:
        """Do the work and log what happens.

        Raises:
            JauntConfigError: There is no project, and so no place for a log.
        """
        config = find_config(root=self._arguments.root, config=self._arguments.config)
        masker = masker_for(self._environ, config=config)
        try:
            self._file = LogFile.create(config.parent, self._command, masker)
        except LogFileError as error:
            self._warn(str(error), sink)
            return work(sink)
        self._file.write("run", self._heading(masker))
        try:
            with other_loggers_to(self._file):
                return work(self._tee(self._file, sink))
        except BaseException as error:
            self._file.write("ended by", "".join(traceback.format_exception(error)))
            raise
        finally:
            self._end_of_output(self._file)
            self._file.write("end", "")
            self._file.close()
            self._check(self._file, sink)

    def load(self, setup: BackendSetup) -> GeneratorBackend:
        """The installed backend; its requests and answers are logged."""
        backend = load_backend(setup)
        return backend if self._file is None else RecordedBackend(backend, self._file)

    def _heading(self, masker: Masker) -> str:
        words = " ".join(masker(word) for word in (self._command, *self._argv))
        lines = (
            f"jaunt {words}",
            f"jaunt {__version__}, Python {sys.version.split()[0]} ({sys.executable})",
            f"{platform.system()} {platform.release()}, {platform.machine()}",
        )
        return "\n".join(lines)

    def _tee(self, file: LogFile, sink: Sink) -> Sink:
        def record(event: Event) -> None:
            if isinstance(event, PytestPrinted):
                # A piece may end in the middle of a secret, which then is found in neither half.
                whole, end, rest = (self._printed + event.text).rpartition("\n")
                self._printed = rest
                if end:
                    file.write("pytest", whole)
            else:
                self._end_of_output(file)
                file.write("event", text_of_event(event))
            self._check(file, sink)
            sink(event)

        return record

    def _end_of_output(self, file: LogFile) -> None:
        printed, self._printed = self._printed, ""
        if printed:
            file.write("pytest", printed)

    def _check(self, file: LogFile, sink: Sink) -> None:
        if file.fault:
            self._warn(file.fault, sink)

    def _warn(self, why: str, sink: Sink) -> None:
        if not self._has_warned:
            self._has_warned = True
            sink(WarningRaised(kind=Kind.BUILD, message=f"no whole debug log: {why}"))
