"""Generated class modules run while their spec module is half imported.

What is accepted really imports, whichever module comes first; what is rejected really fails when
it stands in the tree all the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.model.report import BuildReport, ModuleReport
from jaunt_core.testing import ScriptedBackend, loader_of

SPEC = '''
    @jaunt.magic
    class {name}:
        """Keeps amounts."""

        def add(self, amount: int) -> int:
            """Note an amount."""
            raise NotImplementedError
    '''
ANSWER = """
    class {name}:
        def add(self, amount: int) -> int:
            return amount
    """
FUNCTION = '''
    @jaunt.magic
    def {name}() -> int:
        """Return 1."""
        raise NotImplementedError
    '''
LEDGER, TILL = SPEC.format(name="Ledger"), SPEC.format(name="Till")
LEDGER_CODE, TILL_CODE = ANSWER.format(name="Ledger"), ANSWER.format(name="Till")


def text_of(*parts: str) -> str:
    """A module of these lines and indented blocks."""
    blocks = (dedent(part).strip("\n") if "\n" in part else part for part in parts)
    return "\n".join(blocks) + "\n"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Modules of one package `p`, answers for some of them, and how these are judged.

    `rejected` holds `code line` of the first finding for each module whose answer is rejected.
    """

    name: str
    modules: Mapping[str, str]
    answers: Mapping[str, str]
    rejected: Mapping[str, str] = field(default_factory=dict)

    @property
    def package(self) -> str:
        return f"shape_{self.name}"

    def module(self, short: str) -> str:
        return f"{self.package}.{short}" if short else self.package

    def files(self) -> dict[str, str]:
        texts = {"__init__": "", **self.modules}
        return {f"{self.package}/{short}.py": self.written(text) for short, text in texts.items()}

    def written(self, text: str) -> str:
        return text.replace("p.", f"{self.package}.").replace("from p ", f"from {self.package} ")

    def entries(self) -> list[str]:
        shorts = [short for short in self.modules if short != "__init__"]
        return [self.module(short) for short in ["", *shorts]]


