"""Render the messages of a request from templates and a typed context."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jaunt_core.errors import JauntConfigError
from jaunt_core.findings.import_policy import describe_packages
from jaunt_core.model.generation import Finding, Message, ModuleSpecContext

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}\n]+?)\s*\}\}")
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
        messages.append(Message(role="user", text=_fill(templates.repair, values)))
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
        return values[name]

    # One pass, so that a docstring with a placeholder in it stays what it is.
    return _PLACEHOLDER.sub(value_of, template.text).strip() + "\n"


def _values(context: ModuleSpecContext, partial: Template) -> dict[str, str]:
    return {
        "kind": context.kind.value,
        "spec_module": context.spec_module,
        "generated_module": context.generated_module,
        "required_names": fenced(
            "\n".join(name.declaration for name in context.expected if name.name in context.wanted)
        ),
        "specs": "\n\n".join(
            _titled(spec.ref, spec.text, note=spec.prompt) for spec in context.specs
        ),
        "dependencies": "\n\n".join(
            _titled(f"{api.ref} (import it from {api.ref.module})", api.text)
            for api in context.dependency_apis
        )
        or "None.",
        "context": "\n\n".join(
            _titled(f"{entry.ref} (defined in {entry.ref.module})", entry.text)
            for entry in context.context
        )
        or "None.",
        "dependency_sources": "\n\n".join(
            _titled(source.module, source.text) for source in context.dependency_sources
        )
        or "None.",
        "packages": describe_packages(context.imports),
        "previous_source": fenced(context.previous_source) if context.previous_source else "None.",
        "task": _task_text(context, partial),
        "findings": "\n".join(_listed(finding) for finding in context.findings) or "None.",
    }


def _task_text(context: ModuleSpecContext, partial: Template) -> str:
    names = [expected.name for expected in context.expected]
    fixed = [name for name in names if name not in context.wanted]
    if not fixed:
        return "The whole module."
    values = {"wanted": _quoted(context.wanted), "fixed": _quoted(fixed)}
    return _fill(partial, values).strip()


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _listed(finding: Finding) -> str:
    """A finding as one entry of a Markdown list, its further lines indented."""
    return "- " + "\n  ".join(str(finding).splitlines())


def _titled(title: str, text: str, *, note: str = "") -> str:
    wish = f"\n\nAlso asked by its author:\n{fenced(note)}" if note else ""
    return f"### {title}\n\n{fenced(text)}{wish}"
