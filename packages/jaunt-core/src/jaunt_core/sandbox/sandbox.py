"""Where generated code is tried: a child process that has nothing, may do little and ends soon."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from jaunt_core.config.dotenv import DOTENV
from jaunt_core.config.key import find_key
from jaunt_core.config.loading import Project
from jaunt_core.processes.supervisor import Child
from jaunt_core.project.interpreter import child_environment
from jaunt_core.project.sources import Roots
from jaunt_core.sandbox.process import ERRORS, LONGEST_SECONDS, Json, Trial

_MAIN = Path(__file__).parent.parent / "trial" / "__main__.py"
_PASSED_ON = ("PATH", "LANG", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_CPU_SECONDS = 120
_PROBE_SECONDS = 10.0


class Isolation(StrEnum):
    """What keeps a trial from the network; the audit hook is there in any case."""

    BUBBLEWRAP = "bubblewrap"
    NAMESPACES = "user namespaces"
    AUDIT_HOOK = "audit hook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A source that stands in for the generated module `name` at `path`."""

    name: str
    path: Path
    source: str
    is_package: bool


def overlay_of(served: Iterable[Served]) -> Json:
    """Sources as a trial is told of them."""
    return {
        item.name: {"source": item.source, "path": str(item.path), "is_package": item.is_package}
        for item in served
    }


class Sandbox:
    """Makes trials for one project, under its own interpreter.

    A trial gets an environment made from nothing, so that no key is in it, an empty folder to
    work in, hard limits, and no network where the system has a way to take that away.
    """

    def __init__(
        self, project: Project, roots: Roots, python: Path, environ: Mapping[str, str]
    ) -> None:
        self._project = project
        self._prefix = [str(project.root / item) for item in roots.prefix]
        self._python = python
        self._environ = child_environment(project, environ)
        dotenv = find_key(project, {})
        self._hidden = [str(project.root / DOTENV)] if dotenv.value or dotenv.problem else []
        self._probing = threading.Lock()

    @property
    def isolation(self) -> Isolation:
        """What the system offers, found out by trying."""
        with self._probing:
            return self._isolation

    @cached_property
    def _isolation(self) -> Isolation:
        for isolation in (Isolation.BUBBLEWRAP, Isolation.NAMESPACES):
            command = [*_around(isolation, ()), str(self._python), "-I", "-S", "-c", "pass"]
            try:
                done = subprocess.run(
                    command,
                    check=False,
                    capture_output=True,
                    timeout=_PROBE_SECONDS,
                    env={"PATH": self._environ.get("PATH", os.defpath)},
                )
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0:
                return isolation
        return Isolation.AUDIT_HOOK

    def trial(
        self,
        operation: str,
        task: Json,
        *,
        overlay: Sequence[Served] = (),
        folder: Path | None = None,
        cpu_seconds: int = _CPU_SECONDS,
        longest: float = LONGEST_SECONDS,
        says: type | None = None,
    ) -> Trial:
        """A trial that does one task when it is run.

        Args:
            operation: The module of `jaunt_core.trial` that does it.
            task: What it is told.
            overlay: Sources that stand in for generated modules.
            folder: The working directory, which it may not write to; an empty one by default.
            cpu_seconds: Processor time that it may use.
            longest: Seconds that one step of it may take, whatever it asks for.
            says: The flat dataclass that each thing that it finds has to fit.
        """
        token = os.urandom(16).hex()
        whole = {
            "token": token,
            "op": operation,
            "root": str(self._project.root),
            "prefix": self._prefix,
            "cpu_seconds": cpu_seconds,
            "overlay": overlay_of(overlay),
            "hidden": self._hidden,
            **task,
        }
        return Trial(
            lambda place: self._start(whole, place, folder),
            token,
            longest=longest,
            says=says,
        )

    def _start(self, task: Json, place: Path, folder: Path | None) -> Child:
        work = place / "work"
        work.mkdir()
        whole = json.dumps({**task, "writable": [str(work)]})
        (place / "task.json").write_text(whole, encoding="utf-8")
        command = [*_around(self.isolation, (work,)), str(self._python), "-P", str(_MAIN)]
        with (place / "task.json").open("rb") as given, (place / ERRORS).open("wb") as errors:
            child = Child(
                command,
                folder=work if folder is None else folder,
                environ=self._environment(work),
                stdin=given,
                stderr=errors,
            )
        with suppress(OSError):  # it is open there already, and the token is in it
            (place / "task.json").unlink()
        return child

    def _environment(self, work: Path) -> dict[str, str]:
        """An environment made from nothing: what is not listed here does not get in."""
        given = self._environ
        kept = {name: given[name] for name in _PASSED_ON if name in given}
        kept |= {name: text for name, text in given.items() if name.startswith("LC_")}
        # Where packages are is no secret, and the worker finds them there too.
        kept |= {"PYTHONPATH": given["PYTHONPATH"]} if given.get("PYTHONPATH") else {}
        user_base = given.get("PYTHONUSERBASE") or os.path.join(given.get("HOME", ""), ".local")  # noqa: PTH118
        if given.get("HOME") or given.get("PYTHONUSERBASE"):
            kept["PYTHONUSERBASE"] = user_base
        # The same hashes each time: what passes once passes again.
        return {**kept, "HOME": str(work), "TMPDIR": str(work), "PYTHONHASHSEED": "0"}


def _around(isolation: Isolation, writable: Sequence[Path]) -> list[str]:
    """The beginning of a command that runs the rest of it without network."""
    if isolation is Isolation.BUBBLEWRAP:
        binds = [word for path in writable for word in ("--bind", str(path), str(path))]
        start = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
        return [*start, *binds, "--unshare-net", "--die-with-parent", "--"]
    if isolation is Isolation.NAMESPACES:
        return ["unshare", "--user", "--net", "--map-current-user", "--"]
    return []


__all__ = ["Isolation", "Sandbox", "Served", "overlay_of"]
