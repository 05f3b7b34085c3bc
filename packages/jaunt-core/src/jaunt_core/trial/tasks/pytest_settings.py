"""The settings under which pytest runs here: the project's own, where these let tests be run."""

from __future__ import annotations

import os
from enum import IntEnum
from typing import cast

Json = dict[str, object]

_NO_PROCESSES: dict[str, object] = {"numprocesses": 0, "dist": "no", "tx": [], "looponfail": False}
_NO_FILES: dict[str, object] = {
    "allure_report_dir": None,
    "basetemp": None,
    "benchmark_autosave": False,
    "benchmark_disable": True,
    "benchmark_json": None,
    "benchmark_only": False,
    "benchmark_save": None,
    "benchmark_skip": False,
    "csv_path": None,
    "debug": None,
    "htmlpath": None,
    "json_report": False,
    "json_report_file": "none",
    "log_file": None,
    "md_report_output": None,
    "memray": False,
    "no_cov": True,
    "pastebin": None,
    "profile": False,
    "profile_svg": False,
    "report_log": None,
    "testmon": False,
    "update_snapshots": False,
    "xmlpath": None,
}
_NO_REPETITION: dict[str, object] = {
    "collectonly": False,
    "count": 1,
    "failedfirst": False,
    "lf": False,
    "newfirst": False,
    "reruns": 0,
    "setuponly": False,
    "setupplan": False,
    "showfixtures": False,
    "stepwise": False,
    "stepwise_skip": False,
    "trace": False,
    "usepdb": False,
}
_NO_CHOICE: dict[str, object] = {
    "deselect": None,
    "ignore": None,
    "ignore_glob": None,
    "keyword": "",
    "markexpr": "",
}
_SWITCHED_OFF = {**_NO_PROCESSES, **_NO_FILES, **_NO_REPETITION, **_NO_CHOICE}
"""Options, of pytest and of plugins that may be there, with values under which they do nothing."""

_TEST_SETTINGS = (
    *("markers", "python_functions", "python_files", "python_classes", "usefixtures"),
    *("asyncio_", "anyio_", "trio_", "twisted_", "consider_namespace_packages", "xfail_strict"),
    *("DJANGO_", "django_", "env", "pythonpath", "tmp_path_retention", "bdd_features"),
)
_TEST_PLUGINS = (
    "asyncio",
    "anyio",
    "trio",
    "twisted",
    "hypothesispytest",
    "pytest_mock",
    "subtests",
)
"""Plugins without which many tests are no tests, by the name of their entry point."""


class Fallback(IntEnum):
    """How much of the project's settings is left out, so that tests can be run at all."""

    NOTHING = 0
    OPTIONS = 1
    CONFTEST = 2
    PLUGINS = 3


def switch_off(options: object) -> None:
    """Set the options under which plugins start processes, write files, or run tests otherwise."""
    for name, value in _SWITCHED_OFF.items():
        if hasattr(options, name):
            setattr(options, name, value)


def fallback_arguments(fallback: Fallback, arguments: list[str], settings: Json) -> list[str]:
    """The arguments for pytest besides paths and our own.

    Args:
        fallback: How much of the settings is left out.
        arguments: Those of the project.
        settings: Those to keep where the file is left out: see `settings_of_tests`.
    """
    if fallback is Fallback.NOTHING:
        return arguments
    path = os.path.join(os.environ["TMPDIR"], "pytest.ini")  # noqa: PTH118 - pathlib is costly
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - likewise
        file.write("[pytest]\n")
        file.writelines(f"{name} = {_indented(str(text))}\n" for name, text in settings.items())
    chosen = ["-c", path, "--rootdir", os.getcwd()]  # noqa: PTH109 - likewise
    chosen += ["--noconftest"] if fallback >= Fallback.CONFTEST else []
    if fallback is Fallback.PLUGINS:
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        chosen += [word for name in plugins_of_tests() for word in ("-p", name)]
    return chosen


def _indented(text: str) -> str:
    return text.strip().replace("\n", "\n    ")


def settings_of_tests(config: object) -> Json:
    """The settings that say what a test is and how one runs, out of a configuration of pytest."""
    written = getattr(config, "_inicfg", None) or getattr(config, "inicfg", None) or {}
    folder = os.path.dirname(str(getattr(config, "inipath", None) or ""))  # noqa: PTH120 - likewise
    settings: Json = {}
    for name, entry in cast("Json", dict(written)).items():
        value = getattr(entry, "value", entry)
        lines = [str(line) for line in value] if isinstance(value, list) else str(value).split("\n")
        if name == "pythonpath":
            words = [word for line in lines for word in line.split()]
            lines = [os.path.join(folder, word) for word in words]  # noqa: PTH118 - likewise
        if name.startswith(_TEST_SETTINGS):
            settings[name] = "\n".join(lines)
    return settings


def plugins_of_tests() -> list[str]:
    """The modules of the plugins that are there and without which many tests are no tests."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - costly, and rarely needed

    entries = entry_points(group="pytest11")
    return [entry.value for entry in entries if entry.name in _TEST_PLUGINS]
