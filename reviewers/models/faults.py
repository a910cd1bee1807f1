"""What an error of litellm means: one of our faults, and when to come back."""

import re
from types import ModuleType

from reviewers.models.model import Fault

_FORM = re.compile(
    r"response_format|response_schema|json_schema|json_object|json schema|structured output|guided|grammar|output_config|output_format|"
    r"[\"'`]format[\"'`]|format.{0,20}(?:type|not supported|unsupported|invalid)",
    re.IGNORECASE,
)
_SAMPLING = re.compile(r"\b(?:temperature|seed)\b", re.IGNORECASE)
_NAMES = re.compile(r"^litellm\.\w+: (?:\w+: )*(?:\w+Exception - )?")


def failures(litellm: ModuleType) -> tuple[type[Exception], ...]:
    """litellm's errors derive from the OpenAI client's; an answer of a shape it does not expect ends in plain ones."""
    known = litellm.exceptions
    return (
        known.OpenAIError,
        known.openai.OpenAIError,
        known.BudgetExceededError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ImportError,
    )


def fault_of(litellm: ModuleType, error: Exception) -> Fault:
    """The kind of failure, by class before status: some statuses are litellm's own invention."""
    known = litellm.exceptions
    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Fault], ...] = (
        (known.Timeout, Fault.TIMEOUT),
        (known.ContentPolicyViolationError, Fault.REFUSED),
        (known.AuthenticationError, Fault.MISCONFIGURED),
        (known.PermissionDeniedError, Fault.MISCONFIGURED),
        (known.NotFoundError, Fault.MISCONFIGURED),
        (known.RateLimitError, Fault.RATE_LIMITED),
        (known.BadRequestError, Fault.MISCONFIGURED),
        (known.UnprocessableEntityError, Fault.MISCONFIGURED),
    )
    fault = next((fault for kind, fault in kinds if isinstance(error, kind)), Fault.UNAVAILABLE)
    if fault is Fault.UNAVAILABLE and getattr(error, "status_code", None) in (401, 403):
        # Of Azure's 403 litellm makes a plain APIError.
        fault = Fault.MISCONFIGURED
    # An empty purse answers 429 as well, and no waiting fills it.
    empty = any(sign in str(error) for sign in ("insufficient_quota", "credit balance is too low"))
    return Fault.MISCONFIGURED if empty and fault is not Fault.UNAVAILABLE else fault


def words(error: Exception) -> str:
    """What the provider said, without the names that litellm puts before it."""
    return _NAMES.sub("", str(error))


def retry_after(error: Exception) -> float | None:
    headers = getattr(error, "litellm_response_headers", None) or getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers["retry-after"]))
    except (TypeError, ValueError, KeyError):
        return None


def refuses_form(error: Exception) -> bool:
    """Whether a host refused the form in which it was asked to answer, and not the question."""
    return getattr(error, "status_code", None) in (400, 422) and _FORM.search(str(error)) is not None


def refuses_sampling(error: Exception) -> bool:
    """Whether a host refused temperature or seed."""
    return getattr(error, "status_code", None) in (400, 422) and _SAMPLING.search(str(error)) is not None
