"""`jaunt build --show-prompt`: what would be sent, and nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..conftest import Project, Ran

Json = Callable[..., tuple[int, Any]]


def recorded(shop: Project) -> str:
    """A model that keeps what it is sent, and refuses."""
    shop.write(
        {
            "answering.py": """
                import pathlib, sys
                sys.stdout.write("nonsense(")
                path = pathlib.Path("sent.txt")
                path.write_bytes(sys.stdin.buffer.read())
                """
        }
    )
    return "sent.txt"


def test_it_prints_what_is_sent(shop: Project, jaunt: Callable[..., Ran], jaunt_json: Json) -> None:
    code, out, _ = jaunt("build", "--show-prompt", "cart")
    _, document = jaunt_json("build", "--show-prompt", "cart")

    assert code == 0
    assert shop.calls == []
    assert not (shop.root / "src/__generated__").exists()
    system, user = document["messages"]
    assert (document["module"], document["attempt"]) == ("cart", 1)
    assert (system["role"], user["role"]) == ("system", "user")
    assert out == f"----- system -----\n{system['text']}----- user -----\n{user['text']}"
    assert "def gross(net: int, code: str) -> int" in user["text"]
    assert "Return 19 for" in user["text"]
    sent = recorded(shop)
    jaunt("build", "--target", "tax")
    _, document = jaunt_json("build", "--show-prompt", "tax")
    # The first answer and its repair were nonsense, so all begins anew.
    assert document["attempt"] == 1
    assert document["messages"][1]["text"] in (shop.root / sent).read_text("utf-8")


def test_a_thread_is_shown_where_it_goes_on(shop: Project, jaunt_json: Json) -> None:
    recorded(shop)
    config = (shop.root / "jaunt.toml").read_text()
    (shop.root / "jaunt.toml").write_text(f"{config}[build]\nattempts = 1\n")
    jaunt_json("build", "--target", "tax")
    (shop.root / "jaunt.toml").write_text(f"{config}[build]\nattempts = 2\n")

    code, document = jaunt_json("build", "--show-prompt", "tax")

    assert code == 0
    assert document["attempt"] == 2
    roles = [message["role"] for message in document["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert document["messages"][2]["text"] == "nonsense("
    assert "[syntax]" in document["messages"][3]["text"]


def test_tests_too_and_a_wrong_name_is_reported(shop: Project, jaunt: Callable[..., Ran]) -> None:
    code, out, _ = jaunt("build", "--show-prompt", "tests.test_tax")
    assert code == 0
    assert "You write pytest modules" in out

    code, out, err = jaunt("build", "--show-prompt", "tex")
    assert (code, out) == (2, "")
    assert "did you mean tax?" in err
