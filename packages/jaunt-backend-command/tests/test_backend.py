from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path, PurePath

import pytest

import jaunt_backend_command
from jaunt_backend_command import create_backend
from jaunt_backend_command.backend import CommandBackend
from jaunt_core.backend import (
    BackendError,
    BackendSetup,
    FaultKind,
    GenerationRequest,
    GeneratorBackend,
    JauntConfigError,
    Kind,
    StopReason,
    TokenUsage,
)

Program = Callable[..., CommandBackend]
Ask = Callable[..., GenerationRequest]
SetupOf = Callable[..., BackendSetup]

ECHO = "import sys; sys.stdout.write(sys.stdin.read())"


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def _comes_true(condition: Callable[[], bool]) -> bool:
    for _ in range(400):
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


async def _gone(pid_file: Path) -> bool:
    pid = int(await asyncio.to_thread(pid_file.read_text))
    return await _comes_true(lambda: not _is_alive(pid))


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def _fault_of(backend: CommandBackend, request: GenerationRequest) -> BackendError:
    with pytest.raises(BackendError) as caught:
        await backend.generate_module(request)
    return caught.value


def test_public_names() -> None:
    assert jaunt_backend_command.__all__ == ["create_backend"]


def test_the_entry_point_makes_a_backend(setup_of: SetupOf) -> None:
    (point,) = entry_points(group="jaunt.backends", name="command")
    backend = point.load()(setup_of(command=["x"]))
    assert isinstance(backend, GeneratorBackend)
    assert backend.name == "command"


async def test_prompt_in_answer_out(program: Program, ask: Ask) -> None:
    backend = program(ECHO)
    result = await backend.generate_module(ask("rules ✓", "the task"))
    await backend.aclose()
    assert result.text == "rules ✓\n\nthe task\n"
    assert (result.stop, result.usage, result.model) == (StopReason.COMPLETE, TokenUsage(), "")


async def test_later_turns_are_marked(program: Program, ask: Ask) -> None:
    result = await program(ECHO).generate_module(ask("rules", "task", "x = 1\n", "no"))
    assert result.text == (
        "rules\n\ntask\n\n===== your answer before =====\n\nx = 1\n\n"
        "===== what to do now =====\n\nno\n"
    )


async def test_it_runs_in_the_root_and_knows_what_is_asked(
    program: Program, ask: Ask, tmp_path: Path
) -> None:
    code = "import json, os; print(json.dumps([os.getcwd(), dict(os.environ)]))"
    backend = program(code, environ={"MINE": "1"})
    result = await backend.generate_module(ask(kind=Kind.TEST, module="a.b", attempt=2))
    folder, environ = json.loads(result.text)
    assert PurePath(folder).name == tmp_path.name
    assert environ["MINE"] == "1"
    assert {name: value for name, value in environ.items() if name.startswith("JAUNT_")} == {
        "JAUNT_KIND": "test",
        "JAUNT_SPEC_MODULE": "a.b",
        "JAUNT_GENERATED_MODULE": "__generated__.a.b",
        "JAUNT_REQUEST": "sha256:" + "0" * 64,
        "JAUNT_ATTEMPT": "2",
        "JAUNT_MODEL": "some-model",
    }


async def test_it_is_given_no_key(program: Program, ask: Ask, canary: str) -> None:
    environ = {
        "MY_KEY": canary,
        "SAME_VALUE": canary,
        "IN_A_HEADER": f"Authorization: Bearer {canary}",
        "ITS_OWN_KEY": "something-else",
    }
    code = "import os; print(sorted(os.environ), list(os.environ.values()))"
    result = await program(code, environ=environ).generate_module(ask())
    assert canary not in result.text
    assert "ITS_OWN_KEY" in result.text
    result = await program(code, environ={"MY_KEY": "", "OTHER": ""}, key=None).generate_module(
        ask()
    )
    assert "'MY_KEY'" not in result.text
    assert "'OTHER'" in result.text


