from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Project, Ran

Json = Callable[..., tuple[int, Any]]


def test_build_and_build_again(shop: Project, jaunt: Callable[..., Ran]) -> None:
    code, out, err = jaunt("build")
    assert (code, out) == (0, "")
    first, *modules, summary, calls = err.splitlines()
    assert first == "build: 2 modules to generate, 0 to keep, 0 to reuse, 0 fresh"
    assert [row.split()[:2] for row in modules] == [["generated", "tax"], ["generated", "cart"]]
    assert all(row.endswith("  (file missing)") for row in modules)
    assert summary.startswith("build: 2 generated in ")
    assert calls == "  2 calls"
    assert "\x1b" not in err
    code, out, err = jaunt("build")
    assert (code, out, err) == (0, "", "build: nothing to do, 2 modules are fresh\n")
    assert shop.calls == ["build.tax", "build.cart"]


def test_a_project_without_specs(project: Project, jaunt: Callable[..., Ran]) -> None:
    assert jaunt("build") == (0, "", "build: nothing to do, there are no specs\n")


def test_the_json_of_a_build(shop: Project, jaunt_json: Json) -> None:
    code, document = jaunt_json("build")
    assert code == 0
    assert list(document) == [
        *("schema", "command", "ok", "error"),
        *("modules", "counts", "usage", "calls", "retries", "cost"),
        *("unjudged", "warnings", "seconds"),
    ]
    assert (document["command"], document["ok"], document["error"]) == ("build", True, None)
    assert document["counts"]["generated"] == document["calls"] == 2
    cart, tax = document["modules"]
    assert (cart["module"], cart["path"]) == ("cart", "src/__generated__/cart.py")
    assert tax["reasons"][0]["kind"] == "missing"


def test_a_changed_spec_is_shown_with_its_reason(shop: Project, jaunt: Callable[..., Ran]) -> None:
    jaunt("build")
    path = shop.root / "src/tax.py"
    path.write_text(path.read_text().replace("else 0", "else 7"))
    _, _, err = jaunt("build")
    assert "build: 1 module to generate, 0 to keep" not in err  # cart shows rate's docstring
    assert "(docstring of tax:rate changed)" in err
    assert "(dependency changed: cart:gross -> tax:rate" in err


def test_options_reach_the_engine(shop: Project, jaunt: Callable[..., Ran]) -> None:
    assert "1 module to generate" in jaunt("build", "--target", "tax")[2]
    assert "1 module to generate" in jaunt("build", "--target", "tax", "--force")[2]
    _, _, err = jaunt("build", "--target=cart:gross", "--jobs=1", "--no-infer-deps")
    assert "1 module to generate, 0 to keep, 0 to reuse, 1 fresh" in err
    assert shop.calls == ["build.tax", "build.tax", "build.cart"]


@pytest.mark.parametrize("option", ["--root", "--config"])
def test_a_project_elsewhere(
    shop: Project, jaunt: Callable[..., Ran], tmp_path: Path, option: str
) -> None:
    os.chdir(tmp_path)
    value = shop.root / "jaunt.toml" if option == "--config" else shop.root / "src"
    assert jaunt("build", option, str(value))[0] == 0
    assert (shop.root / "src/__generated__/tax.py").exists()


def test_a_failed_module_and_who_needed_it(shop: Project, jaunt: Callable[..., Ran]) -> None:
    shop.write({"answers/build.tax.py": "def rate(kode: str) -> int:\n    return 1\n"})
    shop.spec(
        "free",
        '''
        import jaunt
        @jaunt.magic()
        def nothing() -> int:
            """Return 0."""
            raise NotImplementedError
        ''',
        "def nothing() -> int:\n    return 0\n",
    )
    code, out, err = jaunt("build")
    assert (code, out) == (3, "")
    assert "tax: answer 1 of 2 rejected: " in err
    assert "answer 2 of 2" not in err  # the failure, next, has it all
    assert "\nfailed    tax  " in err
    assert "  hint: " in err
    assert ".jaunt/rejected/" in err
    assert "\nskipped   cart  tax failed, and this depends on it\n" in err
    summary = err[err.index("build: 1 generated, 1 failed, 1 skipped in ") :]
    assert "\n  failed tax: the last of 2 answers has " in summary
    assert summary.endswith("\n  skipped cart: tax failed, and this depends on it\n")


def test_the_json_of_a_failure(shop: Project, jaunt_json: Json) -> None:
    shop.write({"answers/build.tax.py": "def rait() -> None: ...\n"})
    code, document = jaunt_json("build")
    assert (code, document["ok"], document["error"]) == (3, False, None)
    cart, tax = document["modules"]
    assert (tax["outcome"], cart["outcome"]) == ("failed", "skipped")
    assert tax["failure"]["findings"][0]["code"] == "missing-name"
    assert tax["failure"]["rejected"].startswith(".jaunt/rejected/")
    assert cart["failure"]["blocked_by"] == "tax"


@pytest.mark.parametrize(
    ("files", "kind", "message"),
    [
        ({"jaunt.toml": "version = 1\n[biuld]\n"}, "config", "did you mean build?"),
        ({"src/bad.py": "import jaunt\n1 / 0\n"}, "discovery", "bad.py"),
        (
            {
                f"src/{here}.py": f"""
                import jaunt
                @jaunt.magic(deps=["{there}:f"])
                def f() -> int:
                    "One."
                    raise NotImplementedError
                """
                for here, there in (("one", "two"), ("two", "one"))
            },
            "cycle",
            "one:f",
        ),
    ],
)
def test_errors_before_anything_begins(
    project: Project,
    jaunt: Callable[..., Ran],
    jaunt_json: Json,
    files: dict[str, str],
    kind: str,
    message: str,
) -> None:
    project.write(files)
    code, out, err = jaunt("build")
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err
    assert "Traceback (most recent call last)" not in err or kind == "discovery"
    for command in ("build", "test"):
        code, document = jaunt_json(command)
        assert (code, document["command"], document["ok"]) == (2, command, False)
        assert document["error"]["kind"] == kind
        assert message in str(document["error"])


def test_a_bug_travels_up(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import jaunt_core.engine.builder
    from jaunt_cli.main import main

    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(jaunt_core.engine.builder, "build", break_down)
    with pytest.raises(ZeroDivisionError):
        main(["build"])
