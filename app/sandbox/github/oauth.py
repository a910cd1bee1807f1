"""OAuth's web flow: a code for a browser, and a token for the server that sent the browser."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from app.sandbox.github.auth import Actor, Authenticator
from app.sandbox.github.entities import App, Json
from app.sandbox.github.world import World

CODE_LIFETIME = timedelta(minutes=10)
TOKEN_LIFETIME = timedelta(hours=8)


@dataclass(frozen=True)
class ConsentRequest:
    """The parameters of a browser's request to the consent page."""

    client_id: str
    redirect_uri: str
    state: str
    challenge: str = ""
    method: str = ""


@dataclass(frozen=True)
class _Code:
    login: str
    asked: ConsentRequest
    expires: datetime


@dataclass
class OAuth:
    """Codes are valid once, for ten minutes, and tokens for eight hours."""

    world: World
    authenticator: Authenticator
    new_code: Callable[[], str] = lambda: secrets.token_hex(10)
    codes: dict[str, _Code] = field(default_factory=dict)

    def refusal(self, asked: ConsentRequest) -> str:
        """Why the consent page is not shown, or ""."""
        app = self.world.app
        if asked.client_id != app.client_id:
            return "The client_id is not known."
        if asked.redirect_uri not in callbacks(app):
            return "The redirect_uri is not associated with this application."
        if asked.challenge and asked.method != "S256":
            return "The code_challenge_method must be S256."
        return ""

    def consent(self, login: str, asked: ConsentRequest) -> str:
        """The code for a person who consented."""
        code = self.new_code()
        self.codes[code] = _Code(login, asked, self.world.now() + CODE_LIFETIME)
        return code

    def exchange(self, form: dict[str, str]) -> Json:
        """The answer of the token endpoint, with status 200 even for errors, as on GitHub."""
        app = self.world.app
        known = hmac.compare_digest(form.get("client_secret", "").encode(), app.client_secret.encode())
        if form.get("client_id") != app.client_id or not known:
            return _error("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
        code = self.codes.pop(form.get("code", ""), None)
        if code is None or code.expires <= self.world.now() or not _proves(code.asked, form.get("code_verifier", "")):
            return _error("bad_verification_code", "The code passed is incorrect or expired.")
        if form.get("redirect_uri", code.asked.redirect_uri) != code.asked.redirect_uri:
            return _error("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application.")
        token = self.token_for(code.login)
        return {"access_token": token, "expires_in": int(TOKEN_LIFETIME.total_seconds()), "scope": "", "token_type": "bearer"}

    def token_for(self, login: str) -> str:
        """A token that acts for a person, as far as the App may."""
        token = "ghu_" + secrets.token_hex(18)
        user = self.world.user(login)
        expires = self.world.now() + TOKEN_LIFETIME
        self.authenticator.tokens[token] = Actor(
            "user", f"user {login}", permissions=dict(self.world.app.permissions), expires=expires, user=user
        )
        return token


def callbacks(app: App) -> tuple[str, ...]:
    """The allowed redirect addresses: the registered ones, otherwise the login of the server that gets webhooks."""
    if app.callback_urls or not app.webhook_url:
        return app.callback_urls
    place = urlsplit(app.webhook_url)
    return (f"{place.scheme}://{place.netloc}/login/callback",)


def _proves(asked: ConsentRequest, verifier: str) -> bool:
    if not asked.challenge:
        return True
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(digest, asked.challenge)


def _error(name: str, words: str) -> Json:
    return {"error": name, "error_description": words, "error_uri": "https://docs.github.com/apps"}
