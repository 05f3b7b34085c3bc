"""What is read out of modules, and that reading them disturbs nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import jaunt_core
from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.errors import JauntDiscoveryError
from jaunt_core.model.events import Event
from jaunt_core.model.reason import ReasonKind
from jaunt_core.model.report import BuildReport, Outcome
from jaunt_core.model.spec import ClassFacts, Kind
from jaunt_core.testing import ScriptedBackend, loader_of

from ..conftest import MakeProject, discover

SPEC = "import jaunt\n\n@jaunt.magic\ndef f() -> int: ...\n"
ENVIRON = {"PATH": os.environ["PATH"]}


def run_build(
    project: Project, answers: Mapping[str, str]
) -> tuple[BuildReport, ScriptedBackend, list[Event]]:
    """Build a whole project with one answer for each module."""
    backend = ScriptedBackend({name: [text] for name, text in answers.items()})
    events: list[Event] = []
    report = build(
        project, BuildOptions(), sink=events.append, environ=ENVIRON, load=loader_of(backend)
    )
    return report, backend, events


def test_the_facts_of_specs(make_project: MakeProject) -> None:
    source = '''
        import sys
        import jaunt
        from jaunt import magic

        LIMIT = 3

        @magic(prompt="""
            Be quick.
              And right.
        """, infer_deps=False)
        async def fetch(url: str, /, *, timeout: float = 1.0) -> bytes:
            """Fetch it.

            Twice, if need be.
            """
            raise NotImplementedError

        if sys.version_info >= (3, 11):
            @jaunt.magic
            def guarded():
                # in an if
                yield 1

        try:
            import no_such_module
        except ImportError:
            @jaunt.magic()
            class Caught: ...

        match LIMIT:
            case 3:
                @jaunt.magic
                def matched(): ...
    '''
    (module,) = discover(make_project({"shop/web.py": source}))
    assert (module.name, module.kind, module.is_package) == ("shop.web", Kind.BUILD, False)
    assert module.first_class_line == 27
    assert [(binding.name, binding.line) for binding in module.bindings] == [
        ("sys", 1), ("jaunt", 2), ("magic", 3), ("LIMIT", 5), ("fetch", 7), ("guarded", 19),
        ("no_such_module", 25), ("Caught", 27), ("matched", 32),
    ]  # fmt: skip
    fetch, guarded, caught, matched = module.specs
    assert (fetch.ref, fetch.line, str(fetch.path)) == ("shop.web:fetch", 7, "shop/web.py")
    assert (fetch.prompt, fetch.infer_deps) == ("Be quick.\n  And right.", False)
    assert fetch.text.splitlines()[:2] == [
        "async def fetch(url: str, /, *, timeout: float = 1.0) -> bytes:",
        '    """Fetch it.',
    ]
    assert not isinstance(fetch.definition, ClassFacts)
    assert (fetch.definition.shape, fetch.definition.stub) == ("async function", True)
    assert fetch.definition.docstring == "Fetch it.\n\nTwice, if need be."
    assert (guarded.line, guarded.infer_deps) == (19, None)
    assert guarded.text == "def guarded():\n    # in an if\n    yield 1"
    assert not isinstance(guarded.definition, ClassFacts)
    assert guarded.definition.shape == "generator"
    assert (caught.line, caught.name) == (27, "Caught")
    assert isinstance(caught.definition, ClassFacts)
    assert (matched.line, matched.text) == (32, "def matched(): ...")


def test_only_the_kinds_that_are_asked_for_are_imported(make_project: MakeProject) -> None:
    bad = "import jaunt\nraise RuntimeError\n"
    project = make_project({"app.py": SPEC, "tests/test_a.py": bad})
    assert [module.name for module in discover(project, kinds=[Kind.BUILD])] == ["app"]
    with pytest.raises(JauntDiscoveryError, match=r"^tests/test_a\.py:2: "):
        discover(project)


ENCODED = {
    "latin": "# -*- coding: latin-1 -*-\nimport jaunt\nNAME = 'é'\n\n@jaunt.magic\ndef f(x='é'):\n"
    "    '''Café.'''\n".encode("latin-1"),
    "bom": b"\xef\xbb\xbfimport jaunt\n\n\n\n@jaunt.magic\ndef f(x='\xc3\xa9'):\n"
    b"    '''Caf\xc3\xa9.'''\n",
    "crlf": "import jaunt\r\n\r\n\r\n\r\n@jaunt.magic\r\ndef f(x='é'):\r\n"
    "    '''Café.'''\r\n".encode(),
    "mac": "import jaunt\r\r\r\r@jaunt.magic\rdef f(x='é'):\r    '''Café.'''\r".encode(),
    "feeds": "import jaunt\n\n# a\x0cb\u2028c\n\x0c\n@jaunt.magic\ndef f(x='é'):\n"
    "    '''Café.'''\n".encode(),
}


