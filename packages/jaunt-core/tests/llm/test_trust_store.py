"""Where the key may go: what has to be confirmed, where that is kept, and what is believed."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jaunt_core.backend.protocol import BackendSetup, GeneratorBackend, KeyUse
from jaunt_core.config.loading import Project, load_project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.engine.truster import confirm_addresses, list_trust, revoke_trust
from jaunt_core.errors import BackendError, FaultKind, JauntConfigError
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.llm.trust_store import TrustStore, user_state_folder
from jaunt_core.model.generation import GenerationResult, TokenUsage
from jaunt_core.model.report import BuildReport
from jaunt_core.model.trust import Trusted
from jaunt_core.testing import Scripted, ScriptedBackend

from ..conftest import MakeProject

KEY = "sk-canary-0123456789"
GATEWAY = '[llm]\nbase_url = "https://gw.example/v1"\n'
SPEC = '''
    import jaunt

    @jaunt.magic
    def one() -> int:
        """Return 1."""
    '''
ANSWER = "def one() -> int:\n    return 1\n"


class Backend(ScriptedBackend):
    """Says nothing about the key, as backends do that were written before anybody asked."""

    def __init__(self, *answers: Scripted) -> None:
        super().__init__({"app": answers or [ANSWER]})


class OpenBackend(Backend):
    key_use = KeyUse(is_taken=False)


class GatewayBackend(Backend):
    key_use = KeyUse(default_addresses=("https://gw.example",))


class WrongBackend(Backend):
    key_use = "anything"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"OPENAI_API_KEY": KEY, "HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"]}


def loader(backend: GeneratorBackend) -> Callable[[BackendSetup], GeneratorBackend]:
    return lambda _: backend


def built(project: Project, environ: dict[str, str], backend: ScriptedBackend) -> BuildReport:
    return build(
        project,
        BuildOptions(),
        sink=lambda _: None,
        environ=environ,
        load=loader(backend),
        retry_policy=RetryPolicy(tries=1),
    )


def refused(project: Project, environ: dict[str, str], backend: ScriptedBackend) -> Any:
    with pytest.raises(JauntConfigError) as caught:
        built(project, environ, backend)
    assert backend.requests == []
    assert KEY not in str(caught.value.args) + str(caught.value.hint)
    return caught.value


def confirm(project: Project, environ: dict[str, str]) -> list[str]:
    report = confirm_addresses(project, environ=environ, load=loader(Backend()))
    return [item.trusted.address for item in report.confirmed]


def test_an_address_is_confirmed_once(make_project: MakeProject, environ: dict[str, str]) -> None:
    project = make_project({"app.py": SPEC}, f"# more\n{GATEWAY}")
    error = refused(project, environ, Backend())
    assert error.args[0] == (
        f"{project.config_path}:4: [llm] base_url sends the key in $OPENAI_API_KEY to "
        "https://gw.example, which you have not confirmed"
    )
    assert ": jaunt trust (in CI, set JAUNT_TRUST=https://gw.example)" in error.hint
    assert confirm(project, environ) == ["https://gw.example"]
    assert confirm(project, environ) == []
    assert built(project, environ, Backend()).ok


def test_a_run_that_asks_nobody_needs_nothing(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    project = make_project({"app.py": SPEC}, GATEWAY)
    assert built(project, {**environ, "JAUNT_TRUST": "https://gw.example"}, Backend()).ok
    generated = project.root / "__generated__" / "app.py"
    generated.unlink()
    backend = Backend()
    assert built(project, environ, backend).ok  # from what is stored
    assert backend.requests == []
    assert built(project, environ, backend).ok  # nothing to do


@pytest.mark.parametrize(
    "backend", [OpenBackend, GatewayBackend], ids=["takes no key", "its own server"]
)
def test_what_a_backend_may_say(
    backend: type[Backend], make_project: MakeProject, environ: dict[str, str]
) -> None:
    assert built(make_project({"app.py": SPEC}, GATEWAY), environ, backend()).ok


def test_what_a_backend_says_wrongly_does_not_count(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    refused(make_project({"app.py": SPEC}, GATEWAY), environ, WrongBackend())


@pytest.mark.parametrize(
    "config",
    [
        "",
        '[llm]\nbase_url = ""\n',
        '[llm]\nbase_url = "http://localhost:8000/v1"\n',
        f'{GATEWAY}api_key_env = "NOT_SET"\n',
        f'{GATEWAY}api_key_env = ""\n',
    ],
)
def test_what_needs_no_confirmation(
    config: str, make_project: MakeProject, environ: dict[str, str]
) -> None:
    environ["OPENAI_BASE_URL"] = "https://of-the-user.example/v1"
    assert built(make_project({"app.py": SPEC}, config), environ, Backend()).ok


def test_all_addresses_are_told(make_project: MakeProject, environ: dict[str, str]) -> None:
    config = GATEWAY + '[llm.routes]\neu = ["https://eu.example", "http://localhost"]\n'
    project = make_project({"app.py": SPEC}, config)
    error = refused(project, environ, Backend())
    assert [line.partition(": ")[2] for line in error.args[0].splitlines()] == [
        f"[llm] {key} sends the key in $OPENAI_API_KEY to https://{host}.example, "
        "which you have not confirmed"
        for key, host in (("base_url", "gw"), ("routes.eu", "eu"))
    ]
    assert "JAUNT_TRUST=https://gw.example,https://eu.example)" in error.hint
    refused(project, {**environ, "JAUNT_TRUST": "https://gw.example"}, Backend())
    both = " https://EU.example:443/v1 ,https://gw.example,"
    assert built(project, {**environ, "JAUNT_TRUST": both}, Backend()).ok


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ('[llm]\nbase_url = "http://gw.example/v1"\n', "scheme"),
        ('[llm]\nbase_url = "https://gw.example:8443/v1"\n', "port"),
        ('[llm]\nbase_url = "https://www.gw.example/v1"\n', "host"),
        (f'{GATEWAY}api_key_env = "OTHER_KEY"\n', "variable"),
        (f'{GATEWAY}fallback = "https://gw2.example"\n', "one more"),
    ],
)
def test_whatever_changes_is_asked_again(
    change: str, what: str, make_project: MakeProject, environ: dict[str, str]
) -> None:
    confirm(make_project({"app.py": SPEC}, GATEWAY), environ)
    environ["OTHER_KEY"] = "another key"
    refused(make_project({}, change), environ, Backend())


def test_another_path_of_the_same_server_is_not(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    confirm(make_project({"app.py": SPEC}, GATEWAY), environ)
    project = make_project({}, '[llm]\nbase_url = "https://GW.example:443/v2"\n')
    assert built(project, environ, Backend()).ok


def test_another_project_is_asked_for_itself(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    confirm(make_project({}, GATEWAY), environ)
    other = make_project({"app.py": SPEC}, GATEWAY, "other")
    refused(other, environ, Backend())
    (link := other.root.parent / "link").symlink_to(other.root)
    confirm(load_project(root=link), environ)
    assert built(other, environ, Backend()).ok


def test_trust_is_listed_and_revoked(make_project: MakeProject, environ: dict[str, str]) -> None:
    project = make_project({"app.py": SPEC}, GATEWAY)
    other = make_project({}, GATEWAY, "other")
    confirm(project, environ)
    confirm(other, environ)
    both = [
        Trusted(project=str(it.root), address="https://gw.example", variable="OPENAI_API_KEY")
        for it in (other, project)
    ]
    assert list(list_trust(environ=environ).trusted) == both
    assert revoke_trust(project.root, environ=environ).revoked == (both[1],)
    assert revoke_trust(project.root, environ=environ).revoked == ()
    assert list_trust(environ=environ).trusted == (both[0],)
    refused(project, environ, Backend())


def trust_file(environ: dict[str, str]) -> Path:
    (path,) = Path(environ["HOME"], ".local/state/jaunt/trust").iterdir()
    return path


def test_where_it_is_kept(make_project: MakeProject, environ: dict[str, str]) -> None:
    confirm(make_project({}, GATEWAY), environ)
    path = trust_file(environ)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert KEY not in path.read_text()


@pytest.mark.parametrize(
    ("environ", "platform", "folder"),
    [
        ({"XDG_STATE_HOME": "/s", "HOME": "/h"}, "linux", "/s/jaunt"),
        ({"XDG_STATE_HOME": "s", "HOME": "/h"}, "linux", "/h/.local/state/jaunt"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Application Support/jaunt"),
        ({"XDG_STATE_HOME": "/s"}, "darwin", "/s/jaunt"),
        ({"LOCALAPPDATA": "/l"}, "win32", "/l/jaunt"),
        ({}, "win32", None),
        ({}, "linux", f"{Path.home()}/.local/state/jaunt"),
        ({"HOME": "relative"}, "linux", f"{Path.home()}/.local/state/jaunt"),
    ],
)
def test_the_folder_of_the_user(environ: dict[str, str], platform: str, folder: str | None) -> None:
    assert user_state_folder(environ, platform) == (Path(folder) if folder else None)


def _changed(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: {**document, **changes}


DAMAGE: dict[str, Callable[[dict[str, Any]], object]] = {
    "schema": _changed(schema=2),
    "schema as text": _changed(schema="1"),
    "another project": _changed(project="/elsewhere"),
    "more": _changed(all=True),
    "no list": _changed(trusted={"address": "*"}),
    "no objects": _changed(trusted=["https://gw.example"]),
    "an object with more": lambda it: {**it, "trusted": [{**it["trusted"][0], "x": 1}]},
    "no text": lambda it: {**it, "trusted": [{"address": 1, "variable": "OPENAI_API_KEY"}]},
    "a list": lambda it: [it],
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_confirms_nothing(
    damage: str, make_project: MakeProject, environ: dict[str, str]
) -> None:
    project = make_project({"app.py": SPEC}, GATEWAY)
    confirm(project, environ)
    path = trust_file(environ)
    path.write_text(json.dumps(DAMAGE[damage](json.loads(path.read_text()))))
    refused(project, environ, Backend())
    assert confirm(project, environ) == ["https://gw.example"]
    assert built(project, environ, Backend()).ok


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b" " * 300_000])
def test_a_file_of_anything_confirms_nothing(
    content: bytes, make_project: MakeProject, environ: dict[str, str]
) -> None:
    project = make_project({"app.py": SPEC}, GATEWAY)
    confirm(project, environ)
    whole = trust_file(environ).read_bytes()
    trust_file(environ).write_bytes(content + whole if content.isspace() else content)
    assert TrustStore(environ).all() == ()
    refused(project, environ, Backend())


def test_what_is_no_file_confirms_nothing(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    project = make_project({"app.py": SPEC}, GATEWAY)
    confirm(project, environ)
    path = trust_file(environ)
    path.unlink()
    path.mkdir()
    refused(project, environ, Backend())
    with pytest.raises(JauntConfigError, match="cannot be written"):
        confirm(project, environ)
    path.rmdir()
    os.mkfifo(path)
    refused(project, environ, Backend())
    assert confirm(project, environ) == ["https://gw.example"]


def test_what_a_killed_run_left_is_swept_up(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    project = make_project({}, GATEWAY)
    confirm(project, environ)
    path = trust_file(environ)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as live:
        left = {
            pid: path.with_name(f".{path.name}.{pid}.jaunt-tmp")
            for pid in (dead.pid, os.getpid(), live.pid)
        }
        for half in left.values():
            half.write_text("half of a fi")
        foreign = path.with_name(f".other.{dead.pid}.jaunt-tmp")
        foreign.touch()
        revoke_trust(project.root, environ=environ)
        assert set(path.parent.iterdir()) == {left[live.pid], foreign}
        left[dead.pid].touch()
        left[os.getpid()].touch()
        assert confirm(project, environ) == ["https://gw.example"]
        assert set(path.parent.iterdir()) == {path, left[live.pid], foreign}
        live.communicate(b"\n")


def test_a_repository_does_not_confirm_itself(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    project = make_project({"app.py": SPEC}, GATEWAY)
    confirm(project, environ)
    content = trust_file(environ).read_bytes()
    inside = project.root / ".state" / "jaunt" / "trust" / trust_file(environ).name
    inside.parent.mkdir(parents=True)
    inside.write_bytes(content)
    environ["XDG_STATE_HOME"] = str(project.root / ".state")
    refused(project, environ, Backend())
    with pytest.raises(JauntConfigError, match="outside of the project"):
        confirm(project, environ)
    project.root.joinpath(".env").write_text("JAUNT_TRUST=https://gw.example\n")
    refused(project, environ, Backend())


def test_a_key_in_the_dotenv_file_is_asked_for_too(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    del environ["OPENAI_API_KEY"]
    project = make_project({"app.py": SPEC, ".env": f"OPENAI_API_KEY={KEY}\n"}, GATEWAY)
    refused(project, environ, Backend())


def test_a_dotenv_file_that_cannot_be_read_is_said_before_the_first_call(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    del environ["OPENAI_API_KEY"]
    project = make_project({"app.py": SPEC, ".env": f"OPENAI_API_KEY='{KEY}\n"})
    error = refused(project, environ, Backend())
    assert error.args[0].startswith(f"{project.root}/.env:1: the value of OPENAI_API_KEY has no")
    assert built(project, environ, OpenBackend()).ok


def test_the_key_in_the_settings_is_an_error(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    project = make_project({"app.py": SPEC}, f'[llm]\norganization = "{KEY}"\n')
    error = refused(project, environ, Backend())
    assert error.args[0] == (
        f"{project.config_path}:3: the key in $OPENAI_API_KEY stands in this line"
    )


def test_a_request_that_holds_the_key_is_not_sent(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    project = make_project({"app.py": SPEC.replace("Return 1.", f"Return 1, not {KEY}.")})
    backend = Backend()
    (module,) = built(project, environ, backend).modules
    assert backend.requests == []
    assert module.failure is not None
    assert "the request for app holds the key, and was not sent" in module.failure.message


def test_an_answer_does_not_bring_the_key_back(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    project = make_project({"app.py": SPEC})
    answer = GenerationResult(
        text=f"# {KEY}\n{ANSWER}_KEY = {KEY[::-1]!r}\n", model=f"m-{KEY}", note=f"used {KEY}"
    )
    assert built(project, environ, Backend(answer)).ok
    everything = [path.read_bytes() for path in project.root.rglob("*") if path.is_file()]
    assert b"_KEY = '***'" in b"".join(everything)
    assert not any(b"canary" in content or b"yranac" in content for content in everything)


def test_an_answer_is_made_fit_to_be_sent_and_counted(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    """The first answer is rejected, so that it stands in the second request."""
    usage = TokenUsage(input=5, cached=9, output=10**400)
    odd = GenerationResult(text="one = '\ud83d'\n", model="m\udc00", usage=usage)
    backend = Backend(odd, GenerationResult(text=ANSWER, usage=replace(usage, output=2)))
    project = make_project({"app.py": SPEC})
    report = built(project, environ, backend)
    assert report.ok
    assert "one = '\ufffd'" in "".join(item.text for item in backend.requests[-1].messages)
    assert report.bill.usage == TokenUsage(input=5, cached=5, output=2)


@pytest.mark.parametrize("kind", [FaultKind.REQUEST, FaultKind.AUTHENTICATION])
def test_a_fault_does_not_tell_the_key(
    kind: FaultKind, make_project: MakeProject, environ: dict[str, str]
) -> None:
    project = make_project({"app.py": SPEC})
    fault = BackendError(f"{KEY} was refused", kind=kind, hint=f"check {KEY}")
    (module,) = built(project, environ, Backend(fault)).modules
    assert module.failure is not None
    assert "*** was refused" in module.failure.message
    assert module.failure.hint == "check ***"


def test_a_bug_of_a_backend_does_not_tell_the_key(
    make_project: MakeProject, environ: dict[str, str]
) -> None:
    class Broken(Backend):
        async def generate_module(self, request: object) -> GenerationResult:
            raise ValueError(f"no {KEY}", 3) from KeyError(KEY)

    project = make_project({"app.py": SPEC})
    with pytest.raises(ValueError, match=r"no \*\*\*") as caught:
        built(project, environ, Broken())
    assert caught.value.args[1] == 3
    assert KEY not in repr(caught.value.__cause__)


@pytest.mark.parametrize("named", [".env", "app/../.env", "link.md"])
def test_the_file_of_the_key_is_no_template(
    named: str, make_project: MakeProject, environ: dict[str, str]
) -> None:
    files = {"app.py": SPEC, ".env": f"OPENAI_API_KEY={KEY}\n", "app/data": ""}
    project = make_project(files, f'[prompts]\nbuild_system = "{named}"\n')
    (project.root / "link.md").symlink_to(".env")
    error = refused(project, environ, Backend())
    assert error.args[0].endswith(f"[prompts] build_system = {named!r} is the file of the key")


@pytest.mark.parametrize("named", ["../outside.md", "app/../../outside.md", "link.md"])
def test_a_template_is_in_the_project(
    named: str, make_project: MakeProject, environ: dict[str, str]
) -> None:
    files = {"app.py": SPEC, "app/data": ""}
    project = make_project(files, f'[prompts]\nbuild_system = "{named}"\n')
    (project.root.parent / "outside.md").write_text("a secret")
    (project.root / "link.md").symlink_to("../outside.md")
    backend = Backend()
    error = refused(project, environ, backend)
    assert error.args[0].endswith(f"[prompts] build_system = {named!r} leads out of the project")
    assert re.search(r"jaunt\.toml:\d+: ", error.args[0])
    assert not backend.requests
