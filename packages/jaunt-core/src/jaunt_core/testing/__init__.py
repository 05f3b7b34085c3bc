"""For tests: a backend with a script, a server with faults, a kit that checks any backend."""

from __future__ import annotations

from jaunt_core.testing.conformance import check_backend, sample_request
from jaunt_core.testing.fault_check import check_faults
from jaunt_core.testing.fault_server import Breach, Fault, FaultServer, Received, Respond
from jaunt_core.testing.rate_limit import RateLimited
from jaunt_core.testing.scripted import Scripted, ScriptedBackend, loader_of

__all__ = [
    "Breach",
    "Fault",
    "FaultServer",
    "RateLimited",
    "Received",
    "Respond",
    "Scripted",
    "ScriptedBackend",
    "check_backend",
    "check_faults",
    "loader_of",
    "sample_request",
]
