r"""A server for tests: real HTTP on loopback, answers built from the SDK's own types.

Example:
    ```python
    def answer(prompt: Prompt) -> Reply:
        return Reply(text="def one() -> int:\n    return 1\n")


    with ResponsesServer(answer) as server:
        ...  # ask with base_url = server.base_url
        assert "def one" in server.requests[0].text
    ```
"""

from __future__ import annotations

from jaunt_backend_openai.testing.exchange import Api, Prompt, Reply, fault
from jaunt_backend_openai.testing.server import Answer, ResponsesServer
from jaunt_core.testing import Fault

__all__ = ["Answer", "Api", "Fault", "Prompt", "Reply", "ResponsesServer", "fault"]
