"""What models emit beside their code, in every shape: none of it is taken for the code."""

from __future__ import annotations

import ast
import html
import json
import time
from pathlib import Path

import pytest

from jaunt_core.findings import answer_text
from jaunt_core.findings.answer_text import code_of

CODE = 'import re\n\n\ndef slug(text: str) -> str:\n    return re.sub(r"\\W+", "-", text)\n'
OTHER = 'def slug(text: str) -> str:\n    return text.replace(" ", "-")\n'
SECOND = "class Shop:\n    pass\n"
USAGE = "from app import slug\n\nprint(slug('a b'))\n" + "print(slug('more'))\n" * 9
# Code that speaks of all that is taken away elsewhere.
ABOUT = '''\
"""Strip what models emit.

<think>
hidden
</think>
```python
shown
```
<code>
<|im_end|>
=======
"""

END = "<|im_end|>"  # also </s>


def slug(text: str) -> str:
    r"""Cut at the mark.

    ```python
    slug("x</think>")
    ```
</think>
    """
    return text.split("</think>")[-1].removesuffix("```") + '</s>'
'''


def fence(code: str, word: str = "python") -> str:
    return f"```{word}\n{code}```"


def call(code: str, **more: object) -> str:
    return json.dumps({"name": "write", "arguments": {"path": "app.py", "content": code}, **more})


