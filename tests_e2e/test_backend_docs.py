"""The backend that the docs write, and its tests, as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from .conftest import ROOT

_CORE_IMPORT = re.compile(r"^from (jaunt_core\S*) import", re.MULTILINE)
_FACES = {"jaunt_core.backend", "jaunt_core.testing"}
_BLOCK = re.compile(r"^```python\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What stands for the provider's own package.
CLIENT = """
import asyncio
import json
from types import SimpleNamespace
from urllib.parse import urlsplit


class AcmeError(Exception):
    def __init__(self, status, retry_after=None):
        super().__init__(f"acme answered {status}")
        self.status = status
        self.retry_after = retry_after


class AcmeClient:
    def __init__(self, *, key, address):
        self._key = key
        self._url = urlsplit(address)

    async def ask(self, model, messages):
        body = json.dumps({"model": model, "messages": messages}).encode()
        head = f"POST /ask HTTP/1.1\\r\\nX-Acme-Key: {self._key}\\r\\nContent-Length: {len(body)}"
        try:
            raw = await self._exchange(head.encode() + b"\\r\\n\\r\\n" + body)
            head, _, answer = raw.partition(b"\\r\\n\\r\\n")
            first, *rest = head.decode().split("\\r\\n")
            status = int(first.split()[1])
            headers = dict(line.lower().split(": ", 1) for line in rest)
            if status == 200:
                return SimpleNamespace(**json.loads(answer))
        except (OSError, ValueError, LookupError, TypeError):
            raise AcmeError(0) from None
        wait = headers.get("retry-after")
        raise AcmeError(status, float(wait) if wait else None)

    async def _exchange(self, request):
        reader, writer = await asyncio.open_connection(self._url.hostname, self._url.port)
        try:
            writer.write(request)
            return await reader.read()
        finally:
            writer.close()

    async def close(self):
        pass
"""


def test_backends_of_others_import_what_is_public() -> None:
    example = ROOT / "tests_e2e/third_party_backend/src/jaunt_shout/__init__.py"
    for path in (example, ROOT / "docs/how-to/write-a-backend.md"):
        imports = set(_CORE_IMPORT.findall(path.read_text("utf-8")))
        assert "jaunt_core.backend" in imports
        assert imports <= _FACES


def test_the_backend_of_the_docs_passes_the_tests_of_the_docs(tmp_path: Path) -> None:
    text = (ROOT / "docs/how-to/write-a-backend.md").read_text("utf-8")
    blocks = dict(_BLOCK.findall(text))
    assert set(blocks) == {"src/jaunt_backend_acme/__init__.py", "tests/test_acme.py"}
    for name, code in {**blocks, "src/jaunt_backend_acme/client.py": CLIENT}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = src\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
