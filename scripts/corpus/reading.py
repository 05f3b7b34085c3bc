"""The corpus as values, read from `groups/*.txt`; the README there tells the format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jaunt_core.model.generation import GenerationResult, StopReason

FOLDER = Path(__file__).parent / "groups"
RIGHT = "right"
NEIGHBOUR = "changed neighbour"

_HEAD = re.compile(r"^(?P<kind>[^:\[]+?)(?: \[(?P<stop>\w+)\])?: (?P<title>.+)$")
_MARKS = "-+^|?!@"


class CorpusError(Exception):
    """A file of the corpus is not well formed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Another answer for the subject of a group.

    `edits` are pieces of the spec and what a person writes in their place before it is asked for;
    `neighbour` is the name whose code may not change then.
    """

    kind: str
    title: str
    answer: GenerationResult
    edits: tuple[tuple[str, str], ...] = ()
    neighbour: str = ""

    @property
    def is_right(self) -> bool:
        """Whether it has to land."""
        return self.kind == RIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A project with a right answer for each of its spec modules, and more for the last one."""

    name: str
    files: Mapping[str, str]
    answers: Mapping[str, str]
    subject: str
    variants: tuple[Variant, ...]

    @property
    def specs(self) -> int:
        """How many specs it has."""
        texts = (self.files[_file_of(path)] for path in self.answers)
        return sum(len(re.findall(r"^@jaunt\.", text, re.MULTILINE)) for text in texts)

    @property
    def is_test(self) -> bool:
        """Whether its subject is a module of tests."""
        return self.subject.startswith("tests.")

    @property
    def path(self) -> str:
        """The file of the subject."""
        return _file_of(self.subject)


def read_corpus(folder: Path = FOLDER) -> tuple[Group, ...]:
    """All groups, ordered by name.

    Raises:
        CorpusError: An edit does not match exactly once, or a line has no mark.
    """
    return tuple(_group(path) for path in sorted(folder.glob("*.txt")))


def _group(path: Path) -> Group:
    head, *blocks = re.split(r"^=== ", path.read_text("utf-8"), flags=re.MULTILINE)
    files, answers = _project(head, path.name)
    subject = list(answers)[-1]
    spec = files[_file_of(subject)]
    variants = tuple(_variant(block, answers[subject], spec, path.name) for block in blocks)
    return Group(name=path.stem, files=files, answers=answers, subject=subject, variants=variants)


def _project(head: str, name: str) -> tuple[dict[str, str], dict[str, str]]:
    files: dict[str, str] = {}
    answers: dict[str, str] = {}
    spec = ""
    _, *parts = re.split(r"^\*\*\* (.*)\n", head, flags=re.MULTILINE)
    for title, text in zip(parts[::2], parts[1::2], strict=True):
        what, _, path = title.partition(" ")
        if what == "answer":
            answers[_module_of(spec)] = text.strip("\n") + "\n"
        elif what in ("file", "spec"):
            files[_placed(path)] = text.rstrip("\n") + "\n"
            spec = path if what == "spec" else spec
        else:
            raise CorpusError(f"{name}: {title!r} is no part")
    return files, answers


def _placed(path: str) -> str:
    return path if path.startswith("tests/") else f"src/{path}"


def _module_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _file_of(module: str) -> str:
    return _placed(module.replace(".", "/") + ".py")


def _variant(block: str, right: str, spec: str, name: str) -> Variant:
    first, *lines = block.rstrip("\n").split("\n")
    head = _HEAD.match(first)
    where = f"{name}: {first}"
    if head is None:
        raise CorpusError(f"{where}: a kind, a colon and a title are needed")
    marked = [(line[:1], line[2:]) for line in lines]
    if any(mark not in _MARKS for mark, _ in marked):
        raise CorpusError(f"{where}: a line without a mark")
    whole = [text for mark, text in marked if mark == "|"]
    answer = "\n".join(whole) + "\n" if whole else _edited(right, marked, where)
    wanted = [text for mark, text in marked if mark == "?"]
    written = [text for mark, text in marked if mark == "!"]
    if any(spec.count(piece) != 1 for piece in wanted):
        raise CorpusError(f"{where}: what is to be changed does not stand in the spec once")
    if answer == right:
        raise CorpusError(f"{where}: it is the right answer")
    return Variant(
        kind=head["kind"],
        title=head["title"],
        answer=GenerationResult(text=answer, stop=StopReason(head["stop"] or "complete")),
        edits=tuple(zip(wanted, written, strict=True)),
        neighbour=next((text for mark, text in marked if mark == "@"), ""),
    )


def _edited(right: str, marked: list[tuple[str, str]], where: str) -> str:
    text = right
    for old, new in _hunks(marked):
        if old is None:
            text += "\n".join(new) + "\n"
        elif text.count("\n".join(old)) != 1:
            raise CorpusError(f"{where}: this does not stand in the answer once: {old}")
        else:
            text = text.replace("\n".join(old), "\n".join(new))
    return "".join(f"{line}\n" for mark, line in marked if mark == "^") + text


def _hunks(marked: list[tuple[str, str]]) -> Iterator[tuple[list[str] | None, list[str]]]:
    """What is to go, None for nothing, and what comes in its place."""
    old: list[str] = []
    new: list[str] = []
    for mark, line in [*((m, t) for m, t in marked if m in "-+"), ("-", "")]:
        if mark == "+":
            new.append(line)
            continue
        if new:
            yield old or None, new
            old, new = [], []
        old.append(line)
