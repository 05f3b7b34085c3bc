"""Servers that are not there, not there yet, or elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from jaunt_backend_openai.testing import Reply, ResponsesServer, fault
from jaunt_core.llm.retry_policy import RetryPolicy

from .conftest import Jaunt, files_below, llm_of
from .transport_faults import KEY, RIGHT, UNREACHED, WHOLE, build_here, write_project


def test_a_server_that_comes_up_is_found(tmp_path: Path, jaunt: Jaunt) -> None:
    """Until it is started, its address refuses connections."""
    server = ResponsesServer(lambda _: Reply(text=RIGHT))
    project = write_project(tmp_path / "project", [], llm_of(server))
    process = jaunt.start("build", cwd=project, OPENAI_API_KEY=KEY)
    assert process.stderr is not None
    told = next(row for row in process.stderr if "next try in" in row)
    with server:
        ran = jaunt.end_of(process)
    assert ran.code == 0, ran.err
    assert told.startswith(f"{WHOLE}: connection: no connection to {server.base_url}: ")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        (UNREACHED[0], "check that the server runs"),
        (UNREACHED[1], "check that the address is one for https"),
    ],
)
def test_a_server_that_is_not_reached(name: str, hint: str, tmp_path: Path) -> None:
    server = ResponsesServer(lambda _: Reply(text=RIGHT))
    llm = llm_of(server)
    if name != UNREACHED[0]:
        server.start()
        llm = llm.replace("http://", "https://")
    project = write_project(tmp_path / "project", [], llm)
    before = files_below(project)
    report, delays = build_here(project, RetryPolicy(first_delay=0.001))
    server.close()
    failure = report.modules[0].failure
    assert failure is not None
    assert failure.message.startswith("connection: no connection to ")
    assert hint in failure.hint
    assert len(delays) == RetryPolicy().tries - 1
    assert {path: files_below(project)[path] for path in before} == before
    assert not (project / "__generated__").exists()


def test_a_redirect_takes_nothing_elsewhere(tmp_path: Path, jaunt: Jaunt) -> None:
    """Neither the key nor the request, whatever the status."""
    with ResponsesServer(lambda _: Reply(text=RIGHT)) as other:
        to = {"Location": f"{other.base_url}/responses"}
        for status in (301, 302, 303, 307, 308):
            with ResponsesServer(lambda _, status=status: fault(status, headers=to)) as server:
                project = write_project(tmp_path / str(status), [], llm_of(server))
                ran = jaunt.run("build", cwd=project, OPENAI_API_KEY=KEY)
            assert ran.code == 3
            assert f"answered {status} (to {other.base_url}/responses)" in ran.err
            assert len(server.requests) == 1
    assert other.requests == ()
