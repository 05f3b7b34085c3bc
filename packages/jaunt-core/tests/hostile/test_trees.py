"""What repositories may hold: the right result or a named error, and nothing touched elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from jaunt_core.config.loading import load_project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.errors import JauntError
from jaunt_core.model.report import BuildReport
from jaunt_core.testing import ScriptedBackend, loader_of

SPEC = '''import jaunt


@jaunt.magic()
def f() -> int:
    """Return 1."""
    raise NotImplementedError
'''
ANSWER = "def f() -> int:\n    return 1\n"
ENVIRON = {"PATH": os.environ["PATH"]}
GENERATED = "src/__generated__"


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def add(name: str, content: str | bytes = SPEC) -> Callable[[Path], None]:
    return lambda root: write(root / name, content)


def link(name: str, target: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(target)

    return make


def pipe(name: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(root / name)

    return make


def folder(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).mkdir(parents=True)


def config(text: str | bytes) -> Callable[[Path], None]:
    return add("jaunt.toml", text)


def replaced(name: str, change: Callable[[Path], None]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        place = root / name
        shutil.rmtree(place) if place.is_dir() else place.unlink()
        change(root)

    return make


def both(*changes: Callable[[Path], None]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for change in changes:
            change(root)

    return make


def spec(old: str, new: str) -> str:
    assert old in SPEC
    return SPEC.replace(old, new)


@dataclass(frozen=True)
class Hostile:
    """A change to a project, the modules that are built all the same, and what is said."""

    change: Callable[[Path], None]
    built: tuple[str, ...] = ()
    failed: str = ""
    error: str = ""


def builds(*names: str, change: Callable[[Path], None], failed: str = "") -> Hostile:
    return Hostile(change=change, built=names, failed=failed)


def stops(error: str, change: Callable[[Path], None]) -> Hostile:
    return Hostile(change=change, error=error)


PLACES = {
    "generated folder is a link out": builds(
        change=link(GENERATED, "../../outside"), failed="leads elsewhere by a link"
    ),
    "source root is a link out": builds(
        change=replaced("src", both(link("src", "../outside"), add("../outside/m.py"))),
        failed="leads elsewhere by a link",
    ),
    "generated folder is a file": builds(change=add(GENERATED, "x"), failed="is no folder"),
    "generated folder is a pipe": builds(change=pipe(GENERATED), failed="is no folder"),
    "generated file is a link": builds(
        change=link(f"{GENERATED}/good.py", "../../../outside/kept.py"),
        failed="it is no regular file",
    ),
    "generated file is a device": builds(
        change=link(f"{GENERATED}/good.py", "/dev/zero"), failed="it is no regular file"
    ),
    "generated file is a pipe": builds(
        change=pipe(f"{GENERATED}/good.py"), failed="it is no regular file"
    ),
    "generated file is a folder": builds(
        change=folder(f"{GENERATED}/good.py/x"), failed="it is no regular file"
    ),
    "foreign files beside": builds(
        "good",
        change=both(
            add(f"{GENERATED}/notes.txt", b"\xff\0"),
            pipe(f"{GENERATED}/pipe.py"),
            link(f"{GENERATED}/zero.py", "/dev/zero"),
            link(f"{GENERATED}/loop.py", "loop.py"),
            link(f"{GENERATED}/gone.py", "nowhere.py"),
        ),
    ),
    "package whose __init__ is a pipe": builds(
        "good", "p.m", change=both(add("src/p/m.py"), pipe("src/p/__generated__/__init__.py"))
    ),
    "spec module is a pipe": builds("good", change=pipe("src/m.py")),
    "spec module is a device": builds("good", change=link("src/m.py", "/dev/zero")),
    "spec module is a dangling link": builds("good", change=link("src/m.py", "nowhere.py")),
    "spec module is a link to itself": builds("good", change=link("src/m.py", "m.py")),
    "folder is a link to itself": builds("good", change=link("src/d", "d")),
    "folders link in a circle": builds(
        "good", "p.m", change=both(add("src/p/m.py"), link("src/p/up", ".."))
    ),
    "pyproject.toml is a pipe": builds("good", change=pipe("pyproject.toml")),
    "pyproject.toml is a folder": builds("good", change=folder("pyproject.toml")),
    "state is a link out": stops("leads elsewhere by a link", link(".jaunt", "../outside")),
    "answers are a link out": builds(
        change=link(".jaunt/answers", "../../outside"), failed="leads elsewhere by a link"
    ),
    "lock is a link out": stops("cannot be opened", link(".jaunt/lock", "../../outside/kept.py")),
    "state has pipes": builds(
        "good", change=both(*(pipe(f".jaunt/{it}") for it in ("modules.json", "snapshot.json")))
    ),
    "state ignores by a link out": builds(
        "good", change=link(".jaunt/.gitignore", "../../outside/new")
    ),
    "a name as long as can be": builds("good", "m" * 252, change=add(f"src/{'m' * 252}.py")),
    "a path of long names": builds(
        "good",
        ".".join([*["p" * 100] * 8, "m"]),
        change=add("src/" + ("p" * 100 + "/") * 8 + "m.py"),
    ),
}
NAMES = {
    "a ligature and what it stands for": builds(
        "good", "fi", "\ufb01", change=both(add("src/\ufb01.py"), add("src/fi.py"))
    ),
    "composed and decomposed": builds(
        "good",
        "caf\u00e9",
        "cafe\u0301",
        change=both(add("src/caf\u00e9.py"), add("src/cafe\u0301.py")),
    ),
    "names that differ in case": builds(
        "good", "Mod", "mod", change=both(add("src/Mod.py"), add("src/mod.py"))
    ),
    "conftest": builds("good", "conftest", change=add("src/conftest.py")),
    "test": builds("good", "test", change=add("src/test.py")),
    "jaunt_core": builds("good", "jaunt_core", change=add("src/jaunt_core.py")),
    "jaunt": stops("src/jaunt.py: module 'jaunt' is imported from", add("src/jaunt.py")),
    "__main__": stops("src/__main__.py: module '__main__' is imported", add("src/__main__.py")),
    **{
        name: stops(f"src/{name}.py: module '{name}' is imported from", add(f"src/{name}.py"))
        for name in ("json", "typing", "ast", "os", "sys", "re", "enum", "tokenize", "traceback")
    },
    "keyword": builds("good", "class", change=add("src/class.py")),
    "escapes in a name": builds("good", change=add("src/m\x1b[31m.py")),
    "a line break in a name": builds("good", change=add("src/m\n.py")),
    "bytes in a name": builds("good", change=add(os.fsdecode(b"src/m\xff.py"))),
}
WITH_LATIN = spec("Return", "R\u00fcckgabe")
TEXTS = {
    "byte order mark": builds("good", "m", change=add("src/m.py", b"\xef\xbb\xbf" + SPEC.encode())),
    "mark and another coding": stops(
        "src/m.py:1: syntax error",
        add("src/m.py", b"\xef\xbb\xbf# coding: latin-1\n" + SPEC.encode()),
    ),
    "CRLF": builds("good", "m", change=add("src/m.py", SPEC.replace("\n", "\r\n"))),
    "CR": builds("good", "m", change=add("src/m.py", SPEC.replace("\n", "\r"))),
    "tabs": builds("good", "m", change=add("src/m.py", SPEC.replace("    ", "\t"))),
    "tabs and spaces": stops("src/m.py:7: syntax error", add("src/m.py", spec('    """', '\t"""'))),
    "form feeds": builds("good", "m", change=add("src/m.py", spec("\n\n\n", "\n\f\n\f\n"))),
    "latin-1": builds(
        "good", "m", change=add("src/m.py", f"# coding: latin-1\n{WITH_LATIN}".encode("latin-1"))
    ),
    "latin-1, undeclared": stops(
        "src/m.py:6: cannot be read as Python source", add("src/m.py", WITH_LATIN.encode("latin-1"))
    ),
    "unknown coding": stops(
        "src/m.py:1: syntax error: unknown encoding", add("src/m.py", f"# coding: klingon\n{SPEC}")
    ),
    "a coding that is none of text": stops(
        "'rot13' is not a text encoding", add("src/m.py", f"# coding: rot13\n{SPEC}")
    ),
    "ASCII that is none": stops(
        "src/m.py:7: cannot be read", add("src/m.py", f"# coding: ascii\n{WITH_LATIN}")
    ),
    "null byte": stops("src/m.py:8: syntax error", add("src/m.py", f"{SPEC}\0")),
    "null character": builds("good", "m", change=add("src/m.py", spec("Return", "Return \\0"))),
    "lone surrogate": builds("good", "m", change=add("src/m.py", spec("Return", "\\ud800"))),
    "surrogate in a prompt": builds(
        "good", "m", change=add("src/m.py", spec("()\ndef", '(prompt="\\ud800")\ndef'))
    ),
    "bidirectional controls": builds(
        "good", "m", change=add("src/m.py", spec("Return", "\u202e\u2066"))
    ),
    "docstring of 2 MB": builds(
        "good",
        change=add("src/m.py", spec("Return", "word " * 400_000)),
        failed="more than [prompts] max_tokens = 100000",
    ),
    "3,000 parentheses": stops(
        "src/m.py:1: syntax error: too many nested",
        add("src/m.py", f"x = {'(' * 3000}1{')' * 3000}\n{SPEC}"),
    ),
    "150 parentheses": builds(
        "good", "m", change=add("src/m.py", f"x = {'(' * 150}1{')' * 150}\n{SPEC}")
    ),
    **{
        f"100,000 times {what}": stops(
            "src/m.py: cannot be read as Python source: it is nested more deeply",
            add("src/m.py", f"def g(x):\n    return {text}\n{SPEC}"),
        )
        for what, text in {"-": "-" * 100_000 + "x", ".a": "x" + ".a" * 100_000}.items()
    },
    "our header above": builds(
        "good",
        "m",
        change=add("src/m.py", f"# This file was generated by jaunt. DO NOT EDIT.\n{SPEC}"),
    ),
    "our header inside": builds(
        "good",
        "m",
        change=add(
            "src/m.py",
            spec(
                "Return", "\n    # This file was generated by jaunt. DO NOT EDIT.\n    # jaunt:x=1"
            ),
        ),
    ),
    "escapes in an error": stops(
        "src/m.py:8: importing it raises", add("src/m.py", f'{SPEC}raise ValueError("\\x1b[2J")\n')
    ),
    "surrogate in an error": stops(
        "src/m.py:8: importing it raises", add("src/m.py", f'{SPEC}raise ValueError("\\ud800")\n')
    ),
    "10 MB of error": stops(
        "importing it raises", add("src/m.py", f'{SPEC}raise ValueError("x" * 10_000_000)\n')
    ),
}
CONFIGS = {
    "is a folder": stops("no jaunt.toml in", replaced("jaunt.toml", folder("jaunt.toml"))),
    "is a pipe": stops("no jaunt.toml in", replaced("jaunt.toml", pipe("jaunt.toml"))),
    "is a device": stops("no jaunt.toml", replaced("jaunt.toml", link("jaunt.toml", "/dev/zero"))),
    "links to itself": stops(
        "no jaunt.toml", replaced("jaunt.toml", link("jaunt.toml", "jaunt.toml"))
    ),
    "nested lists": stops("no valid TOML", config(f"version = 1\nx = {'[' * 9000}")),
    "nested tables": stops("no valid TOML", config(f"version = 1\nx = {'{a=' * 9000}")),
    "a long key": stops(
        "jaunt.toml:2: a line with more", config(f"version = 1\n{'a.' * 9000}a = 1")
    ),
    "large": stops("it has more than 100,000 bytes", config(f"version = 1\n# {'x' * 10**7}")),
    "null byte": stops("jaunt.toml:2: no valid TOML", config(b"version = 1\n\0")),
    "no UTF-8": stops("jaunt.toml:2: this is no UTF-8", config(b"version = 1\n\xff")),
    "a number of many digits": stops("no valid TOML", config(f"version = {'9' * 10_000}")),
    "folders elsewhere": stops(
        "is not a folder below", config('version = 1\n[paths]\nsource_roots = ["../outside"]')
    ),
    "generated elsewhere": stops(
        "is not a name", config('version = 1\n[paths]\ngenerated_dir = "../outside"')
    ),
    "null character in a path": stops(
        "is no folder", config('version = 1\n[paths]\nsource_roots = ["s\\u0000"]')
    ),
    "null character in python": stops(
        "is no interpreter", config('version = 1\n[paths]\npython = "s\\u0000"')
    ),
    "a template is a pipe": stops(
        "it is no regular file",
        both(pipe("p.md"), config('version = 1\n[prompts]\nbuild_module = "p.md"')),
    ),
    "a template has a null character": stops(
        "cannot be read", config('version = 1\n[prompts]\nbuild_module = "p\\u0000"')
    ),
}
ALL = {
    f"{group}: {name}": case
    for group, cases in {
        "places": PLACES,
        "names": NAMES,
        "texts": TEXTS,
        "jaunt.toml": CONFIGS,
    }.items()
    for name, case in cases.items()
}


def run(root: Path, modules: tuple[str, ...]) -> BuildReport:
    backend = ScriptedBackend({name: [ANSWER] for name in {"good", "m", *modules}})
    return build(
        load_project(root=root),
        BuildOptions(),
        sink=lambda _: None,
        environ=ENVIRON,
        load=loader_of(backend),
    )


def standing(top: Path) -> dict[str, tuple[int, bytes]]:
    """All that stands below a folder and is not ours to write."""
    found = {}
    for path in top.rglob("*"):
        parts = path.relative_to(top).parts
        if {"__generated__", ".jaunt", "__pycache__"}.isdisjoint(parts):
            mode = path.lstat().st_mode
            found["/".join(parts)] = (mode, path.read_bytes() if stat.S_ISREG(mode) else b"")
    return found


@pytest.mark.parametrize("name", ALL)
def test_a_hostile_tree(tmp_path: Path, name: str) -> None:
    case, root = ALL[name], tmp_path / "project"
    write(tmp_path / "outside/kept.py", "x = 1\n")
    config("version = 1\n[paths]\nsource_roots = ['src']\n")(root)
    add("src/good.py")(root)
    case.change(root)
    before = standing(tmp_path)

    if case.error:
        with pytest.raises(JauntError, match=re.escape(case.error)):
            run(root, case.built)
    else:
        report = run(root, case.built)
        built = {module.module for module in report.modules if module.failure is None}
        failures = [it.failure.message for it in report.modules if it.failure is not None]
        assert built == set(case.built)
        assert [case.failed in text for text in failures] == ([True] if case.failed else [])
    assert standing(tmp_path) == before
