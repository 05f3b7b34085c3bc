"""The engine of jaunt: read specs, plan, generate, check, land, report.

All that other programs may rely on stands in `__all__`, and in those of `jaunt_core.backend` and
`jaunt_core.testing`. Names are loaded when they are first used: most runs of the command line
have nothing to do, and need next to nothing of this package.
"""

from jaunt_core.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jaunt_core.config.loading import Project, load_project
    from jaunt_core.engine.builder import BuildOptions, build
    from jaunt_core.engine.differ import compare_versions
    from jaunt_core.engine.inspector import (
        clean_project,
        explain_module,
        inspect_project,
        show_request,
    )
    from jaunt_core.engine.linter import lint_project
    from jaunt_core.engine.tester import TestOptions, run_tests
    from jaunt_core.errors import (
        BackendError,
        JauntConfigError,
        JauntDependencyCycleError,
        JauntDiscoveryError,
        JauntError,
        JauntGenerationError,
        LandingError,
    )
    from jaunt_core.model import events
    from jaunt_core.model.comparison import Comparison
    from jaunt_core.model.events import Event
    from jaunt_core.model.inspection import Explanation, Inspection
    from jaunt_core.model.lint import LintReport
    from jaunt_core.model.report import BuildReport, TestReport

_HOMES = {
    "config.loading": "Project load_project",
    "engine.builder": "BuildOptions build",
    "engine.differ": "compare_versions",
    "engine.inspector": "clean_project explain_module inspect_project show_request",
    "engine.linter": "lint_project",
    "engine.tester": "TestOptions run_tests",
    "errors": "BackendError JauntConfigError JauntDependencyCycleError JauntDiscoveryError "
    "JauntError JauntGenerationError LandingError",
    "model.comparison": "Comparison",
    "model.events": "Event",
    "model.inspection": "Explanation Inspection",
    "model.lint": "LintReport",
    "model.report": "BuildReport TestReport",
}

__all__ = ["BackendError", "BuildOptions", "BuildReport", "Comparison", "Event", "Explanation"]
__all__ += ["Inspection", "JauntConfigError", "JauntDependencyCycleError", "JauntDiscoveryError"]
__all__ += ["JauntError", "JauntGenerationError", "LandingError", "LintReport", "Project"]
__all__ += ["TestOptions", "TestReport", "__version__", "build", "clean_project"]
__all__ += ["compare_versions", "events", "explain_module", "inspect_project", "lint_project"]
__all__ += ["load_project", "run_tests", "show_request"]


def __getattr__(name: str) -> object:
    """A public name, loaded from the module that defines it."""
    from importlib import import_module  # noqa: PLC0415 - runs with nothing to do load nothing

    if name == "events":
        return import_module("jaunt_core.model.events")
    for home, names in _HOMES.items():
        if name in names.split():
            return getattr(import_module(f"jaunt_core.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
