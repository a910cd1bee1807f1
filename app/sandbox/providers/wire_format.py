"""The common interface of the providers' wire formats: parses a question, renders an answer or an error."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request

Json = dict[str, Any]
_TOKEN = re.compile(r"[^\W\d_]{1,8}|\d{1,3}|[^\w\s]+|_|\n\s*")


@dataclass(frozen=True)
class ProviderRequest:
    """One call, parsed from the wire. Caches apply to one `schema`, and to `cacheable` characters of the prompt; None is all of them.

    `form` is the requested answer format ("json_schema", "json_object" or ""), `window` the context to allocate.
    """

    model: str
    prompt: str
    question: str
    path: str = ""
    max_tokens: int | None = None
    schema: str = ""
    cacheable: int | None = None
    form: str = ""
    window: int | None = None


@dataclass(frozen=True)
class ProviderReply:
    """The answer. `finish` is in our terms: "stop", "length", "refusal" or "content_filter". Each format has its own word."""

    text: str
    finish: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    number: int


@dataclass(frozen=True)
class ProviderError:
    """An error to render: its HTTP status, a kind, and when to retry."""

    status: int
    message: str
    retry_after: float | None = None


class WireFormat(Protocol):
    """A provider's wire format."""

    @property
    def vendor(self) -> str: ...

    def key(self, request: Request) -> str:
        """The caller's key."""
        ...

    def ask(self, path: str, body: Json) -> ProviderRequest:
        """Parse the question."""
        ...

    def reply(self, ask: ProviderRequest, reply: ProviderReply) -> Json:
        """Render an answer."""
        ...

    def trouble(self, trouble: ProviderError) -> Json:
        """Render an error."""
        ...

    def listing(self, names: Sequence[str]) -> Json:
        """Render the list of a key's models."""
        ...


def text_of(content: object) -> str:
    """The text of a message, from a string or from parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        return text_of(content.get("text") or content.get("content") or content.get("parts") or "")
    if isinstance(content, list):
        return "\n".join(text_of(part) for part in content)
    return ""


def schema_text(schema: object) -> str:
    """A schema in a comparable form."""
    return json.dumps(schema) if schema else ""


def bearer(request: Request) -> str:
    """The key of an Authorization header."""
    return request.headers.get("authorization", "").removeprefix("Bearer ").strip()


def tokens(text: str) -> int:
    """A rough count, within a tenth of a tokenizer's on prose, code and rows of numbers, where four characters per token would be wrong."""
    return max(len(_TOKEN.findall(text)), 1)
