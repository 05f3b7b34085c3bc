"""Which files the settings of a type checker leave out: what it would not check, vetoes nothing."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import cast

from jaunt_core.config.reading import read_regular
from jaunt_core.model.typecheck import Checker
from jaunt_core.typecheck.detect import InstalledChecker

Json = Mapping[str, object]

_MOST_BASES = 10
_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA = re.compile(r'("(?:[^"\\\n]|\\.)*")|,(?=\s*[\]}])')


class CheckerScope:
    """What the settings of a checker say about which files it checks.

    Settings that nobody can read leave nothing out: the checker itself reports them.
    """

    def __init__(self, installed: InstalledChecker) -> None:
        self._checker = installed.checker
        self._folder = installed.settings.parent if installed.settings is not None else None
        self._settings = read_settings(installed)

    def leaves_out(self, path: Path, names: Collection[str]) -> bool:
        """Whether the checker, run on the project as a whole, would not check a file.

        Args:
            path: The file.
            names: The names under which the checker may know the module in it.
        """
        if self._folder is None or not path.is_relative_to(self._folder):
            return False
        relative = PurePosixPath(path.relative_to(self._folder).as_posix())
        try:
            match self._checker:
                case Checker.MYPY:
                    return _is_left_out_by_mypy(self._settings, relative, names)
                case Checker.PYRIGHT:
                    return _is_left_out(self._settings, relative, anchored=True)
                case Checker.TY:
                    chosen = cast("Json", self._settings.get("src") or {})
                    return _is_left_out(chosen, relative, anchored=False)
        except (re.error, TypeError, AttributeError):  # written as nothing that it reads
            return False


def read_settings(installed: InstalledChecker) -> Json:
    """The settings of a checker in the shape that they have in TOML; empty if unreadable."""
    path = installed.settings
    if path is None:
        return {}
    try:
        text = read_regular(path).decode("utf-8")
        if path.name == "pyproject.toml":
            tools = cast("Json", tomllib.loads(text)["tool"])
            settings = cast("Json", tools[installed.checker.value])
        elif installed.checker is Checker.MYPY:
            return _ini_settings(text)
        elif installed.checker is Checker.TY:
            return tomllib.loads(text)
        else:
            settings = _parse_json(text)
        return (
            _with_bases(settings, path.parent) if installed.checker is Checker.PYRIGHT else settings
        )
    except (OSError, ValueError, LookupError, TypeError, configparser.Error, RecursionError):
        return {}


def _ini_settings(text: str) -> Json:
    """The settings of mypy in an INI file, in the shape that they have in TOML."""
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    settings: dict[str, object] = dict(parser["mypy"])
    settings["overrides"] = [
        {**parser[section], "module": _listed(section.removeprefix("mypy-"))}
        for section in parser.sections()
        if section.startswith("mypy-")
    ]
    return settings


def _parse_json(text: str) -> Json:
    """JSON with the comments and commas that pyright allows."""
    for superfluous in (_COMMENT, _TRAILING_COMMA):
        text = superfluous.sub(lambda match: match[1] or "", text)
    return cast("Json", json.loads(text))


def _with_bases(settings: Json, folder: Path) -> Json:
    """The settings of pyright, with those that they extend and that stand in the same folder."""
    merged, base = dict(settings), settings
    for _ in range(_MOST_BASES):
        path = folder / str(base.get("extends", ""))
        if "extends" not in base or path.parent.resolve() != folder.resolve():
            break
        text = read_regular(path).decode("utf-8")
        base = (
            tomllib.loads(text)["tool"]["pyright"] if path.suffix == ".toml" else _parse_json(text)
        )
        merged = {**base, **merged}
    return merged


def _is_left_out_by_mypy(settings: Json, path: PurePosixPath, names: Collection[str]) -> bool:
    return _has_errors_ignored(settings, names) or not _is_chosen_by_mypy(settings, path, names)


def _has_errors_ignored(settings: Json, names: Collection[str]) -> bool:
    """Whether `ignore_errors` holds for a module, under any of its names."""
    overrides = cast("list[Json]", settings.get("overrides") or [])
    closest: dict[str, tuple[tuple[bool, int], bool]] = {}
    for override in overrides:
        for pattern in _listed(override.get("module")) if "ignore_errors" in override else ():
            is_ignored = _is_true(override["ignore_errors"])
            nearness = ("*" not in pattern, len(pattern))
            for name in filter(_module_pattern(pattern).fullmatch, names):
                closest[name] = max(closest.get(name, (nearness, False)), (nearness, is_ignored))
    if not closest:
        return _is_true(settings.get("ignore_errors"))
    return any(is_ignored for _, is_ignored in closest.values())


def _is_chosen_by_mypy(settings: Json, path: PurePosixPath, names: Collection[str]) -> bool:
    files, modules, packages = (
        _listed(settings.get(key)) for key in ("files", "modules", "packages")
    )
    if set(modules) & set(names):
        return True
    for package in packages:
        if any(name == package or name.startswith(f"{package}.") for name in names):
            return not _is_excluded_by_mypy(settings, path, PurePosixPath())
    if not files:
        return not (modules or packages) and not _is_excluded_by_mypy(
            settings, path, PurePosixPath()
        )
    starts = [*_starts_of(files, path)]
    return any(start == path or not _is_excluded_by_mypy(settings, path, start) for start in starts)


def _starts_of(files: Iterable[str], path: PurePosixPath) -> Iterator[PurePosixPath]:
    """The path itself, or folders around it, that are named by `files`."""
    patterns = [_glob(file, anchored=True) for file in files]
    for place in (path, *path.parents):
        text = "" if place == PurePosixPath() else place.as_posix()
        if any(pattern.fullmatch(text) for pattern in patterns):
            yield place


def _is_excluded_by_mypy(settings: Json, path: PurePosixPath, start: PurePosixPath) -> bool:
    """Whether `exclude` keeps mypy from a file on its way down from a folder."""
    written = settings.get("exclude")
    patterns = [written] if isinstance(written, str) else _listed(written)
    inside = [place for place in (path, *path.parents) if place != start and start in place.parents]
    texts = [place.as_posix() + ("" if place == path else "/") for place in inside]
    return any(pattern and re.search(pattern, text) for pattern in patterns for text in texts)


def _is_left_out(settings: Json, path: PurePosixPath, *, anchored: bool) -> bool:
    """Whether `include`, `exclude` and `ignore`, lists of globs, leave a file out."""
    included, excluded, ignored = (
        _listed(settings.get(key)) for key in ("include", "exclude", "ignore")
    )
    places = [place.as_posix() for place in (path, *path.parents) if place != PurePosixPath()]

    def is_among(globs: Iterable[str], *, anchored: bool) -> bool:
        chosen = False
        for text in globs:
            pattern = _glob(text.removeprefix("!"), anchored=anchored)
            if pattern.fullmatch("") or any(map(pattern.fullmatch, places)):
                chosen = not text.startswith("!")
        return chosen

    is_included = not included or is_among(included, anchored=True)
    return not is_included or is_among([*excluded, *ignored], anchored=anchored)


def _glob(text: str, *, anchored: bool) -> re.Pattern[str]:
    """The pattern of a glob; one that is not anchored and has no slash inside matches anywhere."""
    plain = text.strip().removeprefix("./")
    if plain.rstrip("/") in ("", "."):
        return re.compile("")
    parts = plain.strip("/").split("/")
    if not anchored and not plain.startswith("/") and len(parts) == 1:
        parts = ["**", *parts]
    pattern = ""
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        if part == "**":
            pattern += ".+" if is_last else "(?:.+/)?"
        else:
            words = re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
            pattern += words + ("" if is_last else "/")
    return re.compile(pattern)


def _module_pattern(text: str) -> re.Pattern[str]:
    """The pattern of a module in a section of mypy: `shop.*` is `shop`, too."""
    pattern = re.escape(text.strip()).replace(r"\.\*", r"(?:\..*)?").replace(r"\*", ".*")
    return re.compile(pattern)


def _listed(written: object) -> list[str]:
    """The entries of a setting that is a list, or a text with commas."""
    if isinstance(written, str):
        return [part for part in re.split(r"[,\s]+", written) if part]
    return [str(part) for part in written] if isinstance(written, list) else []


def _is_true(written: object) -> bool:
    return written is True or str(written).strip().lower() in ("true", "yes", "on", "1")
