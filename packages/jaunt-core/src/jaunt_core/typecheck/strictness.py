"""How strictly the project's type checker is set, in a few words."""

from __future__ import annotations

from jaunt_core.model.typecheck import Checker
from jaunt_core.typecheck.detect import InstalledChecker
from jaunt_core.typecheck.scope import read_settings

_MYPY_FLAGS = (
    "disallow_untyped_defs",
    "disallow_incomplete_defs",
    "disallow_any_generics",
    "disallow_any_explicit",
    "disallow_untyped_calls",
    "warn_return_any",
    "warn_unreachable",
)


def describe_checker(installed: InstalledChecker) -> str:
    """The checker as its users call it: `mypy --strict`, `pyright in basic mode`, `ty`."""
    settings = read_settings(installed)
    if installed.checker is Checker.MYPY:
        if _is_on(settings.get("strict")):
            return "mypy --strict"
        flags = [name for name in _MYPY_FLAGS if _is_on(settings.get(name))]
        return f"mypy with {', '.join(flags)}" if flags else "mypy"
    if installed.checker is Checker.PYRIGHT:
        mode = settings.get("typeCheckingMode") or "standard"
        return f"pyright in {mode} mode"
    rules = settings.get("rules")
    is_strict = isinstance(rules, dict) and rules.get("all") == "error"
    return "ty with all rules as errors" if is_strict else "ty"


def _is_on(value: object) -> bool:
    return value is True or str(value).strip().lower() in ("true", "1", "yes", "on")
