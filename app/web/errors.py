"""Errors that look like pages; a stranger's guess of an address says nothing about what exists."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from app.errors import CouncilError, LimitReached, Paused, RateLimited, Unavailable, UserError
from app.secret_filter import secret_filter

# Machines ask there, and read JSON.
_MACHINES = ("/webhooks/", "/healthz", "/readyz", "/metrics", "/api/", "/mcp")


class Hidden(Exception):
    """There is no such page, or not for this person: both look alike."""


class NotSignedIn(Exception):
    """The page is for people GitHub knows."""


class NotAllowed(Exception):
    """The person may see this and not do it; the message says who may."""


class Conflict(Exception):
    """Somebody else changed it meanwhile; the message says what to do."""


def add_error_pages(app: FastAPI) -> None:
    """Answer each kind of error with a page, or with JSON where machines ask."""
    app.add_exception_handler(Hidden, _hidden)
    app.add_exception_handler(NotSignedIn, _sign_in)
    app.add_exception_handler(NotAllowed, _told(403, "You don't have permission"))
    app.add_exception_handler(Conflict, _told(409, "Changed in the meantime"))
    app.add_exception_handler(LimitReached, _told(429, "Daily limit reached"))
    app.add_exception_handler(Paused, _told(503, "Paused"))
    app.add_exception_handler(UserError, _told(422, "That didn't work"))
    app.add_exception_handler(CouncilError, _world)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _ours)


def wants_json(request: Request) -> bool:
    """Whether a machine asks."""
    return request.url.path.startswith(_MACHINES)


def error_page(request: Request, status: int, title: str, words: str) -> Response:
    """One error as a page, or as JSON for a machine; what a library said of an address with its password is not shown."""
    if desk := getattr(request.app.state, "desk", None):
        words = secret_filter(desk.settings.secrets).removed(words)
    if wants_json(request):
        return JSONResponse({"message": words}, status_code=status)
    from app.web.pages import render

    return render(request, "error.html", status=status, title=title, words=words)


async def _hidden(request: Request, _: Exception) -> Response:
    await _know_visitor(request)
    return error_page(request, 404, "Page not found", "There is no such page, or you don't have access to it.")


async def _know_visitor(request: Request) -> None:
    """Read the session, so that a page of an error has the same frame as every other."""
    if hasattr(request.app.state, "desk") and not wants_json(request):
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


async def _world(request: Request, error: Exception) -> Response:
    if isinstance(error, RateLimited):
        return error_page(request, 503, "GitHub's rate limit is reached", "GitHub's rate limit is used up. Try again in a minute.")
    if isinstance(error, Unavailable):
        return error_page(request, 503, "GitHub did not answer", "GitHub decides what you can see. Try again in a moment.")
    return await _hidden(request, error)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status in {404, 405}:
        return await _hidden(request, error)
    return error_page(request, status, HTTPStatus(status).phrase, "The server could not understand this request.")


async def _ours(request: Request, error: Exception) -> Response:
    """An error of ours: logged; GitHub records a delivery as failed, and it can be sent again."""
    # structlog brings rich along, and 0.15 s of imports that answering needs none of.
    import structlog

    structlog.get_logger(__name__).error("a request failed", exc_info=error)
    if request.url.path.startswith("/webhooks/"):
        return JSONResponse({"message": "this server failed; the delivery was not recorded"}, status_code=500)
    return error_page(request, 500, "Something went wrong here", "This server failed. Its log says what happened.")
