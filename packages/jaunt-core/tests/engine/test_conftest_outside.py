"""A `conftest.py` above the import path: its coming, its edits and its going are seen."""

from __future__ import annotations

import os
from collections.abc import Callable

from jaunt_core.config.loading import Project
from jaunt_core.engine.inspector import inspect_project
from jaunt_core.engine.tester import TestOptions, run_tests
from jaunt_core.model.plan import Action
from jaunt_core.testing import ScriptedBackend, loader_of

ENVIRON = {"PATH": os.environ["PATH"]}
CONFIG = """
    [paths]
    source_roots = ["src"]
    test_roots = ["pk/a/tests"]
    [build]
    run_examples = false
    type_check = "off"
    [test]
    run_trials = false
    """
FILES = {
    "src/m.py": "import jaunt\n\n@jaunt.magic\ndef one() -> int:\n    '''Return 1.'''\n",
    "pk/a/tests/test_m.py": (
        "import jaunt\nfrom m import one\n\n@jaunt.test(targets=[one])\n"
        "def test_one(city) -> None:\n    '''It is 1.'''\n"
    ),
}
ANSWERS = {
    "m": ["def one() -> int:\n    return 1\n"],
    "tests.test_m": ["from m import one\n\n\ndef test_one(city) -> None:\n    assert one() == 1\n"]
    * 4,
}
FIXTURE = "import pytest\n\n@pytest.fixture\ndef city():\n    return {}\n"


def test_a_conftest_that_no_import_leads_to(make_project: Callable[..., Project]) -> None:
    project = make_project(FILES, CONFIG)
    backend = ScriptedBackend(ANSWERS)
    conftest = project.root / "conftest.py"

    def stale() -> list[str]:
        report = inspect_project(project, environ=ENVIRON, load=None)
        return [module.name for module in report.modules if module.action is not Action.FRESH]

    def build() -> None:
        load = loader_of(backend)
        options = TestOptions(run=False)
        run_tests(project, options, sink=lambda _: None, environ=ENVIRON, load=load)

    build()
    assert stale() == []
    for text in (FIXTURE.format(1), FIXTURE.format(2), ""):
        if text:
            conftest.write_text(text, "utf-8")
        else:
            conftest.unlink()
        assert stale() == ["tests.test_m"], text
        build()
        assert stale() == []