SHAPES = [
    Shape(
        name="type_above",
        modules={"one": text_of("import jaunt", "class Amount(int): ...", LEDGER)},
        answers={"one": text_of("from p.one import Amount", LEDGER_CODE, "ONE = Amount(1)")},
    ),
    Shape(
        name="type_below",
        modules={"one": text_of("import jaunt", LEDGER, "class Amount(int): ...")},
        answers={"one": text_of("from p.one import Amount", LEDGER_CODE)},
        rejected={"one": "import-half-bound 1"},
    ),
    Shape(
        name="type_below_for_types",
        modules={"one": text_of("import jaunt", LEDGER, "class Amount(int): ...")},
        answers={
            "one": text_of(
                "from __future__ import annotations",
                "from typing import TYPE_CHECKING",
                "if TYPE_CHECKING:",
                "    from p.one import Amount",
                LEDGER_CODE,
                "def f(x: Amount) -> Amount: return x",
            )
        },
    ),
    Shape(
        name="type_below_later",
        modules={"one": text_of("import jaunt", LEDGER, "class Amount(int): ...")},
        answers={
            "one": text_of(
                LEDGER_CODE, "def amount():", "    from p.one import Amount", "    return Amount"
            )
        },
    ),
    Shape(
        name="between_two_classes",
        modules={"one": text_of("import jaunt", LEDGER, "LIMIT = 1", TILL)},
        answers={"one": text_of(LEDGER_CODE, "from p.one import LIMIT", TILL_CODE)},
        rejected={"one": "import-half-bound 4"},
    ),
    Shape(
        name="own_module",
        modules={"one": text_of("import jaunt", LEDGER, "LIMIT = 1")},
        answers={
            "one": text_of(
                "import p.one",
                "import p.one as spec",
                "from p import one",
                LEDGER_CODE,
                "def f():",
                "    return spec.LIMIT + one.LIMIT",
            )
        },
    ),
    Shape(
        name="other_module_uses_it",
        modules={
            "one": text_of("import jaunt", LEDGER),
            "report": text_of("from p.one import Ledger", "def show(): return Ledger()"),
        },
        answers={"one": text_of("from p.report import show", LEDGER_CODE)},
        rejected={"one": "import-cycle 1"},
    ),
    Shape(
        name="other_module_as_a_whole",
        modules={
            "one": text_of("import jaunt", LEDGER),
            "report": text_of("from p.one import Ledger", "def show(): return Ledger()"),
        },
        answers={"one": text_of("import p.report", LEDGER_CODE)},
        rejected={"one": "import-cycle 1"},
    ),
    Shape(
        name="other_module_later",
        modules={
            "one": text_of("import jaunt", LEDGER),
            "report": text_of("from p.one import Ledger", "def show(): return Ledger()"),
        },
        answers={"one": text_of(LEDGER_CODE, "def f():", "    from p.report import show")},
    ),
    Shape(
        name="other_module_is_careful",
        modules={
            "one": text_of("import jaunt", LEDGER),
            "report": text_of("def show(): return p.one.Ledger()", "import p.one"),
        },
        answers={"one": text_of("from p.report import show", LEDGER_CODE)},
    ),
    Shape(
        name="other_module_is_careless",
        modules={
            "one": text_of("import jaunt", LEDGER),
            "report": text_of("import p.one", "def show(): return p.one.Ledger()"),
        },
        answers={"one": text_of("from p.report import show", LEDGER_CODE)},
        rejected={"one": "import-cycle 1"},
    ),
    Shape(
        name="one_name_early_one_late",
        modules={
            "one": text_of("import jaunt", LEDGER),
            "rates": text_of("EARLY = 1", "import p.one", "LATE = 2"),
        },
        answers={
            "one": text_of("from p.rates import EARLY", "from p.rates import LATE", LEDGER_CODE)
        },
        rejected={"one": "import-cycle 2"},
    ),
    Shape(
        name="the_spec_imports_it_first",
        modules={
            "one": text_of("import jaunt", "from p.rates import RATE", LEDGER),
            "rates": text_of("RATE = 1", "import p.one", "LATE = 2"),
        },
        answers={"one": text_of("from p.rates import RATE", LEDGER_CODE)},
    ),
    Shape(
        name="the_spec_imports_it_below",
        modules={
            "one": text_of("import jaunt", LEDGER, "LIMIT = 1", "from p.rates import rate"),
            "rates": text_of("from p.one import LIMIT", "def rate(): return LIMIT"),
        },
        answers={"one": text_of("from p.rates import rate", LEDGER_CODE)},
        rejected={"one": "import-cycle 1"},
    ),
    Shape(
        name="over_three_modules",
        modules={
            "one": text_of("import jaunt", LEDGER, "LIMIT = 1"),
            "near": text_of("from p import far", "NEAR = 1"),
            "far": text_of("def f():", "    pass", "from p.one import LIMIT"),
        },
        answers={"one": text_of("from p.near import NEAR", LEDGER_CODE)},
        rejected={"one": "import-cycle 1"},
    ),
    Shape(
        name="reexport_above",
        modules={
            "__init__": text_of("from p.one import Ledger", "RATE = 2"),
            "one": text_of("import jaunt", LEDGER),
        },
        answers={"one": text_of("from p import RATE", LEDGER_CODE)},
        rejected={"one": "import-cycle 1"},
    ),
    Shape(
        name="reexport_below",
        modules={
            "__init__": text_of("RATE = 2", "from p.one import Ledger"),
            "one": text_of("import jaunt", LEDGER),
            "rates": text_of("RATE = 3"),
        },
        answers={"one": text_of("from p import RATE", "from p.rates import RATE", LEDGER_CODE)},
    ),
    Shape(
        name="subclass_in_a_third",
        modules={
            "one": text_of("import jaunt", LEDGER),
            "special": text_of(
                "from p.one import Ledger",
                "class Special(Ledger):",
                "    def twice(self): return super().add(2)",
            ),
        },
        answers={"one": text_of(LEDGER_CODE)},
    ),
    Shape(
        name="the_subclass_is_needed",
        modules={
            "one": text_of("import jaunt", LEDGER),
            "special": text_of("from p.one import Ledger", "class Special(Ledger): pass"),
        },
        answers={"one": text_of("from p.special import Special", LEDGER_CODE)},
        rejected={"one": "import-cycle 1"},
    ),
    Shape(
        name="class_on_class",
        modules={
            "one": text_of("import jaunt", LEDGER, "import p.two"),
            "two": text_of(
                "import jaunt", "from p.one import Ledger", TILL.replace("Till:", "Till(Ledger):")
            ),
        },
        answers={
            "one": text_of(LEDGER_CODE),
            "two": text_of("from p.one import Ledger", TILL_CODE.replace("Till:", "Till(Ledger):")),
        },
    ),
    Shape(
        name="mutual_specs",
        modules={
            "one": text_of("import jaunt", LEDGER, "import p.two"),
            "two": text_of("import jaunt", "import p.one", TILL),
        },
        answers={
            "one": text_of("import p.two", LEDGER_CODE),
            "two": text_of("from p.one import Ledger", TILL_CODE),
        },
        rejected={"two": "import-cycle 1"},
    ),
    Shape(
        name="mutual_specs_later",
        modules={
            "one": text_of("import jaunt", "import p.two", LEDGER),
            "two": text_of("import jaunt", "import p.one", TILL),
        },
        answers={
            "one": text_of(LEDGER_CODE, "def f():", "    from p.two import Till"),
            "two": text_of(TILL_CODE, "def f():", "    from p.one import Ledger"),
        },
    ),
    Shape(
        name="only_the_answers_meet",
        modules={
            "one": text_of("import jaunt", LEDGER),
            "two": text_of("import jaunt", TILL),
        },
        answers={
            "one": text_of("from p.two import Till", LEDGER_CODE),
            "two": text_of("from p.one import Ledger", TILL_CODE),
        },
        rejected={"two": "import-cycle 1"},
    ),
    Shape(
        name="functions_in_a_circle",
        modules={
            "one": text_of("import jaunt", FUNCTION.format(name="one"), "from p.two import two"),
            "two": text_of("import jaunt", FUNCTION.format(name="two"), "import p.one", "LATE = 1"),
        },
        answers={
            "one": text_of("from p.two import LATE, two", "def one() -> int: return LATE"),
            "two": text_of("from p.one import one", "def two() -> int: return 1"),
        },
    ),
    Shape(
        name="generated_package_first",
        modules={
            "__init__": text_of("import jaunt", FUNCTION.format(name="rate")),
            "one": text_of("import jaunt", LEDGER, "LIMIT = 1"),
        },
        answers={
            "": text_of("from p.one import LIMIT", "def rate() -> int: return LIMIT"),
            "one": text_of(LEDGER_CODE),
        },
        rejected={"": "import-cycle 1"},
    ),
    Shape(
        name="generated_package_is_careful",
        modules={
            "__init__": text_of("import jaunt", FUNCTION.format(name="rate")),
            "one": text_of("import jaunt", "LIMIT = 1", LEDGER),
        },
        answers={
            "": text_of("from p.one import LIMIT", "def rate() -> int: return LIMIT"),
            "one": text_of(LEDGER_CODE),
        },
    ),
    Shape(
        name="class_in_a_package",
        modules={
            "__init__": text_of("import jaunt", "LIMIT = 1", LEDGER, "from p.rates import RATE"),
            "rates": text_of("from p import Ledger", "RATE = Ledger"),
        },
        answers={"": text_of("from p import LIMIT", "from p.rates import RATE", LEDGER_CODE)},
        rejected={"": "import-cycle 2"},
    ),
]

