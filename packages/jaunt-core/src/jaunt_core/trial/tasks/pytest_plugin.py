"""Run pytest, with the project's settings, on a test module that does not stand on disk."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from fnmatch import fnmatch
from importlib.machinery import PathFinder
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import cast

from .pytest_settings import settings_of_tests, switch_off

Json = dict[str, object]

_QUIET = (
    *("--import-mode=importlib", "--tb=no", "--color=no"),
    *("--assert=plain", "--no-header", "--no-summary"),  # nobody reads what pytest prints
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # plugins are imported before
)
_IMPORTED_LATE = ("pdb", "tomllib", "hypothesis")
"""What pytest, or a plugin, would import in each session."""

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


def load_plugins(project_folders: Sequence[str]) -> None:
    """Import pytest and its plugins, so that forks need not do it.

    Plugins that stand in the project are left to the forks: they may import what is on trial.

    Raises:
        ImportError: There is no pytest.
    """
    importlib.import_module("pytest")
    own = getattr(importlib.import_module("_pytest.config"), "default_plugins", ())
    for name in (*(f"_pytest.{plugin}" for plugin in own), *_IMPORTED_LATE):
        with suppress(ImportError):
            importlib.import_module(name)
    for entry in entry_points(group="pytest11"):
        with suppress(Exception):  # it may be switched off
            spec = PathFinder.find_spec(entry.module.partition(".")[0], [*project_folders])
            if spec is None:
                entry.load()


def run_pytest(listener: Listener, paths: Sequence[str], arguments: Sequence[str]) -> Collected:
    """Run pytest with a listener, and return what was collected."""
    pytest = importlib.import_module("pytest")
    collected = listener.collected
    cache = ["-o", f"cache_dir={os.environ['TMPDIR']}/cache"]
    try:
        pytest.main(["--maxfail=0", *arguments, *_QUIET, *cache, *paths], plugins=[listener])
    except Exception as error:  # noqa: BLE001 - settings and plugins of the project may do anything
        collected.complaint = collected.complaint or f"{type(error).__name__}: {error}"
    return collected


class Listener:
    """A plugin that has the answer collected in place of its spec module, and reports results.

    Attributes:
        names: The tests to run, None where they are only to be collected.
        send: Gets how each test ended.
        on_plugins: Called when pytest has its plugins, and has loaded no `conftest.py` yet.
        on_session: Called when pytest is set up, with what stands in the `conftest.py` files above.
        on_run: Called when everything is imported and the tests are about to be run.
        on_end: Called when the tests have been run.
        settings: The settings to keep where the project's file with settings is left out.
    """

    def __init__(self, task: Json) -> None:
        pytest = importlib.import_module("pytest")
        _mark_hooks(pytest)
        self._task = task
        self._make = _collector(cast("type", vars(pytest)["Module"]), task)
        self._config: object = None
        self.names: set[str] | None = None
        self.send: Callable[[Json], None] = _ignore
        self.on_plugins: Callable[[], None] = _do_nothing
        self.on_session: Callable[[], None] = _do_nothing
        self.on_run: Callable[[], None] = _do_nothing
        self.on_end: Callable[[], None] = _do_nothing
        self.collected = Collected()

    @property
    def settings(self) -> Json:
        """The settings to keep where the project's file with settings is left out."""
        return settings_of_tests(self._config)

    def pytest_cmdline_parse(self, pluginmanager) -> None:  # noqa: ANN001
        """Note the configuration, which may turn out to be one that keeps tests from running."""
        self._config = pluginmanager.get_plugin("pytestconfig")

    def pytest_load_initial_conftests(self, early_config) -> Generator[None]:  # noqa: ANN001
        """Switch off disturbing plugins that read their options early."""
        switch_off(early_config.known_args_namespace)
        self.on_plugins()
        yield

    def pytest_cmdline_main(self, config) -> None:  # noqa: ANN001
        """Switch off disturbing plugins that read their options late."""
        switch_off(config.option)

    def pytest_collection(self) -> Generator[None]:
        """Say that nothing but the tests is left to be imported."""
        self.on_session()
        yield

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
        names = self.names
        if names is not None:
            items[:] = [item for item in items if _name_of(item.nodeid) in names]

    def pytest_collection_finish(self, session) -> None:  # noqa: ANN001
        """Note which names count as tests here."""
        patterns = cast("list[str]", session.config.getini("python_functions"))
        names = cast("list[str]", self._task["names"])
        self.collected.expected = {name for name in names if _is_test(name, patterns)}

    def pytest_runtestloop(self) -> bool | None:
        """Run no tests where they are only to be collected: they are, since this is called."""
        self.collected.is_complete = True
        self.on_run()
        return True if self.names is None else None

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Send which test starts: it may never end."""
        self.send({"name": _name_of(nodeid), "status": "started"})

    def pytest_runtest_logreport(self, report) -> None:  # noqa: ANN001
        """Send how a test ended."""
        if report.failed:
            self.send({"name": _name_of(report.nodeid), "status": "failed"})
        elif report.when == "call" and report.passed:
            self.send({"name": _name_of(report.nodeid), "status": "passed"})

    def pytest_unconfigure(self) -> None:
        """Say that the tests have been run; what pytest clears away now need not be waited for."""
        self.on_end()


def _mark_hooks(pytest: ModuleType) -> None:
    """Have the hooks of the listener called before those of all plugins."""
    mark = vars(pytest)["hookimpl"]
    for hook in (Listener.pytest_load_initial_conftests, Listener.pytest_collection):
        mark(tryfirst=True, hookwrapper=True)(hook)
    for hook in (
        Listener.pytest_cmdline_parse,
        Listener.pytest_cmdline_main,
        Listener.pytest_runtestloop,
        Listener.pytest_unconfigure,
    ):
        mark(tryfirst=True)(hook)


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


def _ignore(_message: Json) -> None:
    """Do nothing: nobody wants to know."""


def _do_nothing() -> None:
    """Do nothing."""


def _name_of(nodeid: str) -> str:
    return nodeid.partition("::")[2].partition("[")[0]


def _is_test(name: str, patterns: Iterable[str]) -> bool:
    """Whether pytest takes a function of this name for a test."""
    return any(name.startswith(pattern) or fnmatch(name, pattern) for pattern in patterns)
