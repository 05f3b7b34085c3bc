"""What `status`, `plan`, `check` and `why` have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..conftest import Project, Ran
from .edits import (
    edit,
    missing,
)

Json = Callable[..., tuple[int, Any]]


COMMANDS = {"status": [], "plan": [], "check": [], "why": ["cart"]}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_project_without_specs(project: Project, jaunt: Callable[..., Ran], command: str) -> None:
    code, out, err = jaunt(command, *COMMANDS[command])
    if command == "why":
        assert (code, out) == (2, "")
        assert err == "error: cart names no spec\n  hint: specs here: there are none\n"
    else:
        assert (code, err) == (0, "")
        assert "there are no specs" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_a_backend_that_is_not_installed_disturbs_nobody(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json, command: str
) -> None:
    edit(built.root / "jaunt.toml", '"command"', '"nowhere"')
    arguments = [command, *COMMANDS[command]]
    assert jaunt(*arguments)[::2] == (0, "")
    missing(built.root)
    code, out, err = jaunt(*arguments)
    assert code == (4 if command == "check" else 0)
    assert "cart" in out
    if command in ("status", "check"):
        assert err == ""
        return
    assert err.startswith("warning: ")
    assert "names no installed backend; which answers are stored cannot be told" in err
    assert '\nhint: install it, e.g. pip install "jaunt-cli[nowhere]"' in err
    assert len(jaunt_json(*arguments)[1]["warnings"]) == 1
    assert "generate cart  about " in out or "`jaunt build` asks the model" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_warnings_go_to_stderr_and_into_the_json(
    shop: Project, jaunt: Callable[..., Ran], jaunt_json: Json, command: str
) -> None:
    edit(shop.root / "src/cart.py", "deps=[rate]", 'deps=[rate, "tax:rates"]')
    _, out, err = jaunt(command, *COMMANDS[command])
    _, document = jaunt_json(command, *COMMANDS[command])
    assert "names nothing in this project; did you mean tax:rate?" in err
    assert "warning" not in out
    assert len(document["warnings"]) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_errors(
    project: Project, jaunt: Callable[..., Ran], jaunt_json: Json, command: str
) -> None:
    project.write({"src/bad.py": "import jaunt\n1 / 0\n"})
    code, out, err = jaunt(command, *COMMANDS[command])
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert "bad.py" in err
    code, document = jaunt_json(command, *COMMANDS[command])
    assert (code, document["ok"], document["error"]["kind"]) == (2, False, "discovery")
    rest = {name: document[name] for name in list(document)[4:]}
    assert set(map(str, rest.values())) == {"None", "[]"}
    assert rest["warnings"] == []