GENERATED = "shape_type_above.__generated__.one"

_RUN = """
import importlib, json, os, sys

for name in json.load(sys.stdin):
    pid = os.fork()
    if not pid:
        try:
            importlib.import_module(name)
            result = ["imported", ""]
        except Exception as error:
            result = [type(error).__name__, str(error)]
        print(json.dumps([name, *result]), flush=True)
        os._exit(0)
    os.waitpid(pid, 0)
"""


@dataclass(frozen=True)
class Built:
    project: Project
    report: BuildReport
    imports: Mapping[str, tuple[str, str]]


@pytest.fixture(scope="module")
def built(new_project: Callable[..., Project]) -> Built:
    """All shapes built; then the rejected answers landed by force, and everything imported."""
    files = {name: text for shape in SHAPES for name, text in shape.files().items()}
    project = new_project(files, '[paths]\nsource_roots = ["."]\n[build]\nattempts = 1\njobs = 1\n')
    answers = {
        shape.module(short): shape.written(text)
        for shape in SHAPES
        for short, text in shape.answers.items()
    }
    report = build(
        project,
        BuildOptions(),
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(ScriptedBackend({name: [text] for name, text in answers.items()})),
    )
    for module in report.modules:
        path = project.root / module.path
        if module.failure is not None:
            path.parent.mkdir(exist_ok=True)
            path.write_text(answers[module.module], encoding="utf-8")
    return Built(project, report, _imported(project.root))


