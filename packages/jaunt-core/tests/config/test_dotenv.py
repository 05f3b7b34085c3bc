"""`.env`: the one variable that is taken from it, and how little else it can do."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaunt_core.config.dotenv import DotenvError, find_in_dotenv
from jaunt_core.config.key import find_key

from ..conftest import MakeProject

CANARY = "sk-canary-0123456789"


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / ".env"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("KEY=abc", "abc"),
        ("KEY=abc\n", "abc"),
        ("  export\tKEY = abc  \r\n", "abc"),
        ("\ufeffKEY=abc\n", "abc"),
        ("KEY='a b#c'", "a b#c"),
        ("KEY='a$b' # the old one", "a$b"),
        ('KEY="a#b" #c', "a#b"),
        (r'KEY="a\"b\\c\$d"', r'a"b\c$d'),
        ("KEY=abc # of the team", "abc"),
        ("KEY=abc#def", "abc#def"),
        ("KEY=a=b==", "a=b=="),
        ("KEY=old\nKEY=new", "new"),
        ("KEY='old\nKEY=new", "new"),
        ("# KEY=abc", None),
        ("KEY=", None),
        ("KEY= # nothing", None),
        ("KEY=''", None),
        ("KEY", None),
        ("key=abc", None),
        ("KEY_2=abc\nMY_KEY=def\nKEY.X=1", None),
        ("", None),
        (b"OTHER=\xff\xfe\x00\nKEY=abc\n", "abc"),
        ("OTHER='no end\n=\n:::\nKEY=abc", "abc"),
    ],
)
def test_what_is_taken(content: str | bytes, expected: str | None, tmp_path: Path) -> None:
    assert find_in_dotenv(written(tmp_path, content), "KEY") == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f"A=1\nKEY='{CANARY}", ":2: the value of KEY has no closing quote"),
        (f'KEY="{CANARY}" x', ":1: the value of KEY has no closing quote"),
        (f"KEY=${{{CANARY}}}", ":1: the value of KEY refers to something else"),
        (f'KEY="$(cat {CANARY})"', ":1: the value of KEY refers to something else"),
        (b"KEY=\xff" + CANARY.encode(), ":1: the value of KEY is no UTF-8"),
        (f"KEY={CANARY}".encode("utf-16"), " is no UTF-8"),
        (f"KEY={CANARY}\n#".encode() + bytes(1024 * 1024), " is larger than 1 MB"),
    ],
)
def test_what_cannot_be_taken_is_said_and_not_shown(
    content: str | bytes, expected: str, tmp_path: Path
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(DotenvError) as caught:
        find_in_dotenv(path, "KEY")
    assert str(caught.value).startswith(f"{path}{expected}")
    assert "canary" not in str(caught.value)


@given(content=st.binary(max_size=200), end=st.text(max_size=40))
def test_no_file_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, end: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"dotenv-{os.getpid()}"
    path.write_bytes(content + b"\nKEY=" + end.encode("utf-8", "surrogatepass"))
    with suppress(DotenvError):
        assert find_in_dotenv(path, "KEY") != ""


@pytest.mark.parametrize("name", ["", "A B", "K=EY", "KEY\n", "(", "1KEY", "SCHLÜSSEL"])
def test_names_that_are_none(name: str, tmp_path: Path) -> None:
    assert find_in_dotenv(written(tmp_path, f"{name}=abc\n(=abc\n"), name) is None


def test_where_there_is_no_such_file(tmp_path: Path) -> None:
    assert find_in_dotenv(tmp_path / ".env", "KEY") is None
    (tmp_path / ".env").mkdir()  # as some call their virtual environment
    assert find_in_dotenv(tmp_path / ".env", "KEY") is None
    assert find_in_dotenv(tmp_path / ".env" / "bin" / "python" / ".env", "KEY") is None


def _make_pipe(path: Path) -> None:
    os.mkfifo(path)


def _make_loop(path: Path) -> None:
    path.symlink_to(path.name)


def _make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [_make_pipe, _make_loop, _make_device])
def test_what_is_no_file_is_not_waited_for(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / ".env")
    with pytest.raises(DotenvError):
        find_in_dotenv(tmp_path / ".env", "KEY")


def test_the_environment_counts_first(make_project: MakeProject) -> None:
    project = make_project({".env": f"OPENAI_API_KEY={CANARY}\nOPENAI_BASE_URL=http://evil\n"})
    assert find_key(project, {"OPENAI_API_KEY": "mine"}).value == "mine"
    assert find_key(project, {"OPENAI_API_KEY": ""}).value == CANARY
    assert CANARY not in repr(find_key(project, {}))


def test_only_the_named_variable_counts(make_project: MakeProject) -> None:
    project = make_project(
        {".env": "OPENAI_API_KEY=abc\nACME='def\n"}, '[llm]\napi_key_env = "ACME"\n'
    )
    key = find_key(project, {"OPENAI_API_KEY": "mine"})
    assert key.value is None
    assert "the value of ACME has no closing quote" in key.problem


def test_a_file_that_others_own(make_project: MakeProject) -> None:
    project = make_project({".env": f"OPENAI_API_KEY={CANARY}\n"})
    path = project.root / ".env"
    path.chmod(0)
    if os.access(path, os.R_OK):  # root reads everything
        assert stat.S_IMODE(path.stat().st_mode) == 0
        pytest.skip("permissions do not bind this user")
    assert find_key(project, {}).problem == f"{path} cannot be read: Permission denied"
