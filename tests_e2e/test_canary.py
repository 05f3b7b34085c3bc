"""The key in everything that a user can run, and the search for it in every byte that comes out."""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jaunt_backend_openai.testing import Fault, Prompt, Reply, ResponsesServer, fault

from .canary import CANARY, MIDDLE, Search, forms_of, leaks_in
from .conftest import Jaunt, Ran, ServerOf, asked_for, write_files

SCRIPTS = Path(sys.executable).parent

# What each kind of user code knows is printed, and written down where that is allowed.
_LOOKING = """
def _look(who):
    import os, pathlib, sys
    found = [repr(dict(os.environ)), repr(sys.argv), repr(sys.orig_argv)]
    for name in ("environ", "cmdline"):
        try:
            found.append(repr(pathlib.Path("/proc/self", name).read_bytes()))
        except OSError as error:
            found.append(repr(error))
    text = "SEEN " + who + " " + " ".join(found)
    print(text)
    try:
        pathlib.Path({seen!r}, f"{{who}}-{{os.getpid()}}.txt").write_text(text)
    except OSError:
        pass  # in the sandbox
    return text
"""
_FILES = {
    "src/app.py": '''
        import jaunt
        from looking import _look

        _look("spec")

        @jaunt.magic
        def double(value: int) -> int:
            """Return `value` doubled."""
            raise NotImplementedError
        ''',
    "src/peek.py": '''
        import jaunt

        @jaunt.magic
        def peek() -> str:
            """Say that all is fine.

            >>> peek()
            'fine'
            """
            raise NotImplementedError
        ''',
    "tests/conftest.py": 'from looking import _look\n_look("conftest")\n',
    "tests/test_app.py": '''
        import jaunt
        from app import double

        @jaunt.test(targets=[double])
        def test_double() -> None:
            """2 -> 4, and -1 -> -2."""
        ''',
}
_DOUBLE = "def double(value: int) -> int:\n    return value {operator} 2\n"
_PEEK = "from looking import _look\n\n\ndef peek() -> str:\n    return {value}\n"
_TEST = """
from app import double
from looking import _look


def test_double() -> None:
    seen = _look("test")
    assert double(2) == 4
    assert double(-1) == -2, seen
"""


class Model:
    """Answers as it should; before that, each module gets what `first` makes of the key."""

    def __init__(self) -> None:
        self.first: Callable[[str], Reply | Fault] | None = None
        self._spoilt: set[str] = set()

    def begin(self, first: Callable[[str], Reply | Fault] | None) -> None:
        self.first = first
        self._spoilt = set()

    def __call__(self, prompt: Prompt) -> Reply | Fault:
        module = asked_for(prompt)
        if self.first is not None and module not in self._spoilt:
            self._spoilt.add(module)
            return self.first(prompt.headers.get("authorization", "").removeprefix("Bearer "))
        if module == "peek":
            is_repair = len(prompt.turns) > 1
            return Reply(text=_PEEK.format(value="'fine'" if is_repair else '_look("example")'))
        if module == "app":
            # Wrong until the tests have said so.
            is_repair = "test_double" in prompt.text or "-1" in prompt.text.rpartition("def ")[2]
            return Reply(text=_DOUBLE.format(operator="*" if is_repair else "**"))
        return Reply(text=_TEST)


def _echoed(key: str) -> Fault:
    return fault(401, code="invalid_api_key", message=f"Incorrect API key provided: {key}.")


FAULTS: dict[str, Callable[[str], Reply | Fault]] = {
    "401": _echoed,
    "401, in part": lambda key: fault(401, message=f"no: {key[:4]}{'*' * 9}{key[-4:]}"),
    "403": lambda key: fault(403, message=f"{key} may not do this", code=key),
    "400": lambda key: fault(400, message=f"Bearer {key}", kind=key),
    "404": lambda key: fault(404, message=f"model not found for {key}"),
    "429": lambda key: fault(429, message=key, headers={"Retry-After": "0", "X-Key": key}),
    "500": lambda key: fault(500, message=base64.b64encode(key.encode()).decode()),
    "500 in text": lambda key: Fault(
        status=500, body=f"Authorization: Bearer {key}".encode(), content_type="text/plain"
    ),
    "cut off": lambda key: Fault(body=json.dumps({"key": key}).encode(), hang_up="mid-body"),
    "malformed": lambda key: Fault(body=f'{{"output": [{{"{key}": '.encode()),
    "other JSON": lambda key: Fault(body=json.dumps({"output": key, "id": [key]}).encode()),
    "page": lambda key: Fault(body=f"<p>{key}</p>".encode(), content_type="text/html"),
    "redirect": lambda key: Fault(status=302, headers={"Location": f"http://localhost/?{key}"}),
    "refusal": lambda key: Reply(refusal=f"I will not use {key}", model=key),
    "failure": lambda key: Reply(error="server_error", text=f"{key} broke it"),
    "truncated": lambda key: Reply(text=f"KEY = '{key}'", incomplete="max_output_tokens"),
    "an answer with the key": lambda key: Reply(
        text=f"KEY = {key!r}\nBACK = {key[::-1]!r}\nB = {base64.b64encode(key.encode())!r}\n"
    ),
}