ALONE = {
    "as asked": CODE,
    "usage longer": f"{fence(CODE)}\n\nUse it so:\n\n{fence(USAGE)}",
    "usage before": f"You want this:\n{fence(USAGE)}\nto work.\n{fence(CODE)}",
    "usage without a word": f"{fence(CODE)}\nThen\n{fence(USAGE, '')}",
    "output": f"{fence(CODE)}\nprints\n{fence('a-b' + 99 * chr(10))}",
    "the last of two": f"First try:\n{fence(OTHER)}\nBetter:\n{fence(CODE)}",
    "an excerpt below": (
        f"{fence(CODE)}\nThe heart is\n"
        + fence("def slug(text: str) -> str:\n    # ... as above\n    return re.sub(text)\n")
    ),
    "a signature below": f"{fence(CODE)}\nas in\n" + fence("def slug(text: str) -> str: ...\n"),
    "another file": f"{fence(CODE)}\n**test_app.py**\n{fence('def test_slug(): ...' * 20)}",
    "file names": f"**app.py**\n\n{fence(CODE, 'python title=app.py')}",
    "file name in the word": fence(CODE, "python:src/app.py"),
    "attributes": fence(CODE, '{.python filename="app.py"}'),
    "the word of others": fence(CODE, "text"),
    "shell first": f"{fence('pip install x' + chr(10), 'bash')}\n{fence(CODE)}",
    "token behind": f"{CODE}<|im_end|>",
    "token behind a space": f"{CODE.rstrip()} <|im_end|>",
    "token below": f"{CODE}\n<|endoftext|>\n",
    "tokens": f"<s>{CODE.rstrip()}</s></s>\n<|eot_id|>",
    "token of Gemma": f"{CODE}<end_of_turn>\n<eos>",
    "token of DeepSeek": f"{CODE.rstrip()}<\uff5cend\u2581of\u2581sentence\uff5c>",
    "token of Kimi": f"{CODE}<|im_assistant|>",
    "token of MiniMax": f"{CODE}[e~[",
    "unused tokens": f"<unused6226>\n{CODE}<unused6226><unused6226>",
    "a word for the end": f"{CODE}[DONE]\n",
    "token behind the fence": f"{fence(CODE)}<|im_end|>",
    "token in the fence": f"```python\n{CODE.rstrip()}<|im_end|>\n```",
    "token below the fence": f"{fence(CODE)}\n</s>",
    "token in place of the fence": f"```python\n{CODE}<|im_end|>",
    "prose and token": f"Here's it:\n{fence(CODE)}\nIt's short.<|im_end|>",
    "another turn": (
        f"{CODE}<|im_end|>\n<|im_start|>user\nThanks!<|im_end|>\n<|im_start|>assistant\nBye."
    ),
    "another document": f"{CODE}<|endoftext|>{OTHER}",
    "a turn with its head": f"<|im_start|>assistant\n{CODE}<|im_end|>",
    "a head of Llama": f"<|start_header_id|>assistant<|end_header_id|>\n\n{CODE}<|eot_id|>",
    "a head of Gemma": f"<start_of_turn>model\n{fence(CODE)}<end_of_turn>",
    "thought": f"<think>\nIt isn't hard. Let me see:\n{OTHER}\n</think>\n\n{CODE}",
    "thought with fences": f"<think>\nSo:\n{fence(OTHER)}\n{fence(OTHER)}\n</think>\n{fence(CODE)}",
    "thought in a line": f"<think></think>{CODE}",
    "empty thought": f"<think>\n\n</think>\n\n{CODE}",
    "thoughts": f"<thinking>Hm.</thinking>\n<reflection>Well.</reflection>\n{fence(CODE)}",
    "thought with quotes": f'<think>\nUse """ here.\n</think>\n{fence(CODE)}',
    "thought without a beginning": f"We need `slug`. Let's go.\n</think>\n\n{CODE}",
    "quotes without a beginning": f'Use """ so:\n{fence(OTHER)}\n</think>\n\n{fence(CODE)}',
    "thought without an end": f"<think>\nWe need slug.\n{fence(CODE)}",
    "thought of Seed": f"<seed:think>Hm.</seed:think>{CODE}",
    "thought of Magistral": f"[THINK]Hm.\n{OTHER}[/THINK]{CODE}",
    "thought of Kimi": f"◁think▷Hm.◁/think▷\n{CODE}",
    "thought of Cohere": (
        f"<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>{CODE}<|END_RESPONSE|>"
    ),
    "thought of Gemma": f"<|channel>thought\nHm.\n{OTHER}<channel|>{CODE}<turn|>",
    "thought of Sky": (
        f"<|begin_of_thought|>\nHm\n<|end_of_thought|>\n<|begin_of_solution|>\n{fence(CODE)}\n"
        "<|end_of_solution|>"
    ),
    "channels": (
        f"<|channel|>analysis<|message|>Draft:\n{fence(OTHER)}<|end|><|start|>assistant"
        f"<|channel|>final<|message|>{CODE}<|return|>"
    ),
    "channels without a last one": f"<|channel|>analysis<|message|>Hm.<|end|>{CODE}",
    "channels without tokens": f"analysisWe need slug.assistantfinal{fence(CODE)}",
    "tags": f"<answer>\n{CODE}</answer>",
    "tags in a line": f"<code>{CODE.rstrip()}</code>",
    "tags in tags": f"<response>\n<file path='app.py'>\n<![CDATA[\n{CODE}]]>\n</file>\n</response>",
    "tags around a fence": f"<answer>\n{fence(CODE)}\n</answer>",
    "tags in a fence": fence(f"<code>\n{CODE}</code>\n", "xml"),
    "tags in a fence of Python": fence(f"<code>\n{CODE}</code>\n"),
    "prose and tags": f"Here's the module:\n<code>\n{CODE}</code>\nIt isn't long.",
    "an artifact": f'<antArtifact identifier="app" type="application/x">\n{CODE}</antArtifact>',
    "thought and tags": f"<think>Hm.</think>\n<answer>\n{fence(CODE)}\n</answer><|im_end|>",
    "HTML": f'<pre><code class="language-python">{CODE}</code></pre>',
    "a call": call(CODE),
    "a call in a fence": fence(call(CODE) + "\n", "json"),
    "a call in tags": f"<tool_call>\n{call(CODE)}\n</tool_call>",
    "a call in text": json.dumps([{"type": "function", "function": {"arguments": call(CODE)}}]),
    "a call with a fence": call(fence(CODE)),
    "a call by tags": (
        f"<function=write>\n<parameter=path>\napp.py\n</parameter>\n<parameter=content>\n{CODE}"
        "</parameter>\n</function>"
    ),
    "a shell": f"```bash\ncat > app.py <<'EOF'\n{CODE}EOF\n```",
    "a patch": "*** Begin Patch\n*** Add File: app.py\n+"
    + CODE.rstrip().replace("\n", "\n+")
    + "\n*** End Patch",
    "a diff": "```diff\n--- /dev/null\n+++ b/app.py\n@@ -0,0 +1,5 @@\n+"
    + CODE.rstrip().replace("\n", "\n+")
    + "\n```",
    "search and replace": f"app.py\n<<<<<<< SEARCH\n{OTHER}=======\n{CODE}>>>>>>> REPLACE",
    "usage below the code": f"{CODE}\n\nUse it so:\n\n{fence(USAGE)}",
    "the first fence lost": f"{CODE}```\n\nThis cuts the text.",
    "the fence behind the code": f"```python\n{CODE.rstrip()}```\nIt's short.",
    "the fence behind prose": f"It's this: ```python\n{CODE}```",
    "code behind the fence": fence(CODE.partition("\n")[2], "python import re"),
    "the word alone": f"python\n{CODE}",
    "two fences around it": f"```python\n```python\n{CODE}```\n```",
    "a file name for a word": fence(CODE, "app.py"),
    "the end of a thought in a line": f"It isn't hard.</think>{CODE}",
    "a quotation": "> It's so:\n>\n> " + fence(CODE).replace("\n", "\n> "),
    "escaped HTML": f"<pre><code>{html.escape(CODE)}</code></pre>",
    "a call of Kimi": (
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.write:0"
        f"<|tool_call_argument_begin|>{call(CODE)}<|tool_call_end|><|tool_calls_section_end|>"
    ),
    "lines with numbers": "\n".join(
        f"{number:>3} | {line}".rstrip() for number, line in enumerate(CODE.splitlines(), 1)
    ),
    "a cell": f"%%writefile app.py\n{CODE}",
    "indented": "".join(f"    {line}".rstrip() + "\n" for line in CODE.splitlines()),
    "indented in a fence": "1. So:\n\n   ```python\n" + CODE.replace("import", "   import").replace(
        "\n\n\ndef", "\n\n\n   def"
    ).replace("    return", "       return") + "   ```",
    "indented but the first": (
        CODE.replace("def", "    def").replace("    return", "        return")
    ),
    "indented by a tab": "".join(f"\t{line}".rstrip() + "\n" for line in CODE.splitlines()),
    "fence in a fence for Markdown": f"````markdown\n# Answer\n\n{fence(CODE)}\n````",
}  # fmt: skip


