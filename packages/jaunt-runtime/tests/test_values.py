"""The small values that runtime and tools share: names, references, entries, errors."""

import functools
import pickle
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

import jaunt
from jaunt import JauntConfigError, JauntError, SpecRef, registry
from jaunt._naming import (
    GENERATED_DIR,
    generated_dir_of,
    generated_module_of,
    generated_path_of,
    is_package_namespace,
    module_name_of,
)
from jaunt.spec import SpecEntry, parse_spec_ref, spec_ref_of


@pytest.mark.parametrize(
    ("module", "is_package", "path", "generated", "generated_path"),
    [
        ("shop.foo", False, "shop/foo.py", "shop.G.foo", "shop/G/foo.py"),
        ("shop", True, "shop/__init__.py", "shop.G", "shop/G/__init__.py"),
        ("shop.sub.foo", False, "shop/sub/foo.py", "shop.sub.G.foo", "shop/sub/G/foo.py"),
        ("shop.sub", True, "shop/sub/__init__.py", "shop.sub.G", "shop/sub/G/__init__.py"),
        ("foo", False, "foo.py", "G.foo", "G/foo.py"),
    ],
)
@pytest.mark.parametrize("generated_dir", [GENERATED_DIR, "made"])
def test_the_naming_rule(
    module: str,
    is_package: bool,
    path: str,
    generated: str,
    generated_path: str,
    generated_dir: str,
) -> None:
    name = generated_module_of(module, is_package=is_package, generated_dir=generated_dir)
    assert name == generated.replace("G", generated_dir)
    there = generated_path_of(PurePosixPath(path), generated_dir=generated_dir)
    assert there == PurePosixPath(generated_path.replace("G", generated_dir))


def test_the_default_generated_dir() -> None:
    assert generated_module_of("a.b", is_package=False) == "a.__generated__.b"
    assert generated_path_of(PurePosixPath("b.py")) == PurePosixPath("__generated__/b.py")
    assert generated_dir_of({}) == "__generated__"
    assert generated_dir_of({"__jaunt_generated__": "made"}) == "made"


@pytest.mark.parametrize("name", [3, "", "a/b", "../x", "a.b"])
def test_a_generated_dir_that_is_no_name(name: object) -> None:
    with pytest.raises(JauntConfigError, match="__jaunt_generated__ of shop is"):
        generated_dir_of({"__name__": "shop", "__jaunt_generated__": name})


def test_module_facts_from_a_namespace() -> None:
    assert is_package_namespace({"__name__": "a", "__path__": [], "__package__": "a"})
    assert is_package_namespace({"__name__": "a", "__package__": "a"})
    assert not is_package_namespace({"__name__": "a.b", "__package__": "a"})
    assert module_name_of({"__name__": "a.b"}) == "a.b"
    script: dict[str, Any] = {"__name__": "__main__", "__spec__": None, "__file__": "/x/app.py"}
    assert module_name_of(script) == "app"


def test_a_spec_ref_is_a_string_with_two_parts() -> None:
    ref = SpecRef("shop.sub:Ledger")
    assert (ref.module, ref.qualname) == ("shop.sub", "Ledger")
    assert ref == "shop.sub:Ledger"
    assert hash(ref) == hash("shop.sub:Ledger")
    assert type(pickle.loads(pickle.dumps(ref))) is SpecRef
    assert not hasattr(ref, "__dict__")
    assert parse_spec_ref("shop.sub:Ledger") == ref


@pytest.mark.parametrize(
    "text", ["", ":", "shop", "shop:", ":f", "shop.:f", "a b:c", "a:b:c", "a-b:c", "a:1", "a:b."]
)
def test_malformed_references(text: str) -> None:
    with pytest.raises(JauntConfigError, match="hint: write it as"):
        parse_spec_ref(text)


class Plain:
    def method(self) -> None: ...


def test_references_of_objects_that_are_no_specs() -> None:
    here = Plain.__module__
    assert spec_ref_of(Plain) == f"{here}:Plain"
    assert spec_ref_of(Plain.method) == f"{here}:Plain.method"
    assert spec_ref_of(PurePosixPath).qualname == "PurePosixPath"
    for nameless in [3, "shop:f", Plain(), pytest, functools.partial(print)]:
        with pytest.raises(JauntConfigError, match="has no name that says where it stands"):
            spec_ref_of(nameless)


def test_a_reference_carried_by_the_class_is_not_inherited() -> None:
    class Carrier:
        __jaunt_spec_ref__ = SpecRef("shop:Carrier")

    class Sub(Carrier):
        pass

    assert spec_ref_of(Carrier) == "shop:Carrier"
    assert spec_ref_of(Sub) != "shop:Carrier"
    with pytest.raises(JauntConfigError):
        spec_ref_of(Carrier())


def test_references_into_the_started_module(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    from types import ModuleType

    main = ModuleType("__main__")
    main.__file__ = "/somewhere/app.py"
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.setattr(Plain, "__module__", "__main__")
    assert spec_ref_of(Plain) == "app:Plain"


def test_entries_are_immutable_and_the_registry_forgets_them() -> None:
    entry = SpecEntry(ref=SpecRef("a:b"), kind="build", obj=print, file="a.py", line=3)
    with pytest.raises(AttributeError, match="cannot assign to 'line'"):
        entry.line = 4  # ty: ignore[invalid-assignment]
    with pytest.raises(AttributeError, match="cannot delete 'line'"):
        delattr(entry, "line")
    assert repr(entry) == "SpecEntry(build a:b at a.py:3)"
    registry.register(entry)
    assert registry.entries() == (entry,)
    registry.clear()
    assert registry.entries() == ()


ERRORS = [
    jaunt.JauntError,
    jaunt.JauntConfigError,
    jaunt.JauntDiscoveryError,
    jaunt.JauntNotBuiltError,
    jaunt.JauntGenerationError,
    jaunt.JauntDependencyCycleError,
]


@pytest.mark.parametrize("error", ERRORS)
def test_errors_show_their_hint_and_survive_pickling(error: type[JauntError]) -> None:
    assert issubclass(error, JauntError)
    assert (str(error("it broke")), error("it broke").hint) == ("it broke", None)
    copy = pickle.loads(pickle.dumps(error("it broke", hint="mend it")))
    assert type(copy) is error
    assert (str(copy), copy.hint) == ("it broke\n  hint: mend it", "mend it")


def test_the_public_surface() -> None:
    assert jaunt.__all__ == sorted(jaunt.__all__)
    assert set(jaunt.__all__) == {
        "JauntConfigError",
        "JauntDependencyCycleError",
        "JauntDiscoveryError",
        "JauntError",
        "JauntGenerationError",
        "JauntNotBuiltError",
        "SpecRef",
        "__version__",
        "magic",
        "test",
    }
    assert all(hasattr(jaunt, name) for name in jaunt.__all__)
    about = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
    assert jaunt.__version__ == about["project"]["version"]
    assert about["project"]["dependencies"] == []
