"""What user code may do to the worker, and the message about it: always with file and line."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.errors import JauntDiscoveryError
from jaunt_core.model.report import Outcome
from jaunt_core.model.spec import Kind
from jaunt_core.project.workspace import Workspace
from jaunt_core.snapshot.snapshot import read_snapshot
from jaunt_core.snapshot.worker_client import Worker
from jaunt_core.testing import ScriptedBackend, loader_of

from ..conftest import MakeProject, discover, write_files

ENVIRON = {"PATH": os.environ["PATH"]}
GOOD = "import jaunt\n\n@jaunt.magic\ndef good() -> int: ...\n"


@dataclass(frozen=True)
class Fault:
    """The source of shop/bad.py, below `import jaunt` in line 1, and the message about it."""

    source: str
    message: str
    hint: str = ""
    helper: str = ""


RAISED = {
    "a module that raises": Fault(
        "x = 1\ny = x / 0\n",
        "shop/bad.py:3: importing it raises ZeroDivisionError: division by zero",
    ),
    "a helper that raises": Fault(
        "from shop import helper\nhelper.go()\n",
        "shop/helper.py:2: importing it raises KeyError: 'x'",
        helper="def go():\n    {}['x']\n",
    ),
    "the standard library that raises": Fault(
        "import json\n\njson.loads('{')\n",
        "shop/bad.py:4: importing it raises JSONDecodeError: Expecting property name enclosed in "
        "double quotes: line 1 column 2 (char 1)",
    ),
    "an error without a message": Fault(
        "raise ValueError\n", "shop/bad.py:2: importing it raises ValueError"
    ),
    "an error that cannot be shown": Fault(
        "class Odd(Exception):\n    def __str__(self): raise OSError\nraise Odd\n",
        "shop/bad.py:4: importing it raises Odd: (its message cannot be shown)",
    ),
    "an error with a very long message": Fault(
        "raise ValueError('x' * 1_000_000)\n",
        f"shop/bad.py:2: importing it raises ValueError: {'x' * 2000}…",
    ),
    "KeyboardInterrupt": Fault(
        "raise KeyboardInterrupt\n", "shop/bad.py:2: importing it raises KeyboardInterrupt"
    ),
    "sys.exit": Fault(
        "import sys\nsys.exit('bye')\n",
        "shop/bad.py:3: importing it exits: bye",
        "guard what exits with `if __name__ == '__main__':`",
    ),
    "os._exit": Fault(
        "from os import _exit\n_exit(0)\n",
        "shop/bad.py:3: importing it exits: 0",
        "guard what exits with `if __name__ == '__main__':`",
    ),
    "reading standard input": Fault(
        "name = input('your name? ')\n",
        "shop/bad.py:2: importing it raises EOFError: EOF when reading a line",
    ),
    "wrong syntax": Fault("x = 1\ndef f(:\n", "shop/bad.py:3: syntax error: invalid syntax"),
    "wrong syntax in a helper": Fault(
        "import shop.helper\n",
        "shop/helper.py:2: syntax error: invalid syntax",
        helper="x = 1\ny = = 2\n",
    ),
    "wrong syntax in a string": Fault(
        "x = 1\nexec('y = = 2')\n",
        "shop/bad.py:3: importing it raises SyntaxError: invalid syntax (<string>, line 1)",
    ),
    "a missing dependency": Fault(
        "import no_such_package.sub\n",
        "shop/bad.py:2: importing it raises ModuleNotFoundError: No module named 'no_such_package'",
        "add 'no_such_package' to the project's dependencies, or correct the import; discovery "
        "runs under the project's own interpreter",
    ),
    "a missing name": Fault(
        "from shop.helper import missing\n",
        "shop/bad.py:2: importing it raises ImportError: cannot import name 'missing' from "
        "'shop.helper' ({root}/shop/helper.py)",
    ),
    "a circle that works from no end": Fault(
        "from shop.helper import VALUE\n",
        "shop/helper.py:2: importing it raises ImportError: cannot import name 'VALUE' from "
        "partially initialized module 'shop.bad' (most likely due to a circular import) "
        "({root}/shop/bad.py)",
        helper="import jaunt\nfrom shop.bad import VALUE\n",
    ),
}

MISUSED = {
    "a method": Fault(
        "class Shop:\n    @jaunt.magic\n    def tax(self) -> int: ...\n",
        "shop/bad.py:3: @jaunt.magic does not support Shop.tax, a member of a class",
        "supported are top-level functions (also async, also generators) and classes",
    ),
    "a nested function": Fault(
        "def outer():\n    @jaunt.magic\n    def inner() -> int: ...\nouter()\n",
        "shop/bad.py:3: @jaunt.magic does not support outer.<locals>.inner, which was defined "
        "inside a function (perhaps of a decorator below it)",
        "supported are top-level functions (also async, also generators) and classes",
    ),
    "a metaclass": Fault(
        "import abc\n@jaunt.magic\nclass Shop(abc.ABC): ...\n",
        "shop/bad.py:3: @jaunt.magic does not support the class Shop, whose metaclass is "
        "ABCMeta, not type",
        "supported are top-level functions (also async, also generators) and classes",
    ),
    "a wrong argument": Fault(
        "@jaunt.magic(\n    deps=None,\n)\ndef f() -> int: ...\n",
        "shop/bad.py:2: deps must be an object, a string or a list of them, not None",
        "leave deps= out where there is nothing to name",
    ),
    "a spec that is called": Fault(
        "@jaunt.magic\ndef f() -> int: ...\n\nVALUE = f()\n",
        "shop/bad.py:5: shop.bad:f is called while its module is imported, before there is code "
        "for it",
        "call it inside a function, so that jaunt can import the module to read its specs",
    ),
    "a spec that a helper calls": Fault(
        "import shop.helper\n",
        "shop/helper.py:5: shop.helper:f is called while its module is imported, before there is "
        "code for it",
        "call it inside a function, so that jaunt can import the module to read its specs",
        helper="import jaunt\n@jaunt.magic\ndef f() -> int: ...\ndef go():\n    f()\ngo()\n",
    ),
    "a spec that is defined twice": Fault(
        "@jaunt.magic\ndef f() -> int: ...\n@jaunt.magic\ndef f() -> str: ...\n",
        "shop/bad.py:5: spec shop.bad:f is defined more than once, at lines 3 and 5",
        "keep one of them; a spec has one definition",
    ),
    "a spec in each branch": Fault(
        "import sys\nif sys.platform == 'x':\n    @jaunt.magic\n    def f() -> int: ...\n"
        "else:\n    @jaunt.magic\n    def f() -> str: ...\n",
        "shop/bad.py:8: spec shop.bad:f is defined more than once, at lines 5 and 8",
        "keep one of them; a spec has one definition",
    ),
    "a decorator in disguise": Fault(
        "spec = jaunt.magic(prompt='be quick')\n\n@spec\ndef f() -> int: ...\n",
        "shop/bad.py:4: no `def` or `class` statement with the decorator was found for spec "
        "shop.bad:f",
        "write `@jaunt.magic` itself directly above a top-level `def` or `class`",
    ),
    "a test spec in a source root": Fault(
        "x = 1\n@jaunt.test\ndef test_f() -> None: ...\n",
        "shop/bad.py:3: test spec shop.bad:test_f stands in a source root",
        "move it below one of [paths] test_roots",
    ),
}


@pytest.mark.parametrize("name", [*RAISED, *MISUSED])
def test_user_code_fails(name: str, make_project: MakeProject) -> None:
    fault = {**RAISED, **MISUSED}[name]
    files = {
        "shop/bad.py": f"import jaunt\n{fault.source}",
        "shop/helper.py": fault.helper,
        "good.py": GOOD,
    }
    project = make_project(files)
    with pytest.raises(JauntDiscoveryError) as caught:
        discover(project)
    assert caught.value.args[0] == fault.message.replace("{root}", str(project.root))
    assert (caught.value.hint or "") == fault.hint


def test_a_code_spec_in_a_test_root(make_project: MakeProject) -> None:
    with pytest.raises(JauntDiscoveryError) as caught:
        discover(make_project({"tests/test_a.py": GOOD}))
    assert caught.value.args[0] == (
        "tests/test_a.py:3: spec tests.test_a:good stands in a test root"
    )


UNDECODABLE = "cannot be read as Python source: 'utf-8' codec can't decode byte"
SAVE_AS_UTF_8 = "save the file as UTF-8, or declare its encoding in the first line"

UNREADABLE = {
    "undecodable": (
        b"import jaunt\n\nx = '\xe9'\n",
        f"shop/bad.py:3: {UNDECODABLE} 0xe9 in position 19: invalid continuation byte",
        SAVE_AS_UTF_8,
    ),
    "undecodable in the first line": (
        b"# \xff\nimport jaunt\n",
        f"shop/bad.py:1: {UNDECODABLE} 0xff in position 2: invalid start byte",
        SAVE_AS_UTF_8,
    ),
    "an unknown encoding": (
        b"#!/usr/bin/python\n# coding: klingon\nimport jaunt\n",
        "shop/bad.py:2: syntax error: unknown encoding: klingon",
        "",
    ),
    "a null byte": (
        b"import jaunt\nx = 1\n\0\n",
        "shop/bad.py:3: syntax error: source code cannot contain null bytes",
        "",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_source(name: str, make_project: MakeProject) -> None:
    content, message, hint = UNREADABLE[name]
    project = make_project({"shop/good.py": GOOD})
    (project.root / "shop/bad.py").write_bytes(content)
    with pytest.raises(JauntDiscoveryError) as caught:
        discover(project)
    assert caught.value.args[0] == message
    assert (caught.value.hint or "") == hint


LIMIT = 0.75
SLOW = f"running it takes longer than {LIMIT} s"
CRASH = "importing it crashes the interpreter"

DEADLY = {
    "a module that hangs": Fault("import time\ntime.sleep(60)\n", f"shop/bad.py:3: {SLOW}"),
    "a helper that loops": Fault(
        "import shop.helper\nshop.helper.go()\n",
        f"shop/helper.py:2: {SLOW}",
        helper="def go():\n    while True: pass\n",
    ),
    "a hang in the middle of a line": Fault(
        "import os, time\nos.write(2, b'loading ')\ntime.sleep(60)\n", f"shop/bad.py:4: {SLOW}"
    ),
    "a hang beside a thread": Fault(
        "import shop.helper, time\n\ntime.sleep(60)\n",
        f"shop/bad.py:4: {SLOW}",
        helper="import threading, time\n"
        "threading.Thread(target=lambda: time.sleep(60), daemon=True).start()\n",
    ),
    "a hang after a stack was printed": Fault(
        "import faulthandler, shop.helper, time\nshop.helper.go()\ntime.sleep(60)\n",
        f"shop/bad.py:4: {SLOW}",
        helper="import faulthandler\ndef go():\n    faulthandler.dump_traceback()\n",
    ),
    "a segmentation fault": Fault(
        "import ctypes\nx = 1\nctypes.string_at(0)\n", f"shop/bad.py:4: {CRASH}: Segmentation fault"
    ),
    "abort in the middle of a line": Fault(
        "import os\nprint('working', end='', flush=True)\nos.abort()\n",
        f"shop/bad.py:4: {CRASH}: Aborted",
    ),
    "a crash beside a forked child": Fault(
        "import os, time\nif not os.fork():\n    time.sleep(600)\nos.abort()\n",
        f"shop/bad.py:5: {CRASH}: Aborted",
    ),
    "a kill": Fault(
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
        f"shop/bad.py: {CRASH}: ended by SIGKILL",
    ),
}


@pytest.mark.parametrize("name", DEADLY)
def test_user_code_takes_the_worker_down(name: str, make_project: MakeProject) -> None:
    fault = DEADLY[name]
    files = {"shop/bad.py": f"import jaunt\n{fault.source}", "shop/helper.py": fault.helper}
    project = make_project(files)
    with pytest.raises(JauntDiscoveryError) as caught:
        discover(project, time_limit=LIMIT)
    assert caught.value.args[0] == fault.message
    assert ("do not wait" in str(caught.value.hint)) is fault.message.endswith(SLOW)


def test_a_crash_outside_of_discovery_is_not_blamed_on_the_last_module(
    make_project: MakeProject, tmp_path: Path
) -> None:
    write_files(tmp_path / "site", {"crashing/__init__.py": "import os\nos.abort()\n"})
    project = make_project({"good.py": GOOD})
    environ = {**ENVIRON, "PYTHONPATH": str(tmp_path / "site")}
    workspace = Workspace(project=project, environ=environ)
    with Worker(workspace) as worker:
        read_snapshot(workspace, worker, Kind)
        with pytest.raises(JauntDiscoveryError) as caught:
            worker.ask({"op": "find", "module": "crashing.sub"})
    place = tmp_path / "site" / "crashing" / "__init__.py"
    assert caught.value.args[0] == f"{place}:2: {CRASH}: Aborted"


def test_an_answer_whose_imports_crash_is_rejected(
    make_project: MakeProject, tmp_path: Path
) -> None:
    write_files(tmp_path / "site", {"crashing.py": "import os\nos.abort()\n"})
    project = make_project({"good.py": GOOD, "other.py": GOOD})
    good = "def good() -> int:\n    return 1\n"
    backend = ScriptedBackend({"good": [f"from crashing import x\n{good}", good], "other": [good]})
    report = build(
        project,
        BuildOptions(),
        sink=lambda event: None,
        environ={**ENVIRON, "PYTHONPATH": str(tmp_path / "site")},
        load=loader_of(backend),
    )
    assert [module.outcome for module in report.modules] == [Outcome.GENERATED] * 2
    (repair,) = [request for request in backend.requests if request.attempt == 2]
    place = tmp_path / "site" / "crashing.py"
    (finding,) = repair.context.findings
    assert str(finding) == (
        f"[import-crash] what it imports takes the interpreter down: {place}:2: {CRASH}: Aborted "
        "(expected: other imports)"
    )


def test_the_next_question_finds_a_new_worker(make_project: MakeProject) -> None:
    project = make_project({"bad.py": "import jaunt, os\nos.abort()\n", "good.py": GOOD})
    workspace = Workspace(project=project, environ=ENVIRON)
    with Worker(workspace) as worker:
        with pytest.raises(JauntDiscoveryError, match=r"^bad\.py:2: .*Aborted"):
            read_snapshot(workspace, worker, Kind)
        (project.root / "bad.py").write_text("import jaunt\n")
        modules = read_snapshot(workspace, worker, Kind).modules
    assert [module.name for module in modules] == ["good"]


HARMLESS = {
    "print.py": """
        import jaunt, os, sys
        print("x" * 1_000_000)
        sys.stderr.write("y\\n" * 500_000)
        os.write(1, b'{"answer": {"modules": []}}\\n')
        assert sys.stdin.read() == ""
        os.system("echo from a child; cat")
        @jaunt.magic
        def f() -> int: ...
    """,
    "fork.py": """
        import jaunt, os
        child = os.fork()
        if not child:
            os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        @jaunt.magic
        def f() -> int: ...
    """,
    "pool.py": """
        import jaunt, multiprocessing
        def work(queue):
            queue.put(42)
        context = multiprocessing.get_context("fork")
        queue = context.SimpleQueue()
        process = context.Process(target=work, args=[queue])
        process.start()
        assert queue.get() == 42
        process.join()
        assert process.exitcode == 0
        @jaunt.magic
        def f() -> int: ...
    """,
    "thread.py": """
        import jaunt, threading, time
        threading.Thread(target=lambda: time.sleep(60)).start()
        @jaunt.magic
        def f() -> int: ...
    """,
    "moved.py": """
        import jaunt, os, sys, warnings
        os.chdir("/")
        sys.argv[:] = ["other"]
        sys.stdout = None
        warnings.simplefilter("error")
        @jaunt.magic
        def f() -> int: ...
    """,
}


def test_what_user_code_may_do(make_project: MakeProject) -> None:
    modules = discover(make_project({name: HARMLESS[name] for name in sorted(HARMLESS)}))
    assert [module.name for module in modules] == ["fork", "moved", "pool", "print", "thread"]
    assert [len(module.specs) for module in modules] == [1] * 5


def is_running(process: int) -> bool:
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return done.returncode == 0 and not done.stdout.startswith("Z")


def test_processes_that_user_code_leaves_behind_are_ended(
    make_project: MakeProject, tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    files = {
        "app.py": f"""
            import jaunt, pathlib, subprocess
            child = subprocess.Popen(["sleep", "600"])
            pathlib.Path({str(note)!r}).write_text(str(child.pid))
            @jaunt.magic
            def f() -> int: ...
        """
    }
    started = time.monotonic()
    assert len(discover(make_project(files))) == 1
    # Its standard error is ours: waiting for the end of that would be waiting for the child.
    assert time.monotonic() - started < 4
    child = int(note.read_text())
    while time.monotonic() - started < 10 and is_running(child):
        time.sleep(0.01)
    assert not is_running(child)


def test_the_time_limit_is_for_each_module(make_project: MakeProject) -> None:
    files = {f"slow{number}.py": f"import time\ntime.sleep(0.25)\n{GOOD}" for number in range(3)}
    project = make_project(files)
    workspace = Workspace(project=project, environ=ENVIRON)
    with Worker(workspace, time_limit=0.6) as worker:
        assert len(read_snapshot(workspace, worker, Kind).modules) == 3
        # Nor does it run while nothing is asked.
        time.sleep(0.7)
        assert worker.ask({"op": "find", "module": "slow0"}) == {"exists": True}


def test_the_worker_ends_with_the_engine(make_project: MakeProject) -> None:
    project = make_project({"thread.py": HARMLESS["thread.py"]})
    workspace = Workspace(project=project, environ=ENVIRON)
    with Worker(workspace) as worker:
        read_snapshot(workspace, worker, Kind)
        assert worker._child is not None
        process = worker._child.process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=5) == 0


def test_the_key_is_not_in_the_environment(make_project: MakeProject, tmp_path: Path) -> None:
    note = tmp_path / "environ"
    source = f"""
        import jaunt, os, pathlib
        names = [f"{{name}}={{value}}" for name, value in os.environ.items()]
        pathlib.Path({str(note)!r}).write_text("\\n".join(names))
        @jaunt.magic
        def f() -> int: ...
    """
    project = make_project({"app.py": source}, '[llm]\napi_key_env = "MY_KEY"\n')
    environ = {
        "PATH": os.environ["PATH"],
        "MY_KEY": "sk-secret",
        "COPY_OF_IT": "sk-secret",
        "OPENAI_API_KEY": "sk-other",
        "KEPT": "yes",
    }
    discover(project, environ=environ)
    seen = set(note.read_text().splitlines())
    assert "KEPT=yes" in seen
    assert not [line for line in seen if "sk-secret" in line or line.startswith("MY_KEY")]
