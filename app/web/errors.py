"""Error pages. A missing page and a forbidden one look the same, so that guessing addresses reveals nothing."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from app.errors import (
    AppRefused,
    CouncilError,
    LimitReached,
    Paused,
    Postponed,
    RateLimited,
    Superseded,
    UnreadableSettings,
    UserError,
    WorldError,
)
from app.secret_filter import secret_filter

# Clients of these paths are programs, which read JSON.
_MACHINES = ("/webhooks/", "/healthz", "/readyz", "/metrics", "/api/", "/mcp")


class Hidden(Exception):
    """The page does not exist, or not for this person; both look the same."""


class NotSignedIn(Exception):
    """The page needs a sign-in."""


class NotAllowed(Exception):
    """The person can see this but not do it; the message says who can."""


class FormRefused(Exception):
    """A submitted form cannot be used. This is no matter of rights: the title says why, the message what to do."""

    def __init__(self, status: int, title: str, message: str) -> None:
        super().__init__(message)
        self.status, self.title = status, title


class Conflict(Exception):
    """Someone else changed it in the meantime; the message says what to do."""


def add_error_pages(app: FastAPI) -> None:
    """Register a page for each kind of error, or JSON for programs."""
    app.add_exception_handler(Hidden, _hidden)
    app.add_exception_handler(NotSignedIn, _sign_in)
    app.add_exception_handler(NotAllowed, _told(403, "You don't have permission"))
    app.add_exception_handler(FormRefused, _form)
    app.add_exception_handler(UnreadableSettings, _told(409, "The settings could not be read"))
    app.add_exception_handler(Conflict, _told(409, "This can't be done now"))
    app.add_exception_handler(LimitReached, _told(429, "Daily limit reached"))
    app.add_exception_handler(Paused, _told(503, "Paused"))
    app.add_exception_handler(UserError, _told(422, "That didn't work"))
    app.add_exception_handler(CouncilError, _world)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _ours)


def wants_json(request: Request) -> bool:
    """Whether the client is a program."""
    return request.url.path.startswith(_MACHINES)


def error_page(request: Request, status: int, title: str, words: str) -> Response:
    """An error as a page, or as JSON for a program, with secrets such as passwords in URLs removed."""
    if services := getattr(request.app.state, "services", None):
        words = secret_filter(services.settings.secrets).removed(words)
    if wants_json(request):
        return JSONResponse({"message": words}, status_code=status)
    from app.web.pages import render

    return render(request, "error.html", status=status, title=title, words=words)


async def _hidden(request: Request, _: Exception) -> Response:
    await _know_visitor(request)
    return error_page(request, 404, "Page not found", "There is no such page, or you don't have access to it.")


async def _know_visitor(request: Request) -> None:
    """Read the session, so that an error page has the same frame as other pages."""
    if hasattr(request.app.state, "services") and not wants_json(request):
        from app.web.sessions import session_of

        await session_of(request)


async def _sign_in(request: Request, _: Exception) -> Response:
    if wants_json(request):
        return JSONResponse({"message": "sign in first"}, status_code=401)
    path = request.url.path if request.method == "GET" else "/"
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    return RedirectResponse(f"/login?next={quote(path + query, safe='')}", 303)


def _told(status: int, title: str) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        await _know_visitor(request)
        return error_page(request, status, title, str(error))

    return answer


async def _form(request: Request, error: Exception) -> Response:
    await _know_visitor(request)
    assert isinstance(error, FormRefused)
    return error_page(request, error.status, error.title, str(error))


async def _world(request: Request, error: Exception) -> Response:
    await _know_visitor(request)
    if isinstance(error, RateLimited):
        return error_page(request, 503, "GitHub's rate limit is reached", "Try again in a minute.")
    if isinstance(error, AppRefused):
        words = "GitHub does not accept this server's App. An admin of the server finds the reason under Server, Set-up."
        return error_page(request, 503, "GitHub rejected this server", words)
    if isinstance(error, WorldError):
        return error_page(request, 503, "GitHub did not answer", "Council needs GitHub to check what you can see. Try again in a moment.")
    if isinstance(error, Superseded | Postponed):
        return error_page(request, 409, "This can't be done now", "It changed while you waited. Reload the page and try again.")
    # What GitHub refuses or does not show a person looks like what does not exist.
    return await _hidden(request, error)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status in {404, 405}:
        return await _hidden(request, error)
    if status == HTTPStatus.UNAUTHORIZED:
        return error_page(
            request, status, "Not signed in", "Send a valid API token in the Authorization header; create one on the page /tokens."
        )
    return error_page(request, status, HTTPStatus(status).phrase, "The server could not understand this request.")


async def _ours(request: Request, error: Exception) -> Response:
    """Council's own error. It is logged; GitHub records a delivery as failed and can redeliver it."""
    # Imported here because structlog imports rich, which takes 0.15 s that answers do not need.
    import structlog

    structlog.get_logger(__name__).error("a request failed", exc_info=error)
    if request.url.path.startswith("/webhooks/"):
        return JSONResponse({"message": "an error on this server; the delivery was not recorded"}, status_code=500)
    return error_page(request, 500, "Something went wrong", "An error occurred on this server. The server's log has the details.")
