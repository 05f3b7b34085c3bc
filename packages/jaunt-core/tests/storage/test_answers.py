"""The store of answers: all that was paid for, whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaunt_core.errors import LandingError
from jaunt_core.model.generation import Finding, GenerationResult, StopReason, TokenUsage
from jaunt_core.model.spec import Digest
from jaunt_core.storage.answers import AnswerStore, StoredAnswer, Verdict, answer_key

REQUEST = Digest("sha256:" + "1" * 64)
KEY = answer_key(REQUEST, "a model")
FINDING = Finding(code="missing-name", message="it is missing", line=3, expected="def f()")
RESULT = GenerationResult(text="x = 1\n", usage=TokenUsage(input=3, cached=2, output=1), model="m")


def file_of(root: Path, number: int = 1) -> Path:
    return root / ".jaunt" / "answers" / KEY[:2] / KEY / f"{number:04d}.json"


class Warned(list[str]):
    """A store below a folder and the warnings that it gave."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.store = AnswerStore(root, self.append)


def test_answers_come_back_in_their_order(tmp_path: Path) -> None:
    warned = Warned(tmp_path)
    for number in range(1, 12):
        warned.store.add(KEY, GenerationResult(text=f"x = {number}"), number)

    answers = Warned(tmp_path).store.answers(KEY)

    assert [(answer.number, answer.attempt, answer.result.text) for answer in answers] == [
        (number, number, f"x = {number}") for number in range(1, 12)
    ]
    assert {answer.verdict for answer in answers} == {Verdict.UNJUDGED}
    assert warned == []


def test_a_verdict_is_noted_with_its_findings(tmp_path: Path) -> None:
    store = Warned(tmp_path).store
    bad, good = store.add(KEY, RESULT, 1), store.add(KEY, RESULT, 2)

    assert store.has_usable(KEY)
    store.judge(KEY, bad, (FINDING,))
    store.judge(KEY, good, ())

    assert store.answers(KEY) == [
        StoredAnswer(
            number=1, attempt=1, result=RESULT, verdict=Verdict.REJECTED, findings=(FINDING,)
        ),
        StoredAnswer(number=2, attempt=2, result=RESULT, verdict=Verdict.ACCEPTED),
    ]
    store.judge(KEY, good, (FINDING,))
    assert not store.has_usable(KEY)


def test_an_accepted_answer_stays_as_it_was_written(tmp_path: Path) -> None:
    store, path = Warned(tmp_path).store, file_of(tmp_path)
    answer = store.add(KEY, RESULT, 1)
    before, content = path.stat(), path.read_bytes()

    assert store.judge(KEY, answer, ()).verdict is Verdict.ACCEPTED

    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert path.read_bytes() == content
    assert [answer.verdict for answer in Warned(tmp_path).store.answers(KEY)] == [Verdict.ACCEPTED]


def test_the_verdict_on_an_answer_that_is_gone_is_on_no_other(tmp_path: Path) -> None:
    store, path = Warned(tmp_path).store, file_of(tmp_path)
    store.judge(KEY, store.add(KEY, RESULT, 1), ())
    path.unlink()

    assert store.add(KEY, RESULT, 1).verdict is Verdict.UNJUDGED
    assert [answer.verdict for answer in store.answers(KEY)] == [Verdict.UNJUDGED]


def test_an_answer_may_go_while_it_is_judged(tmp_path: Path) -> None:
    store = Warned(tmp_path).store
    answer = store.add(KEY, RESULT, 1)
    shutil.rmtree(tmp_path / ".jaunt")

    assert store.judge(KEY, answer, ()).verdict is Verdict.ACCEPTED
    assert store.answers(KEY) == []


def test_git_ignores_the_store(tmp_path: Path) -> None:
    Warned(tmp_path).store.add(KEY, RESULT, 1)

    assert (tmp_path / ".jaunt" / ".gitignore").read_text() == "*\n"


texts = st.text(st.characters(exclude_categories=[]))
findings = st.builds(Finding, code=texts, message=texts, line=st.integers(0, 10**6), expected=texts)
results = st.builds(
    GenerationResult,
    text=texts,
    model=st.text(),
    stop=st.sampled_from(StopReason),
    usage=st.builds(TokenUsage, input=st.integers(0), cached=st.integers(0), output=st.integers(0)),
)


def encodable(text: str) -> str:
    """A text as a UTF-8 file can hold it: a lone surrogate becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


@settings(max_examples=50, deadline=None)
@given(result=results, listed=st.lists(findings, min_size=1, max_size=3))
def test_every_answer_survives(result: GenerationResult, listed: list[Finding]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        warned = Warned(Path(folder))
        warned.store.judge(KEY, warned.store.add(KEY, result, 1), tuple(listed))
        (stored,) = warned.store.answers(KEY)

    assert warned == []
    assert stored.result.text == encodable(result.text)
    assert (stored.result.usage, stored.result.stop, stored.result.model) == (
        result.usage,
        result.stop,
        result.model,
    )
    assert [
        (finding.code, finding.message, finding.line, finding.expected)
        for finding in stored.findings
    ] == [
        (
            encodable(finding.code),
            encodable(finding.message),
            finding.line,
            encodable(finding.expected),
        )
        for finding in listed
    ]


def changed(text: str) -> str:
    record = json.loads(text)
    record["answer"]["text"] = "x = 2\n"
    return json.dumps(record)


def without_text(text: str) -> str:
    record = json.loads(text)
    del record["answer"]["text"]
    return json.dumps(record)


DAMAGE = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "no JSON": lambda text: "x = 1",
    "a list": lambda text: "[1]",
    "a number": lambda text: "7",
    "another object": lambda text: "{}",
    "answer is text": lambda text: '{"schema": 2, "checksum": "", "answer": "x = 1"}',
    "text changed": changed,
    "text missing": without_text,
    "deep": lambda text: "[" * 100_000,
    "no UTF-8": lambda text: "\udcff",
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_answer_is_dropped_and_told(tmp_path: Path, name: str) -> None:
    warned = Warned(tmp_path)
    warned.store.add(KEY, RESULT, 1)
    warned.store.add(KEY, GenerationResult(text="y = 2\n"), 2)
    path = file_of(tmp_path)
    path.write_text(DAMAGE[name](path.read_text()), errors="surrogateescape")

    answers = warned.store.answers(KEY)

    assert [answer.result.text for answer in answers] == ["y = 2\n"]
    (warning,) = warned
    assert warning.startswith(f"a stored answer is damaged and was dropped: {path} (")
    assert not path.exists()
    assert warned.store.answers(KEY) == answers
    assert len(warned) == 1
    assert warned.store.add(KEY, RESULT, 1).number == 3


def test_what_is_only_looked_at_is_left_in_place(tmp_path: Path) -> None:
    Warned(tmp_path).store.add(KEY, RESULT, 1)
    file_of(tmp_path).write_text("")
    warnings: list[str] = []

    assert AnswerStore(tmp_path, warnings.append, read_only=True).answers(KEY) == []
    assert len(warnings) == 1
    assert file_of(tmp_path).exists()


def test_a_file_of_another_name_is_in_nobodys_way(tmp_path: Path) -> None:
    warned = Warned(tmp_path)
    warned.store.add(KEY, RESULT, 1)
    file_of(tmp_path).with_name("copy of 0001.json").write_text("{}")

    assert warned.store.add(KEY, RESULT, 2).number == 2
    assert [answer.number for answer in warned.store.answers(KEY)] == [1, 2]


def test_an_answer_of_a_later_version_is_neither_used_nor_overwritten(tmp_path: Path) -> None:
    warned = Warned(tmp_path)
    warned.store.add(KEY, RESULT, 1)
    path = file_of(tmp_path)
    later = path.read_text().replace('"schema": 2', '"schema": 3')
    path.write_text(later)

    assert warned.store.answers(KEY) == []
    assert warned.store.add(KEY, RESULT, 1).number == 2
    assert path.read_text() == later
    assert warned == []


@pytest.mark.parametrize("judged", [False, True])
def test_a_killed_write_leaves_nothing_behind(tmp_path: Path, *, judged: bool) -> None:
    warned = Warned(tmp_path)
    warned.store.add(KEY, RESULT, 1)
    leftover = file_of(tmp_path).with_name(".0002.json.123.jaunt-tmp")
    leftover.write_text('{"schema"')

    next_run = Warned(tmp_path)
    (answer,) = next_run.store.answers(KEY)
    if judged:
        next_run.store.judge(KEY, answer, ())
    else:
        next_run.store.add(KEY, RESULT, 2)

    assert not leftover.exists()
    assert [*warned, *next_run] == []


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / ".jaunt").write_text("no folder")

    with pytest.raises(LandingError, match=r"\.jaunt"):
        Warned(tmp_path).store.add(KEY, RESULT, 1)


def test_the_key_is_the_request_and_the_fingerprint() -> None:
    other = Digest("sha256:" + "2" * 64)

    assert answer_key(REQUEST, "a model") == KEY
    assert len({KEY, answer_key(other, "a model"), answer_key(REQUEST, "another")}) == 3
    assert set(KEY) <= set("0123456789abcdef")
    assert len(KEY) == 64