def _imported(root: Path) -> dict[str, tuple[str, str]]:
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        input=json.dumps([*(entry for shape in SHAPES for entry in shape.entries()), GENERATED]),
        capture_output=True,
        text=True,
        cwd=root,
        check=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {name: (kind, message) for name, kind, message in lines}


def _reports(built: Built, shape: Shape) -> dict[str, ModuleReport]:
    by_name = {module.module: module for module in built.report.modules}
    return {short: by_name[shape.module(short)] for short in shape.answers}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_half_import(shape: Shape, built: Built) -> None:
    rejected = {
        short: f"{report.failure.findings[0].code} {report.failure.findings[0].line}"
        for short, report in _reports(built, shape).items()
        if report.failure is not None
    }
    failing = {
        entry: built.imports[entry]
        for entry in shape.entries()
        if built.imports[entry][0] != "imported"
    }

    assert rejected == shape.rejected
    if not shape.rejected:
        assert failing == {}
    else:
        assert failing
        assert all(kind in ("ImportError", "AttributeError") for kind, _ in failing.values())


def test_entering_through_the_generated_module_says_what_to_import(built: Built) -> None:
    kind, message = built.imports[GENERATED]

    assert kind == "JauntError"
    assert message == (
        f"{GENERATED} was imported before shape_type_above.one, which needs Ledger from it\n"
        "  hint: import shape_type_above.one instead: generated modules are no entry points"
    )


def test_finding_names_the_lines(built: Built) -> None:
    name = "shape_type_below.one"
    report = next(module for module in built.report.modules if module.module == name)
    assert report.failure is not None

    assert str(report.failure.findings[0]) == (
        "line 1: [import-half-bound] Amount is bound at line 9 of shape_type_below/one.py, below "
        "the first class spec at line 2, so it does not exist yet when this module is imported "
        "(expected: an import inside the function that uses it, or under TYPE_CHECKING for "
        "annotations)"
    )


def test_answers_that_meet_while_both_are_judged_do_not_both_land(
    make_project: Callable[..., Project],
) -> None:
    files = {"one.py": text_of("import jaunt", LEDGER), "two.py": text_of("import jaunt", TILL)}
    project = make_project(files, "[build]\nattempts = 1\njobs = 2\n")
    answers = {
        "one": [text_of("from two import Till", LEDGER_CODE), text_of(LEDGER_CODE)],
        "two": [text_of("from one import Ledger", TILL_CODE), text_of(TILL_CODE)],
    }
    backend = ScriptedBackend(answers)

    def run() -> list[str]:
        report = build(
            project,
            BuildOptions(),
            sink=lambda _: None,
            environ={"PATH": os.environ["PATH"]},
            load=loader_of(backend),
        )
        assert [_error_of(project.root, name) for name in ("one", "two")] == ["", ""]
        return sorted(module.outcome.value for module in report.modules)

    assert run() == ["failed", "generated"]
    assert run() == ["fresh", "generated"]


def _error_of(root: Path, module: str) -> str:
    """The error output of importing a module in a fresh process, empty where that works."""
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr
