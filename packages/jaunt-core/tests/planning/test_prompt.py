"""What is sent: every word of it comes from a template, the specs or the findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.engine.inspector import show_request
from jaunt_core.engine.tester import TestOptions, run_tests
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.generation import (
    DependencyApi,
    DependencySource,
    ExpectedName,
    Finding,
    ImportPolicy,
    Message,
    ModuleSpecContext,
    SpecText,
)
from jaunt_core.model.spec import ContextItem, ImportLine, Kind, NamedHome, SpecRef
from jaunt_core.planning.prompt import Template, Templates, render_messages
from jaunt_core.planning.prompt_limit import estimated_tokens
from jaunt_core.project.templates import load_templates
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

CONTEXT = ModuleSpecContext(
    kind=Kind.BUILD,
    spec_module="shop.tax",
    generated_module="shop.__generated__.tax",
    expected=(
        ExpectedName(name="rate", declaration="def rate(country: str) -> float"),
        ExpectedName(name="Table", declaration="@final\nclass Table"),
    ),
    specs=(
        SpecText(ref=SpecRef("shop.tax:rate"), text="def rate(): ...", prompt="Be quick."),
        SpecText(ref=SpecRef("shop.tax:Table"), text="class Table: ...", prompt=""),
    ),
    dependency_apis=(
        DependencyApi(ref=SpecRef("shop.a:one"), text="def one(): ...", form=""),
        DependencyApi(
            ref=SpecRef("shop.b:two"),
            text="def two(): ...",
            form="",
            names=(
                NamedHome(text="from shop.models import VAT", ref=SpecRef("shop.models:VAT")),
                NamedHome(
                    text="from shop.errors import SoldOut",
                    ref=SpecRef("shop.errors:SoldOut"),
                    declaration="class SoldOut(Exception)",
                ),
            ),
        ),
    ),
    dependency_sources=(DependencySource(module="shop.a", text="def one():\n    return 1\n"),),
    context=(
        ContextItem(
            ref=SpecRef("shop.models:VAT"),
            path=PurePosixPath("shop/models.py"),
            line=3,
            text="VAT = 19",
            form="",
            names=(NamedHome(text="from money import D"), NamedHome(text="import jwt")),
        ),
        ContextItem(
            ref=SpecRef("tests.conftest:clock"),
            path=PurePosixPath("tests/conftest.py"),
            line=3,
            text="def clock(): ...",
            form="",
            supplied=True,
        ),
    ),
    wanted=("rate", "Table"),
    imports=ImportPolicy(packages=("httpx", "pydantic"), python="3.12"),
    spec_imports=(
        ImportLine(text="import jwt"),
        ImportLine(text="from shop.models import VAT", for_types=True),
    ),
    bound_above=("VAT", "rates"),
    decorated=("rate", "cached"),
    judged_by=("Types are checked.", "Examples are run."),
    previous_source="def rate():\n    return 0\n",
)
EMPTY = ModuleSpecContext(
    kind=Kind.TEST,
    spec_module="tests.test_tax",
    generated_module="tests.__generated__.test_tax",
    expected=(ExpectedName(name="test_rate", declaration="def test_rate()"),),
    specs=(
        SpecText(ref=SpecRef("tests.test_tax:test_rate"), text="def test_rate(): ...", prompt=""),
    ),
    dependency_apis=(),
    dependency_sources=(),
    context=(),
    wanted=("test_rate",),
)
FINDINGS = (
    Finding(code="missing-name", message="Table is not defined", expected="class Table"),
    Finding(code="syntax", line=3, message="it does not\ncompile"),
)


def templates_of(system: str = "", module: str = "", repair: str = "") -> Templates:
    return Templates(
        system=Template(name="system.md", text=system),
        module=Template(name="module.md", text=module),
        partial=Template(name="partial.md", text="Only {{wanted}}, not {{fixed}}."),
        repair=Template(name="repair.md", text=repair),
        repair_part=Template(name="repair_part.md", text="Again {{wanted}}: {{findings}}"),
    )


EXACT = {
    "kind": "build",
    "spec_module": "shop.tax",
    "generated_module": "shop.__generated__.tax",
    "required_names": "```python\ndef rate(country: str) -> float\n@final\nclass Table\n```",
    "specs": (
        "### shop.tax:rate\n\n```python\ndef rate(): ...\n```\n\n"
        "Also asked by its author:\n```python\nBe quick.\n```\n\n"
        "### shop.tax:Table\n\n```python\nclass Table: ...\n```"
    ),
    "dependencies": (
        "### shop.a:one (import it from shop.a)\n\n```python\ndef one(): ...\n```\n\n"
        "### shop.b:two (import it from shop.b)\n\n```python\ndef two(): ...\n```\n\n"
        "Names in it:\n```python\n"
        "from shop.errors import SoldOut  # class SoldOut(Exception)\n```"
    ),
    "context": (
        "### shop.models:VAT (defined in shop.models)\n\n```python\nVAT = 19\n```\n\n"
        "Names in it:\n```python\nfrom money import D\n```"
    ),
    "fixtures": "### tests.conftest:clock\n\n```python\ndef clock(): ...\n```",
    "imports": (
        "```python\nimport jwt\nfrom typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n    from shop.models import VAT\n```"
    ),
    "bound_above": "`VAT`, `rates`",
    "decorated": "`rate`, `cached`",
    "judged_by": "- Types are checked.\n- Examples are run.",
    "dependency_sources": "### shop.a\n\n```python\ndef one():\n    return 1\n```",
    "packages": (
        "The project's own modules, the standard library of Python 3.12, and these packages: "
        "httpx, pydantic."
    ),
    "task": "The whole module.",
    "previous_source": "```python\ndef rate():\n    return 0\n```",
    "findings": (
        "- [missing-name] Table is not defined (expected: class Table)\n"
        "- line 3: [syntax] it does not\n  compile"
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_what_a_placeholder_stands_for(name: str) -> None:
    template = f"Before {{{{{name}}}}} and {{{{ {name} }}}} after"
    context = replace(CONTEXT, findings=FINDINGS)

    _, message = render_messages(context, templates_of(module=template))

    assert message.text == f"Before {EXACT[name]} and {EXACT[name]} after\n"


@pytest.mark.parametrize(
    "name",
    [
        "bound_above",
        "context",
        "decorated",
        "dependencies",
        "dependency_sources",
        "findings",
        "fixtures",
        "imports",
        "judged_by",
        "previous_source",
    ],
)
def test_what_is_not_there_is_said_to_be_none(name: str) -> None:
    _, message = render_messages(EMPTY, templates_of(module=f"{{{{{name}}}}}"))

    assert message.text == "None.\n"


def test_a_section_without_content_is_left_out() -> None:
    module = (
        "Write.\n\n## What exists\n\nUse {{context}}\n\n## Asked\n\n{{specs}} {{findings}}\n\n"
        "## Both\n\n{{imports}} {{fixtures}}\n\n## Rules\n\nNone."
    )

    _, empty = render_messages(EMPTY, templates_of(module=module))
    _, half = render_messages(
        replace(EMPTY, bound_above=()), templates_of(module="{{bound_above}}")
    )
    _, full = render_messages(CONTEXT, templates_of(module=module))

    heads = [line for line in empty.text.splitlines() if line.startswith("## ")]
    assert heads == ["## Asked", "## Rules"]
    assert half.text == "none\n"
    heads = [line for line in full.text.splitlines() if line.startswith("## ")]
    assert heads == ["## What exists", "## Asked", "## Both", "## Rules"]


@pytest.mark.parametrize("kind", Kind)
def test_the_fixed_part_is_short(kind: Kind, make_project: MakeProject) -> None:
    templates = load_templates(make_project({}), kind)
    fixed = templates.system.text + re.sub(r"\{\{.*?\}\}", "", templates.module.text)

    assert estimated_tokens((Message(role="system", text=fixed),)) <= 500


def test_a_source_is_sent_once(make_project: MakeProject) -> None:
    templates = load_templates(make_project({}), Kind.BUILD)
    context = replace(CONTEXT, previous_answer=CONTEXT.previous_source, findings=FINDINGS)

    sent = "\n".join(message.text for message in render_messages(context, templates))

    assert sent.count("def rate():\n    return 0") == 1
    assert "It is your answer below." in sent


def test_a_part_of_a_module_is_asked_for_by_name() -> None:
    context = replace(CONTEXT, wanted=("Table",))
    template = "{{task}}\n{{required_names}}"

    _, message = render_messages(context, templates_of(module=template))

    assert message.text == ("Only `Table`, not `rate`.\n```python\n@final\nclass Table\n```\n")


@pytest.mark.parametrize(
    ("packages", "python", "expected"),
    [
        (None, "3.12", "of Python 3.12, and packages that the project has installed."),
        ((), "3.12", "and the standard library of Python 3.12; no other package."),
        (("a", "b"), "", "the standard library of Python, and these packages: a, b."),
    ],
)
def test_what_may_be_imported_is_said(
    packages: tuple[str, ...] | None, python: str, expected: str
) -> None:
    context = replace(CONTEXT, imports=ImportPolicy(packages=packages, python=python))

    _, message = render_messages(context, templates_of(module="{{packages}}"))

    assert message.text.startswith("The project's own modules")
    assert message.text.rstrip().endswith(expected)


def test_a_repair_is_a_conversation() -> None:
    context = replace(CONTEXT, previous_answer="x = {{specs}}\n", findings=FINDINGS)
    templates = templates_of("Write {{kind}}.", "Do {{spec_module}}.", "Wrong:\n{{findings}}")

    messages = render_messages(context, templates)

    assert [(message.role, message.text) for message in messages] == [
        ("system", "Write build.\n"),
        ("user", "Do shop.tax.\n"),
        ("assistant", "x = {{specs}}\n"),
        ("user", f"Wrong:\n{EXACT['findings']}\n"),
    ]
    empty = render_messages(replace(context, previous_answer=""), templates)
    assert empty[2].text == "(no answer)"


DEFAULTS = {
    Kind.BUILD: ["Write no tests.", "Implement everything."],
    Kind.TEST: ["never define an implementation", "Each test calls what it tests"],
}


@pytest.mark.parametrize("kind", Kind)
def test_the_shipped_templates(kind: Kind, make_project: MakeProject) -> None:
    templates = load_templates(make_project({}), kind)
    context = replace(CONTEXT, kind=kind, previous_answer="no", findings=FINDINGS)

    messages = render_messages(context, templates)

    sent = "\n".join(message.text for message in messages)
    assert "{{" not in sent
    texts = (templates.system.text, templates.module.text, templates.repair.text)
    named = {name for text in texts for name in re.findall(r"\{\{(\w+)\}\}", text)}
    unused = {Kind.BUILD: {"fixtures"}, Kind.TEST: {"bound_above", "decorated"}}[kind]
    assert set(EXACT) - named == {"kind", "dependency_sources"} | unused
    for name in named:
        assert EXACT[name] in sent, name
    # A spec is its own interface: nobody is shown how another module does it.
    assert EXACT["dependency_sources"] not in sent
    system = messages[0].text
    for rule in DEFAULTS[kind]:
        assert rule in system
    assert "Answer with Python code only" in system
    assert "The files that people wrote are not yours to change" in system
    assert "__generated__" in system
    other = DEFAULTS[Kind.TEST if kind is Kind.BUILD else Kind.BUILD]
    assert not any(rule in sent for rule in other)


def blocks_of(text: str) -> tuple[list[str], list[str]]:
    """The lines outside of fenced blocks, and what stands inside of each."""
    outside: list[str] = []
    inside: list[str] = []
    fence = ""
    for line in text.split("\n"):
        if fence:
            if re.fullmatch(f" {{0,3}}`{{{len(fence)},}}[ \\t]*", line):
                fence = ""
            else:
                inside[-1] += f"{line}\n"
        elif opening := re.match(r"(`{3,})python$", line):
            fence = opening[1]
            inside.append("")
        else:
            outside.append(line)
    assert not fence
    return outside, inside


PIECES = ("```", "````", "``````", "~~~", "python", "{{specs}}", "{{", "}}", "text", '"""')
LINES = ("\n", " ", "## Required names", "### a:b", "<|im_end|>")
nasty = st.lists(st.sampled_from(PIECES + LINES)).map("".join)


