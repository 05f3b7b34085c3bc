"""Answers that were paid for: stored before they are judged, never asked for again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import cast

from jaunt_core.config.reading import read_regular
from jaunt_core.contracts.digest import digest_of
from jaunt_core.errors import LandingError, StoreError
from jaunt_core.model.generation import Finding, GenerationResult, Patch, StopReason, TokenUsage
from jaunt_core.model.spec import Digest
from jaunt_core.storage.folder import (
    STATE_FOLDER,
    Sync,
    as_landing_error,
    open_file,
    remove_file,
    remove_leftovers,
    replace_file,
    state_folder,
)

_SCHEMA = 2
_DAMAGES = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
_HINT = "free some space or make the folder writable; the answer was not used"

ACCEPTED_SUFFIX = ".accepted"
"""The suffix of the empty file beside an answer that was accepted."""


class Verdict(StrEnum):
    """What became of a stored answer."""

    UNJUDGED = "unjudged"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """One answer below a key; `attempt` is the place of its request in the schedule.

    An answer to a request for a part of the module has the `patch` that makes it whole.
    """

    number: int
    attempt: int
    result: GenerationResult
    patch: Patch | None = None
    verdict: Verdict = Verdict.UNJUDGED
    findings: tuple[Finding, ...] = ()


def answer_key(request: Digest, fingerprint: str) -> str:
    """The key that answers are stored below.

    Args:
        request: The digest of the base request.
        fingerprint: What changes the answers of the backend, besides the request.
    """
    return digest_of({"request": request, "fingerprint": fingerprint}).removeprefix("sha256:")


class AnswerStore:
    """The answers of one project, below `.jaunt/answers/`.

    An answer is a file that says so where it was rejected, and why. That it was accepted says
    an empty file beside it: what was paid for is not written anew only to note that. An entry
    that is damaged is dropped with a warning and never used.
    """

    def __init__(self, root: Path, warn: Callable[[str], None], *, read_only: bool = False) -> None:
        self._root = root
        self._answers = root / STATE_FOLDER / "answers"
        self._warn = warn
        self._read_only = read_only
        self._swept: set[str] = set()

    def answers(self, key: str) -> list[StoredAnswer]:
        """The answers below a key, in the order in which they came."""
        folder = self._folder(key)
        names = _names_in(folder)
        answers = []
        for name in sorted(name for name in names if name.endswith(".json")):
            answer = self._read(folder / name)
            if answer is None:
                continue
            has_mark = f"{answer.number:04d}{ACCEPTED_SUFFIX}" in names
            if answer.verdict is Verdict.UNJUDGED and has_mark:
                answer = replace(answer, verdict=Verdict.ACCEPTED)
            answers.append(answer)
        return answers

    def answer_at(self, key: str, number: int) -> StoredAnswer | None:
        """One answer below a key, None where it is no longer there."""
        return next((answer for answer in self.answers(key) if answer.number == number), None)

    def has_usable(self, key: str) -> bool:
        """Whether a key has an answer that was accepted or not yet judged."""
        return any(entry.verdict is not Verdict.REJECTED for entry in self.answers(key))

    def add(
        self, key: str, result: GenerationResult, attempt: int, patch: Patch | None = None
    ) -> StoredAnswer:
        """Store an answer that has just come; it outlasts a power cut.

        Raises:
            StoreError: It cannot be written.
        """
        # No number is used twice, not even where only the mark of acceptance remains: it would
        # accept the new answer.
        stems = [name.partition(".")[0] for name in _names_in(self._folder(key))]
        numbers = [int(stem) for stem in stems if stem.isdecimal()]
        number = max(numbers, default=0) + 1
        entry = StoredAnswer(number=number, attempt=attempt, result=result, patch=patch)
        # Nothing but the provider, for money, could bring it back: its name is to last as well.
        try:
            self._write(key, entry, Sync.ENTRY)
        except LandingError as error:
            raise StoreError(error.args[0], hint=error.hint) from None
        return entry

    def judge(self, key: str, entry: StoredAnswer, findings: tuple[Finding, ...]) -> StoredAnswer:
        """Store the verdict of validation on an answer; one with findings is rejected for good.

        Raises:
            LandingError: It cannot be written.
        """
        if findings:
            judged = replace(entry, verdict=Verdict.REJECTED, findings=findings)
            self._write(key, judged, Sync.CONTENT)
            return judged
        self._sweep(key)
        mark = self._folder(key) / f"{entry.number:04d}{ACCEPTED_SUFFIX}"
        # Somebody may have cleared the store meanwhile.
        cleared = suppress(FileNotFoundError, NotADirectoryError)
        with as_landing_error(mark, hint=_HINT), cleared:
            # Not synced: should a power cut take it, the answer is validated again.
            os.close(open_file(mark))
        return replace(entry, verdict=Verdict.ACCEPTED, findings=())

    def _folder(self, key: str) -> Path:
        return self._answers.joinpath(key[:2], key)

    def _sweep(self, key: str) -> None:
        """Remove what a killed run was writing, once a run."""
        if key not in self._swept:
            self._swept.add(key)
            remove_leftovers(self._folder(key))

    def _write(self, key: str, entry: StoredAnswer, sync: Sync) -> None:
        folder = state_folder(self._root, "answers", key[:2], key)
        content = _render(entry)
        record = {"schema": _SCHEMA, "checksum": _checksum(content), "answer": content}
        path = folder / f"{entry.number:04d}.json"
        text = json.dumps(record, ensure_ascii=False)
        with as_landing_error(path, hint=_HINT):
            self._sweep(key)
            replace_file(path, text.encode("utf-8", "replace"), sync=sync)

    def _read(self, path: Path) -> StoredAnswer | None:
        """The answer in a file; None where it is damaged or of another version of this tool."""
        try:
            record = json.loads(read_regular(path))
            if record["schema"] != _SCHEMA:
                return None
            content = record["answer"]
            if record["checksum"] == _checksum(content):
                return _parse(int(path.stem), content)
            damage = "the checksum does not fit"
        except _DAMAGES as error:
            damage = str(error)
        self._warn(f"a stored answer is damaged and was dropped: {path} ({damage})")
        if not self._read_only:
            with suppress(OSError):  # where it has to stay, it is dropped again each time
                remove_file(path)
        return None


def _names_in(folder: Path) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))  # noqa: PTH208 - done often
    except OSError:
        return frozenset()


def _checksum(content: object) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _render(entry: StoredAnswer) -> dict[str, object]:
    return {
        "text": entry.result.text.encode("utf-8", "replace").decode(),
        "model": entry.result.model,
        "stop": entry.result.stop.value,
        "usage": asdict(entry.result.usage),
        "attempt": entry.attempt,
        "patch": None if entry.patch is None else asdict(entry.patch),
        "verdict": entry.verdict.value,
        "findings": [asdict(finding) for finding in entry.findings],
    }


def _parse(number: int, content: dict[str, object]) -> StoredAnswer:
    findings = cast("list[dict[str, object]]", content["findings"])
    usage = cast("dict[str, int]", content["usage"])
    patch = cast("dict[str, list[str]] | None", content["patch"])
    return StoredAnswer(
        number=number,
        attempt=int(cast("int", content["attempt"])),
        verdict=Verdict(content["verdict"]),
        patch=None if patch is None else _parse_patch(patch),
        result=GenerationResult(
            text=str(content["text"]),
            model=str(content["model"]),
            stop=StopReason(content["stop"]),
            usage=TokenUsage(**{name: int(count) for name, count in usage.items()}),
        ),
        findings=tuple(
            Finding(
                code=str(finding["code"]),
                message=str(finding["message"]),
                line=int(cast("int", finding["line"])),
                expected=str(finding["expected"]),
                symbol=str(finding.get("symbol", "")),
                place=str(finding.get("place", "")),
            )
            for finding in findings
        ),
    )


def _parse_patch(content: dict[str, list[str]]) -> Patch:
    return Patch(
        base=str(content["base"]),
        wanted=tuple(content["wanted"]),
        fixed=tuple(content["fixed"]),
        removed=tuple(content["removed"]),
    )
