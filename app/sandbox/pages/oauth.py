"""The page on which a person signs in, and the endpoint that exchanges a code for a token."""

from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from app.sandbox.github.oauth import ConsentRequest, callbacks

if TYPE_CHECKING:
    from app.sandbox.pages.routes import Pages
    from app.sandbox.server import Sandbox


class Consent:
    """The web flow's three addresses."""

    def __init__(self, sandbox: "Sandbox", pages: "Pages") -> None:
        self._world = sandbox.world
        self._oauth = sandbox.github.oauth
        self._pages = pages

    async def ask(self, request: Request) -> Response:
        """Show the accounts to sign in as. The App's login sends the browser here."""
        asked = _asked(dict(request.query_params))
        if refused := self._oauth.refusal(asked):
            return PlainTextResponse(refused, 400)
        people = [user.login for user in self._world.users.values() if user.type == "User"]
        answer = self._pages.page("consent.html", app=self._world.app, people=sorted(people), asked=asdict(asked))
        # A browser also checks where a form's answer redirects to: https://www.w3.org/TR/CSP3/#directive-form-action
        allowed = " ".join({"'self'", *callbacks(self._world.app)})
        answer.headers["content-security-policy"] = f"default-src 'none'; style-src 'self'; form-action {allowed}; base-uri 'none'"
        return answer

    async def say_yes(self, request: Request) -> Response:
        """Send the browser back with a code."""
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        asked = _asked({**form, "code_challenge": form.get("challenge", ""), "code_challenge_method": form.get("method", "")})
        if refused := self._oauth.refusal(asked):
            return PlainTextResponse(refused, 400)
        code = self._oauth.consent(form.get("login", ""), asked)
        return RedirectResponse(f"{asked.redirect_uri}?{urlencode({'code': code, 'state': asked.state})}", 302)

    async def token(self, request: Request) -> Response:
        """Exchange a code for a token. Answers JSON if requested, otherwise form-encoded text."""
        answer = self._oauth.exchange(dict(parse_qsl((await request.body()).decode())))
        if "json" in request.headers.get("accept", ""):
            return JSONResponse(answer)
        return HTMLResponse(urlencode(answer), media_type="application/x-www-form-urlencoded")


def _asked(given: dict[str, str]) -> ConsentRequest:
    names = ("client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method")
    return ConsentRequest(*(given.get(name, "") for name in names))


def consent_routes(sandbox: "Sandbox", pages: "Pages") -> list[Route]:
    """The web flow as routes."""
    consent = Consent(sandbox, pages)
    return [
        Route("/login/oauth/authorize", consent.ask),
        Route("/login/oauth/authorize", consent.say_yes, methods=["POST"]),
        Route("/login/oauth/access_token", consent.token, methods=["POST"]),
    ]
