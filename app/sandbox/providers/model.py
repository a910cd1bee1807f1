"""The behavior of a scripted model: its answers, its delay, its window and its faults."""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from app.sandbox.providers.response_script import ResponseScript, ScriptedMember


class ModelFault(StrEnum):
    """How a call can fail. NONE is a good answer within a sequence."""

    NONE = "none"
    BAD_REQUEST = "400"
    UNAUTHORIZED = "401"
    NO_CREDIT = "402"
    NOT_FOUND = "404"
    RATE_LIMITED = "429"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    OVERLOADED = "529"
    HANG = "hang"
    RESET = "reset"
    REFUSAL = "refusal"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    GARBAGE = "garbage"
    EMPTY = "empty"
    THINKING = "thinking"
    QUOTA = "quota"
    TOO_LARGE = "413"
    WRONG_SHAPE = "wrong shape"


MESSAGES = {
    400: "Invalid request.",
    401: "Incorrect API key provided.",
    402: "You exceeded your current quota, please check your plan and billing details.",
    413: "Request Entity Too Large",
    404: "The model does not exist or you do not have access to it.",
    429: "Too many requests. Please slow down.",
    500: "The server had an error while processing your request.",
    503: "The model is overloaded. Please try again later.",
    529: "Overloaded",
}
FINISHED = {
    ModelFault.LENGTH: "length",
    ModelFault.THINKING: "length",
    ModelFault.REFUSAL: "refusal",
    ModelFault.CONTENT_FILTER: "content_filter",
}
WORDS = {
    ModelFault.REFUSAL: "I can't help with that.",
    ModelFault.GARBAGE: "Sure! Here is what I found:\n\n* the code { looks: fine",
    ModelFault.EMPTY: "",
    ModelFault.THINKING: "",
    ModelFault.WRONG_SHAPE: '{"verdict": "fine", "notes": [1, 2, 3]}',
    ModelFault.CONTENT_FILTER: "",
}


@dataclass
class SandboxModel:
    """One model's behavior. `faults` hit its next calls, one each, in order. `always` hits all of them.

    `window` is its context in tokens, `trained` the largest possible one. A longer prompt is truncated silently, or refused if it
    `overflows`. `refuses` names the answer formats that it does not accept. `counts` is whether it reports its usage, `dates` whether it
    gives the retry time as a date.
    """

    response_script: ResponseScript = field(default_factory=ScriptedMember)
    delay_ms: float = 0.0
    faults: deque[ModelFault] = field(default_factory=deque)
    always: ModelFault = ModelFault.NONE
    retry_after: float = 1.0
    window: int | None = None
    trained: int = 131_072
    lists_window: bool = False
    overflows: bool = False
    refuses: frozenset[str] = frozenset()
    counts: bool = True
    dates: bool = False

    def next_fault(self) -> ModelFault:
        return self.faults.popleft() if self.faults else self.always
