"""Parse the output of type checkers, and choose the errors that count against an answer."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import cast

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.generation import Finding
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.spec import ClassFacts
from jaunt_core.model.typecheck import Checker, TypeFault

Json = dict[str, object]

# Whether imports resolve has been looked at in the interpreter; that a package has no types is
# not the answer's fault, nor what is unknown because of that.
_ABOUT_IMPORTS = {
    Checker.TY: frozenset({"unresolved-import", "import-not-found"}),
    Checker.MYPY: frozenset({"import", "import-not-found", "import-untyped", "no-any-unimported"}),
    Checker.PYRIGHT: frozenset(
        {"reportMissingImports", "reportMissingModuleSource", "reportMissingTypeStubs"}
    ),
}
_UNKNOWN_IN_PYRIGHT = "reportUnknown"


def parse_type_faults(checker: Checker, text: str) -> tuple[TypeFault, ...]:
    """The errors in what a checker printed; notes and warnings are left out.

    Raises:
        ValueError: This is not how the checker prints.
    """
    try:
        return tuple(_PARSERS[checker](text))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"unexpected output: {error!r}") from None


def _parse_ty(text: str) -> Iterator[TypeFault]:
    """Errors in a report of ty, which it prints in the format of GitLab."""
    for issue in cast("list[Json]", json.loads(text)):
        if issue["severity"] in ("major", "critical", "blocker"):
            place = cast("Json", issue["location"])
            begin = cast("Json", cast("Json", place["positions"])["begin"])
            rule = str(issue["check_name"])
            message = str(issue["description"]).removeprefix(f"{rule}: ")
            yield _type_fault(place["path"], begin["line"], rule, message)


def _parse_mypy(text: str) -> Iterator[TypeFault]:
    for line in text.splitlines():
        error = cast("Json", json.loads(line))
        if error["severity"] == "error":
            yield _type_fault(
                error["file"], error["line"], error["code"] or "error", error["message"]
            )


def _parse_pyright(text: str) -> Iterator[TypeFault]:
    for diagnostic in cast("list[Json]", cast("Json", json.loads(text))["generalDiagnostics"]):
        if diagnostic["severity"] == "error":
            start = cast("Json", cast("Json", diagnostic["range"])["start"])
            line = int(cast("int", start["line"])) + 1
            yield _type_fault(
                diagnostic["file"], line, diagnostic.get("rule", "error"), diagnostic["message"]
            )


_PARSERS = {Checker.TY: _parse_ty, Checker.MYPY: _parse_mypy, Checker.PYRIGHT: _parse_pyright}


def _type_fault(path: object, line: object, rule: object, message: object) -> TypeFault:
    return TypeFault(
        path=str(path),
        line=int(cast("int", line)),
        rule=str(rule),
        message=" ".join(str(message).split()),
    )


def type_findings(
    checker: Checker,
    plan: ModulePlan,
    *,
    in_answer: Collection[TypeFault],
    in_spec: Collection[TypeFault],
) -> tuple[Finding, ...]:
    """The errors of a type checker that are the fault of an answer.

    An error that the checker reports for the spec in the same words is the spec's: a signature is
    repeated as it was declared. A class spec and its generated twin are one class at run time.
    """
    declared = {(fault.rule, fault.message) for fault in in_spec}
    twins = [
        (f"{plan.name}.{spec.name}", f"{plan.generated_module}.{spec.name}")
        for spec in plan.module.specs
        if isinstance(spec.definition, ClassFacts)
    ]
    return tuple(
        FindingCode.TYPE_ERROR.finding(
            f"{checker} {fault.rule}: {fault.message}",
            f"code that {checker} accepts under the project's settings",
            line=fault.line,
        )
        for fault in sorted(in_answer, key=lambda fault: (fault.line, fault.rule, fault.message))
        if not _is_about_imports(checker, fault)
        and (fault.rule, fault.message) not in declared
        and not any(spec in fault.message and twin in fault.message for spec, twin in twins)
    )


def _is_about_imports(checker: Checker, fault: TypeFault) -> bool:
    is_unknown = checker is Checker.PYRIGHT and fault.rule.startswith(_UNKNOWN_IN_PYRIGHT)
    return is_unknown or fault.rule in _ABOUT_IMPORTS[checker]