WRONG = {
    "a model": ('model = "gpt-test"', f'model = "{CANARY}"'),
    "an unknown key": ("[llm]", f'[llm]\napi_key = "{CANARY}"'),
    "the key as a key": ("[llm]", f'[llm]\n"{CANARY}" = "x"'),
    "the variable": ("[llm]", f'[llm]\napi_key_env = "{CANARY}"'),
    "the effort": ("[llm]", f'[llm]\nreasoning_effort = "{CANARY}"'),
    "the api": ("[llm]", f'[llm]\napi = "{CANARY}"'),
    "the provider": ('provider = "openai"', f'provider = "{CANARY}"'),
    "a number": ("[build]", f'[build]\njobs = "{CANARY}"'),
    "a section": ("[build]", f"['{CANARY}']\n[build]"),
    "a choice": ('type_check = "mypy"', f'type_check = "{CANARY}"'),
    "a path": ("[test]", f'[prompts]\nbuild_system = "{CANARY}"\n[test]'),
    "a root": ("[paths]", f'[paths]\nsource_roots = ["{CANARY}"]'),
    "no TOML": ("[build]", f"[build]\nkey = {CANARY}"),
    "a user": ("http://127.0.0.1", f"http://u:{CANARY.replace('/', '%2F')}@127.0.0.1"),
    "a host": ('model = "gpt-test"', f'model = "m"\nserver = "{CANARY}"'),
    "the template": ("[test]", '[prompts]\nbuild_system = ".env"\n[test]'),
}


class Cage:
    """A project whose every child writes down what it got, and the runs on it."""

    def __init__(self, jaunt: Jaunt, top: Path, server: ResponsesServer, model: Model) -> None:
        self.jaunt = jaunt
        self.top = top
        self.server = server
        self.model = model
        self.search = Search()
        self.runs = 0
        self.stage = ""
        self.seen = top / "seen"
        self.records = top / "records"
        self.root = top / "project"
        for name in ("seen", "records", "project", "home", "state", "config", "cache", "tmp"):
            (top / name).mkdir()
        self._write_tools()
        looking = _LOOKING.format(seen=str(self.seen))
        write_files(self.root, {**_FILES, "src/looking.py": looking})
        self.config = self.root / "jaunt.toml"
        self.config.write_text(
            "version = 1\n"
            f'[paths]\npython = "{top}/tools/python"\n'
            f'[llm]\nprovider = "openai"\nmodel = "gpt-test"\nbase_url = "{server.base_url}"\n'
            '[build]\ntype_check = "mypy"\n'
            '[test]\npytest_args = ["-q", "-rA", "-p", "no:cacheprovider"]\n',
            "utf-8",
        )
        jaunt.environ |= {
            "HOME": str(top / "home"),
            "XDG_STATE_HOME": str(top / "state"),
            "XDG_CONFIG_HOME": str(top / "config"),
            "XDG_CACHE_HOME": str(top / "cache"),
            "TMPDIR": str(top / "tmp"),
            "PATH": f"{top}/tools:{jaunt.environ['PATH']}",
            "BACKUP_OF_MINE": CANARY,
            "CURL_HEADER": f"Authorization: Bearer {CANARY}",
            "NETRC_LINE": base64.b64encode(f"user:{CANARY}".encode()).decode(),
        }

    def _write_tools(self) -> None:
        """Programs that write down their arguments and environment, and then are the real ones."""
        (self.top / "tools").mkdir()
        real = {name: str(SCRIPTS / name) for name in ("python", "mypy", "ruff")}
        real |= {name: found for name in ("git", "unshare") if (found := shutil.which(name))}
        for name, program in real.items():
            script = self.top / "tools" / name
            script.write_text(
                "#!/bin/sh\n"
                f'{{ env; printf "%s\\n" "$0" "$@"; }} > "{self.records}/{name}.$$.txt"\n'
                f'exec "{program}" "$@"\n'
            )
            script.chmod(script.stat().st_mode | stat.S_IXUSR)

    def run(self, *arguments: str, codes: tuple[int, ...] = (0,), **environ: str) -> Ran:
        """Run a command and search what it printed."""
        ran = self.jaunt.run(*arguments, cwd=self.root, **environ)
        assert ran.code in codes, (arguments, ran.code, ran.err)
        self.took(ran, " ".join(arguments))
        return ran

    def took(self, ran: Ran, name: str) -> None:
        self.runs += 1
        name = f"{self.runs}, {self.stage} {name}"
        self.search.look_at(f"stdout of {name}", ran.out.encode("utf-8", "surrogateescape"))
        self.search.look_at(f"stderr of {name}", ran.err.encode("utf-8", "surrogateescape"))

    def look_around(self) -> None:
        """Search all that lies about, and what the server was sent."""
        self.search.look_below([self.top], but=[self.root / ".env", self.config])
        for number, prompt in enumerate(self.server.requests):
            headers = {**prompt.headers, "authorization": ""}
            sent = json.dumps([prompt.body, headers], ensure_ascii=False)
            self.search.look_at(f"request {number}", sent.encode())

    @property
    def processes(self) -> int:
        return len(list(self.records.iterdir()))


