"""Documents: the schema, the command, whether it succeeded, the error; and how they are written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jaunt_core.errors import (
    BackendError,
    BusyError,
    ConfirmationError,
    JauntConfigError,
    JauntDependencyCycleError,
    JauntDiscoveryError,
    JauntError,
    JauntGenerationError,
    LandingError,
)

SCHEMA = 1

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None
Body = Mapping[str, Json]
"""What one command adds to what all documents have; keys that do not apply are null."""

# The first that fits counts: special kinds stand above what they derive from.
_ERROR_KINDS: tuple[tuple[type[JauntError], str], ...] = (
    (JauntConfigError, "config"),
    (JauntDiscoveryError, "discovery"),
    (JauntDependencyCycleError, "cycle"),
    (BackendError, "backend"),
    (JauntGenerationError, "generation"),
    (BusyError, "busy"),
    (LandingError, "landing"),
    (ConfirmationError, "confirmation"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What stopped a whole run."""

    kind: str
    message: str
    hint: str | None = None


INTERRUPTED = Problem(
    kind="interrupted",
    message="interrupted",
    hint="what was finished is kept; the next run goes on from there",
)


def problem_of(error: JauntError, *, kind: str = "") -> Problem:
    """The problem that an error is, of this kind or else of that of its class."""
    own = next((name for base, name in _ERROR_KINDS if isinstance(error, base)), "error")
    message = str(error.args[0]) if error.args else type(error).__name__
    return Problem(kind=kind or own, message=message, hint=error.hint)


def document_of_result(
    command: str,
    *,
    ok: bool,
    problem: Problem | None,
    body: Body,
    warnings: Sequence[str],
) -> Json:
    """What a command prints that neither builds nor tests: its body, and what all have."""
    return {**document_head(command, ok=ok, problem=problem), **body, "warnings": list(warnings)}


def document_of_misuse(command: str | None, problem: Problem) -> Json:
    """What any command prints with `--json` where its arguments are wrong, or none is named."""
    return document_head(command, ok=False, problem=problem)


def render_document(document: Json) -> str:
    """The document on one line; in ASCII, so that any stream can carry it."""
    return json.dumps(document) + "\n"


def document_head(command: str | None, *, ok: bool, problem: Problem | None) -> dict[str, Json]:
    """What every document begins with."""
    error: Json = None
    if problem is not None:
        error = {"kind": problem.kind, "message": problem.message, "hint": problem.hint}
    return {"schema": SCHEMA, "command": command, "ok": ok, "error": error}
