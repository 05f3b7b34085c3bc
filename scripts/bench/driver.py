"""A build in a process of its own, answered at once by a backend in the same process.

`python driver.py ROOT [LATENCY [JOBS]]`; the answers implement whatever names are asked for.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from jaunt_core.config.loading import load_project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.model.generation import GenerationRequest, GenerationResult
from jaunt_core.testing import loader_of


class InstantBackend:
    """Answers with functions that return 0, after a given time."""

    name = "instant"
    fingerprint = "instant"

    def __init__(self, latency: float) -> None:
        self._latency = latency

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        """A module that defines the expected names as declared."""
        if self._latency:
            await asyncio.sleep(self._latency)
        context = request.context
        number = int(context.spec_module.rpartition(".m")[2])
        bodies = "\n\n\n".join(f"{item.declaration}:\n    return 0" for item in context.expected)
        return GenerationResult(
            text=f"from app.hand.h{number:05d} import Record{number}\n\n\n{bodies}\n"
        )

    async def aclose(self) -> None:
        """Nothing is open."""


def main(arguments: list[str]) -> int:
    """Build the project; 0 where every module stands."""
    root, latency, jobs = [*arguments, "0", "8"][:3] if len(arguments) < 3 else arguments  # noqa: PLR2004
    report = build(
        load_project(root=Path(root)),
        BuildOptions(jobs=int(jobs)),
        sink=lambda _: None,
        environ=os.environ,
        load=loader_of(InstantBackend(float(latency))),
    )
    print(f"{report.seconds:.3f}")
    return 0 if report.ok else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
