"""The one interface to a language model, and how a call can fail."""

from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel

from reviewers.value import Value
from reviewers.verdict import Usage


class ModelRequest(BaseModel):
    """A question to a model.

    `prefix` is the long part that both rounds of a seat share, so that provider prompt caches hit; `prompt` follows it.
    `answer` is the pydantic class whose JSON schema the model must fill. `seconds` is the deadline of the whole call.
    """

    model_config = {"frozen": True}

    purpose: str
    system: str
    prefix: str
    prompt: str
    answer: type[BaseModel]
    max_output_tokens: int = 8_000
    seconds: float = 120.0


class ModelResponse(Value):
    """A model's text, unparsed. `finish` is the provider's word ("stop", "length", "content_filter", …).

    `through` is the model string that was asked, where a fallback was, and `instead` what the ways before it said.
    """

    text: str
    finish: str
    usage: Usage
    model: str
    through: str = ""
    instead: str = ""


class Fault(StrEnum):
    """Why a call brought no answer."""

    TIMEOUT = "timeout"
    RATE_LIMITED = "rate limited"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"
    OVER_BUDGET = "over budget"


class ModelError(Exception):
    """A call that brought no answer. `retry_after` is in seconds, where the provider gave one; the message holds no key."""

    def __init__(self, fault: Fault, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.fault = fault
        self.retry_after = retry_after


class Model(Protocol):
    """A language model behind some number of wrappers."""

    name: str
    vendor: str

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """Answer, or raise ModelError."""
        ...
