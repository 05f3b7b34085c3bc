"""Run pytest, with the project's settings, on a test module that does not stand on disk."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from fnmatch import fnmatch
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import cast

Json = dict[str, object]

_QUIET = (
    *("--import-mode=importlib", "--maxfail=0", "--tb=no", "--color=no"),
    *("--assert=plain", "--no-header", "--no-summary"),  # nobody reads what pytest prints
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # plugins are imported before
)
_NO_PROCESSES: dict[str, object] = {"numprocesses": 0, "dist": "no", "tx": [], "no_cov": True}
"""What keeps plugins that may be there from starting processes and writing files."""
_OWN_FAULTS = re.compile(
    'function uses no |in "parametrize" the number of |duplicate parametrization'
    "|function already takes an argument"
)


class Collected:
    """What pytest collected of the answer.

    `errors` are what importing it raised, `complaint` is what pytest said about it, `own_fault`
    the same where it is the answer's fault. `is_complete` tells whether collecting came to its end.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.expected: set[str] = set()
        self.errors: list[BaseException] = []
        self.complaint = ""
        self.own_fault = ""
        self.is_complete = False

    @property
    def is_broken(self) -> bool:
        """Whether tests could not be run because of what was imported."""
        return bool(self.errors or self.complaint) or not self.is_complete


def load_plugins() -> None:
    """Import pytest and its plugins, so that forks need not do it.

    Raises:
        ImportError: There is no pytest.
    """
    importlib.import_module("pytest")
    for entry in entry_points(group="pytest11"):
        with suppress(Exception):  # it may be switched off
            entry.load()
    with suppress(ImportError):  # its plugin imports it in each session
        importlib.import_module("hypothesis")


def run_pytest(
    task: Json, names: set[str] | None, send: Callable[[Json], None], *, stop: bool = False
) -> Collected:
    """Run the tests of these names and send how each ended; collect all where it is None.

    With `stop` the first failure ends the run.
    """
    pytest = importlib.import_module("pytest")
    plugin = Listener(task, pytest, names, send)
    collected = plugin.collected
    first = vars(pytest)["hookimpl"](tryfirst=True)
    for hook in (Listener.pytest_load_initial_conftests, Listener.pytest_cmdline_main):
        first(hook)
    arguments = [*cast("list[str]", task["arguments"]), *_QUIET]
    arguments += ["-o", f"cache_dir={os.environ['TMPDIR']}/cache"]
    arguments += ["--collect-only"] if names is None else []
    arguments += ["--maxfail=1"] if stop else []
    try:
        pytest.main([*arguments, *cast("list[str]", task["paths"])], plugins=[plugin])
    except Exception as error:  # noqa: BLE001 - settings and plugins of the project may do anything
        collected.complaint = collected.complaint or f"{type(error).__name__}: {error}"
    return collected


class Listener:
    """A plugin that has the answer collected in place of its spec module, and reports results."""

    def __init__(
        self,
        task: Json,
        pytest: ModuleType,
        names: set[str] | None,
        send: Callable[[Json], None],
    ) -> None:
        self._task = task
        self._make = _collector(cast("type", vars(pytest)["Module"]), task)
        self._names = names
        self._send = send
        self.collected = Collected()

    def pytest_load_initial_conftests(self, early_config) -> None:  # noqa: ANN001
        """Switch off disturbing plugins that read their options early."""
        _switch_off(early_config.known_args_namespace)

    def pytest_cmdline_main(self, config) -> None:  # noqa: ANN001
        """Switch off disturbing plugins that read their options late."""
        _switch_off(config.option)

    def pytest_pycollect_makemodule(self, module_path: Path, parent: object) -> object:
        """A collector for the answer, where the file of its specs would be collected."""
        if str(module_path) != self._task.get("spec_path"):
            return None
        return self._make(parent, self.collected)

    def pytest_collectreport(self, report) -> None:  # noqa: ANN001
        """Keep the message of a failure, where no exception was caught for it."""
        complaint = str(report.longrepr).strip()
        if report.failed:
            self.collected.complaint = complaint.rpartition("\n")[2]
            is_own = _OWN_FAULTS.search(complaint)
            self.collected.own_fault = self.collected.complaint if is_own else ""
        elif report.skipped and "could not import" in complaint:
            self.collected.complaint = complaint

    def pytest_itemcollected(self, item) -> None:  # noqa: ANN001
        """Note the name of each test, also where the project's settings deselect it."""
        self.collected.names.add(_name_of(item.nodeid))

    def pytest_collection_modifyitems(self, items) -> None:  # noqa: ANN001
        """Leave out the tests that need not be run again."""
        if self._names is not None:
            items[:] = [item for item in items if _name_of(item.nodeid) in self._names]

    def pytest_collection_finish(self, session) -> None:  # noqa: ANN001
        """Note which names count as tests here."""
        patterns = cast("list[str]", session.config.getini("python_functions"))
        names = cast("list[str]", self._task["names"])
        self.collected.expected = {name for name in names if _is_test(name, patterns)}
        self.collected.is_complete = True

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Send which test starts: it may never end."""
        self._send({"name": _name_of(nodeid), "status": "started"})

    def pytest_runtest_logreport(self, report) -> None:  # noqa: ANN001
        """Send how a test ended."""
        if report.failed:
            self._send({"name": _name_of(report.nodeid), "status": "failed"})
        elif report.when == "call" and report.passed:
            self._send({"name": _name_of(report.nodeid), "status": "passed"})


def _collector(base: type, task: Json) -> Callable[..., object]:
    """A function that makes a collector for the answer, below another one."""

    def make(parent: object, collected: Collected) -> object:
        def import_answer(_: object) -> object:
            try:
                return importlib.import_module(str(task["module"]))
            except BaseException as error:
                if type(error).__name__ != "Skipped":
                    collected.errors.append(error)
                raise

        kind = type("Answer", (base,), {"_getobj": import_answer})
        return kind.from_parent(parent, path=Path(str(task["spec_path"])))

    return make


def _switch_off(options: object) -> None:
    for name, value in _NO_PROCESSES.items():
        if hasattr(options, name):
            setattr(options, name, value)


def _name_of(nodeid: str) -> str:
    return nodeid.partition("::")[2].partition("[")[0]


def _is_test(name: str, patterns: Iterable[str]) -> bool:
    """Whether pytest takes a function of this name for a test."""
    return any(name.startswith(pattern) or fnmatch(name, pattern) for pattern in patterns)
