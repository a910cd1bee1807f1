"""How self-hosted servers describe their models: vLLM, llama.cpp, LM Studio and Ollama, each in a different field."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from app.sandbox.providers.wire_format import Json


class ServerProgram(StrEnum):
    """The server program at an address."""

    VLLM = "vllm"
    LLAMA_CPP = "llama.cpp"
    LM_STUDIO = "lm studio"
    OLLAMA = "ollama"


class Served(NamedTuple):
    """A model that a server offers: the window it was loaded with, and the larger one it was trained for.

    Newer versions of llama.cpp report the first in their list of models.
    """

    name: str
    window: int
    trained: int = 131_072
    lists_window: bool = False


def listing(kind: ServerProgram, path: str, served: Iterable[Served]) -> Json | None:
    """The answer to a GET of such a server, None for 404."""
    models = list(served)
    if path.endswith("/v1/models") and kind is not ServerProgram.OLLAMA:
        return {"object": "list", "data": [{"id": model.name, "object": "model", **_told(kind, model)} for model in models]}
    if path.endswith("/props") and kind is ServerProgram.LLAMA_CPP and models:
        return {"default_generation_settings": {"n_ctx": models[0].window}, "total_slots": 4, "model_path": f"{models[0].name}.gguf"}
    if path.endswith("/api/v0/models") and kind is ServerProgram.LM_STUDIO:
        rows = [{"id": model.name, "max_context_length": model.trained, "loaded_context_length": model.window} for model in models]
        return {"object": "list", "data": rows}
    if path.endswith("/api/tags") and kind is ServerProgram.OLLAMA:
        return {"models": [{"name": model.name, "model": model.name} for model in models]}
    return None


def _told(kind: ServerProgram, served: Served) -> Json:
    if kind is ServerProgram.VLLM:
        return {"owned_by": "vllm", "max_model_len": served.window}
    if kind is ServerProgram.LLAMA_CPP:
        return {"owned_by": "llamacpp", "meta": {"n_ctx_train": served.trained} | ({"n_ctx": served.window} if served.lists_window else {})}
    return {"owned_by": "organization_owner"}


def too_long(kind: ServerProgram, tokens: int, window: int) -> str:
    """The error of such a server for a prompt that does not fit."""
    if kind is ServerProgram.VLLM:
        return f"This model's maximum context length is {window} tokens. However, you requested {tokens} tokens. Please reduce the length."
    return f"request ({tokens} tokens) exceeds the available context size ({window} tokens), try increasing it"
