"""Reads one environment variable, or a few that belong together, as a setting needs it: change here how a wrong value is refused.

Every function takes all variables by name, without empty ones, and raises SettingsError with the fix.
"""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from app.errors import SettingsError

# A smaller context holds neither the task nor an answer.
LEAST_CONTEXT = 2_048
# Shorter secrets can be guessed, and their parts are words that anybody may write.
SHORTEST_SECRET = 12


def read_url(values: Mapping[str, str], name: str, default: str) -> str:
    """An http or https URL without a slash at its end, or ""."""
    text = values.get(name, default).rstrip("/")
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.netloc):
        raise SettingsError(f"{name} is {text!r}, which is not an http(s) URL")
    return text


def read_whole_number(values: Mapping[str, str], name: str, default: int, least: int = 0) -> int:
    """A whole number of at least `least`."""
    text = values.get(name, str(default))
    if not text.isdigit() or int(text) < least:
        raise SettingsError(f"{name} is {text!r}, which is not a whole number of at least {least}")
    return int(text)


def read_port(values: Mapping[str, str]) -> int:
    """The port of PORT, 3000 by default; 0 lets the system choose."""
    text = values.get("PORT", "3000")
    if not text.isdigit() or not 0 <= int(text) < 65_536:
        raise SettingsError(f"PORT is {text!r}, which is not a port number")
    return int(text)


def read_dollars(values: Mapping[str, str], name: str, default: float | None) -> float | None:
    """An amount of money. "none" is no limit."""
    text = values.get(name, "")
    if not text:
        return default
    if text == "none":
        return None
    try:
        amount = float(text.removeprefix("$"))
    except ValueError:
        amount = -1.0
    if not 0 <= amount < 1e6:
        raise SettingsError(f"{name} is {text!r}; use an amount in dollars such as 0.50, or none")
    return amount


def read_switch(values: Mapping[str, str], name: str, default: str = "no") -> bool:
    """A switch, off unless it is set or on by default."""
    text = values.get(name, default).lower()
    if text not in {"yes", "on", "true", "1", "no", "off", "false", "0"}:
        raise SettingsError(f"{name} is {text!r}; use yes or no")
    return text in {"yes", "on", "true", "1"}


def read_word(values: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    """One of these words, the first if none is set."""
    text = values.get(name, words[0]).lower()
    if text not in words:
        raise SettingsError(f"{name} is {text!r}; use one of {', '.join(words)}")
    return text


def read_secret(values: Mapping[str, str], name: str) -> str:
    """A secret that an operator chooses. One under 12 characters could be guessed, and could not be kept out of posts."""
    value = values.get(name, "")
    if value and len(value) < SHORTEST_SECRET:
        raise SettingsError(f"{name} is too short: use at least {SHORTEST_SECRET} characters, for example from `openssl rand -hex 24`")
    return value


def read_private_key(values: Mapping[str, str]) -> str:
    """A PEM from the variable (also base64, or with literal \n) or from a file."""
    text = values.get("PRIVATE_KEY", "")
    if path := values.get("PRIVATE_KEY_PATH"):
        try:
            text = Path(path).read_text()
        except OSError as error:
            raise SettingsError(f"PRIVATE_KEY_PATH is {path}, which cannot be read: {error.strerror}") from None
    if not text:
        return ""
    text = text.replace("\\n", "\n").strip()
    if not text.startswith("-----BEGIN"):
        try:
            text = base64.b64decode(text, validate=True).decode().strip()
        except (binascii.Error, ValueError):
            text = ""
    if not text.startswith("-----BEGIN"):
        raise SettingsError("PRIVATE_KEY is not a PEM key: paste the downloaded .pem file or its base64")
    return text + "\n"


def with_password(url: str, password: str) -> str:
    """A URL with this password, percent-encoded. Unchanged if it has its own password, or no user."""
    scheme, separator, rest = url.partition("://")
    user, at, place = rest.partition("@")
    if not password or not separator or not at or ":" in user:
        return url
    return f"{scheme}://{user}:{quote(password, safe='')}@{place}"


def read_headers(values: Mapping[str, str], name: str) -> tuple[tuple[str, str], ...]:
    """HTTP headers in OpenTelemetry's format: name=value, separated by commas, values percent-encoded."""
    found = []
    for part in filter(None, (part.strip() for part in values.get(name, "").split(","))):
        key, separator, value = part.partition("=")
        if not separator or not key.strip():
            raise SettingsError(f"{name} has a part without `=`; use name=value, separated by commas")
        found.append((key.strip().lower(), unquote(value.strip())))
    return tuple(found)


def read_context_tokens(values: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    """Tokens for all models ("" names them), or `model=tokens` for some."""
    found = []
    for part in filter(None, (part.strip() for part in values.get("COUNCIL_CONTEXT_TOKENS", "").split(","))):
        model, _, tokens = part.rpartition("=")
        if not tokens.strip().isdigit() or int(tokens) < LEAST_CONTEXT:
            raise SettingsError(
                f"COUNCIL_CONTEXT_TOKENS is {part!r}; use a number of at least {LEAST_CONTEXT:,}, or model=tokens, separated by commas"
            )
        found.append((model.strip(), int(tokens)))
    return tuple(found)


def web_url_of(api: str) -> str:
    """The page host of an API host: api.github.com, api.NAME.ghe.com, or a GitHub Enterprise Server's …/api/v3."""
    if api == "https://api.github.com":
        return "https://github.com"
    if (host := urlsplit(api).netloc).startswith("api.") and host.endswith(".ghe.com"):
        return f"https://{host.removeprefix('api.')}"
    return api.removesuffix("/api/v3")
