"""The kits for authors of backends, on the backend of our own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jaunt_backend_openai import OpenAIBackend, create_backend
from jaunt_backend_openai.testing import Reply, ResponsesServer
from jaunt_core.backend import BackendSetup
from jaunt_core.testing import check_backend, check_faults

SetupOf = Callable[..., BackendSetup]


@pytest.mark.parametrize("api", ["responses", "chat"])
async def test_it_keeps_to_the_protocol(api: str, setup_of: SetupOf) -> None:
    with ResponsesServer(lambda _: Reply(text="x = 1\n")) as server:
        setup = setup_of(base_url=server.base_url, api=api)
        await check_backend(lambda: create_backend(setup))
    assert len(server.requests) == 3


@pytest.mark.parametrize("api", ["responses", "chat"])
async def test_it_takes_faults_for_what_they_are(api: str, setup_of: SetupOf, canary: str) -> None:
    def make(address: str) -> OpenAIBackend:
        return create_backend(setup_of(base_url=f"{address}/v1", api=api))

    await check_faults(make, key=canary)
