from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..conftest import Project, Ran

SPECS = '''\
    import jaunt


    @jaunt.magic
    def rate(country) -> int:
        """Return the rate of the `contry`."""
        raise NotImplementedError
    '''


def test_findings_have_place_and_remedy(project: Project, jaunt: Callable[..., Ran]) -> None:
    project.write({"src/tax.py": SPECS})

    code, out, err = jaunt("lint")

    assert (code, err) == (4, "")
    assert out.splitlines() == [
        "src/tax.py:5: [untyped-parameter] parameter country of rate has no type",
        "  annotate it: `country: …`",
        "src/tax.py:6: [unknown-name] there is no contry here",
        "  did you mean `country`?",
        "lint: 2 findings, 1 spec in 1 module",
    ]


def test_programs_learn_the_same(
    project: Project, jaunt_json: Callable[..., tuple[int, dict[str, Any]]]
) -> None:
    project.write({"src/tax.py": SPECS})

    code, document = jaunt_json("lint", "tax:rate")

    assert code == 4
    assert (document["ok"], document["modules"], document["specs"]) == (False, 1, 1)
    codes = [finding["code"] for finding in document["findings"]]
    assert codes == ["untyped-parameter", "unknown-name"]
    assert document["findings"][1] == {
        "code": "unknown-name",
        "spec": "tax:rate",
        "path": "src/tax.py",
        "line": 6,
        "message": "there is no contry here",
        "remedy": "did you mean `country`?",
    }


def files_of(shop: Project) -> list[Path]:
    """All files but what Python keeps for itself."""
    return sorted(path for path in shop.root.rglob("*") if "__pycache__" not in str(path))


def test_nothing_is_found(shop: Project, jaunt: Callable[..., Ran]) -> None:
    before = files_of(shop)

    assert jaunt("lint") == (0, "lint: passed, 3 specs in 3 modules\n", "")
    assert files_of(shop) == before


def test_a_target_that_names_nothing(
    shop: Project, jaunt_json: Callable[..., tuple[int, dict[str, Any]]]
) -> None:
    code, document = jaunt_json("lint", "nowhere")

    assert code == 2
    assert document["error"]["message"] == "nowhere names no spec"
    assert (document["findings"], document["modules"]) == (None, None)
