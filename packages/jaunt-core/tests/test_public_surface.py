"""What other programs may import: nothing is added to it or taken away by accident."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ENGINE = """
BackendError BuildOptions BuildReport Comparison Event Explanation Inspection JauntConfigError
JauntDependencyCycleError JauntDiscoveryError JauntError JauntGenerationError LandingError
LintReport Project TestOptions TestReport __version__ build clean_project compare_versions events
explain_module inspect_project lint_project load_project run_tests show_request
"""
BACKEND = """
NO_TOKENS BackendError BackendFactory BackendSetup FaultKind GenerationRequest GenerationResult
GeneratorBackend JauntConfigError KeyUse Kind Lifeline Masker Message ModuleSpecContext
ProgramLimits ProgramResult ProgramTimeoutError StopReason TokenUsage is_known_address
parse_settings parse_usage run_program
"""
TESTING = """
Breach Fault FaultServer RateLimited Received Respond Scripted ScriptedBackend check_backend
check_faults loader_of sample_request
"""
FACES = {"jaunt_core": ENGINE, "jaunt_core.backend": BACKEND, "jaunt_core.testing": TESTING}


@pytest.mark.parametrize(("face", "names"), FACES.items(), ids=FACES)
def test_the_public_names(face: str, names: str) -> None:
    assert import_module(face).__all__ == names.split()


@pytest.mark.parametrize("face", ["jaunt_core", "jaunt_core.backend"])
def test_a_name_is_what_type_checkers_take_it_for(face: str) -> None:
    """They read imports that never run; at run time the names come from a table."""
    module = import_module(face)
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    imports = {
        alias.name: import_module(str(node.module))
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("jaunt_core")
        for alias in node.names
    }
    assert sorted(imports) == sorted(module.__all__)
    for name, home in imports.items():
        assert getattr(module, name) is getattr(home, name)


@pytest.mark.parametrize("face", ["jaunt_core", "jaunt_core.backend"])
def test_a_name_that_is_none_is_refused_as_usual(face: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{face}' has no attribute 'buidl'"):
        import_module(face).buidl  # noqa: B018


def test_importing_a_face_loads_nothing_else() -> None:
    code = """
import sys
before = set(sys.modules)
import jaunt_core.backend
print(*sorted(set(sys.modules) - before))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["jaunt_core", "jaunt_core.backend", "jaunt_core.version"]


def test_internal_modules_list_no_public_names() -> None:
    folder = Path(str(import_module("jaunt_core").__file__)).parent
    lists = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if "\n__all__ = " in path.read_text("utf-8")
    }
    # errors.py hands on those of the runtime.
    assert lists == {"__init__.py", "backend/__init__.py", "errors.py", "testing/__init__.py"}
