"""The title of each error page fits its reason: a table over every error that can reach a page."""

import html
import importlib
import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from app import errors
from app.web.errors import Conflict, FormRefused, Hidden, NotAllowed, NotSignedIn, add_error_pages

HIDDEN = "There is no such page, or you don't have access to it."
WORDS = "The words of the error."
# Per error: the status, the title and what the page says. "" is not a page.
TABLE: dict[Exception, tuple[int, str, str]] = {
    Hidden(): (404, "Page not found", HIDDEN),
    NotSignedIn(): (303, "", ""),
    NotAllowed(WORDS): (403, "You don't have permission", WORDS),
    FormRefused(413, "The form is too large", WORDS): (413, "The form is too large", WORDS),
    Conflict(WORDS): (409, "This can't be done now", WORDS),
    errors.UserError(WORDS): (422, "That didn't work", WORDS),
    errors.SettingsError(WORDS): (422, "That didn't work", WORDS),
    errors.LimitReached(WORDS): (429, "Daily limit reached", WORDS),
    errors.UnreadableSettings(WORDS): (409, "The settings could not be read", WORDS),
    errors.Paused(): (503, "Paused", "Council is paused on this server"),
    errors.WorldError(WORDS): (503, "GitHub did not answer", "Try again in a moment."),
    errors.Unavailable(WORDS): (503, "GitHub did not answer", "Try again in a moment."),
    errors.DraftPending(): (503, "GitHub did not answer", "Try again in a moment."),
    errors.RateLimited(WORDS): (503, "GitHub's rate limit is reached", "Try again in a minute."),
    errors.AppRefused("401"): (503, "GitHub rejected this server", "An admin of the server finds the reason"),
    errors.Suspended(WORDS): (404, "Page not found", HIDDEN),
    errors.NotFound(WORDS): (404, "Page not found", HIDDEN),
    errors.GitHubRejected(WORDS, 403): (404, "Page not found", HIDDEN),
    errors.Postponed(WORDS): (409, "This can't be done now", "Reload the page"),
    errors.Superseded(WORDS): (409, "This can't be done now", "Reload the page"),
    errors.Locked(): (409, "This can't be done now", "Reload the page"),
    ZeroDivisionError(WORDS): (500, "Something went wrong", "The server's log has the details."),
}


def _kinds(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def test_every_kind_of_error_is_in_the_table() -> None:
    """The other errors of modules are kinds of these, with the same page."""
    own = {kind for kind in _kinds(errors.CouncilError) if kind.__module__ == errors.__name__}
    pages = {Hidden, NotSignedIn, NotAllowed, FormRefused, Conflict}
    assert own - {errors.CouncilError} | pages == {type(error) for error in TABLE} - {ZeroDivisionError}
    module = importlib.import_module("app.web.errors")
    assert pages == {each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__}


@pytest.mark.parametrize("error", TABLE, ids=lambda error: type(error).__name__)
async def test_the_title_fits_the_reason(error: Exception) -> None:
    status, title, words = TABLE[error]
    application = FastAPI()
    add_error_pages(application)

    @application.get("/page")
    async def page() -> None:
        raise error

    transport = httpx.ASGITransport(app=application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://council") as client:
        answer = await client.get("/page")
    assert answer.status_code == status
    if not title:
        return
    shown = html.unescape(answer.text)
    assert re.findall(r"<h1>(.*?)</h1>", shown) == [title]
    assert re.findall(r"<title>(.*?) · Council</title>", shown) == [title]
    assert words in shown
    # A title about rights is only for what a right is missing for.
    assert (title == "You don't have permission") == isinstance(error, NotAllowed)


@pytest.mark.parametrize("error", TABLE, ids=lambda error: type(error).__name__)
async def test_a_program_gets_the_same_status_and_words(error: Exception) -> None:
    status, title, words = TABLE[error]
    application = FastAPI()
    add_error_pages(application)

    @application.get("/api/v1/page")
    async def page() -> None:
        raise error

    transport = httpx.ASGITransport(app=application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://council") as client:
        answer = await client.get("/api/v1/page")
    assert answer.status_code == (status if title else 401)
    assert words in answer.json()["message"]