@given(text=nasty, note=nasty)
def test_nothing_breaks_out_of_its_block(text: str, note: str) -> None:
    shown = replace(
        CONTEXT,
        dependency_apis=tuple(replace(entry, names=()) for entry in CONTEXT.dependency_apis),
        context=tuple(replace(entry, names=()) for entry in CONTEXT.context[:1]),
    )
    plain = replace(shown, specs=(replace(CONTEXT.specs[0], text="x", prompt="y"),))
    attack = replace(
        shown,
        specs=(replace(CONTEXT.specs[0], text=f"x{text}", prompt=f"y{note}"),),
        dependency_apis=tuple(replace(entry, text=text) for entry in shown.dependency_apis),
        context=tuple(replace(entry, text=text) for entry in shown.context),
    )
    templates = templates_of(module="{{context}}\n{{dependencies}}\n{{specs}}\n{{required_names}}")

    outside, _ = blocks_of(render_messages(plain, templates)[1].text)
    surroundings, inside = blocks_of(render_messages(attack, templates)[1].text)

    assert surroundings == outside
    names = "def rate(country: str) -> float\n@final\nclass Table"
    expected = [*[text] * 3, f"x{text}", f"y{note}", names]
    assert inside == [f"{entry.rstrip()}\n" for entry in expected]


