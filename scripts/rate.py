"""How close a build comes to the rate that a provider allows.

`uv run python -m scripts.rate [--modules 200] [--per-second 20] [--runs 3]` has `jaunt build` ask a
server on loopback, through the real SDK, that refuses with 429 what exceeds its rate, and prints a
Markdown table. The ideal is the time in which the server lets so many requests through. The same
build without a limit is the reference: what a machine takes for the modules themselves.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from jaunt_backend_openai.testing import Fault, Prompt, Reply, ResponsesServer, fault
from jaunt_core.testing import RateLimited

_SPEC = '''"""Part {number}."""

import jaunt


@jaunt.magic
def part_{number}(value: int) -> int:
    """Return `value` plus {number}."""
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the server does, and how many modules are built at once."""

    jobs: int
    latency: float
    retry_after: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One build: its seconds, and what became of requests and modules."""

    seconds: float
    refused: int
    generated: int


def answer_after(latency: float) -> Callable[[Prompt], Reply | Fault]:
    """The right code for any module of the project."""

    def answer(prompt: Prompt) -> Reply:
        number = prompt.text.partition("def part_")[2].partition("(")[0]
        code = f"def part_{number}(value: int) -> int:\n    return value + {number}\n"
        return Reply(text=code, delay=latency)

    return answer


def build_of(modules: int, case: Case, *, per_second: float) -> Timed:
    """Build a new project once; without a limit where `per_second` is infinite."""
    answer = answer_after(case.latency)
    refusal = fault(429, code="rate_limit_exceeded", message="too many requests")
    limited = RateLimited(
        answer, per_second=per_second, retry_after=case.retry_after, refusal=refusal
    )
    is_limited = per_second != float("inf")
    with (
        tempfile.TemporaryDirectory() as folder,
        ResponsesServer(limited if is_limited else answer) as server,
    ):
        root = Path(folder)
        for number in range(modules):
            (root / f"part_{number}.py").write_text(_SPEC.format(number=number), "utf-8")
        config = (
            f'version = 1\n[llm]\nbase_url = "{server.base_url}"\n[build]\ntype_check = "off"\n'
        )
        (root / "jaunt.toml").write_text(config, "utf-8")
        command = [sys.executable, "-m", "jaunt_cli.main", "build", "--json"]
        started = time.perf_counter()
        process = subprocess.run(
            [*command, "--jobs", str(case.jobs), "--root", folder],
            env={**os.environ, "OPENAI_API_KEY": "sk-none"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        seconds = time.perf_counter() - started
    counts = json.loads(process.stdout)["counts"]
    return Timed(seconds=seconds, refused=limited.refused, generated=counts["generated"])


def main() -> int:
    """Print the table; 1 where a module failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--modules", type=int, default=200)
    parser.add_argument("--per-second", type=float, default=20.0)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    ideal = options.modules / options.per_second
    print(
        f"{options.modules} modules, {options.per_second:g} requests per second, ideal {ideal:g} s"
    )
    print("| jobs | answer | Retry-After | no limit | limited | of the ideal | 429s | failed |")
    print("|---|---|---|---|---|---|---|---|")
    failed = 0
    for jobs, latency, retry_after in (
        (8, 0.1, True),
        (8, 0.1, False),
        (32, 0.5, True),
        (32, 0.5, False),
    ):
        case = Case(jobs=jobs, latency=latency, retry_after=retry_after)
        free = build_of(options.modules, case, per_second=float("inf"))
        runs = [
            build_of(options.modules, case, per_second=options.per_second)
            for _ in range(options.runs)
        ]
        lost = sum(options.modules - run.generated for run in runs)
        failed += lost
        seconds = median(run.seconds for run in runs)
        refused = median(run.refused for run in runs)
        print(
            f"| {jobs} | {latency:g} s | {'yes' if retry_after else 'no'} | {free.seconds:.1f} s "
            f"| {seconds:.1f} s | {seconds / ideal:.2f}x | {refused:g} | {lost} |",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