@pytest.fixture
def cage(jaunt: Jaunt, serve: ServerOf, tmp_path: Path) -> Cage:
    model = Model()
    return Cage(jaunt, tmp_path, serve(model), model)


def all_commands(cage: Cage) -> None:
    """Each command, in a state of the project in which it has something to say."""
    cage.run("lint", "--json", codes=(0, 4))
    cage.run("plan")
    cage.run("build", "--show-prompt", "peek")
    cage.run("build", "--show-prompt", "peek", "--json")
    cage.run("test", "--json", "--debug", codes=(4,))
    cage.run("test", "--repair", "--debug", OPENAI_LOG="debug", codes=(0, 4))
    cage.run("test", "--strength", codes=(0, 4))
    cage.run("build", "--force", "--debug", "--json", OPENAI_LOG="debug", PYTHONASYNCIODEBUG="1")
    cage.run("build")
    for looking in ("status", "plan", "check", "diff", "lint", "trust"):
        cage.run(looking, codes=(0, 4))
        cage.run(looking, "--json", codes=(0, 4))
    cage.run("status", "-v")
    cage.run("why", "app")
    cage.run("cache", "info")
    cage.run("trust", "--list")
    cage.run("trust", "--revoke")
    cage.run("skill", "export")
    cage.run("build", "--offline", "--target", "peek")
    broken = "import jaunt\nfrom looking import _look\nraise ValueError(_look('broken'))\n"
    (cage.root / "src" / "broken.py").write_text(broken)
    cage.run("status", codes=(0, 2))
    cage.run("build", "--debug", codes=(2,))
    (cage.root / "src" / "broken.py").unlink()
    cage.run("clean", "--dry-run")


def all_faults(cage: Cage) -> None:
    """Each fault of the server, told plainly, as JSON, and in a log."""
    for name, first in FAULTS.items():
        cage.stage = name
        cage.model.begin(first)
        cage.run("build", "--force", "--debug", "--json", codes=(0, 3), OPENAI_LOG="debug")
    cage.model.begin(None)


def interrupted(cage: Cage) -> None:
    """A server that never answers, and a user who does not wait."""
    for number in (signal.SIGTERM, signal.SIGINT):
        before = len(cage.server.requests)
        cage.model.begin(lambda key: Fault(body=key.encode(), delay=3600))
        process = cage.jaunt.start("build", "--force", "--debug", cwd=cage.root)
        cage.jaunt.wait_for(process, lambda: len(cage.server.requests) > before, "a request")  # noqa: B023
        ran = cage.jaunt.end_of(process, send=number)
        assert ran.code == 130
        cage.took(ran, f"build, ended by {number.name}")
    cage.model.begin(None)