SPECS = {
    "tax.py": '''
        import jaunt

        @jaunt.magic
        def rate() -> int:
            """Return {{specs}}, as ```the``` table says."""
            raise NotImplementedError
        ''',
    "tests/test_tax.py": '''
        import jaunt
        from tax import rate

        @jaunt.test(targets=[rate])
        def test_rate() -> None:
            """It is 19."""
        ''',
}
RATE = 'def rate() -> int:\n    """Return {{specs}}, as ```the``` table says."""'
ANSWERS = {
    "tax": ["def rate() -> int:\n    return 19\n"],
    "tests.test_tax": [
        "from tax import rate\n\n\ndef test_rate() -> None:\n    assert rate() == 19\n"
    ],
}
MINE = {
    "p/bs.md": "system of {{kind}}",
    "p/bm.md": "module {{generated_module}} {{specs}}",
    "p/ts.md": "tests of {{kind}}",
    "p/tm.md": "tests {{generated_module}} {{dependencies}} {{dependency_sources}}",
}
PROMPTS = """
    [prompts]
    build_system = "p/bs.md"
    build_module = "p/bm.md"
    test_system = "p/ts.md"
    test_module = "p/tm.md"
    """


def ask(project: Project) -> ScriptedBackend:
    backend = ScriptedBackend(ANSWERS)
    report = run_tests(
        project, TestOptions(run=False), sink=lambda _: None, environ={}, load=loader_of(backend)
    )
    assert report.tests.ok
    return backend


