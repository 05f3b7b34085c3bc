"""Ctrl-C and SIGTERM: 130, no process left behind, nothing lost that was finished."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jaunt_backend_openai.testing import Prompt, Reply, ResponsesServer

from .conftest import (
    Jaunt,
    MakeProject,
    Process,
    Ran,
    ServerOf,
    asked_for,
    llm_of,
    modules_asked,
    outcomes,
    processes_with,
)

SPEC = """
    import jaunt

    @jaunt.magic()
    def {name}() -> int:
        '''Return {number}.'''
        raise NotImplementedError
    """
NAMES = ("a", "b", "c", "d")
SPECS = {f"{name}.py": SPEC.format(name=name, number=ord(name)) for name in NAMES}
STOPPING = [signal.SIGINT, signal.SIGTERM]
WAYS = [
    (signal.SIGTERM, True),
    (signal.SIGINT, False),
    pytest.param(signal.SIGINT, True, marks=pytest.mark.slow),
]
# What a person may wait for after Ctrl-C, with room for a machine that is busy.
SOON = 40.0

SLEEPY = {
    "one.py": SPEC.format(name="one", number=1),
    "answers/one.py": "def one() -> int:\n    return 1\n",
    "tests/test_one.py": """
        import jaunt
        from one import one

        @jaunt.test(targets=[one])
        def test_one() -> None:
            '''It is 1.'''
            ...
        """,
    "answers/tests.test_one.py": """
        import pathlib
        import signal
        import subprocess
        import time

        from one import one


        def test_one() -> None:
            assert one() == 1
            subprocess.Popen(["sleep", "600"])
            {first}
            pathlib.Path("started").touch()
            time.sleep(600)
        """,
}


@pytest.fixture
def jaunt(started_jaunt: Jaunt) -> Jaunt:
    """Processes are found by their environment, which only one that was started has."""
    return started_jaunt


def stop(jaunt: Jaunt, process: Process, number: signal.Signals, mark: str) -> Ran:
    """Send the signal; it ends soon, with 130, and with it all that it started."""
    started = time.monotonic()
    ran = jaunt.end_of(process, number)
    assert time.monotonic() - started < SOON
    assert ran.code == 130, ran.err
    assert "Traceback" not in ran.err
    assert "error: interrupted\n" in ran.err
    assert processes_with(mark) == []
    return ran


def slow_at(name: str) -> Callable[[Prompt], Reply]:
    def answer(prompt: Prompt) -> Reply:
        module = asked_for(prompt)
        text = f"def {module}() -> int:\n    return {ord(module)}\n"
        return Reply(text=text, delay=600.0 if module == name else 0.0)

    return answer


@pytest.mark.parametrize(("number", "json"), WAYS)
def test_while_a_model_thinks(
    json: bool,
    number: signal.Signals,
    jaunt: Jaunt,
    make_project: MakeProject,
    serve: ServerOf,
    tmp_path: Path,
) -> None:
    server: ResponsesServer = serve(slow_at("c"))
    project = make_project(SPECS, llm=llm_of(server))
    generated = project / "__generated__"
    mark = f"MARK={tmp_path}"
    process = jaunt.start("build", *["--json"][:json], cwd=project, MARK=str(tmp_path))
    finished = [generated / f"{name}.py" for name in "abd"]
    jaunt.wait_for(process, lambda: all(path.exists() for path in finished), "three modules")
    assert len(processes_with(mark)) == 2  # with the worker

    ran = stop(jaunt, process, number, mark)
    if json:
        document = ran.document
        assert document["ok"] is False
        assert document["error"]["kind"] == "interrupted"
        assert outcomes(document) == dict.fromkeys("abd", "generated")
    else:
        assert ran.out == ""
    assert sorted(path.name for path in generated.iterdir()) == ["a.py", "b.py", "d.py"]

    now = serve(slow_at(""))
    config = project / "jaunt.toml"
    config.write_text(config.read_text("utf-8").replace(server.base_url, now.base_url), "utf-8")
    after = jaunt.run("build", "--json", cwd=project)
    assert after.code == 0, after.err
    assert outcomes(after.document) == {**dict.fromkeys("abd", "fresh"), "c": "generated"}
    assert modules_asked(now) == ["c"]


@pytest.mark.parametrize(("number", "json"), WAYS)
def test_while_tests_run(
    json: bool, number: signal.Signals, jaunt: Jaunt, make_project: MakeProject, tmp_path: Path
) -> None:
    project = make_project(SLEEPY)
    answer = project / "answers/tests.test_one.py"
    answer.write_text(answer.read_text("utf-8").replace("{first}", "pass"), "utf-8")
    mark = f"MARK={tmp_path}"
    process = jaunt.start("test", *["--json"][:json], cwd=project, MARK=str(tmp_path))
    jaunt.wait_for(process, (project / "started").exists, "the test")
    assert len(processes_with(mark)) == 4  # the worker, pytest, and what the test started
    ran = stop(jaunt, process, number, mark)
    if json:
        document = ran.document
        assert document["error"]["kind"] == "interrupted"
        assert outcomes(document["build"]) == {"one": "generated"}
        assert outcomes(document["tests"]) == {"tests.test_one": "generated"}
        assert document["pytest"] is None
    after = jaunt.run("test", "--json", "--no-run", cwd=project)
    assert outcomes(after.document["build"]) == {"one": "fresh"}
    assert outcomes(after.document["tests"]) == {"tests.test_one": "fresh"}


def test_twice_while_a_test_does_not_listen(
    jaunt: Jaunt, make_project: MakeProject, tmp_path: Path
) -> None:
    """Whoever has to press Ctrl-C twice leaves no test running either."""
    project = make_project(SLEEPY)
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    answer = project / "answers/tests.test_one.py"
    answer.write_text(answer.read_text("utf-8").replace("{first}", deaf), "utf-8")
    mark = f"MARK={tmp_path}"
    process = jaunt.start("test", "--json", cwd=project, MARK=str(tmp_path))
    jaunt.wait_for(process, (project / "started").exists, "the test")
    process.send_signal(signal.SIGINT)
    # SIGTERM goes to the group of pytest: `sleep` obeys, pytest does not.
    jaunt.wait_for(process, lambda: len(processes_with(mark)) < 4, "the first signal")
    ran = stop(jaunt, process, signal.SIGINT, mark)
    assert ran.document["error"]["kind"] == "interrupted"


@pytest.mark.parametrize("number", STOPPING)
def test_while_a_module_is_imported(
    number: signal.Signals, jaunt: Jaunt, make_project: MakeProject, tmp_path: Path
) -> None:
    waiting = "import pathlib, time\npathlib.Path('started').touch()\ntime.sleep(600)\n"
    project = make_project({**SPECS, "a.py": f"import jaunt\n{waiting}"})
    mark = f"MARK={tmp_path}"
    process = jaunt.start("build", "--json", cwd=project, MARK=str(tmp_path))
    jaunt.wait_for(process, (project / "started").exists, "the import")
    ran = stop(jaunt, process, number, mark)
    assert ran.document["error"]["kind"] == "interrupted"
    assert ran.document["modules"] == []


@pytest.mark.parametrize("number", STOPPING)
def test_while_a_program_thinks(
    number: signal.Signals, jaunt: Jaunt, make_project: MakeProject, tmp_path: Path
) -> None:
    """What `[llm] command` starts ends as well, also what that started."""
    script = "import subprocess, sys\nsubprocess.run(['sleep', '600'])\n"
    project = make_project({**SPECS, "answering.py": script})
    mark = f"MARK={tmp_path}"
    process = jaunt.start("build", "--json", "--jobs", "2", cwd=project, MARK=str(tmp_path))
    jaunt.wait_for(process, lambda: len(processes_with(mark)) == 6, "two programs")
    ran = stop(jaunt, process, number, mark)
    assert ran.document["modules"] == []