def wrong_settings(cage: Cage) -> None:
    """The key where it does not belong; it then stands in the file, and nowhere else."""
    right = cage.config.read_text("utf-8")
    for name, (old, new) in WRONG.items():
        assert right.count(old) == 1, name
        cage.stage = f"with {name},"
        cage.config.write_text(right.replace(old, new), "utf-8")
        cage.run("build", "--force", "--debug", codes=(0, 2, 3))
        cage.run("plan", "--json", codes=(0, 2))
        cage.run("trust", codes=(0, 2))
    cage.config.write_text(right, "utf-8")


def told(cage: Cage, what: str) -> str:
    search = cage.search
    return (
        f"canary, {what}: {cage.runs} runs, {cage.processes} child processes, "
        f"{len(cage.server.requests)} requests, {search.files} files, "
        f"{search.size} bytes searched, {len(search.leaks)} leaks"
    )


@pytest.mark.slow
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_the_key_leaks_nowhere(cage: Cage, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    if place == ".env":
        (cage.root / ".env").write_text(f"export OPENAI_API_KEY='{CANARY}' # mine\n")
    else:
        cage.jaunt.environ["OPENAI_API_KEY"] = CANARY
    all_commands(cage)
    all_faults(cage)
    interrupted(cage)
    wrong_settings(cage)
    cage.look_around()
    with capsys.disabled():
        print(f"\n{told(cage, place)}")
    assert cage.search.leaks == []

    # It was there to be found: the server got it, and the searched places are those that count.
    headers = {prompt.headers.get("authorization") for prompt in cage.server.requests}
    assert f"Bearer {CANARY}" in headers
    who = {path.name.partition("-")[0] for path in cage.seen.iterdir()}
    assert who >= {"spec", "conftest", "test"}
    kinds = {path.name.partition(".")[0] for path in cage.records.iterdir()}
    assert kinds >= {"python", "mypy", "ruff"}
    assert cage.processes > 100
    assert cage.runs > 90
    assert cage.search.files > 200
    assert cage.search.size > 2_000_000
    logs = list((cage.root / ".jaunt" / "logs").iterdir())
    assert len(logs) == 10
    assert "***" in "".join(path.read_text() for path in logs)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="this machine has no strace")
def test_no_process_is_started_with_the_key(cage: Cage, capsys: pytest.CaptureFixture[str]) -> None:
    """The kernel's own list of what was started: the wrappers above could miss some."""
    calls = cage.top / "calls.txt"
    cage.jaunt.environ["OPENAI_API_KEY"] = CANARY
    traced = ["strace", "-f", "-v", "-s", "1000000", "-e", "trace=execve,execveat"]
    traced += ["-o", str(calls)]
    done = subprocess.run(
        [*traced, *cage.jaunt.command, "test", "--repair", "--strength"],
        cwd=cage.root,
        env=cage.jaunt.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 4), done.stderr
    cage.search.look_at("stdout", done.stdout + done.stderr)
    first, *started = [line for line in calls.read_bytes().splitlines() if b"execve" in line]
    calls.unlink()
    assert leaks_in(first)  # that is jaunt itself
    for line in started:
        cage.search.look_at(f"process {line[:90]!r}", line)
    cage.look_around()
    assert cage.search.leaks == []
    with capsys.disabled():
        print(f"\ncanary, kernel's list: {len(started)} processes, {cage.search.size} bytes")
    assert len(started) > 20


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    for name, form in forms_of(CANARY).items():
        assert leaks_in(b"\0before " + form + b" after"), name
        assert leaks_in(gzip.compress(b"before " + form)), name
        broken = form[:20] + b"\n  " + form[20:]
        assert "utf" in name or leaks_in(broken), name
    assert leaks_in(f"... {MIDDLE} ...".encode())
    assert leaks_in(f"{CANARY[:25]}…".encode())
    assert leaks_in(b"sk-canary, canary, 7Qx, Lm9, ***") == []

    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "module.pyc").write_bytes(b"\xa7\r\r\n\0" + CANARY.encode() + b"\0")
    (tmp_path / ".env").write_text(CANARY)
    (tmp_path / f"name-{CANARY.replace('/', ':')}").touch()
    (tmp_path / "link").symlink_to(f"nowhere-{CANARY}")
    search = Search()
    search.look_below([tmp_path], but=[tmp_path / ".env"])
    for place in (f"{tmp_path}/deep/module.pyc: raw", f"link at {tmp_path}/link: raw"):
        assert place in search.leaks
    assert any(leak.startswith(f"name of {tmp_path}/name-") for leak in search.leaks)
    assert not any(leak.startswith(f"{tmp_path}/.env") for leak in search.leaks)
    assert search.files == 2
