"""What every provider's wire format has in common: a question comes in, words or an error go out."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request

Json = dict[str, Any]
_TOKEN = re.compile(r"[^\W\d_]{1,8}|\d{1,3}|[^\w\s]+|_|\n\s*")


@dataclass(frozen=True)
class Ask:
    """One call, read off the wire. Caches hold for one `schema`, and for `cacheable` characters of the prompt; None is all of them.

    `form` is how the answer is wanted ("json_schema", "json_object" or ""), `window` the context that is to be allocated.
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
class Reply:
    """What to say. `finish` is ours: "stop", "length", "refusal" or "content_filter"; each dialect has its own word."""

    text: str
    finish: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    number: int


@dataclass(frozen=True)
class Trouble:
    """An error to shape: its HTTP status, a kind, and when to come back."""

    status: int
    message: str
    retry_after: float | None = None


class Dialect(Protocol):
    """A provider's wire format."""

    @property
    def vendor(self) -> str: ...

    def key(self, request: Request) -> str:
        """The key the caller presents."""
        ...

    def ask(self, path: str, body: Json) -> Ask:
        """Read the question."""
        ...

    def reply(self, ask: Ask, reply: Reply) -> Json:
        """Shape an answer."""
        ...

    def trouble(self, trouble: Trouble) -> Json:
        """Shape an error."""
        ...

    def listing(self, names: Sequence[str]) -> Json:
        """Shape the list of models that a key may use."""
        ...


def text_of(content: object) -> str:
    """The text of a message, whether it came as a string or in parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        return text_of(content.get("text") or content.get("content") or content.get("parts") or "")
    if isinstance(content, list):
        return "\n".join(text_of(part) for part in content)
    return ""


def schema_text(schema: object) -> str:
    """A schema as it came, to be compared."""
    return json.dumps(schema) if schema else ""


def bearer(request: Request) -> str:
    """The key of an Authorization header."""
    return request.headers.get("authorization", "").removeprefix("Bearer ").strip()


def tokens(text: str) -> int:
    """A rough count: within a tenth of a tokenizer's on prose, code and rows of numbers, of which four characters a token is not true."""
    return max(len(_TOKEN.findall(text)), 1)