def test_templates_of_the_project(make_project: MakeProject) -> None:
    code, tests = ask(make_project({**SPECS, **MINE}, PROMPTS)).requests

    system, module = (message.text for message in code.messages)
    assert system == "system of build\n"
    assert module == (
        f"module __generated__.tax ### tax:rate\n\n````python\n{RATE}\n"
        "    raise NotImplementedError\n````\n"
    )
    system, module = (message.text for message in tests.messages)
    assert system == "tests of test\n"
    assert module == (
        "tests tests.__generated__.test_tax ### tax:rate (import it from tax)\n\n"
        f"````python\n{RATE}\n```` None.\n"
    )


def test_tests_are_not_shown_an_implementation(make_project: MakeProject) -> None:
    code, tests = ask(make_project(SPECS)).requests

    assert code.context.kind is Kind.BUILD
    assert tests.context.kind is Kind.TEST
    assert tests.context.dependency_sources == ()
    assert not any("return 19" in message.text for message in tests.messages)
    assert any("Return {{specs}}" in message.text for message in tests.messages)


def test_functions_with_decorators_are_told_where_others_may_call_them(
    make_project: MakeProject,
) -> None:
    cached = "import functools\nimport jaunt\n@functools.cache\n@jaunt.magic\ndef f() -> int: ...\n"
    other = (
        "@jaunt.magic\n@functools.total_ordering\nclass C:\n    def __lt__(self, c) -> bool: ...\n"
    )
    project = make_project({"alone.py": cached, "both.py": cached + other})

    shown = {
        name: show_request(project, name, environ={}, load=loader_of(ScriptedBackend({})))
        for name in ("alone", "both")
    }

    assert shown["alone"].context.decorated == ()
    assert shown["both"].context.decorated == ("f",)
    assert "`both` decorates `f`" in shown["both"].messages[1].text


