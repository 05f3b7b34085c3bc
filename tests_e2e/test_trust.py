"""A repository that sends the key elsewhere: nothing goes there before the user has said so."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .conftest import Jaunt, MakeProject, ServerOf, connect, copy_example, edit, recorded_answer

KEY = "sk-canary-0123456789-abcdefghij"


def test_the_key_waits_for_a_confirmation(jaunt: Jaunt, serve: ServerOf, tmp_path: Path) -> None:
    # This machine, by a name that is none of those that are known to be it.
    server = serve(recorded_answer("tokens"))
    address = server.base_url.replace("127.0.0.1", "127.1").removesuffix("/v1")
    project = copy_example("tokens", tmp_path)
    connect(project, server)
    edit(project / "jaunt.toml", "//127.0.0.1", "//127.1")
    (project / ".env").write_text(f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL={server.base_url}\n")

    ran = jaunt.run("build", "--json", cwd=project)
    assert ran.code == 2
    error = ran.document["error"]
    assert error["kind"] == "config"
    (line,) = [
        number
        for number, text in enumerate((project / "jaunt.toml").read_text().split("\n"), start=1)
        if text.startswith("base_url")
    ]
    assert error["message"] == (
        f"{project}/jaunt.toml:{line}: [llm] base_url sends the key in $OPENAI_API_KEY "
        f"to {address}, which you have not confirmed"
    )
    assert "jaunt trust" in error["hint"]
    assert ran.err.count("which you have not confirmed") == 1
    assert server.requests == ()

    ran = jaunt.run("trust", cwd=project)
    assert ran.code == 0, ran.err
    assert f"confirmed: $OPENAI_API_KEY may go to {address}" in ran.out
    assert jaunt.run("trust", "--list", cwd=tmp_path).out == (
        f"{project}: $OPENAI_API_KEY may go to {address}\n"
    )
    ran = jaunt.run("build", cwd=project, NO_PROXY="127.1")
    assert ran.code == 0, ran.err
    assert {prompt.headers["authorization"] for prompt in server.requests} == {f"Bearer {KEY}"}

    ran = jaunt.run("trust", "--revoke", "--json", cwd=project)
    assert ran.document["revoked"] == [
        {"project": str(project), "address": address, "variable": "OPENAI_API_KEY"}
    ]
    assert jaunt.run("build", "--force", cwd=project).code == 2
    ran = jaunt.run("build", "--force", cwd=project, NO_PROXY="127.1", JAUNT_TRUST=address)
    assert ran.code == 0, ran.err
    assert KEY not in ran.out + ran.err


def test_the_users_own_address_needs_none(jaunt: Jaunt, serve: ServerOf, tmp_path: Path) -> None:
    server = serve(recorded_answer("tokens"))
    project = copy_example("tokens", tmp_path)
    connect(project, server)
    edit(project / "jaunt.toml", f'base_url = "{server.base_url}"', "")
    environ = {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": server.base_url.replace("127.0.0.1", "127.1"),
        "NO_PROXY": "127.1",
    }
    ran = jaunt.run("build", cwd=project, **environ)
    assert ran.code == 0, ran.err
    assert len(server.requests) == 1
    ran = jaunt.run("trust", cwd=project)
    assert ran.out == "nothing to confirm: jaunt.toml sends the key nowhere else\n"


def test_a_program_gets_no_key_and_needs_no_confirmation(
    jaunt: Jaunt, make_project: MakeProject
) -> None:
    command = [sys.executable, "answering.py", "https://elsewhere.example"]
    project = make_project(
        {
            "app.py": '''
                import jaunt

                @jaunt.magic
                def one() -> int:
                    """Return 1."""
                ''',
            "answers/app.py": "def one() -> int:\n    return 1\n",
        },
        llm=f'provider = "command"\ncommand = {json.dumps(command)}',
    )
    ran = jaunt.run("build", cwd=project, OPENAI_API_KEY=KEY)
    assert ran.code == 0, ran.err