@pytest.mark.parametrize("name", ALONE)
def test_the_code_alone_is_taken(name: str) -> None:
    assert code_of(ALONE[name], ("slug",)) == CODE


WRAPPED = {
    "as it is": "{}",
    "in a fence": "```python\n{}```",
    "below prose": "It isn't long:\n\n```python\n{}```\nThat's it.",
    "below thoughts": "<think>\nIt isn't easy.\n</think>\n{}",
    "before a token": "{}<|im_end|>",
    "before a usage": "```python\n{}```\n```python\nslug('x')\n```",
    "in tags": "<answer>\n{}</answer>",
}


@pytest.mark.parametrize("name", WRAPPED)
def test_code_that_speaks_of_such_things_stays_as_it_is(name: str) -> None:
    assert code_of(WRAPPED[name].format(ABOUT), ("slug",)) == ABOUT


TOGETHER = {
    "two halves": (f"{fence(CODE)}\n\nand\n\n{fence(SECOND)}", f"{CODE}\n\n{SECOND}"),
    "imports first": (
        f"{fence('import re' + chr(10))}\n{fence(OTHER + SECOND)}",
        f"import re\n\n\n{OTHER}{SECOND}",
    ),
    "the whole below its halves": (
        f"{fence(OTHER)}\n{fence(SECOND)}\nTogether:\n{fence(CODE + SECOND)}",
        CODE + SECOND,
    ),
    "the whole above a half": (f"{fence(CODE + SECOND)}\n{fence(OTHER)}", CODE + SECOND),
    "most of the names": (
        f"{fence(CODE + SECOND)}\n{fence(OTHER + 'x = 1' + chr(10) * 50)}",
        CODE + SECOND,
    ),
    "overlapping halves": (f"{fence(CODE)}\n{fence(OTHER)}", OTHER),
    "futures": (
        f"{fence(OTHER)}\n{fence('from __future__ import annotations' + chr(10) + SECOND)}",
        f"from __future__ import annotations\n{OTHER}\n\n{SECOND}",
    ),
    "usage between": (f"{fence(CODE)}\n{fence(USAGE)}\n{fence(SECOND)}", f"{CODE}\n\n{SECOND}"),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_of_several_blocks_those_count_that_define_the_names(name: str) -> None:
    text, code = TOGETHER[name]

    assert code_of(text, ("slug", "Shop")) == code


NOTHING = {
    "thoughts": f"<think>\n{fence(OTHER)}\n</think>",
    "tokens": "<|im_start|>assistant\n<|im_end|>",
    "too much": "x" * 1_000_001,
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_holds_nothing_but_noise_is_empty(name: str) -> None:
    assert code_of(NOTHING[name], ("slug",)) == ""


@pytest.mark.parametrize("text", [f"Here is it:\n\n{CODE}", f"{CODE}\nIt's short.\n"])
def test_prose_without_a_fence_is_left_for_a_finding(text: str) -> None:
    assert code_of(text, ("slug",)) == text


_OURS = sorted(Path(answer_text.__file__).parent.glob("answer_*.py"))


@pytest.mark.parametrize("path", _OURS, ids=lambda path: path.stem)
def test_code_about_all_this_is_taken_whole(path: Path) -> None:
    code = path.read_text("utf-8")
    names = [node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]

    for wrapped in WRAPPED.values():
        assert code_of(wrapped.replace("{}", code), names) == code


@pytest.mark.parametrize("piece", ["<think>\n", "```\n", "```json\n{}\n```\n", "<a>\n", "</s>\n"])
def test_what_never_ends_is_read_in_bearable_time(piece: str) -> None:
    started = time.process_time()

    code_of(piece * (40_000 // len(piece)), ("slug",))

    assert time.process_time() - started < 5