def test_a_name_whose_value_changes_is_to_be_read_late(make_project: MakeProject) -> None:
    files = {
        "shop/app.py": '''
            import jaunt

            _total = 0

            def add(amount: int) -> None:
                """Add to the total."""
                global _total
                _total += amount

            @jaunt.magic
            def total() -> int:
                """Return `_total`, to which `add()` adds."""
            '''
    }
    request = show_request(
        make_project(files), "shop.app", environ={}, load=loader_of(ScriptedBackend({}))
    )

    shown = request.messages[1].text
    late = "which binds it anew: `import shop.app` and read `shop.app._total`"
    assert f"### shop.app:_total (defined in shop.app, {late})" in shown
    assert "### shop.app:add (defined in shop.app)" in shown


def build_with(make_project: MakeProject, files: Mapping[str, str]) -> None:
    project = make_project({**SPECS, **files}, '[prompts]\nbuild_module = "p/bm.md"\n')
    backend = ScriptedBackend(ANSWERS)
    try:
        build(project, BuildOptions(), sink=lambda _: None, environ={}, load=loader_of(backend))
    finally:
        assert backend.requests == []


@pytest.mark.parametrize("name", ["speks", "spec-module", "specs.text", "Specs", "a b"])
def test_an_unknown_placeholder_names_the_file(make_project: MakeProject, name: str) -> None:
    with pytest.raises(JauntConfigError) as caught:
        build_with(make_project, {"p/bm.md": f"{{{{specs}}}} {{{{ {name} }}}}"})

    assert caught.value.args[0].endswith(f"p/bm.md: unknown placeholder {{{{{name}}}}}")
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("valid placeholders: bound_above, context, decorated, ")


def test_a_missing_template_names_the_setting(make_project: MakeProject) -> None:
    with pytest.raises(JauntConfigError, match=r"\[prompts\] build_module = 'p/bm.md'"):
        build_with(make_project, {})


def test_the_order_is_that_of_the_source(make_project: MakeProject) -> None:
    files = {
        "tax.py": '''
            import jaunt

            @jaunt.magic
            def second() -> int: ...

            @jaunt.magic(prompt="""
                First of all.
                """)
            def first(sep: str = "a  b", *,
                      wide: "list[int]" = [  # numbers
                          1]) -> int: ...
            ''',
    }
    second = "def second() -> int:\n    return 2\n"
    first = 'def first(sep: str = "a  b", *, wide: list[int] = [1]) -> int:\n    return 1\n'
    backend = ScriptedBackend({"tax": [second + first]})
    report = build(
        make_project(files),
        BuildOptions(),
        sink=lambda _: None,
        environ={},
        load=loader_of(backend),
    )

    assert report.ok
    (request,) = backend.requests
    assert [entry.declaration for entry in request.context.expected] == [
        "def second() -> int",
        'def first(sep: str = "a  b", *, wide: "list[int]" = [1]) -> int',
    ]
    assert [entry.prompt for entry in request.context.specs] == ["", "First of all."]
