"""What may be decorated with what arguments, and what is said about the rest."""

import abc
import functools
import importlib.util
from typing import Any

import pytest

import jaunt
from jaunt import JauntError, registry

from .conftest import Project


def declare(project: Project, code: str) -> Any:
    code = f"import jaunt, functools, abc, enum\n{code}"
    project.write({"shop/__init__.py": "", "shop/a.py": code})
    return project.load("shop.a")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("class A:\n  @jaunt.magic\n  def f(self): ...\n", "A.f, a member of"),
        ("class A:\n  @jaunt.magic\n  class B: ...\n", "A.B, a member of a class"),
        ("class A:\n  @jaunt.magic\n  @staticmethod\n  def f(): ...\n", "A.f, a member of"),
        ("def o():\n  @jaunt.magic\n  def f(): ...\no()\n", "o.<locals>.f"),
        ("def o():\n  @jaunt.magic\n  class B: ...\no()\n", "o.<locals>.B"),
        ("\n\njaunt.magic(lambda: 1)\n", "a lambda"),
        ("\n@jaunt.magic\nclass A(abc.ABC): ...\n", "the class A, whose metaclass is ABCMeta"),
        ("\n@jaunt.magic()\nclass A(enum.Enum): ...\n", "the class A, whose metaclass is EnumType"),
        ("\n@jaunt.test\nclass A: ...\n", "the class A"),
        ("class A:\n  @jaunt.test()\n  def f(self): ...\n", "A.f, a member of"),
    ],
)
def test_unsupported_shapes_are_named(project: Project, code: str, message: str) -> None:
    with pytest.raises(JauntError, match="hint: supported are top-level functions") as caught:
        declare(project, code)
    text = str(caught.value)
    assert text.startswith(f"{project.root / 'shop/a.py'}:3: @jaunt.") or ":4: " in text, text
    assert f"does not support {message}" in text
    assert registry.entries() == ()


@pytest.mark.parametrize("decorator", ["magic", "test"])
@pytest.mark.parametrize("below", ["functools.cache", "functools.partial", "functools.wraps(abs)"])
def test_a_decorator_below_is_refused(project: Project, decorator: str, below: str) -> None:
    code = f"@jaunt.{decorator}\n@{below}\ndef f(): ...\n"
    with pytest.raises(JauntError, match=rf"a\.py:2: @jaunt\.{decorator} must stand directly"):
        declare(project, code)


@pytest.mark.parametrize(
    ("decorator", "message"),
    [
        ("magic(deps=None)", "deps must be an object, a string or a list of them, not None"),
        ("test(targets=None)", "targets must be an object, a string or a list of them, not None"),
        ("magic(prompt=3)", "prompt must be a string, not 3"),
        ("magic(prompt=None)", "prompt must be a string, not None"),
        ("test(infer_deps='no')", "infer_deps must be True, False or None, not 'no'"),
    ],
)
def test_wrong_arguments_are_located(project: Project, decorator: str, message: str) -> None:
    with pytest.raises(JauntError, match="hint: ") as caught:
        declare(project, f"@jaunt.{decorator}\ndef f(): ...\n")
    assert str(caught.value).startswith(f"{project.root / 'shop/a.py'}:2: {message}")


def test_one_object_stands_for_a_list_of_one(project: Project) -> None:
    shop = declare(
        project,
        """\
import collections
POINT = collections.namedtuple("POINT", "x")(1)
@jaunt.magic(deps=print)
def f(): ...
@jaunt.magic(deps="shop.b:f")
def g(): ...
@jaunt.magic(deps=POINT)
class C: ...
@jaunt.test(targets=f, deps=C)
def t(): ...
@jaunt.test(targets="shop.a:f", deps=())
def u(): ...
""",
    )
    f, g, c, t, u = registry.entries()
    assert (f.deps, g.deps, c.deps) == ((print,), ("shop.b:f",), (shop.POINT,))
    assert (t.targets, t.deps) == ((shop.f,), (shop.C,))
    assert (u.targets, u.deps) == (("shop.a:f",), ())


def test_magic_takes_no_targets() -> None:
    with pytest.raises(TypeError, match="targets"):
        jaunt.magic(targets=[])  # ty: ignore[no-matching-overload]


