"""Translates litellm's errors into our faults, with the time to retry."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import ModuleType
from typing import NamedTuple

from reviewers.context.hidden_characters import without_broken_characters
from reviewers.context.redaction import mask
from reviewers.models.connections import trouble_of
from reviewers.models.model import CallFault, ModelError
from reviewers.values.verdict import Usage

_FORM = re.compile(
    r"response_format|response_schema|json_schema|json_object|json schema|structured output|guided|grammar|output_config|output_format|"
    r"[\"'`]format[\"'`]|format.{0,20}(?:type|not supported|unsupported|invalid)",
    re.IGNORECASE,
)
_SAMPLING = re.compile(r"\b(?:temperature|seed)\b", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context[ _-]?(?:length|window|size)|maximum context|prompt is too long|too many (?:input )?tokens|"
    r"exceeds? the (?:available )?context|input (?:is )?too long|n_ctx|max_model_len|reduce the length",
    re.IGNORECASE,
)
_NO_CREDIT = re.compile(
    r"insufficient[ _](?:quota|balance|credits?|funds)|credit balance is too low|exceeded your current quota|requires more credits|"
    r"billing[ _](?:hard[ _]limit|not[ _]active)|payment required",
    re.IGNORECASE,
)
_DELAY = re.compile(r"retryDelay[\"']?\s*:\s*[\"'](?P<seconds>\d+(?:\.\d+)?)s")
_UNREADABLE = re.compile(
    r"Traceback \(most recent call last\)|Error converting to valid response block|Received=|Unable to get json response"
)
_LONGEST = 360
_NAMES = re.compile(r"^litellm\.\w+: (?:\w+: )*(?:\w+Exception - )?")


class CalledModel(NamedTuple):
    """The called model, its base URL ("" for its provider's own), and the secrets that a message must not repeat."""

    model: str
    base_url: str
    secrets: tuple[str, ...]

    def without_secrets(self, text: str) -> str:
        """The text without secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "[key]") if len(secret) >= 8 else text
        return mask(" ".join(without_broken_characters(text).split()))[:_LONGEST]


def model_error(litellm: ModuleType, error: Exception, called: CalledModel) -> ModelError:
    """An error of litellm as one of ours, with a readable message."""
    if trouble := trouble_of(error, called.model, called.base_url):
        return ModelError(trouble.fault, called.without_secrets(f"{called.model}: {trouble.words}"))
    if is_unreadable(error):
        # The model answered, so the call will be billed.
        unknown = Usage(calls=1, cost_usd=None)
        return ModelError(CallFault.UNAVAILABLE, f"{called.model} sent an answer that could not be read", retry_after(error), usage=unknown)
    code = getattr(error, "status_code", None)
    kind = "its account has no credit left" if lacks_credit(error) else f"{type(error).__name__}{f' {code}' if code else ''}"
    said = called.without_secrets(f"{called.model}: {kind}: {provider_message(error)}")
    return ModelError(fault_of(litellm, error), said, retry_after(error), too_long=is_too_long(litellm, error))


def failures(litellm: ModuleType) -> tuple[type[Exception], ...]:
    """litellm's errors derive from the OpenAI client's; an answer of an unexpected shape raises plain ones."""
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


def fault_of(litellm: ModuleType, error: Exception) -> CallFault:
    """The kind of fault, by class before status: litellm invents some statuses."""
    known = litellm.exceptions
    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], CallFault], ...] = (
        (known.Timeout, CallFault.TIMEOUT),
        (known.ContentPolicyViolationError, CallFault.REFUSED),
        (known.AuthenticationError, CallFault.MISCONFIGURED),
        (known.PermissionDeniedError, CallFault.MISCONFIGURED),
        (known.NotFoundError, CallFault.MISCONFIGURED),
        (known.RateLimitError, CallFault.RATE_LIMITED),
        (known.BadRequestError, CallFault.MISCONFIGURED),
        (known.UnprocessableEntityError, CallFault.MISCONFIGURED),
    )
    fault = next((fault for kind, fault in kinds if isinstance(error, kind)), CallFault.UNAVAILABLE)
    if getattr(error, "status_code", None) in (401, 402, 403, 413) and fault is CallFault.UNAVAILABLE:
        # litellm turns Azure's 403 and a 413 into a plain APIError. A retry would change nothing.
        fault = CallFault.MISCONFIGURED
    return CallFault.MISCONFIGURED if lacks_credit(error) else fault


def lacks_credit(error: Exception) -> bool:
    """Whether the account is empty: status 402, or a 429 that no waiting resolves."""
    return getattr(error, "status_code", None) == 402 or _NO_CREDIT.search(str(error)) is not None


def is_too_long(litellm: ModuleType, error: Exception) -> bool:
    """Whether the prompt, with the room for its answer, does not fit the model's window."""
    status = getattr(error, "status_code", None)
    if isinstance(error, litellm.exceptions.ContextWindowExceededError) or status == 413:
        return True
    return status in (400, 422, 500) and _TOO_LONG.search(str(error)) is not None


def is_unreadable(error: Exception) -> bool:
    """Whether the host answered but litellm could not read it: the call used tokens that nobody counted."""
    return _UNREADABLE.search(str(error)) is not None


def provider_message(error: Exception) -> str:
    """The provider's message, without the names that litellm puts before it."""
    return _NAMES.sub("", str(error))


def retry_after(error: Exception, now: datetime | None = None) -> float | None:
    """Seconds to wait, if the provider gave them: as a number, as a date, or (Gemini) in the body."""
    headers = getattr(error, "litellm_response_headers", None) or getattr(getattr(error, "response", None), "headers", None) or {}
    said = str(headers.get("retry-after") or "").strip()
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        # The provider's clock if it sends its time, because ours may differ.
        today = parsedate_to_datetime(headers["date"]) if headers.get("date") else now or datetime.now(UTC)
        return max(0.0, (parsedate_to_datetime(said) - today).total_seconds())
    except (TypeError, ValueError):
        told = _DELAY.search(str(error))
        return float(told["seconds"]) if told else None


def refuses_form(error: Exception) -> bool:
    """Whether a host refused the form of the answer rather than the question."""
    return getattr(error, "status_code", None) in (400, 422) and _FORM.search(str(error)) is not None


def refuses_sampling(error: Exception) -> bool:
    """Whether a host refused temperature or seed."""
    return getattr(error, "status_code", None) in (400, 422) and _SAMPLING.search(str(error)) is not None
