"""Answers as text: where the code is in them, and what is wrong before they are parsed."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaunt_core.findings.answer_text import code_of, findings_before_parsing
from jaunt_core.model.generation import GenerationResult, StopReason

CODE = "def f() -> int:\n    return 1\n"
FENCED_DOCSTRING = (
    'def f():\n    """Do.\n\n    ```python\n    f()\n    ```\n    """\n    return 1\n'
)

ANSWERS = {
    "plain": (CODE, CODE),
    "no final newline": (CODE.rstrip(), CODE),
    "blank lines around": (f"\n\n{CODE}\n\n", CODE),
    "windows lines": (CODE.replace("\n", "\r\n"), CODE),
    "old mac lines": (CODE.replace("\n", "\r"), CODE),
    "byte order mark": ("\ufeff" + CODE, CODE),
    "fence": (f"```python\n{CODE}```", CODE),
    "fence with more words": (f'```python title="f.py" {{1-2}}\n{CODE}```\n', CODE),
    "fence in capitals": (f"```Python\n{CODE}```", CODE),
    "fence of py": (f"```py\n{CODE}```", CODE),
    "fence with a version": (f"```python3.11\n{CODE}```", CODE),
    "fence without a word": (f"```\n{CODE}```", CODE),
    "fence with spaces": (f"   ```  python  \n{CODE}   ```   ", CODE),
    "tildes": (f"~~~python\n{CODE}~~~", CODE),
    "long fence": (f"`````python\n{CODE}`````", CODE),
    "longer closing fence": (f"```python\n{CODE}`````", CODE),
    "shorter closing fence": (f"````python\n{CODE}```\n````", f"{CODE}```\n"),
    "fence never closed": (f"Here:\n```python\n{CODE}", CODE),
    "prose around": (f"Here's what you want:\n\n```python\n{CODE}```\n\nIt isn't long.", CODE),
    "heading and list": (f"# Code\n\n- one\n- 'two'\n\n```python\n{CODE}```", CODE),
    "indented fence": ("1. So:\n   ```python\n   def f():\n       x\n   ```", "def f():\n    x\n"),
    "the longest of several": (f"```python\nx\n```\nthen\n```python\n{CODE}```\n```\ny\n```", CODE),
    "other languages": (f"```bash\npip install {'x ' * 99}\n```\n```python\n{CODE}```", CODE),
    "another language only": ("```json\n{}\n```", "```json\n{}\n```\n"),
    "inline code in prose": (f"Use\n```f()``` so:\n```python\n{CODE}```", CODE),
    "fence in a docstring": (FENCED_DOCSTRING, FENCED_DOCSTRING),
    "fence in a fenced docstring": (f"```python\n{FENCED_DOCSTRING}```", FENCED_DOCSTRING),
    "fences after odd quotes": (
        "# say \"\"\" or '''\nA = '\"\"\"'\nB = \"'''\"\n" + FENCED_DOCSTRING,
        "# say \"\"\" or '''\nA = '\"\"\"'\nB = \"'''\"\n" + FENCED_DOCSTRING,
    ),
    "escaped quotes": (
        'X = """a \\""" b\n```\n"""\n',
        'X = """a \\""" b\n```\n"""\n',
    ),
    "quotes of the other kind": ("X = '''\n\"\"\"\n```\n'''\n", "X = '''\n\"\"\"\n```\n'''\n"),
    "empty": ("", ""),
    "blank": (" \n\t\n", ""),
    "empty fence": ("```python\n\n```", ""),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_code_of(name: str) -> None:
    text, code = ANSWERS[name]

    assert code_of(text, ("f",)) == code


@given(st.text("`~'\"#\\ \n\rx"))
def test_any_text_has_code_of_some_kind(text: str) -> None:
    code = code_of(text, ())

    assert code == "" or (code.endswith("\n") and code.strip())
    assert "\r" not in code


sources = st.lists(
    st.sampled_from(
        [
            "x = 1",
            "# it's",
            "s = 'it\\'s'",
            't = "#"',
            '"""Say:\n```\nx\n```\n"""',
            "y = '''\n~~~'''",
        ]
    ),
    min_size=1,
).map(lambda lines: "\n".join(lines) + "\n")


@given(sources, st.sampled_from(["python", "py", ""]), st.sampled_from(["", "Here you are.\n\n"]))
def test_fences_come_off_whole(source: str, word: str, prose: str) -> None:
    ast.parse(source)

    assert code_of(source, ()) == source
    assert code_of(f"{prose}```{word}\n{source}```\n", ()) == source
    assert code_of(f"{prose}~~~~{word}\n{source}~~~~", ()) == source


CUT_OFF = "the answer was cut off at the output limit"


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (
            GenerationResult(text="\nNo\n", stop=StopReason.REFUSED),
            "[answer-refused] the model refused to answer: No (expected: the source of the module)",
        ),
        (
            GenerationResult(text="", stop=StopReason.REFUSED),
            "[answer-refused] the model refused to answer (expected: the source of the module)",
        ),
        (
            GenerationResult(text=CODE, stop=StopReason.TRUNCATED),
            f"[answer-cut-off] {CUT_OFF} (expected: the whole module, written more briefly)",
        ),
        (
            GenerationResult(text="\n"),
            "[answer-empty] the answer holds no code (expected: the source of the module)",
        ),
        (
            GenerationResult(text="x = 1\n# \0"),
            "line 2: [null-byte] the code holds a null byte (expected: text without null bytes)",
        ),
    ],
)
def test_findings_before_parsing(result: GenerationResult, message: str) -> None:
    assert [
        str(finding) for finding in findings_before_parsing(result, code_of(result.text, ()))
    ] == [message]


def test_nothing_is_found_in_code() -> None:
    assert findings_before_parsing(GenerationResult(text=CODE), CODE) == []