def test_what_was_declared_is_registered(project: Project) -> None:
    shop = declare(
        project,
        """\
class Type: ...
@jaunt.magic
def f(): ...

@functools.cache
@jaunt.magic(deps=[Type, "shop.b.g"], prompt="quick", infer_deps=False)
async def g(): ...

@jaunt.magic(deps=(f,), infer_deps=True)
class C: ...

@jaunt.test
def t(): ...

@jaunt.test(targets=[f, "shop.a:C"], deps=[Type], prompt="edge cases")
async def u(): ...
""",
    )
    f, g, c, t, u = registry.entries()
    assert [(e.ref, e.kind, e.line) for e in (f, g, c, t, u)] == [
        ("shop.a:f", "build", 3),
        ("shop.a:g", "build", 6),
        ("shop.a:C", "build", 10),
        ("shop.a:t", "test", 13),
        ("shop.a:u", "test", 16),
    ]
    assert {e.file for e in registry.entries()} == {str(project.root / "shop/a.py")}
    assert (f.deps, f.targets, f.prompt, f.infer_deps, f.qualname) == ((), (), "", None, "f")
    assert (g.deps, g.prompt, g.infer_deps) == ((shop.Type, "shop.b.g"), "quick", False)
    assert (c.deps, c.infer_deps, c.obj) == ((shop.f,), True, shop.C)
    assert (u.targets, u.deps, u.prompt) == ((shop.f, "shop.a:C"), (shop.Type,), "edge cases")
    assert f.obj is shop.f.__wrapped__


def test_test_returns_the_function_itself(project: Project) -> None:
    shop = declare(project, "def t(): return 'as written'\nu = jaunt.test(targets=[])(t)\n")
    assert shop.u is shop.t
    assert shop.t() == "as written"
    assert shop.t.__test__ is False
    assert shop.t.__jaunt_spec_ref__ == "shop.a:t"


def test_pytest_collects_no_test_spec(project: Project) -> None:
    project.write(
        {
            "test_spec.py": """
                import pytest
                from jaunt import test
                @pytest.mark.parametrize("n", [1, 2])
                @test
                def test_generated_elsewhere(n):
                    raise AssertionError
                def test_real():
                    pass
            """
        }
    )
    done = project.python("-m", "pytest", "-p", "no:asyncio", "-q", "test_spec.py")
    assert "1 passed" in done.stdout


def test_a_reloaded_module_replaces_its_entries(project: Project) -> None:
    shop = declare(project, "@jaunt.magic\ndef f(): ...\n@jaunt.magic\ndef g(): ...\n")
    before = registry.entries()
    importlib.reload(shop)
    after = registry.entries()
    assert [entry.ref for entry in after] == [entry.ref for entry in before]
    assert after[0] is not before[0]
    assert after[0].obj is shop.f.__wrapped__


def test_modules_that_are_not_in_sys_modules(project: Project) -> None:
    """A loader that does not register the module is enough, as for plain classes."""
    project.write({"alone.py": "import jaunt\n@jaunt.magic\nclass C: ...\n"})
    spec = importlib.util.spec_from_file_location("shop_alone", project.root / "alone.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert registry.entries()[0].ref == "shop_alone:C"


def test_magic_applied_by_a_helper_in_another_module(project: Project) -> None:
    project.write({"shop/helper.py": "import jaunt\ndef spec(c): return jaunt.magic(c)\n"})
    declare(project, "from shop.helper import spec\n@spec\nclass C: ...\n")
    (entry,) = registry.entries()
    assert (entry.ref, entry.file) == ("shop.a:C", str(project.root / "shop/a.py"))


def test_a_metaclass_and_a_class_of_a_lost_module() -> None:
    lost = type("Lost", (), {"__module__": "no.such.module"})
    with pytest.raises(JauntError, match="is not imported"):
        jaunt.magic(lost)
    with pytest.raises(JauntError, match="metaclass is ABCMeta"):
        jaunt.magic(abc.ABCMeta("Abstract", (), {}))
    with pytest.raises(JauntError, match="must stand directly above"):
        jaunt.magic(functools.partial(print))
