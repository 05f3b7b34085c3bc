"""What a server does wrong, and where the key goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jaunt_backend_openai.testing import Fault, Prompt, Reply, fault

from .conftest import (
    Jaunt,
    ServerOf,
    asked_for,
    connect,
    copy_example,
    files_below,
    recorded_answer,
)

KEY = "sk-canary-0123456789-abcdefghij"


def first_wrong(
    name: str, wrong: Callable[[str], Reply | Fault]
) -> Callable[[Prompt], Reply | Fault]:
    """A model whose first reply to each module is spoilt."""
    right, seen = recorded_answer(name), set()

    def answer(prompt: Prompt) -> Reply | Fault:
        module = asked_for(prompt)
        if module in seen:
            return right(prompt)
        seen.add(module)
        reply = right(prompt)
        assert isinstance(reply, Reply)
        return wrong(reply.text)

    return answer


def test_a_wrong_answer_is_repaired(jaunt: Jaunt, serve: ServerOf, tmp_path: Path) -> None:
    def wrong(text: str) -> Reply:
        spoilt = text.replace("def sign(message: bytes, key: bytes)", "def sign(message, key)")
        return Reply(text=spoilt.replace("import hmac", "import hmac_of_mine as hmac"))

    server = serve(first_wrong("tokens", wrong))
    project = copy_example("tokens", tmp_path)
    connect(project, server)
    ran = jaunt.run("build", cwd=project)
    assert ran.code == 0, ran.err
    assert "tokens: answer 1 of 2 rejected: " in ran.err
    assert "build: 1 generated in " in ran.err
    assert "2 calls" in ran.err

    first, second = server.requests
    assert [role for role, _ in first.turns] == ["user"]
    assert [role for role, _ in second.turns] == ["user", "assistant", "user"]
    assert second.turns[0] == first.turns[0]
    assert "import hmac_of_mine as hmac" in second.turns[1][1]
    findings = second.turns[2][1]
    assert "hmac_of_mine" in findings
    assert findings.count("\n- line ") == 3
    assert "parameter message of sign" in findings
    # What landed since has left no rejected answer behind.
    assert [path for path in files_below(project) if "rejected" in path] == []


def test_an_answer_that_stays_wrong_is_kept(jaunt: Jaunt, serve: ServerOf, tmp_path: Path) -> None:
    server = serve(lambda _: Reply(text="def sign(message, key):\n    return ''\n"))
    project = copy_example("tokens", tmp_path)
    connect(project, server)
    ran = jaunt.run("build", "--json", cwd=project)
    assert ran.code == 3
    (module,) = ran.document["modules"]
    rejected = module["failure"]["rejected"]
    assert rejected == ".jaunt/rejected/build/tokens.2.py.txt"
    assert "return ''" in (project / rejected).read_text("utf-8")
    assert "missing-name" in {item["code"] for item in module["failure"]["findings"]}
    assert rejected in ran.err
    assert not (project / "__generated__").exists()


def test_a_full_server_is_asked_again(jaunt: Jaunt, serve: ServerOf, tmp_path: Path) -> None:
    limited = fault(429, code="rate_limit_exceeded", headers={"Retry-After": "1"})
    server = serve(first_wrong("tokens", lambda _: limited))
    project = copy_example("tokens", tmp_path)
    connect(project, server)
    ran = jaunt.run("build", cwd=project)
    assert ran.code == 0, ran.err
    assert "tokens: rate limit: " in ran.err
    assert "next try in 1.0 s" in ran.err
    # The same request, and no part of the attempts.
    first, second = server.requests
    assert first.body == second.body
    assert "rejected" not in ran.err


def test_the_key_goes_to_the_server_and_nowhere_else(
    jaunt: Jaunt, serve: ServerOf, tmp_path: Path
) -> None:
    """User code of every kind looks for it: specs, conftest, tests; and all files are searched."""
    server = serve(
        first_wrong("quickstart", lambda _: Reply(text="import os\nprint(os.environ)\n"))
    )
    project = copy_example("quickstart", tmp_path)
    connect(project, server)
    looking = (
        "import os, pathlib, sys\n"
        "_log = pathlib.Path(__file__).parent / f'seen-{os.getpid()}.txt'\n"
        "_log.write_text(repr(dict(os.environ)) + repr(sys.argv))\n"
    )
    (project / "tests/conftest.py").write_text(looking, "utf-8")
    with (project / "quickstart.py").open("a", encoding="utf-8") as source:
        source.write(looking)
    environ = {"OPENAI_API_KEY": KEY, "BACKUP_OF_MY_KEY": KEY, "PATH": jaunt.environ["PATH"]}
    ran = jaunt.run("test", "--json", cwd=project, **environ)
    assert ran.code == 0, ran.err

    assert {prompt.headers["authorization"] for prompt in server.requests} == {f"Bearer {KEY}"}
    for prompt in server.requests:
        assert KEY not in str(prompt.body)
        assert KEY not in str({**prompt.headers, "authorization": ""})
    assert KEY not in ran.out
    assert KEY not in ran.err
    seen = list(project.rglob("seen-*.txt"))
    assert len(seen) >= 3  # the worker, and pytest in both
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    everything += Path(jaunt.environ["HOME"]).rglob("*")
    assert [
        path for path in everything if path.is_file() and KEY.encode() in path.read_bytes()
    ] == []


def test_a_refused_key_is_not_told(jaunt: Jaunt, serve: ServerOf, tmp_path: Path) -> None:
    said = f"Incorrect API key provided: {KEY}."
    server = serve(lambda _: fault(401, code="invalid_api_key", message=said))
    project = copy_example("ledger", tmp_path)
    connect(project, server)
    ran = jaunt.run("build", "--json", "--jobs", "1", cwd=project, OPENAI_API_KEY=KEY)
    assert ran.code == 3
    assert KEY not in ran.out + ran.err
    assert "OPENAI_API_KEY" in ran.err
    # Every module would meet the same fault, so it is met once.
    assert len(server.requests) == 1
    counts = ran.document["counts"]
    assert (counts["failed"], counts["skipped"]) == (1, 3)
