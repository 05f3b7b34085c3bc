"""`build --offline` and `test --offline`: stored answers only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..conftest import Project, Ran

Json = Callable[..., tuple[int, Any]]


def test_offline_uses_what_is_stored_and_names_what_is_not(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json
) -> None:
    jaunt("clean")
    assert jaunt("test", "--offline", "--no-run")[0] == 0
    path = built.root / "src/tax.py"
    path.write_text(path.read_text().replace("else 0", "else 7"))
    for command in ("build", "test"):
        code, _, err = jaunt(command, "--offline")
        assert code == 3
        assert "no stored answer fits tax, and this run is offline\n  hint: run " in err
    code, document = jaunt_json("build", "--offline")
    outcomes = {module["module"]: module["outcome"] for module in document["modules"]}
    assert outcomes == {"tax": "failed", "cart": "skipped"}
    assert built.calls == []


@pytest.mark.parametrize("command", ["build", "test"])
def test_offline_without_the_backend(
    built: Project, jaunt: Callable[..., Ran], jaunt_json: Json, command: str
) -> None:
    """What is fresh needs no backend; what is stored can only be found with it."""
    config = built.root / "jaunt.toml"
    config.write_text(config.read_text().replace('"command"', '"nowhere"'))
    options = ("--offline", "--no-run") if command == "test" else ("--offline",)
    assert jaunt(command, *options)[0] == 0
    (built.root / "src/__generated__/cart.py").unlink()
    code, out, err = jaunt(command, *options)
    assert (code, out) == (2, "")
    assert "[llm] provider = 'nowhere' names no installed backend; an offline run asks no" in err
    assert "stored answers are filed under the fingerprint that only the backend can tell\n" in err
    assert '\n  hint: install it, e.g. pip install "jaunt-cli[nowhere]" (installed' in err
    code, document = jaunt_json(command, *options)
    assert (code, document["error"]["kind"]) == (2, "config")
