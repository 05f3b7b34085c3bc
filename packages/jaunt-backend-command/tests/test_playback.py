from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jaunt_backend_command import create_backend
from jaunt_core.backend import BackendError, BackendSetup, GenerationRequest

SetupOf = Callable[..., BackendSetup]
Ask = Callable[..., GenerationRequest]
DIGEST = "sha256:" + "0" * 64
ANSWER = "def f() -> str:\n    return 'ä'\n"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    folder = tmp_path / "recorded"
    (folder / "build").mkdir(parents=True)
    (folder / "build" / "app.py").write_text(ANSWER, encoding="utf-8")
    (folder / "requests.json").write_text(json.dumps({"build/app": DIGEST}))
    return folder


def _play(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jaunt_backend_command.playback", *arguments],
        env=environ,
        input="prompt",
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


async def test_a_recorded_answer_through_the_backend(
    recording: Path, setup_of: SetupOf, ask: Ask
) -> None:
    backend = create_backend(setup_of(command=["jaunt-playback", "recorded"]))
    assert (await backend.generate_module(ask())).text == ANSWER


def test_it_says_that_no_model_was_asked(recording: Path) -> None:
    done = _play(str(recording), JAUNT_KIND="build", JAUNT_SPEC_MODULE="app", JAUNT_REQUEST=DIGEST)
    assert (done.returncode, done.stdout) == (0, ANSWER)
    assert done.stderr == "note: recorded answers are played back, no model is asked\n"


@pytest.mark.parametrize(
    ("kind", "module", "digest", "says"),
    [
        ("build", "app", "sha256:other", "the specs of `app` (or what they use) changed"),
        ("build", "other", DIGEST, "the specs of `other` are new"),
        ("test", "app", DIGEST, "the test specs of `app` are new"),
    ],
)
def test_without_a_recorded_answer_it_says_how_to_connect_a_model(
    kind: str, module: str, digest: str, says: str, recording: Path
) -> None:
    done = _play(str(recording), JAUNT_KIND=kind, JAUNT_SPEC_MODULE=module, JAUNT_REQUEST=digest)
    assert (done.returncode, done.stdout) == (3, "")
    for part in (says, "plays back recorded answers", 'provider = "openai"', "OPENAI_API_KEY"):
        assert part in done.stderr


async def test_the_way_out_reaches_the_user(recording: Path, setup_of: SetupOf, ask: Ask) -> None:
    backend = create_backend(setup_of(command=["jaunt-playback", "recorded"]))
    with pytest.raises(BackendError) as caught:
        await backend.generate_module(ask(module="new"))
    assert "this example plays back recorded answers" in str(caught.value)
    assert "base_url" in str(caught.value)


@pytest.mark.parametrize("arguments", [(), ("a", "b"), ("recorded",)])
def test_outside_of_jaunt_it_shows_its_usage(arguments: tuple[str, ...]) -> None:
    done = _play(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: jaunt-playback DIR")


@pytest.mark.parametrize(
    ("requests", "says"),
    [
        (None, "requests.json is missing"),
        ("{", "is damaged"),
        ("[]", "holds no object"),
        (json.dumps({"build/gone": DIGEST}), "gone.py is missing"),
    ],
)
def test_a_damaged_recording(requests: str | None, says: str, recording: Path) -> None:
    if requests is None:
        (recording / "requests.json").unlink()
    else:
        (recording / "requests.json").write_text(requests)
    done = _play(str(recording), JAUNT_KIND="build", JAUNT_SPEC_MODULE="gone", JAUNT_REQUEST=DIGEST)
    assert done.returncode == 2
    assert says in done.stderr


def test_it_starts_without_core() -> None:
    code = (
        "import sys, jaunt_backend_command.playback;"
        "assert not {'pydantic', 'jaunt_core', 'asyncio'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
