"""Where in the source of a spec module an example stands that was tried."""

from __future__ import annotations

from jaunt_core.model.spec import ClassFacts, SpecModule
from jaunt_core.model.trial import TrialOutcome

_PROMPT = ">>>"


def line_of_example(text: str, module: SpecModule, outcome: TrialOutcome) -> int:
    """The line of an example in the text of its spec module, or that of its definition.

    The same call may be shown twice: the one counts that shows the value which was expected.
    """
    begin = line_of_owner(module, outcome.owner)
    source, want = (part.partition("\n")[0].strip() for part in (outcome.source, outcome.want))
    lines = [line.strip() for line in text.splitlines()]

    def shows_call(line: str) -> bool:
        plain = line.removeprefix(_PROMPT).strip() == source
        return plain or (line.startswith(source) and line.endswith(want))

    numbers = [
        number
        for number, line in enumerate(lines, start=1)
        if number >= begin and source and shows_call(line)
    ]
    exact = (number for number in numbers if lines[number : number + 1] == [want])
    return next(exact, numbers[0] if numbers else begin)


def line_of_owner(module: SpecModule, owner: str) -> int:
    """The line of a spec, or of one of its methods."""
    name, _, member = owner.partition(".")
    spec = next(spec for spec in module.specs if spec.name == name)
    methods = spec.definition.methods if isinstance(spec.definition, ClassFacts) else ()
    return next((method.line for method in methods if method.name == member), spec.line)
