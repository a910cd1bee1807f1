"""Protect every page: response headers, origin checks, size limits and CSRF tokens."""

import hmac
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.configuration.listen_address import is_loopback
from app.configuration.settings import Settings
from app.web.errors import FormRefused
from webhooks.body import discard_body

MAX_FORM = 256_000
# The limit for every body, because it is read before the sender is known.
MAX_BODY = 1_000_000
# Requests that are signed or have their own token do not come from a browser's form.
_SIGNED = ("/webhooks/", "/api/", "/mcp")
_SAFE = {"GET", "HEAD", "OPTIONS"}
_HSTS = "max-age=31536000; includeSubDomains"


class Guard:
    """Sets headers on every response and refuses writes from other sites. Webhooks pass unchanged."""

    def __init__(self, app: ASGIApp, settings: Callable[[], Settings]) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/webhooks/"):
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._mark(MutableHeaders(scope=message), scope)
            await send(message)

        if scope["method"] not in _SAFE and not scope["path"].startswith(_SIGNED) and not self._is_ours(scope):
            refused = PlainTextResponse("This form came from another site, so nothing was changed. Open the page again and retry.\n", 403)
            await refused(scope, receive, guarded)
            return
        if int(Headers(scope=scope).get("content-length", "0")) > MAX_BODY:
            await discard_body(receive, expects_continue="expect" in Headers(scope=scope))
            await PlainTextResponse("The request is too large.\n", 413)(scope, receive, guarded)
            return
        await self._app(scope, _bounded(receive), guarded)

    def _is_ours(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        site = headers.get("sec-fetch-site")
        if site is not None and site != "same-origin":
            return False
        origin = headers.get("origin")
        if origin is None:
            return site == "same-origin"
        return origin == own_origin(self._settings(), scope)

    def _mark(self, headers: MutableHeaders, scope: Scope) -> None:
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "same-origin"
        headers["cross-origin-opener-policy"] = "same-origin"
        headers["cross-origin-resource-policy"] = "same-origin"
        headers["permissions-policy"] = "camera=(), geolocation=(), microphone=()"
        headers.setdefault("content-security-policy", policy(self._settings().github_web_url))
        headers.setdefault("cache-control", "no-store")
        if is_https(self._settings(), scope):
            headers["strict-transport-security"] = _HSTS


def _bounded(receive: Receive) -> Receive:
    """Cut off a body without a length header at the limit, as if the browser had disconnected."""
    taken = 0

    async def receive_bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= MAX_BODY else {"type": "http.disconnect"}

    return receive_bounded


def policy(github_web_url: str) -> str:
    """The content security policy: only this server's content; forms can also go to GitHub, to register an App and to sign in."""
    github = urlsplit(github_web_url)
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action 'self' {github.scheme}://{github.netloc}; frame-ancestors 'none'; base-uri 'none'"
    )


def own_origin(settings: Settings, scope: Scope) -> str:
    """This server's origin as browsers see it."""
    if settings.public_url:
        place = urlsplit(settings.public_url)
        return f"{place.scheme}://{place.netloc}"
    return f"{scope['scheme']}://{Headers(scope=scope).get('host', '')}"


def trusted_origin(settings: Settings, scope: Scope) -> str:
    """The origin, or "" if only a Host header names it and other machines can reach this server, because anybody can send that header."""
    return own_origin(settings, scope) if settings.public_url or is_loopback(settings.host) else ""


def address_of(request: Request) -> str:
    """The client's address; "" if unknown."""
    return request.client.host if request.client else ""


def is_https(settings: Settings, scope: Scope) -> bool:
    """Whether browsers use https; behind a proxy, the public URL decides."""
    return settings.public_url.startswith("https://") or scope["scheme"] == "https"


class SubmittedForm:
    """A submitted form, with the last value of each name or all of them."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs
        self._last: Mapping[str, str] = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._last.get(name, "")

    def __contains__(self, name: str) -> bool:
        return name in self._last

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.pairs if key == name)


async def read_form(request: Request, csrf: str) -> SubmittedForm:
    """The form of a request, after checking that a page of this session made it."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            raise FormRefused(413, "The form is too large", f"A form can have at most {MAX_FORM:,} bytes. Go back and shorten the text.")
    try:
        form = SubmittedForm(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=2_000))
    except ValueError:
        raise FormRefused(400, "The form could not be read", "The browser sent no text that this server understands.") from None
    if not csrf or not hmac.compare_digest(form["csrf"].encode(), csrf.encode()):
        raise FormRefused(403, "The page is out of date", "This form is from an earlier session. Open the page again and retry.")
    return form


def safe_path(text: str) -> str:
    """The path if it is safe to redirect to on this server, otherwise "/"."""
    plain = text.startswith("/") and not text.startswith(("//", "/\\")) and "\\" not in text
    if not plain or any(ord(letter) < 33 or ord(letter) == 127 for letter in text) or len(text) > 1_000:
        return "/"
    place = urlsplit(text)
    return text if not place.scheme and not place.netloc else "/"
