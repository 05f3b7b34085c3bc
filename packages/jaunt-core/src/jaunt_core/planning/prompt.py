"""Render the messages of a request from templates and a typed context."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jaunt_core.errors import JauntConfigError
from jaunt_core.findings.import_policy import describe_packages
from jaunt_core.model.generation import Finding, Message, ModuleSpecContext
from jaunt_core.model.spec import ContextItem, ImportLine, NamedHome

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}\n]+?)\s*\}\}")
_SECTION = re.compile(r"(?=^## )", re.MULTILINE)
_OPTIONAL = frozenset({
    "bound_above", "context", "decorated", "dependencies", "dependency_sources", "findings",
    "fixtures", "imports", "judged_by", "previous_source",
})  # fmt: skip
"""Placeholders for something that may be missing."""
_NAMING = frozenset({"kind", "spec_module", "generated_module"})
_RUN_OF_FENCES = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The text of a template file; `name` is where it came from, for messages."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The templates of one kind of spec."""

    system: Template
    module: Template
    partial: Template
    repair: Template
    repair_part: Template


def render_messages(context: ModuleSpecContext, templates: Templates) -> tuple[Message, ...]:
    """The messages for a context, with the last answer and its findings where there are any.

    What never changes comes first: providers bill a repeated beginning less.

    Raises:
        JauntConfigError: A template names a placeholder that does not exist.
    """
    values = _values(context, templates.partial)
    messages = [
        Message(role="system", text=_fill(templates.system, values)),
        Message(role="user", text=_fill(templates.module, values)),
    ]
    if context.previous_answer is not None:
        messages.append(Message(role="assistant", text=context.previous_answer or "(no answer)"))
        wanted = {"wanted": _quoted(context.wanted)}
        is_part = len(context.wanted) < len(context.expected)
        repair = templates.repair_part if is_part else templates.repair
        messages.append(Message(role="user", text=_fill(repair, values | wanted)))
    return tuple(messages)


def fenced(text: str) -> str:
    """A block of Python that its own content cannot close."""
    longest = max((len(run) for run in _RUN_OF_FENCES.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}python\n{text.rstrip()}\n{fence}"


def _fill(template: Template, values: Mapping[str, str]) -> str:
    def value_of(match: re.Match[str]) -> str:
        name = match[1]
        if name not in values:
            raise JauntConfigError(
                f"{template.name}: unknown placeholder {{{{{name}}}}}",
                hint=f"valid placeholders: {', '.join(sorted(values))}",
            )
        return values[name] or "None."

    head, *sections = _SECTION.split(f"\n{template.text}")
    text = "".join([head, *(section for section in sections if not _is_empty(section, values))])
    # One pass, so that a docstring with a placeholder in it stays what it is.
    return _PLACEHOLDER.sub(value_of, text).strip() + "\n"


def _is_empty(section: str, values: Mapping[str, str]) -> bool:
    """Whether a section has placeholders for something that may be missing, and all of it is."""
    named = set(_PLACEHOLDER.findall(section)) - _NAMING
    return bool(named) and named <= _OPTIONAL and not any(values[name] for name in named)


def _values(context: ModuleSpecContext, partial: Template) -> dict[str, str]:
    shown: set[str] = {entry.ref for entry in (*context.context, *context.dependency_apis)}
    shown |= {line.text for line in context.spec_imports}
    above = context.bound_above
    asked = _asked_first(context)
    return {
        "kind": context.kind.value,
        "spec_module": context.spec_module,
        "generated_module": context.generated_module,
        "required_names": fenced(
            "\n".join(name.declaration for name in context.expected if name.name in asked)
        ),
        "imports": _import_block(context.spec_imports),
        "specs": "\n\n".join(
            _titled(spec.ref, spec.text, note=spec.prompt) for spec in context.specs
        ),
        "dependencies": "\n\n".join(
            _titled(f"{api.ref} (import it from {api.ref.module})", api.text)
            + _homes_text(api.names, shown)
            for api in context.dependency_apis
        ),
        "context": "\n\n".join(
            _titled(f"{entry.ref} ({_place_of(entry)})", entry.text)
            + _homes_text(entry.names, shown)
            for entry in context.context
            if not entry.supplied
        ),
        "fixtures": "\n\n".join(
            _titled(entry.ref, entry.text) + _homes_text(entry.names, shown)
            for entry in context.context
            if entry.supplied
        ),
        "dependency_sources": "\n\n".join(
            _titled(source.module, source.text) for source in context.dependency_sources
        ),
        "packages": describe_packages(context.imports),
        "bound_above": "" if above is None else _quoted(above) or "none",
        "decorated": _quoted(context.decorated),
        "judged_by": "\n".join(f"- {line}" for line in context.judged_by),
        "previous_source": _previous_text(context),
        "task": _task_text(context, partial),
        "findings": "\n".join(_findings_of(context)),
    }


def _place_of(entry: ContextItem) -> str:
    """Where a definition is to be taken from, or to be read from each time."""
    place, name = entry.ref.module, entry.ref.qualname
    late = f", which binds it anew: `import {place}` and read `{place}.{name}`"
    return f"defined in {place}{late if entry.rebound else ''}"


def _previous_text(context: ModuleSpecContext) -> str:
    source, answer = context.previous_source, context.previous_answer
    if source and answer and source.strip() == answer.strip():
        return "It is your answer below."
    return fenced(source) if source else ""


def _import_block(lines: Sequence[ImportLine]) -> str:
    """Import statements as words to copy; those for type checkers stand in their own block."""
    plain = [line.text for line in lines if not line.for_types]
    if len(plain) < len(lines) and (guard := "from typing import TYPE_CHECKING") not in plain:
        plain.append(guard)
    for_types = [f"    {line.text}" for line in lines if line.for_types]
    guarded = ["", "if TYPE_CHECKING:", *for_types] if for_types else []
    return fenced("\n".join([*plain, *guarded])) if plain or guarded else ""


def _homes_text(names: Iterable[NamedHome], shown: Container[str | None]) -> str:
    """Where the names in a shown definition come from, if they are not shown themselves."""
    lines = [
        home.text + (f"  # {home.declaration}" if home.declaration else "")
        for home in names
        if home.text not in shown and home.ref not in shown
    ]
    return f"\n\nNames in it:\n{fenced(chr(10).join(lines))}" if lines else ""


def _task_text(context: ModuleSpecContext, partial: Template) -> str:
    asked = _asked_first(context)
    fixed = [name.name for name in context.expected if name.name not in asked]
    if not fixed:
        return "The whole module."
    values = {"wanted": _quoted(asked), "fixed": _quoted(fixed)}
    return _fill(partial, values).strip()


def _asked_first(context: ModuleSpecContext) -> list[str]:
    """The names that the first request of the conversation asked for."""
    asked = {*context.wanted, *context.standing}
    return [expected.name for expected in context.expected if expected.name in asked]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _findings_of(context: ModuleSpecContext) -> Iterator[str]:
    if context.edited:
        yield f"- what is specified for {_quoted(context.edited)} has changed since"
    yield from map(_listed, context.findings)


def _listed(finding: Finding) -> str:
    """A finding as one entry of a Markdown list, its further lines indented."""
    return "- " + "\n  ".join(str(finding).splitlines())


def _titled(title: str, text: str, *, note: str = "") -> str:
    wish = f"\n\nAlso asked by its author:\n{fenced(note)}" if note else ""
    return f"### {title}\n\n{fenced(text)}{wish}"
