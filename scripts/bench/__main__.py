"""How long commands take, as ratios to `python -c pass` in the same run.

`uv run python -m scripts.bench [--modules 1000] [--runs 7]` prints a Markdown table of medians.
Timings are a benchmark, not a test: machines differ, ratios less so.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import median

from scripts.bench.project import LAYERS, edit, leaf_of, write_project

_DRIVER = Path(__file__).with_name("driver.py")
_BYTES_PER_KB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run of a process: seconds of wall time and CPU (children included), peak memory."""

    wall: float
    cpu: float
    megabytes: float


def run(command: Sequence[str]) -> Sample:
    """Run a command to its end and account for it.

    Raises:
        RuntimeError: It failed.
    """
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    error = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}: {error.decode()[-2000:]}")
    return Sample(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        megabytes=usage.ru_maxrss / _BYTES_PER_KB,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    case: str
    wall: float
    ratio: float
    cpu: float
    megabytes: float

    def __str__(self) -> str:
        """The line in Markdown."""
        return (
            f"| {self.case} | {self.wall * 1000:.0f} ms | {self.ratio:.1f} x | "
            f"{self.cpu * 1000:.0f} ms | {self.megabytes:.0f} MB |"
        )


def measure(
    case: str, command: Sequence[str], runs: int, *, before: Callable[[int], None] | None = None
) -> Row:
    """The medians of several runs, each next to a run of `python -c pass`."""
    samples, ratios = [], []
    for number in range(runs + 1):
        if before is not None:
            before(number)
        reference = run([sys.executable, "-c", "pass"])
        sample = run(command)
        if number:  # the first warms the caches up
            samples.append(sample)
            ratios.append(sample.wall / reference.wall)
    return Row(
        case=case,
        wall=median(item.wall for item in samples),
        ratio=median(ratios),
        cpu=median(item.cpu for item in samples),
        megabytes=max(item.megabytes for item in samples),
    )


def _jaunt(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("jaunt")), *arguments]


def bench_size(folder: Path, modules: int, runs: int) -> Iterator[str]:
    """The cases that depend on the size of the project, as lines of the table and below it."""
    small, root = folder / f"start{modules}", folder / f"n{modules}"
    write_project(small, 1)
    write_project(root, modules)
    started = run(_driver(small))
    cold = run(_driver(root))
    reference = run([sys.executable, "-c", "pass"])
    yield str(
        Row(
            case=f"cold `build`, N = {modules:,}",
            wall=cold.wall,
            ratio=cold.wall / reference.wall,
            cpu=cold.cpu,
            megabytes=cold.megabytes,
        )
    )
    time.sleep(2.5)  # files that were just written are read again, see freshness.py
    rows = {}
    for command in ("build", "status", "check"):
        run(_jaunt(command, "--root", str(root)))
        name = f"`{command}`, nothing changed, N = {modules:,}"
        rows[command] = measure(name, _jaunt(command, "--root", str(root)), runs)
        yield str(rows[command])
    leaf = leaf_of(root)
    name = f"`build`, one leaf spec changed, N = {modules:,}"
    changed = measure(name, _driver(root), runs, before=lambda number: edit(leaf, number))
    yield str(changed)
    each = (cold.cpu - started.cpu) / modules
    yield (
        f"| cold `build` over one of a single module, N = {modules:,} | | | "
        f"{each * 1000:.1f} ms a module | |"
    )
    times = changed.wall / rows["build"].wall
    yield f"| one leaf spec changed over nothing changed, N = {modules:,} | {times:.1f} x | | | |"


def _driver(root: Path) -> list[str]:
    return [sys.executable, str(_DRIVER), str(root)]


def bench_makespan(folder: Path) -> str:
    """100 modules in 5 layers, 200 ms an answer, 8 at once, against the ideal."""
    modules, latency, jobs = 100, 0.2, 8
    root = folder / "makespan"
    write_project(root, modules)
    done = subprocess.run(
        [sys.executable, str(_DRIVER), str(root), str(latency), str(jobs)],
        capture_output=True,
        text=True,
        check=True,
    )
    ideal = max(LAYERS, ceil(modules / jobs)) * latency
    taken = float(done.stdout)
    return f"makespan: {taken:.2f} s, ideal {ideal:.2f} s, ratio {taken / ideal:.2f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=int, nargs="+", default=[1000])
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jaunt-bench-") as name:
        folder = Path(name)
        print("| case | wall | against `python -c pass` | CPU | peak memory |")
        print("|---|---|---|---|---|")
        print(measure("`jaunt --version`", _jaunt("--version"), arguments.runs))
        for modules in arguments.modules:
            for line in bench_size(folder, modules, arguments.runs):
                print(line, flush=True)
        print()
        print(bench_makespan(folder))


if __name__ == "__main__":
    main()
