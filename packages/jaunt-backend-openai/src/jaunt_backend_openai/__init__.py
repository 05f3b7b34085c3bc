"""Generator backend of jaunt for OpenAI and OpenAI-compatible servers."""

from __future__ import annotations

from jaunt_backend_openai.backend import OpenAIBackend, create_backend
from jaunt_backend_openai.settings import OpenAISettings

__all__ = ["OpenAIBackend", "OpenAISettings", "create_backend"]