def test_encodings_and_line_ends(make_project: MakeProject) -> None:
    project = make_project({})
    for name, content in ENCODED.items():
        (project.root / f"{name}.py").write_bytes(content)
    modules = discover(project)
    assert [module.name for module in modules] == sorted(ENCODED)
    specs = [module.specs[0] for module in modules]
    assert {spec.text for spec in specs} == {"def f(x='é'):\n    '''Café.'''"}
    assert {spec.line for spec in specs} == {5}
    assert len({spec.parts for spec in specs}) == 1


def test_circular_imports_that_work_from_one_end(make_project: MakeProject) -> None:
    files = {
        # Python can import `shop.zebra` first and `shop.ant` never; discovery goes in this order.
        "shop/ant.py": """
            import jaunt
            from shop.zebra import Stripe

            @jaunt.magic
            def count(stripe: Stripe) -> int: ...
        """,
        "shop/bee.py": SPEC,
        "shop/zebra.py": """
            import jaunt

            class Stripe: ...

            from shop.ant import count

            @jaunt.magic(deps=[count])
            def total(stripe: Stripe) -> int: ...
        """,
    }
    modules = discover(make_project(files))
    assert [spec.ref for module in modules for spec in module.specs] == [
        "shop.ant:count",
        "shop.bee:f",
        "shop.zebra:total",
    ]


COMMENTED = """
import sys
import jaunt

@jaunt.magic  # ours
def f(a="#no", b='\\'#no', # one
      *, c=\"\"\"# no " "" \\" # no\"\"\"):  # two
    r'\\# no'  # three
    x = ("a"  # four
         '#'  '#')  # five
    return"# no" + f'{x!r} # no'  # six
        # seven
# outside
"""
NESTED = """
import jaunt

@jaunt.magic
def f(x):
    y = f"{x["#no"]} # no"  # one
    return f'''# no {
        y  # two
    }'''
"""


def test_comments_are_distinguished_from_strings(make_project: MakeProject) -> None:
    files = {"plain.py": COMMENTED}
    if sys.version_info >= (3, 12):  # from there on, strings may stand in formatted strings
        files["nested.py"] = NESTED
    parts = {
        module.name: {part.name: part.form for part in module.specs[0].parts}
        for module in discover(make_project(files))
    }
    assert parts.pop("plain")["comments"] == (
        "(2 'one') (3 'two') (3 'three') (4 'four') (4 'five') (5 'six') (5 'seven')"
    )
    assert [forms["comments"] for forms in parts.values()] in ([], ["(2 'one') (3 'two')"])


def test_code_that_is_nested_deeply(make_project: MakeProject) -> None:
    branches = "".join(f"    elif key == {number}:\n        LAST\n" for number in range(900))
    spec = f"@jaunt.magic\ndef f(key):\n    if key: ...\n{branches}"
    (module,) = discover(make_project({"app.py": f"import jaunt\n\nLAST = 1\n\n{spec}"}))
    assert module.specs[0].inferred == ("app:LAST",)


def test_reading_loads_little(make_project: MakeProject, tmp_path: Path) -> None:
    note = tmp_path / "modules.json"
    probe = f"""
        import jaunt, json, pathlib, sys
        pathlib.Path({str(note)!r}).write_text(json.dumps(sorted(sys.modules)))

        @jaunt.magic
        def f() -> int: ...
    """
    discover(make_project({"app.py": probe}))
    costly = {"asyncio", "copy", "dataclasses", "hashlib", "inspect", "pydantic"}
    assert not costly & set(json.loads(note.read_text()))


def test_user_modules_may_have_the_names_of_the_workers_modules(
    make_project: MakeProject, tmp_path: Path
) -> None:
    note = tmp_path / "modules.json"
    probe = f"""
        import jaunt, json, pathlib, sys
        files = {{n: str(getattr(m, "__file__", "")) for n, m in list(sys.modules.items())}}
        pathlib.Path({str(note)!r}).write_text(json.dumps([files, sys.path]))

        @jaunt.magic
        def f() -> int: ...
    """
    worker = Path(jaunt_core.__file__).parent / "worker"
    own_names = {path.stem for path in worker.rglob("*.py") if not path.stem.startswith("__")}
    names = sorted([*own_names, "worker", "zz_probe"])
    files = {f"{name}.py": SPEC for name in names}
    project = make_project({**files, "zz_probe.py": probe})
    assert [module.name for module in discover(project)] == names
    loaded, path = json.loads(note.read_text())
    ours = {
        name
        for name, file in loaded.items()
        if f"jaunt_core{os.sep}worker" in file and name != "__main__"
    }
    assert {name.partition(".")[0] for name in ours} == {"_jaunt_worker"}
    assert "jaunt_core" not in loaded
    assert path[0] == str(project.root)
    assert not [folder for folder in path if "jaunt_core" in folder]


def test_modules_named_as_those_of_the_standard_library(make_project: MakeProject) -> None:
    names = ("shop/types.py", "shop/json.py", "shop/ast.py", "colorsys.py", "tests/enum.py")
    project = make_project(
        {name: SPEC.replace("magic", "test") if "tests" in name else SPEC for name in names}
    )
    assert [module.name for module in discover(project)] == [
        "colorsys", "shop.ast", "shop.json", "shop.types", "tests.enum",
    ]  # fmt: skip
    # Python itself has imported `types` before any project comes up.
    (project.root / "types.py").write_text(SPEC)
    with pytest.raises(JauntDiscoveryError, match=r"^types\.py: module 'types' is imported from "):
        discover(project)


