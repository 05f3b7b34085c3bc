"""Examples and `Raises:` lines, run on answers in the sandbox before they land."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.generation.session import open_session
from jaunt_core.model.generation import Finding
from jaunt_core.model.report import BuildReport
from jaunt_core.model.spec import Kind
from jaunt_core.project.workspace import Workspace
from jaunt_core.sandbox.example_check import ExampleCheck
from jaunt_core.sandbox.sandbox import Isolation, Sandbox
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

SPEC = '''
    import jaunt

    @jaunt.magic
    def probe(value: int) -> str:
        """Look around.

        >>> probe(1)
        'fine'
        """
        raise NotImplementedError
    '''
ONCE = "[build]\nattempts = 1\n"


@dataclass(frozen=True)
class Run:
    """What one build of some answers came to."""

    report: BuildReport
    project: Project

    @property
    def codes(self) -> dict[str, list[str]]:
        return {
            module.module: [finding.code for finding in module.failure.findings]
            for module in self.report.modules
            if module.failure
        }

    @property
    def messages(self) -> str:
        return "\n".join(
            str(finding)
            for module in self.report.modules
            if module.failure
            for finding in module.failure.findings
        )


def run(
    project: Project, answers: Mapping[str, str], environ: Mapping[str, str] | None = None
) -> Run:
    backend = ScriptedBackend({name: [text] for name, text in answers.items()})
    report = build(
        project,
        BuildOptions(),
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"], **(environ or {})},
        load=loader_of(backend),
    )
    return Run(report, project)


@dataclass(frozen=True)
class Tried:
    """What became of one answer of several."""

    codes: list[str]
    messages: str
    warnings: tuple[str, ...]


def modules_of(count: int) -> dict[str, str]:
    """Files with the same spec, for as many answers: `m_0.py` is the first."""
    return {f"m_{number}.py": SPEC for number in range(count)}


def try_all(project: Project, answers: Sequence[str]) -> list[Tried]:
    """Build the modules of `modules_of` at once, each with an answer of its own."""
    done = run(project, {f"m_{number}": answer for number, answer in enumerate(answers)})
    tried = []
    for number in range(len(answers)):
        (report,) = [module for module in done.report.modules if module.module == f"m_{number}"]
        findings = report.failure.findings if report.failure else ()
        warnings = [text for text in done.report.warnings if text.startswith(f"m_{number}.py:")]
        tried.append(
            Tried(
                codes=[finding.code for finding in findings],
                messages="\n".join(map(str, findings)),
                warnings=tuple(warnings),
            )
        )
    assert sum(len(each.warnings) for each in tried) == len(done.report.warnings)
    return tried


def probe(body: str, head: str = "") -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{head}\n\ndef probe(value: int) -> str:\n{lines}    return 'fine'\n"


@pytest.mark.parametrize(("is_on", "codes"), [("true", {"m": ["example-failed"]}), ("false", {})])
def test_the_switch(make_project: MakeProject, is_on: str, codes: dict[str, list[str]]) -> None:
    project = make_project({"m.py": SPEC}, f"{ONCE}run_examples = {is_on}\n")

    assert run(project, {"m": probe("value = str(value)\nreturn value")}).codes == codes


def test_the_finding_says_what_was_tried_and_what_came(make_project: MakeProject) -> None:
    done = run(make_project({"m.py": SPEC}, ONCE), {"m": probe("return str(value)")})

    assert done.messages == (
        "[example-failed] the example `probe(1)` in the docstring of probe gives '1' "
        "(expected: 'fine')"
    )


def test_the_environment_is_made_from_nothing(make_project: MakeProject) -> None:
    secrets = {"CANARY": "sing", "OPENAI_API_KEY": "key", "LC_KEY": "key", "LC_TIME": "C.UTF-8"}
    answer = probe("return ' '.join(sorted(os.environ))", "import os")
    done = run(make_project({"m.py": SPEC}, ONCE), {"m": answer}, secrets)

    failure = done.report.modules[0].failure
    assert failure is not None
    (finding,) = failure.findings
    shown = finding.message.partition(" gives ")[2].strip("'").split()
    allowed = {"HOME", "LC_CTYPE", "LC_TIME", "PATH", "PYTHONHASHSEED", "TMPDIR"}
    assert set(shown) <= allowed
    assert {"HOME", "PATH", "LC_TIME"} <= set(shown)


def test_the_folder_is_empty_and_writable(make_project: MakeProject) -> None:
    body = (
        "assert os.listdir() == [] and os.getcwd() == os.environ['HOME']\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    open(os.path.join(folder, 'x'), 'w').close()\n"
        "os.mkdir('new')"
    )
    done = run(make_project({"m.py": SPEC}, ONCE), {"m": probe(body, "import os\nimport tempfile")})

    assert done.codes == {}
    assert done.report.warnings == ()


REFUSED = [
    ("import socket", "socket.create_connection(('127.0.0.1', 9))", "the network"),
    ("import urllib.request", "urllib.request.urlopen('http://127.0.0.1:9/')", "the network"),
    ("import socket", "socket.socket().bind(('127.0.0.1', 0))", "the network"),
    ("import subprocess", "subprocess.run(['true'])", "starting a process"),
    ("import os", "os.system('true')", "starting a process"),
    ("import os", "os.fork()", "starting a process"),
    ("import os", "os.kill(1, 0)", "signalling another process"),
    ("from pathlib import Path", "Path(__file__).with_name('out').write_text('')", "writing"),
    ("import os", "os.remove({protected!r})", "writing"),
    ("import os", "os.rename({protected!r}, 'here')\nos.remove({protected!r})", "writing"),
    ("import os", "os.mkdir({folder!r})", "writing"),
    ("import sqlite3", "sqlite3.connect({folder!r})", "writing"),
]


@pytest.fixture(scope="module")
def refused_answers(
    new_project: MakeProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Tried]]:
    """Answers that do what they must not, tried in one build."""
    place = tmp_path_factory.mktemp("refused")
    protected, folder = place / "protected", place / "folder"
    protected.write_text("protected")
    answers = [
        probe(body.format(protected=str(protected), folder=str(folder)), head)
        for head, body, _ in REFUSED
    ]
    yield try_all(new_project(modules_of(len(REFUSED)), ONCE), answers)
    assert protected.read_text() == "protected"
    assert not folder.exists()


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_an_answer_must_not_do_is_refused_and_told(
    refused_answers: list[Tried], number: int
) -> None:
    tried = refused_answers[number]
    assert tried.codes == []  # whether it is right cannot be told
    (warning,) = tried.warnings
    assert warning.startswith(
        f"m_{number}.py:7: the example `probe(1)` was not judged: {REFUSED[number][2]}"
    )


KEY_PLACES = [
    ("{root}/.env", "reading .env, which holds a key,"),
    ("{root}/__generated__/../.env", "reading .env, which holds a key,"),
    ("{root}/link.env", "reading .env, which holds a key,"),
    ("/proc/{pid}/environ", "looking into another process"),
    ("/proc/1/mem", "looking into another process"),
]
WAYS = ["open({!r})", "os.open({!r}, os.O_RDONLY)", "Path({!r}).read_text()"]
LOOKS = [(way, place, refused) for place, refused in KEY_PLACES for way in WAYS]


@pytest.fixture(scope="module")
def looking_answers(new_project: MakeProject) -> list[Tried]:
    """Answers that look for the key, tried in one build."""
    project = new_project({**modules_of(len(LOOKS)), ".env": "OPENAI_API_KEY=sk-canary\n"}, ONCE)
    (project.root / "link.env").symlink_to(".env")
    head = "import os\nfrom pathlib import Path"
    answers = [
        probe(way.format(place.format(root=project.root, pid=os.getpid())), head)
        for way, place, _ in LOOKS
    ]
    return try_all(project, answers)


@pytest.mark.parametrize("number", range(len(LOOKS)))
def test_an_answer_does_not_find_the_key(looking_answers: list[Tried], number: int) -> None:
    (warning,) = looking_answers[number].warnings
    assert warning.startswith(
        f"m_{number}.py:7: the example `probe(1)` was not judged: {LOOKS[number][2]}"
    )


def test_what_holds_no_key_can_be_read(make_project: MakeProject) -> None:
    places = ["{root}/.env", "{root}/other.env", "/proc/self/environ", "/proc/{pid}/comm"]
    files = {".env": "DATABASE_URL=sqlite:\n", "other.env": "OPENAI_API_KEY=abc\n"}
    project = make_project({**modules_of(len(places)), **files}, ONCE)
    paths = [place.format(root=project.root, pid=os.getpid()) for place in places]
    for tried in try_all(project, [probe(f"open({path!r}).close()") for path in paths]):
        assert (tried.codes, tried.warnings) == ([], ())


WRONG = [
    ("import sys", "sys.exit(3)", "example-failed", "SystemExit: 3"),
    ("import os", "os._exit(3)", "example-crash", "exit code 3"),
    ("import ctypes", "ctypes.string_at(0)", "example-crash", "SIGSEGV"),
    ("import os, signal", "os.kill(os.getpid(), 9)", "example-crash", "SIGKILL"),
    ("", "x = [0] * 10**9", "example-crash", "uses up all the memory"),
    ("", "return probe(value)", "example-failed", "RecursionError"),
    ("", "print('fine')\nreturn ''", "example-failed", "fine"),
    ("import sys", "sys.stdout = None\nreturn ''", "example-failed", "gives ''"),
]


@pytest.fixture(scope="module")
def wrong_answers(new_project: MakeProject) -> list[Tried]:
    """Answers that go wrong, tried in one build."""
    answers = [probe(body, head) for head, body, _, _ in WRONG]
    return try_all(new_project(modules_of(len(WRONG)), ONCE), answers)


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_an_answer_that_goes_wrong(wrong_answers: list[Tried], number: int) -> None:
    _, _, code, message = WRONG[number]
    assert wrong_answers[number].codes == [code]
    assert message in wrong_answers[number].messages


FORGING = """
import os
import stat
def _forge(text: bytes) -> None:
    for number in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(number).st_mode):
                os.write(number, text)
        except OSError:
            pass
