"""The one interface to a language model, and how a call can fail."""

from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel

from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Usage


class PastTurn(FrozenValue):
    """An earlier exchange of the same conversation: the model's answer, and our reply."""

    answer: str
    reply: str


class ModelRequest(BaseModel):
    """A question to a model.

    `prefix` is the long part that both rounds of a seat share, so that provider prompt caches hit; `prompt` follows it.
    `answer` is the pydantic class whose JSON schema the model must fill; `own_answer` is the part of it that this round needs, for hosts
    whose caches do not depend on the schema. `turns` follow the prompt, oldest first; new ones are only appended, so that caches hit.
    `seconds` is the deadline of the whole call.
    """

    model_config = {"frozen": True}

    purpose: str
    system: str
    prefix: str
    prompt: str
    answer: type[BaseModel]
    own_answer: type[BaseModel] | None = None
    turns: tuple[PastTurn, ...] = ()
    max_output_tokens: int = 8_000
    seconds: float = 120.0


class ModelResponse(FrozenValue):
    """A model's text, unparsed. `finish` is the provider's word ("stop", "length", "content_filter", …).

    `through` is the model string that answered if a fallback was used, and `instead` the errors of the earlier routes.
    `prompt_cut` means that the host counted far fewer tokens than it was sent.
    """

    text: str
    finish: str
    usage: Usage
    model: str
    through: str = ""
    instead: str = ""
    prompt_cut: bool = False

    @property
    def truncated(self) -> bool:
        """Whether the model ran out of room for its answer."""
        return self.finish in ("length", "max_tokens", "model_length", "MAX_TOKENS")


class CallFault(StrEnum):
    """Why a call brought no answer."""

    TIMEOUT = "timeout"
    RATE_LIMITED = "rate limited"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"
    OVER_BUDGET = "over budget"


class ModelError(Exception):
    """A call that brought no answer. `retry_after` is in seconds, if the provider gave it; the message contains no key.

    `usage` is the cost of the call in spite of the error; `too_long` means that the prompt did not fit the model's window.
    """

    def __init__(
        self, fault: CallFault, message: str, retry_after: float | None = None, *, usage: Usage | None = None, too_long: bool = False
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.retry_after = retry_after
        self.usage = usage
        self.too_long = too_long


class Model(Protocol):
    """A language model, possibly wrapped."""

    name: str
    vendor: str

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """Answer, or raise ModelError."""
        ...