async def test_a_short_key_does_not_empty_the_environment(program: Program, ask: Ask) -> None:
    code = "import os; print(sorted(os.environ))"
    environ = {"MY_KEY": "x", "EXACT": "x", "PART": "x.y"}
    result = await program(code, environ=environ, key="x").generate_module(ask())
    assert "PART" in result.text
    assert "EXACT" not in result.text


async def test_a_failure_shows_exit_code_and_the_end_of_stderr(program: Program, ask: Ask) -> None:
    code = """
import sys
for number in range(50):
    print("\\x1b[31mline", number, "\\x1b[0m\\x07", file=sys.stderr)
print("w" * 5000, file=sys.stderr)
sys.exit(7)
"""
    error = await _fault_of(program(code), ask())
    assert error.kind is FaultKind.REQUEST
    assert "failed with exit code 7:\n" in str(error)
    assert "line 49\nwww" in str(error)
    assert "line 30\n" not in str(error)
    assert "\x1b" not in str(error)
    assert len(str(error)) < 2000


async def test_a_silent_failure_and_a_signal(program: Program, ask: Ask) -> None:
    error = await _fault_of(program("raise SystemExit(1)"), ask())
    assert "exit code 1 and said nothing on stderr" in str(error)
    error = await _fault_of(program("import os; os.kill(os.getpid(), 9)"), ask())
    assert "was ended by signal 9" in str(error)


async def test_much_in_and_much_out_at_the_same_time(program: Program, ask: Ask) -> None:
    code = """
import sys
for line in sys.stdin:
    sys.stdout.write(line)
    sys.stderr.write(line)
"""
    text = "a line of the prompt\n" * 200_000
    result = await program(code).generate_module(ask("rules", text))
    assert len(result.text) > 4_000_000
    assert result.text.endswith(text)


async def test_a_program_that_does_not_read(program: Program, ask: Ask) -> None:
    code = "import os, sys; os.close(0); print('answer')"
    result = await program(code).generate_module(ask("rules", "x" * 3_000_000))
    assert result.text == "answer\n"


async def test_stderr_of_a_success_is_no_error(program: Program, ask: Ask) -> None:
    code = "import sys; sys.stderr.write('e' * 3_000_000); print('answer')"
    assert (await program(code).generate_module(ask())).text == "answer\n"


async def test_too_much_output(program: Program, ask: Ask) -> None:
    code = "import sys\nwhile True: sys.stdout.write('x' * 100_000)"
    error = await _fault_of(program(code), ask())
    assert error.kind is FaultKind.REQUEST
    assert "more than 20 MB" in str(error)


async def test_output_that_is_no_text(program: Program, ask: Ask) -> None:
    error = await _fault_of(program(r"import sys; sys.stdout.buffer.write(b'abc\xff')"), ask())
    assert error.kind is FaultKind.REQUEST
    assert "not UTF-8, at byte 3" in str(error)


STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal, time; "
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"],
    stdout=subprocess.PIPE)
child.stdout.readline()
with open("pid", "w") as file:
    file.write(str(child.pid))
print("still here", file=sys.stderr, flush=True)
os.rename("pid", "child.pid")
time.sleep(600)
"""


async def test_the_time_limit_ends_all_that_was_started(
    program: Program, ask: Ask, tmp_path: Path
) -> None:
    begin = time.monotonic()
    error = await _fault_of(program(STUBBORN, timeout=3), ask())
    assert error.kind is FaultKind.TIMEOUT
    assert "did not end within 3 s; its last words were:\nstill here" in str(error)
    assert time.monotonic() - begin < 20
    assert await _gone(tmp_path / "child.pid")


async def test_a_cancellation_ends_all_that_was_started(
    program: Program, ask: Ask, tmp_path: Path
) -> None:
    task = asyncio.create_task(program(STUBBORN).generate_module(ask()))
    assert await _comes_true((tmp_path / "child.pid").exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _gone(tmp_path / "child.pid")


async def test_what_is_left_behind_does_not_keep_the_answer(
    program: Program, ask: Ask, tmp_path: Path
) -> None:
    code = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open("child.pid", "w") as file:
    file.write(str(child.pid))
print("answer")
"""
    begin = time.monotonic()
    result = await program(code).generate_module(ask())
    assert result.text == "answer\n"
    assert time.monotonic() - begin < 20
    assert await _gone(tmp_path / "child.pid")


