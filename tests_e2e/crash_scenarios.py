"""What `jaunt` does to the disk, in a few small projects."""

from __future__ import annotations

import textwrap
from pathlib import Path

from .crashing import Scenario

_FUNCTION = '''
    {imports}
    import jaunt


    @jaunt.magic
    def {name}(value: int) -> int:
        """{says}"""
        raise NotImplementedError
    '''


def _function(name: str, says: str, imports: str = "import sys") -> str:
    return _FUNCTION.format(name=name, says=says, imports=imports)


FILES = {
    "shop/__init__.py": "",
    "shop/base.py": _function(
        "base", "Return `value`.\n\n        >>> base(2)\n        2\n        "
    ),
    "shop/middle.py": _function("middle", "Return what `base` does.", "from shop.base import base"),
    "shop/top.py": _function("top", "Return what `middle` does.", "from shop.middle import middle"),
}
_TABLE = "".join(
    f"# {number:04} of the padding, so that a write has a middle\n" for number in range(60)
)
_SECOND = _function("second", "Return 2.").replace("import jaunt", "")
_PAIR = _function("first", "Return 1.") + _SECOND
_PAIR_ANSWER = "".join(
    f"def {name}(value: int) -> int:\n    return {number}\n\n\n"
    for number, name in enumerate(("first", "second"), 1)
)
ANSWERS = {
    "shop.base": f"def base(value: int) -> int:\n    return value\n{_TABLE}",
    "shop.middle": "from shop.base import base\n\n\n"
    f"def middle(value: int) -> int:\n    return base(value)\n{_TABLE}",
    "shop.top": "from shop.middle import middle\n\n\n"
    f"def top(value: int) -> int:\n    return middle(value)\n{_TABLE}",
}
TEST_FILES = {
    "tests/test_base.py": '''
        import jaunt
        from shop.base import base


        @jaunt.test(targets=[base])
        def test_base() -> None:
            """`base` of 3 is 3."""
        ''',
}
TEST_ANSWERS = {
    "tests.test_base": "from shop.base import base\n\n\n"
    f"def test_base() -> None:\n    assert base(3) == 3\n{_TABLE}",
}


def _fixed(result: str) -> str:
    return f"def base(value: int) -> int:\n    return {result}\n{_TABLE}"


_WRONG = "def base(value: str) -> int:\n    return 1\n"
_JOBS = '[build]\njobs = 1\ntype_check = "off"\n[test]\njobs = 1\n'
EDITED = "shop/__generated__/base.py"
BUILD, TEST = ("build", "--jobs", "1"), ("test", "--jobs", "1")


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def _change_spec(root: Path) -> None:
    """Change what only the module itself is asked about: those that build on it are kept."""
    _edit(root / "shop/base.py", "    raise", "    # nothing is to be added to it\n    raise")


def _change_and_edit(root: Path) -> None:
    _change_spec(root)
    _edit(root / EDITED, "return value", "return value + 0  # by hand")


def _remove_second(root: Path) -> None:
    """Leave a module in which nothing has to be written anew."""
    _edit(root / "shop/pair.py", textwrap.dedent(_SECOND), "")


def _remove_spec(root: Path) -> None:
    (root / "shop/top.py").unlink()
    _edit(root / "shop/__generated__/top.py", "return middle", "return 1 + middle")


SCENARIOS = {
    "cold": Scenario(files=FILES, answers=ANSWERS, arguments=BUILD, config=_JOBS),
    "changed": Scenario(
        files=FILES,
        answers=ANSWERS,
        before=(BUILD,),
        change=_change_spec,
        arguments=BUILD,
        config=_JOBS,
    ),
    "kept": Scenario(
        files={"shop/__init__.py": "", "shop/pair.py": _PAIR},
        answers={"shop.pair": _PAIR_ANSWER},
        before=(BUILD,),
        change=_remove_second,
        arguments=BUILD,
        config=_JOBS,
    ),
    "forced": Scenario(
        files=FILES,
        answers=ANSWERS,
        before=(BUILD,),
        change=_change_and_edit,
        arguments=(*BUILD, "--force", "--target", "shop.base"),
        asks_anew=True,
        by_hand=(EDITED, "by hand"),
        config=_JOBS,
    ),
    "repaired": Scenario(
        files={name: FILES[name] for name in ("shop/__init__.py", "shop/base.py")},
        answers={**ANSWERS, "shop.base/1": _WRONG},
        arguments=BUILD,
        config=_JOBS,
    ),
    "tested": Scenario(
        files={**FILES, **TEST_FILES},
        answers={**ANSWERS, **TEST_ANSWERS},
        before=(BUILD,),
        arguments=TEST,
        config=_JOBS,
        quick=1,
    ),
    "cleaned": Scenario(
        files=FILES, answers=ANSWERS, before=(BUILD,), arguments=("clean",), config=_JOBS
    ),
    "orphaned": Scenario(
        files=FILES,
        answers=ANSWERS,
        before=(BUILD,),
        change=_remove_spec,
        arguments=("clean", "--orphans"),
        by_hand=("shop/__generated__/top.py", "return 1 + middle"),
        config=_JOBS,
    ),
    "typed": Scenario(
        files={name: FILES[name] for name in ("shop/__init__.py", "shop/base.py")},
        answers=ANSWERS,
        arguments=BUILD,
        config=_JOBS.replace("off", "ty"),
    ),
    "mended": Scenario(
        files={
            **{
                name: FILES[name] for name in ("shop/__init__.py", "shop/middle.py", "shop/base.py")
            },
            **TEST_FILES,
        },
        answers={
            **ANSWERS,
            **TEST_ANSWERS,
            "shop.base": _fixed("1 + value - bool(value == 2)"),
            "shop.base/2": _fixed("value"),
        },
        before=((*TEST, "--no-run"),),
        arguments=(*TEST, "--repair"),
        config=_JOBS,
        quick=0,  # takes long; all of its steps are in the slow tests
    ),
}
