"""pytest on a module of tests that does not stand on disk, with the project's own settings."""

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
    *("--assert=plain", "--no-header", "--no-summary"),  # nobody reads what pytest says
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # plugins are imported before
)
_NO_PROCESSES: dict[str, object] = {"numprocesses": 0, "dist": "no", "tx": [], "no_cov": True}
"""What keeps plugins that may be there from starting processes and writing files."""
_OWN_FAULT = re.compile(
    'function uses no |in "parametrize" the number of |duplicate parametrization'
    "|function already takes an argument"
)


class Collected:
    """What pytest collected of the answer.

    `errors` are what importing it raised, `said` is what pytest said about it, `wrong` what it
    said where that is the answer's fault. `is_complete` tells whether pytest came that far.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.expected: set[str] = set()
        self.errors: list[BaseException] = []
        self.said = ""
        self.wrong = ""
        self.is_complete = False

    @property
    def is_broken(self) -> bool:
        """Whether tests could not be run because of what was imported."""
        return bool(self.errors or self.said) or not self.is_complete


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
    task: Json, names: set[str] | None, say: Callable[[Json], None], *, stop: bool = False
) -> Collected:
    """Run the tests of these names and say how each ended, or collect all where it is None.

    With `stop` the first failure ends the run.
    """
    pytest = importlib.import_module("pytest")
    plugin = Listener(task, pytest, names, say)
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
        plugin.collected.said = plugin.collected.said or f"{type(error).__name__}: {error}"
    return plugin.collected


class Listener:
    """A plugin that puts the answer in the place of its spec module, and listens."""

    def __init__(
        self,
        task: Json,
        pytest: ModuleType,
        names: set[str] | None,
        say: Callable[[Json], None],
    ) -> None:
        self._task = task
        self._make = _collector(cast("type", vars(pytest)["Module"]), task)
        self._names = names
        self._say = say
        self.collected = Collected()

    def pytest_load_initial_conftests(self, early_config) -> None:  # noqa: ANN001
        """Switch off what would disturb, where it is decided early."""
        _switch_off(early_config.known_args_namespace)

    def pytest_cmdline_main(self, config) -> None:  # noqa: ANN001
        """Switch off what would disturb, where it is decided late."""
        _switch_off(config.option)

    def pytest_pycollect_makemodule(self, module_path: Path, parent: object) -> object:
        """The answer, where the file of its specs would be collected."""
        if str(module_path) != self._task.get("spec_path"):
            return None
        return self._make(parent, self.collected)

    def pytest_collectreport(self, report) -> None:  # noqa: ANN001
        """Keep what a failure says where no exception tells it."""
        said = str(report.longrepr).strip()
        if report.failed:
            self.collected.said = said.rpartition("\n")[2]
            self.collected.wrong = said.rpartition("\n")[2] if _OWN_FAULT.search(said) else ""
        elif report.skipped and "could not import" in said:
            self.collected.said = said

    def pytest_itemcollected(self, item) -> None:  # noqa: ANN001
        """Note what there is, also where the project's settings deselect it."""
        self.collected.names.add(_name_of(item.nodeid))

    def pytest_collection_modifyitems(self, items) -> None:  # noqa: ANN001
        """Leave out what need not be run again."""
        if self._names is not None:
            items[:] = [item for item in items if _name_of(item.nodeid) in self._names]

    def pytest_collection_finish(self, session) -> None:  # noqa: ANN001
        """Note which names count as tests here."""
        patterns = cast("list[str]", session.config.getini("python_functions"))
        names = cast("list[str]", self._task["names"])
        self.collected.expected = {name for name in names if _is_test(name, patterns)}
        self.collected.is_complete = True

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Say which test runs now: it may never end."""
        self._say({"name": _name_of(nodeid), "status": "started"})

    def pytest_runtest_logreport(self, report) -> None:  # noqa: ANN001
        """Say how a test ended."""
        if report.failed:
            self._say({"name": _name_of(report.nodeid), "status": "failed"})
        elif report.when == "call" and report.passed:
            self._say({"name": _name_of(report.nodeid), "status": "passed"})


def _collector(base: type, task: Json) -> Callable[..., object]:
    """What makes a collector for the answer, below another one."""

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
