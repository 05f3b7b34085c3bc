"""What runs cost, and what keeps them from costing more, with the real SDK and a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from jaunt_backend_openai.testing import Prompt, Reply, ResponsesServer

from .conftest import Jaunt, MakeProject, ServerOf, llm_of, outcomes

PRICES = '\n[prices."gpt-test"]\ninput = 2\ncached_input = 0.5\noutput = 10\n'
MODULES = 6
KEY = "sk-none"


def specs(root: Path, config: str, server: ResponsesServer) -> Path:
    for number in range(MODULES):
        text = f'import jaunt\n\n\n@jaunt.magic\ndef f_{number}() -> int:\n    """Return 1."""\n'
        (root / f"m_{number}.py").write_text(text, "utf-8")
    text = f"version = 1\n[llm]\n{llm_of(server)}\n{config}"
    (root / "jaunt.toml").write_text(text, "utf-8")
    return root


def answer(prompt: Prompt, **more: int) -> Reply:
    name = prompt.text.partition("def f_")[2].partition("(")[0]
    return Reply(text=f"def f_{name}() -> int:\n    return 1\n", delay=0.05, **more)  # ty: ignore[invalid-argument-type]


def long_answers(prompt: Prompt) -> Reply:
    """As long as the request allows, up to 3,000 tokens."""
    allowed = prompt.body["max_output_tokens"]
    assert isinstance(allowed, int)
    return answer(prompt, input_tokens=900, cached_tokens=400, output_tokens=min(allowed, 3_000))


def test_a_run_tells_what_it_cost(jaunt: Jaunt, serve: ServerOf, tmp_path: Path) -> None:
    server = serve(lambda prompt: answer(prompt, input_tokens=1_000, cached_tokens=500))
    project = specs(tmp_path, PRICES, server)
    ran = jaunt.run("build", "--json", cwd=project, OPENAI_API_KEY=KEY)
    assert ran.code == 0, ran.err
    # 500 at 2, 500 at 0.5 and 20 at 10 for a million each.
    one = (500 * 2 + 500 * 0.5 + 20 * 10) / 1_000_000
    assert [module["cost"] for module in ran.document["modules"]] == [pytest.approx(one)] * MODULES
    assert ran.document["cost"] == pytest.approx(MODULES * one)
    assert ran.document["usage"] == {
        "input": MODULES * 1_000,
        "cached": MODULES * 500,
        "output": MODULES * 20,
    }
    assert "6 calls, 6,000 in (3,000 cached) / 120 out tokens, cost 0.0087" in ran.err
    assert "1,000 in (500 cached) / 20 out tokens, cost 0.0014" in ran.err

    again = jaunt.run("build", "--json", cwd=project, OPENAI_API_KEY=KEY)
    assert (again.document["calls"], again.document["cost"]) == (0, 0)


def test_without_a_price_no_cost_is_invented(jaunt: Jaunt, serve: ServerOf, tmp_path: Path) -> None:
    project = specs(tmp_path, "", serve(answer))
    ran = jaunt.run("build", "--json", cwd=project, OPENAI_API_KEY=KEY)
    assert ran.code == 0, ran.err
    assert ran.document["cost"] is None
    assert "cost" not in ran.err


@pytest.mark.parametrize(
    ("budget", "ceiling"),
    [("max_tokens = 15000", 15_000), (f"max_cost = 0.1\n{PRICES}", 0.1)],
)
def test_a_ceiling_holds_with_calls_under_way(
    jaunt: Jaunt, serve: ServerOf, tmp_path: Path, budget: str, ceiling: float
) -> None:
    server = serve(long_answers)
    project = specs(tmp_path, f"[budget]\n{budget}\n", server)
    ran = jaunt.run("build", "--json", "--jobs", str(MODULES), cwd=project, OPENAI_API_KEY=KEY)
    assert ran.code == 3
    usage, counts = ran.document["usage"], ran.document["counts"]
    spent = ran.document["cost"] if ceiling < 1 else usage["input"] + usage["output"]
    assert spent <= ceiling
    assert counts["generated"] >= 2
    assert counts["failed"] == 1
    assert counts["generated"] + counts["failed"] + counts["skipped"] == MODULES
    assert len(server.requests) == ran.document["calls"] == counts["generated"]
    (failed,) = (item for item in ran.document["modules"] if item["outcome"] == "failed")
    assert f"[budget] {budget.partition(chr(10))[0]}" in failed["failure"]["message"]
    assert "allow more in [budget]" in failed["failure"]["hint"]

    # With more to spend the run goes on, and nothing is paid twice.
    config = project / "jaunt.toml"
    text = config.read_text("utf-8")
    config.write_text(text.replace("= 15000", "= 1500000").replace("= 0.1\n", "= 10\n"), "utf-8")
    finished = jaunt.run("build", cwd=project, OPENAI_API_KEY=KEY)
    assert finished.code == 0, finished.err
    assert len(server.requests) == MODULES


def test_a_ceiling_of_cost_needs_prices(jaunt: Jaunt, serve: ServerOf, tmp_path: Path) -> None:
    server = serve(answer)
    project = specs(tmp_path, "[budget]\nmax_cost = 1.5\n", server)
    ran = jaunt.run("build", cwd=project, OPENAI_API_KEY=KEY)
    assert ran.code == 2
    assert (
        "jaunt.toml:7: [budget] max_cost = 1.5 cannot be kept to: the price of gpt-test" in ran.err
    )
    assert "write it into [prices.gpt-test]" in ran.err
    assert server.requests == ()


def test_many_calls_need_a_yes(jaunt: Jaunt, serve: ServerOf, tmp_path: Path) -> None:
    server = serve(answer)
    project = specs(tmp_path, f"[budget]\nconfirm_above = {MODULES - 1}\n", server)
    ran = jaunt.run("build", "--json", cwd=project, OPENAI_API_KEY=KEY)
    assert ran.code == 2
    assert ran.document["error"]["kind"] == "confirmation"
    assert "the calls of this run would be 6, more than [budget] confirm_above = 5" in ran.err
    assert "--yes" in ran.err
    assert server.requests == ()
    assert not (project / "__generated__").exists()

    few = jaunt.run("build", "--target", "m_3", cwd=project, OPENAI_API_KEY=KEY)
    assert few.code == 0, few.err
    enough = jaunt.run("build", "--yes", cwd=project, OPENAI_API_KEY=KEY)
    assert enough.code == 0, enough.err
    assert len(server.requests) == MODULES


def test_a_program_without_counts_is_held_to_calls_only(
    jaunt: Jaunt, make_project: MakeProject
) -> None:
    spec = 'import jaunt\n\n\n@jaunt.magic\ndef one() -> int:\n    """Return 1."""\n'
    code = "def one() -> int:\n    return 1\n"
    files = {
        name: text for n in "ab" for name, text in ((f"{n}.py", spec), (f"answers/{n}.py", code))
    }
    project = make_project(files, config="[budget]\nmax_tokens = 100000\n")
    ran = jaunt.run("build", "--json", "--jobs", "1", cwd=project)
    assert ran.code == 3
    assert outcomes(ran.document) == {"a": "generated", "b": "skipped"}
    assert "does not say how many tokens its answers take" in ran.err