async def test_many_at_once_leave_no_descriptor(program: Program, ask: Ask) -> None:
    backend = program(ECHO)
    await backend.generate_module(ask())
    before = _descriptors()
    results = await asyncio.gather(*(backend.generate_module(ask()) for _ in range(8)))
    await asyncio.sleep(0.1)
    assert {result.text for result in results} == {"rules\n\ntask\n"}
    assert _descriptors() <= before


async def test_where_the_program_is_looked_for(setup_of: SetupOf, ask: Ask, tmp_path: Path) -> None:
    script = tmp_path / "bin" / "answer"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\necho found\n")
    script.chmod(0o755)
    by_name = create_backend(setup_of(command=["answer"], environ={"PATH": str(script.parent)}))
    assert (await by_name.generate_module(ask())).text == "found\n"
    by_path = create_backend(setup_of(command=["./bin/answer"]))
    assert (await by_path.generate_module(ask())).text == "found\n"
    beside_us = create_backend(
        setup_of(command=[Path(sys.executable).name, "-c", "print(1)"], environ={"PATH": ""})
    )
    assert (await beside_us.generate_module(ask())).text == "1\n"


@pytest.mark.parametrize("name", ["no-such-program", "./no-such-program", "/no/such/program"])
async def test_a_program_that_is_not_there(name: str, setup_of: SetupOf, ask: Ask) -> None:
    error = await _fault_of(create_backend(setup_of(command=[name])), ask())
    assert error.kind is FaultKind.CONFIGURATION
    assert f"the command '{name}' was not found" in str(error)
    assert "`[llm] command`" in str(error.hint)


async def test_a_program_that_can_not_start(setup_of: SetupOf, ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("#!/no/such/interpreter\n")
    (tmp_path / "broken").chmod(0o755)
    error = await _fault_of(create_backend(setup_of(command=["./broken"])), ask())
    assert error.kind is FaultKind.CONFIGURATION
    assert "could not be started" in str(error)


def test_the_fingerprint_is_what_was_written(setup_of: SetupOf) -> None:
    backend = create_backend(setup_of(command=["./run", "--ünï"], timeout=1))
    assert backend.fingerprint == (
        '{"command":["./run","--ünï"],"model":"some-model","provider":"command"}'
    )


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        ({}, "`[llm] command` is missing", 'command = ["program", "argument"]'),
        ({"command": []}, "`[llm] command` = []: list should have at least 1", '["program"'),
        ({"command": "codex exec"}, "`[llm] command` = 'codex exec': input", '["program"'),
        ({"command": ["x", 1]}, "input should be a valid string", '["program"'),
        ({"command": [" "]}, "the program has no name", '["program"'),
        ({"command": ["a\0"]}, "null byte", '["program"'),
        ({"comand": ["x"]}, "`[llm] comand` is no setting of provider", "`command`?"),
        ({"command": ["x"], "base_url": "y"}, "`[llm] base_url` is no setting", "keys of [llm]"),
        ({"command": ["x"], "timeout": 0}, "`[llm] timeout` = 0", "timeout = 600"),
    ],
)
def test_wrong_settings(
    settings: dict[str, object], message: str, hint: str, setup_of: SetupOf
) -> None:
    with pytest.raises(JauntConfigError) as caught:
        create_backend(setup_of(**settings))
    assert str(caught.value).startswith("jaunt.toml: ")
    assert message in str(caught.value)
    assert hint in str(caught.value.hint)
