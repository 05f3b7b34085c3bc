"""Build a project in a process of its own, answered at once, and print what that took.

`python driver.py ROOT JOBS [STOP]` interrupts itself once STOP answers have come.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import threading
from pathlib import Path

from jaunt_core.config.loading import load_project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.model.events import Event, ModuleFinished
from jaunt_core.model.generation import GenerationRequest, GenerationResult
from jaunt_core.testing import loader_of

_DESCRIPTORS = Path("/dev/fd")


class InstantBackend:
    """Answers with functions that return 0."""

    name = "instant"
    fingerprint = "instant"

    def __init__(self, stop: int) -> None:
        self._stop = stop
        self.asked: list[str] = []

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        context = request.context
        self.asked.append(context.spec_module)
        if len(self.asked) == self._stop:
            os.kill(os.getpid(), signal.SIGINT)
        bodies = "\n\n\n".join(f"{item.declaration}:\n    return 0" for item in context.expected)
        return GenerationResult(text=f"from app.record import Record\n\n\n{bodies}\n")

    async def aclose(self) -> None:
        pass


class Counts:
    """How many file descriptors and threads there were at most."""

    def __init__(self) -> None:
        self.descriptors = 0
        self.threads = 0

    def look(self) -> int:
        found = len(list(_DESCRIPTORS.iterdir()))
        self.descriptors = max(self.descriptors, found)
        self.threads = max(self.threads, threading.active_count())
        return found

    def __call__(self, event: Event) -> None:
        if isinstance(event, ModuleFinished):
            self.look()


def main(arguments: list[str]) -> None:
    root, jobs, stop = [*arguments, "0"][:3]
    backend, counts = InstantBackend(int(stop)), Counts()
    project = load_project(root=Path(root))
    # No active environment: its formatter and type checker are no part of what is measured.
    environ = {"PATH": os.environ["PATH"]}
    before, done = counts.look(), 0
    try:
        options = BuildOptions(jobs=int(jobs))
        report = build(project, options, sink=counts, environ=environ, load=loader_of(backend))
        done = sum(module.failure is None for module in report.modules)
    except KeyboardInterrupt:
        pass
    after = counts.look()
    whose = {"jaunt": resource.RUSAGE_SELF, "worker": resource.RUSAGE_CHILDREN}
    sys.stdout.write(
        json.dumps(
            {
                "asked": backend.asked,
                "done": done,
                "descriptors": [before, counts.descriptors, after],
                "threads": counts.threads,
                "threads_left": threading.active_count(),
                "kilobytes": {who: resource.getrusage(it).ru_maxrss for who, it in whose.items()},
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
