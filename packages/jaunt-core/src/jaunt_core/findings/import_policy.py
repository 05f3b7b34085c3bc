"""What generated code may import: described in the prompt, and checked in the answer."""

from __future__ import annotations

import re

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.candidate import ImportFacts
from jaunt_core.model.generation import Finding, ImportPolicy

_RUNTIME = "jaunt-runtime"  # declared by all, and of no use to generated code
_SEPARATORS = re.compile(r"[-_.]+")


def normal_name(distribution: str) -> str:
    """The name of a distribution as packaging tools compare it."""
    return _SEPARATORS.sub("-", distribution.strip()).lower()


def describe_packages(policy: ImportPolicy) -> str:
    """What may be imported, as a sentence for a prompt."""
    library = f"the standard library of Python {policy.python}".rstrip()
    if policy.packages is None:
        return f"The project's own modules, {library}, and packages that the project has installed."
    listed = ", ".join(name for name in policy.packages if name != _RUNTIME)
    if not listed:
        return f"The project's own modules and {library}; no other package."
    return f"The project's own modules, {library}, and these packages: {listed}."


def undeclared_finding(policy: ImportPolicy, imported: ImportFacts) -> Finding | None:
    """The finding for an import of a package that the project does not declare."""
    if policy.packages is None or not imported.distributions or imported.optional:
        return None
    names = [normal_name(name) for name in imported.distributions]
    if any(name in policy.packages for name in names):
        return None
    return FindingCode.IMPORT_UNDECLARED.finding(
        f"{imported.module} belongs to {' or '.join(names)}, which the project's "
        "pyproject.toml does not declare",
        describe_packages(policy),
        line=imported.line,
    )
