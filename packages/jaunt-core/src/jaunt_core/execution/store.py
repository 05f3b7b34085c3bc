"""Answers that were paid for: stored before they are judged, asked for again never."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import cast

from jaunt_core.analysis.digest import digest_of
from jaunt_core.errors import LandingError
from jaunt_core.execution.state_folder import remove_leftovers, replace_file, state_folder
from jaunt_core.model.generation import Finding, GenerationResult, StopReason, TokenUsage
from jaunt_core.model.spec import Digest

_SCHEMA = 1


class Verdict(StrEnum):
    """What became of a stored answer."""

    UNJUDGED = "unjudged"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """One answer below a key; `attempt` is its place in its thread, from 1 on."""

    number: int
    attempt: int
    result: GenerationResult
    verdict: Verdict = Verdict.UNJUDGED
    findings: tuple[Finding, ...] = ()


def store_key(request: Digest, fingerprint: str) -> str:
    """The key of an asking: the base request and what changes a backend's answers."""
    return digest_of({"request": request, "fingerprint": fingerprint}).removeprefix("sha256:")


class AnswerStore:
    """The answers of one project, below `.jaunt/answers/`.

    An entry that is damaged is dropped with a warning and never used.
    """

    def __init__(self, root: Path, warn: Callable[[str], None], *, read_only: bool = False) -> None:
        self._root = root
        self._warn = warn
        self._read_only = read_only

    def answers(self, key: str) -> list[StoredAnswer]:
        """The answers below a key, in the order in which they came."""
        folder = self._folder(key)
        found = []
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            entry = self._read(path)
            if entry is not None:
                found.append(entry)
        return found

    def has_usable(self, key: str) -> bool:
        """Whether a key has an answer that was accepted or not yet judged."""
        return any(entry.verdict is not Verdict.REJECTED for entry in self.answers(key))

    def add(self, key: str, result: GenerationResult, attempt: int) -> StoredAnswer:
        """Store an answer that has just come.

        Raises:
            LandingError: It cannot be written.
        """
        stems = [path.stem for path in self._folder(key).glob("*.json")]
        numbers = [int(stem) for stem in stems if stem.isdecimal()]
        entry = StoredAnswer(number=max(numbers, default=0) + 1, attempt=attempt, result=result)
        self._write(key, entry)
        return entry

    def judge(self, key: str, entry: StoredAnswer, findings: tuple[Finding, ...]) -> StoredAnswer:
        """Note what validation said of an answer."""
        verdict = Verdict.REJECTED if findings else Verdict.ACCEPTED
        judged = replace(entry, verdict=verdict, findings=findings)
        self._write(key, judged)
        return judged

    def _folder(self, key: str) -> Path:
        return self._root / ".jaunt" / "answers" / key[:2] / key

    def _write(self, key: str, entry: StoredAnswer) -> None:
        folder = state_folder(self._root, "answers", key[:2], key)
        content = _render(entry)
        record = {"schema": _SCHEMA, "checksum": _checksum(content), "answer": content}
        path = folder / f"{entry.number:04d}.json"
        try:
            remove_leftovers(folder)
            replace_file(path, json.dumps(record, ensure_ascii=False).encode("utf-8", "replace"))
        except OSError as error:
            raise LandingError(
                f"{path} cannot be written: {error.strerror}",
                hint="free some space or make the folder writable; the answer was not used",
            ) from None

    def _read(self, path: Path) -> StoredAnswer | None:
        try:
            record = json.loads(path.read_bytes())
            if record["schema"] != _SCHEMA:
                return None
            content = record["answer"]
            if record["checksum"] == _checksum(content):
                return _parse(int(path.stem), content)
            damage = "the checksum does not fit"
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            damage = str(error)
        self._warn(f"a stored answer is damaged and was dropped: {path} ({damage})")
        if not self._read_only:
            path.unlink(missing_ok=True)
        return None


def _checksum(content: object) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _render(entry: StoredAnswer) -> dict[str, object]:
    usage = entry.result.usage
    return {
        "text": entry.result.text.encode("utf-8", "replace").decode(),
        "model": entry.result.model,
        "stop": entry.result.stop.value,
        "usage": {"input": usage.input, "cached": usage.cached, "output": usage.output},
        "attempt": entry.attempt,
        "verdict": entry.verdict.value,
        "findings": [
            {
                "code": item.code,
                "message": item.message,
                "line": item.line,
                "expected": item.expected,
            }
            for item in entry.findings
        ],
    }


def _parse(number: int, content: dict[str, object]) -> StoredAnswer:
    findings = cast("list[dict[str, object]]", content["findings"])
    return StoredAnswer(
        number=number,
        attempt=cast("int", content["attempt"]),
        verdict=Verdict(content["verdict"]),
        result=GenerationResult(
            text=str(content["text"]),
            model=str(content["model"]),
            stop=StopReason(content["stop"]),
            usage=TokenUsage(**cast("dict[str, int]", content["usage"])),
        ),
        findings=tuple(
            Finding(
                code=str(item["code"]),
                message=str(item["message"]),
                line=cast("int", item["line"]),
                expected=str(item["expected"]),
            )
            for item in findings
        ),
    )


__all__ = ["AnswerStore", "StoredAnswer", "Verdict", "store_key"]