LEDGER = {
    "shop/ledger.py": """
        from dataclasses import dataclass, field
        import jaunt
        from pydantic import BaseModel, ConfigDict

        @jaunt.magic
        class Ledger:
            '''A list of amounts.'''
            def __init__(self, name: str = "main") -> None:
                '''Open it.'''
                raise NotImplementedError
            def add(self, amount: int) -> int:
                '''Add `amount` and return the sum.'''
                raise NotImplementedError

        DEFAULT = Ledger("default")
        BY_NAME = {"x": Ledger()}

        class Holder(BaseModel):
            model_config = ConfigDict(arbitrary_types_allowed=True)
            ledger: Ledger = Ledger("held")

        @dataclass
        class Account:
            ledger: Ledger = field(default_factory=Ledger)

        class Savings(Ledger):
            pass

        SAVINGS, ACCOUNT = Savings("savings"), Account()
    """,
    "tests/test_ledger.py": """
        import jaunt, pytest
        from shop.ledger import ACCOUNT, DEFAULT, Holder, Ledger

        @jaunt.test(targets=[Ledger])
        @pytest.mark.parametrize("ledger", [DEFAULT, Ledger("y"), Holder().ledger, ACCOUNT.ledger])
        def test_add(ledger):
            '''Two amounts add up.'''
    """,
}
LEDGER_ANSWER = """
class Ledger:
    def __init__(self, name: str = "main") -> None:
        self.name = name
        self.total = 0

    def add(self, amount: int) -> int:
        self.total += amount
        return self.total
"""


def test_module_level_code_may_use_class_specs(make_project: MakeProject) -> None:
    project = make_project(LEDGER)
    before = discover(project)
    report, backend, _ = run_build(project, {"shop.ledger": LEDGER_ANSWER})
    assert [module.outcome for module in report.modules] == [Outcome.GENERATED]
    query = (
        "import shop.ledger as s; print(s.DEFAULT.name, s.Holder().ledger.add(2), "
        "s.SAVINGS.add(3), isinstance(s.BY_NAME['x'], s.Ledger))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", query], cwd=project.root, capture_output=True, text=True, check=True
    )
    assert shown.stdout == "default 2 3 True\n"
    assert discover(project) == before
    again, backend, _ = run_build(project, {})
    assert [module.outcome for module in again.modules] == [Outcome.FRESH]
    assert backend.asked == []
    # Generated code is never imported while discovering, so it may be as broken as it likes.
    generated = project.root / "shop" / "__generated__" / "ledger.py"
    for broken in ("raise SystemExit('imported')\n", "def (\n"):
        generated.write_text(broken)
        assert discover(project) == before


def test_unknown_dependencies_warn_with_the_nearest_name(make_project: MakeProject) -> None:
    source = """
        import jaunt

        @jaunt.magic(deps=["shop.tax:rat", "nothing"])
        def total() -> int: ...

        @jaunt.magic
        def rate() -> int: ...
    """
    answer = "def total() -> int:\n    return 1\n\ndef rate() -> int:\n    return 2\n"
    report, _, _ = run_build(make_project({"shop/tax.py": source}), {"shop.tax": answer})
    assert report.ok
    place = "shop/tax.py:3: shop.tax:total"
    what = "which names nothing in this project"
    assert report.warnings == (
        f"{place} depends on 'shop.tax:rat', {what}; did you mean shop.tax:rate?",
        f"{place} depends on 'nothing', {what}",
    )


def test_a_cycle_that_only_the_old_setting_has(make_project: MakeProject) -> None:
    files = {
        "one.py": "import jaunt\nimport two\n\n@jaunt.magic\ndef f() -> int:\n    two.g\n",
        "two.py": "import jaunt\nimport one\n\n@jaunt.magic\ndef g() -> int: ...\n",
    }
    answers = {
        "one": "def f() -> int:\n    return 1\n",
        "two": "def g() -> int:\n    return 2\n",
    }
    assert run_build(make_project(files), answers)[0].ok
    files["two.py"] = files["two.py"].replace("...", "\n    one.f")
    project = make_project(files, "[build]\ninfer_deps = false\n")
    # The files were made with inference, under which the specs now form a circle.
    report, _, _ = run_build(project, answers)
    assert report.ok
    assert {(module.reasons[0].kind, module.reasons[0].detail) for module in report.modules} == {
        (
            ReasonKind.DEPENDENCY,
            "under the inference setting that it was made with, specs form a cycle",
        )
    }


def test_imports_in_a_long_chain(make_project: MakeProject) -> None:
    # Python follows imports by recursion: from the first of these on, it would give up.
    last = 300
    files = {f"m{n:03d}.py": f"from m{n + 1:03d} import f as g\n{SPEC}" for n in range(last)}

    modules = discover(make_project({**files, f"m{last}.py": SPEC}))

    assert [module.name for module in modules] == [f"m{n:03d}" for n in range(last + 1)]