"""


FORGED = [
    "hello",
    "5",
    "x" * 100,
    '{"record": {"a": 1}}',
    '{"bug": "ha"}',
    '{"done": true}',
    '{"begin": {}, "seconds": 1e9}',
    '{"begin": {"owner": "", "source": ""}, "seconds": "x"}',
]
FORGERIES = [(head, line) for line in FORGED for head in (FORGING, f"{FORGING}\n_forge(b'5\\n')")]


@pytest.fixture(scope="module")
def forging_answers(new_project: MakeProject) -> list[Tried]:
    """Answers that write into the answers of the sandbox, tried in one build."""
    answers = [
        probe(f"_forge({line.encode() + bytes([10])!r})\nos._exit(3)", head)
        for head, line in FORGERIES
    ]
    return try_all(new_project(modules_of(len(FORGERIES)), ONCE), answers)


@pytest.mark.parametrize("number", range(len(FORGERIES)))
def test_an_answer_that_writes_into_the_answers(forging_answers: list[Tried], number: int) -> None:
    assert forging_answers[number].codes == ["example-crash"]
    assert "it wrote into the answers of the sandbox" in forging_answers[number].messages


def test_an_answer_whose_messages_come_out_wrong(make_project: MakeProject) -> None:
    body = "json.dumps = lambda _: '{\"record\": {\"a\": 1}}'\nreturn 'wrong'"
    done = run(make_project({"m.py": SPEC}, ONCE), {"m": probe(body, "import json")})

    assert done.codes == {"m": ["example-failed"]}


OWN = "try:\n    open('nothing')\nexcept OSError as error:\n    raise OSError('own') from error"


DOUBTFUL = [
    ("", "raise OSError('own')", True),
    ("", "raise ImportError('own')", True),
    ("", "raise EOFError", True),
    ("raise OSError('own')", "pass", True),
    ("", 'raise RuntimeError("can\'t start new thread")', True),
    ("", "{}['NOT_SET']", True),
    ("", "open('nothing')", False),
    ("import importlib", "importlib.import_module('nothing_like_it')", False),
    ("", "input()", False),
    ("", OWN, False),
    ("import os", "os.environ['NOT_SET']", False),
    (
        "import threading",
        "threading.stack_size(2**34)\nthreading.Thread(target=print).start()",
        False,
    ),
]


@pytest.fixture(scope="module")
def doubtful_answers(new_project: MakeProject) -> list[Tried]:
    """Answers that fail, maybe for what the sandbox has not, tried in one build."""
    answers = [probe(body, head) for head, body, _ in DOUBTFUL]
    return try_all(new_project(modules_of(len(DOUBTFUL)), ONCE), answers)


@pytest.mark.parametrize("number", range(len(DOUBTFUL)))
def test_what_may_be_due_to_the_sandbox(doubtful_answers: list[Tried], number: int) -> None:
    tried, is_judged = doubtful_answers[number], DOUBTFUL[number][2]
    assert bool(tried.codes) is is_judged, tried.messages
    assert bool(tried.warnings) is not is_judged


LAZY = '''
    from collections.abc import Iterable

    import jaunt

    @jaunt.magic
    def count(size: int) -> Iterable[int]:
        """Count.

        Raises:
            ValueError: If `size` is negative.
        """
        raise NotImplementedError
    '''


@pytest.mark.parametrize(
    ("check", "codes"), [("raise ValueError", {}), ("pass", {"m": ["raises-missing"]})]
)
def test_what_is_lazy_may_raise_later(
    make_project: MakeProject, check: str, codes: dict[str, list[str]]
) -> None:
    answer = (
        "from collections.abc import Iterable, Iterator\n\n\n"
        "class _Count:\n    def __init__(self, size: int) -> None:\n        self.size = size\n\n"
        "    def __iter__(self) -> Iterator[int]:\n        if self.size < 0:\n"
        f"            {check}\n        return iter(range(self.size))\n\n\n"
        "def count(size: int) -> Iterable[int]:\n    return _Count(size)\n"
    )
    done = run(make_project({"m.py": LAZY}, ONCE), {"m": answer})

    assert done.codes == codes


async def test_an_answer_that_closes_the_pipe_and_lives_on(make_project: MakeProject) -> None:
    body = "import os\nimport time\nos.closerange(3, 64)\ntime.sleep(3600)"
    (finding,) = await findings_of(make_project({"m.py": SPEC}), probe(body), seconds=0.5)

    assert finding.code == "example-timeout"


async def findings_of(project: Project, answer: str, *, seconds: float) -> tuple[Finding, ...]:
    """What the check itself finds, under another limit of time."""
    environ = {"PATH": os.environ["PATH"]}
    load = loader_of(ScriptedBackend({}))
    with open_session(project, BuildOptions(), environ=environ, load=load) as session:
        plan = session.plan(
            Kind.BUILD,
            selected=frozenset({"m"}),
            answers=None,
        )
        sandbox = Sandbox(session.workspace)
        check = ExampleCheck(project.root, sandbox, lambda _: None, seconds=seconds)
        judgement = await check.judge(plan.modules[0], answer)
        return judgement.findings


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import time\ntime.sleep(3600)",
        "import sys\nsys.stdin.read()\nwhile 1: pass",
    ],
)
async def test_an_answer_that_does_not_end(make_project: MakeProject, body: str) -> None:
    (finding,) = await findings_of(make_project({"m.py": SPEC}), probe(body), seconds=0.5)

    assert finding.code == "example-timeout"
    assert finding.message == "`probe(1)` of probe: it did not end within 0.5 s"


async def test_a_loop_at_import(make_project: MakeProject) -> None:
    (finding,) = await findings_of(make_project({"m.py": SPEC}), "while True: pass\n", seconds=0.5)

    assert finding.code == "example-timeout"
    assert finding.message.startswith("importing the module: ")


def test_examples_see_the_answer_however_they_get_at_it(make_project: MakeProject) -> None:
    files = {
        "shop/__init__.py": '''
            import jaunt

            @jaunt.magic
            def one() -> int:
                """Return 1.

                >>> from shop import one as first
                >>> first(), one()
                (1, 1)
                """
                raise NotImplementedError
            ''',
        "shop/cart.py": '''
            import jaunt
            from shop import one

            RATE = 2

            @jaunt.magic(deps=[one])
            def total(prices: list[int]) -> int:
                """Return the sum, `RATE` times, and `one()`.

                >>> import shop.cart
                >>> shop.cart.total([1, RATE])
                7
                """
                raise NotImplementedError

            @jaunt.magic
            class Cart:
                """Keeps prices.

                >>> cart = Cart()
                >>> isinstance(cart, Cart), type(cart).__module__
                (True, 'shop.cart')
                """

                def total(self) -> int:
                    """Return the total.

                    >>> Cart().total()
                    1
                    """
                    raise NotImplementedError
            ''',
    }
    answers = {
        "shop": "def one() -> int:\n    return 1\n",
        "shop.cart": (
            "from shop import one\n\n\ndef total(prices: list[int]) -> int:\n"
            "    from shop.cart import RATE\n    return RATE * sum(prices) + one()\n\n\n"
            "class Cart:\n    def total(self) -> int:\n        return total([])\n"
        ),
    }
    done = run(make_project(files, ONCE), answers)
    assert done.codes == {}, done.messages
    assert done.report.warnings == ()

    wrong = {**answers, "shop.cart": answers["shop.cart"].replace("+ one()", "+ 2")}
    assert run(make_project(files, ONCE, folder="other"), wrong).codes == {
        "shop.cart": ["example-failed", "example-failed"]
    }


def test_stored_answers_are_tried_as_well(make_project: MakeProject) -> None:
    files = {"m.py": SPEC.replace("probe(1)", "probe(unseen())"), "h.py": ""}
    head = "import jaunt\n    from h import unseen as _unseen\n    unseen = _unseen\n"
    files["m.py"] = files["m.py"].replace("import jaunt\n", head)
    files["h.py"] = "def unseen() -> int:\n    return 1\n"
    answer = probe("return 'fine' if value == 1 else ''")
    project = make_project(files, ONCE)
    assert run(project, {"m": answer}).codes == {}

    (project.root / "h.py").write_text("def unseen() -> int:\n    return (2)\n")
    (project.root / "__generated__" / "m.py").unlink()
    again = run(project, {"m": answer})

    assert again.codes == {"m": ["example-failed"]}


def test_options_of_the_projects_own_doctests_apply(make_project: MakeProject) -> None:
    files = {"m.py": SPEC.replace("'fine'", "'f...'"), "pyproject.toml": ""}
    assert run(make_project(files, ONCE), {"m": probe("")}).codes == {"m": ["example-failed"]}

    files["pyproject.toml"] = '[tool.pytest.ini_options]\ndoctest_optionflags = ["ELLIPSIS"]\n'
    assert run(make_project(files, ONCE, folder="other"), {"m": probe("")}).codes == {}


def test_a_few_findings_for_each_spec(make_project: MakeProject) -> None:
    many = "\n        ".join(f">>> probe({number})\n        'no'" for number in range(9))
    spec = SPEC.replace(">>> probe(1)\n        'fine'", many)

    assert run(make_project({"m.py": spec}, ONCE), {"m": probe("")}).codes == {
        "m": ["example-failed"] * 5
    }


def test_a_spec_module_that_needs_what_the_sandbox_has_not(make_project: MakeProject) -> None:
    spec = SPEC.replace(
        "import jaunt", "import os\n    import jaunt\n    HOME = os.environ['NEEDED']"
    )
    done = run(make_project({"m.py": spec}, ONCE), {"m": probe("return ''")}, {"NEEDED": "1"})

    assert done.codes == {}
    (reason,) = done.report.unjudged
    assert (reason.module, reason.check, reason.why) == ("m", "examples", "KeyError: 'NEEDED'")


def test_other_interpreters(make_project: MakeProject, interpreters: Any) -> None:
    python = interpreters.other_than_ours((3, 11))
    if python is None:
        pytest.skip("there is no other CPython on this machine")
    folder = interpreters.environment("examples", python=python)
    config = f'[paths]\npython = "{folder}"\n{ONCE}'
    answers = {"m": probe("return '%d.%d' % sys.version_info[:2]", "import sys")}
    done = run(make_project({"m.py": SPEC}, config), answers)

    assert done.codes == {"m": ["example-failed"]}
    assert "gives '3." in done.messages


def test_the_isolation_can_be_told(make_project: MakeProject) -> None:
    project = make_project({"m.py": SPEC})
    usual, poor = (
        Sandbox(Workspace(project=project, environ={"PATH": path}))
        for path in (os.environ["PATH"], "/nowhere")
    )

    assert usual.isolation in Isolation
    assert poor.isolation is Isolation.AUDIT_HOOK


CLASS_SPEC = """
    import os
    from dataclasses import dataclass

    import jaunt

    @jaunt.magic
    class Ledger:
        \"\"\"Keeps amounts.\"\"\"

        def total(self) -> int:
            \"\"\"The sum of all amounts.\"\"\"
            raise NotImplementedError
    """
LEDGER = "class Ledger:\n    def total(self) -> int:\n        return 0\n"
FROZEN = f"from dataclasses import dataclass\n\n@dataclass(frozen=True)\n{LEDGER}"


def test_what_has_no_examples_is_imported_with_its_spec_module(make_project: MakeProject) -> None:
    after = {
        "a": ("    @dataclass\n    class More(Ledger):\n        count: int = 0\n", FROZEN),
        "b": (
            "    EMPTY = Ledger()\n    EMPTY.note = 'none'\n",
            LEDGER.replace(":\n", ":\n    __slots__ = ()\n", 1),
        ),
        "c": (
            "    EMPTY = Ledger()\n",
            LEDGER + "\n    def __init__(self) -> None:\n        raise ValueError('no')\n",
        ),
        "d": (
            "    EMPTY = Ledger()\n",
            "import os\n\n" + LEDGER + "\n    def __init__(self) -> None:\n        os._exit(3)\n",
        ),
        "e": ("    PORT = int(os.environ.get('PORT'))\n", LEDGER),
        "f": (
            "    from pathlib import Path\n    Path(__file__).with_name('log').write_text('')\n",
            LEDGER,
        ),
        "g": ("    EMPTY = Ledger()\n", LEDGER),
    }
    files = {f"{name}.py": f"{CLASS_SPEC.rstrip()}\n\n{more}" for name, (more, _) in after.items()}
    answers = {name: answer for name, (_, answer) in after.items()}
    done = run(make_project(files, ONCE), answers, {"PORT": "1"})

    crash = ["example-crash"]
    assert done.codes == {"a": crash, "b": crash, "c": crash, "d": crash}
    assert "cannot inherit non-frozen dataclass from a frozen one at a.py:" in done.messages
    reasons = {reason.module: reason.why for reason in done.report.unjudged}
    assert list(reasons) == ["e", "f"]
    assert reasons["e"].startswith("TypeError: int() argument")
    assert "outside of an empty folder" in reasons["f"]


BREAKERS = {
    # The trial's own code is left without memory, without functions, or without a pipe.
    "on_memory": (
        (
            "ALL: list[bytes] = []\n\n\ndef probe(value: int) -> str:\n"
            "    while True:\n        ALL.append(bytes(2**16))\n"
        ),
        "uses up all the memory",
    ),
    "on_printed": (
        (
            "def probe(value: int) -> str:\n    for _ in range(300):\n"
            "        print(' ' * 10_000_000)\n    return ''\n"
        ),
        "(expected: 'fine')",
    ),
    "on_builtins": (
        (
            "import builtins\n\n\ndef probe(value: int) -> str:\n"
            "    for name in ('len', 'isinstance', 'str'):\n"
            "        setattr(builtins, name, None)\n    return 'fine'\n"
        ),
        "ended the process with exit code 1",
    ),
    "on_dumps": (
        (
            "import json\n\n\ndef probe(value: int) -> str:\n"
            "    setattr(json, 'dumps', None)\n    return 'bad'\n"
        ),
        "gives 'bad'",
    ),
    "on_pipes": (
        (
            "import os\n\n\ndef probe(value: int) -> str:\n"
            "    os.closerange(3, 100)\n    return 'fine'\n"
        ),
        "ended the process with exit code 1",
    ),
    "on_message": (
        (
            "class Odd(Exception):\n    def __str__(self) -> str:\n        raise SystemExit(4)\n\n"
            "def probe(value: int) -> str:\n    raise Odd\n"
        ),
        "(its message cannot be shown)",
    ),
    "on_surrogate": (
        "def probe(value: int) -> str:\n    print('\\ud800')\n    return ''\n",
        "gives \\ud800",
    ),
    "on_shown": (
        (
            "class Odd(str):\n    def __repr__(self) -> str:\n        raise SystemExit(4)\n\n"
            "def probe(value: int) -> str:\n    return Odd('fine ')\n"
        ),
        "SystemExit: 4",
    ),
}


def test_an_answer_that_breaks_its_trial_fails_alone(make_project: MakeProject) -> None:
    files = {f"{name}.py": SPEC for name in (*BREAKERS, "right")}
    answers = {name: answer for name, (answer, _) in BREAKERS.items()} | {
        "right": "def probe(value: int) -> str:\n    return 'fine'\n"
    }
    done = run(make_project(files, ONCE), answers)

    messages = {
        module.module: "; ".join(map(str, module.failure.findings))
        for module in done.report.modules
        if module.failure
    }
    assert set(messages) == set(BREAKERS)
    for name, (_, expected) in BREAKERS.items():
        assert expected in messages[name], messages[name]


@pytest.mark.parametrize("later", ['rm -- "$0"', "printf 'exit 1' > \"$0\"", ': > "$0"'])
def test_a_tool_of_the_sandbox_that_vanishes_during_a_run(
    make_project: MakeProject, tmp_path: Path, later: str
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bwrap", "unshare"):
        tool = tools / name
        # The first use is the probe; what it runs stands behind `--`.
        tool.write_text(
            f'#!/bin/sh\n{later}\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n'
        )
        tool.chmod(0o755)
    project = make_project({f"{name}.py": SPEC for name in "abc"}, ONCE)
    right = "def probe(value: int) -> str:\n    return 'fine'\n"
    wrong = "def probe(value: int) -> str:\n    return 'wrong'\n"
    path = f"{tools}:{os.environ['PATH']}" if later.startswith("rm") else f"{tools}:/bin"
    done = run(project, {"a": right, "b": right, "c": wrong}, {"PATH": path})

    assert done.codes == {"c": ["example-failed"]}
    assert done.report.unjudged == ()
    (warning,) = done.report.warnings
    assert warning.startswith("bubblewrap kept generated code from the network when this run began")


def test_a_module_none_of_whose_examples_can_be_judged(make_project: MakeProject) -> None:
    one = SPEC.replace("'fine'", "fine")
    two = one.replace("\n        fine", "\n        fine\n        >>> probe(2)\n        'fine'")
    answer = "def probe(value: int) -> str:\n    return 'fine' if value == 2 else 'good'\n"
    done = run(make_project({"one.py": one, "two.py": two}, ONCE), {"one": answer, "two": answer})

    (reason,) = done.report.unjudged
    assert reason.module == "one"
    assert reason.why == "none can be judged: `probe(1)`: text is shown without quotes"
    assert len(done.report.warnings) == 2
