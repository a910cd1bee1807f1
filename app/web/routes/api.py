"""The HTTP API under /api/v1. A personal token gives access to one repository: its runs, reviews, questions and search."""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from app.requests.questions import LONGEST
from app.requests.token_repository import TokenRepository
from app.store.reviews import run_list
from app.store.reviews.run_list import Filter
from app.store.security.api_tokens import Token
from app.web.api_examples import EXAMPLES
from app.web.errors import Hidden
from app.web.pages import render
from app.web.security import own_origin
from app.web.sessions import desk_of, session_of

if TYPE_CHECKING:
    from app.authorization.api_tokens import Tokens

router = APIRouter(prefix="/api/v1")
_bearer = HTTPBearer(auto_error=False, description="An API token, created on the page /tokens")
_WORDS = r"^[^\x00]*$"


async def _holder(request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Token:
    tokens: Tokens = desk_of(request).tokens
    token = await tokens.holder(sent.credentials) if sent else None
    if token is None:
        raise HTTPException(401, headers={"www-authenticate": "Bearer"})
    return token


Holder = Annotated[Token, Depends(_holder)]


class Problem(BaseModel):
    """An error, in one line."""

    message: str


class RunResponse(BaseModel):
    """A run. `usd` is its cost so far; times are seconds since the epoch."""

    id: str
    number: int
    head_sha: str
    title: str
    author: str
    cause: str
    state: str
    reason: str
    headline: str
    created_at: float
    updated_at: float
    usd: float


class Runs(BaseModel):
    """A page of runs. `following` is the `before` of the next page, "" on the last page."""

    runs: list[RunResponse]
    following: str


class RunInFull(BaseModel):
    """A run with its verdict. `verdict` is null before there is one and after its retention time."""

    run: RunResponse
    verdict: dict[str, Any] | None


class AskForReview(BaseModel):
    """Review the current head of a pull request."""

    number: int = Field(ge=1, le=2_147_483_647)


class AskCouncil(BaseModel):
    """Ask a question. `follows` is the id of an earlier consultation to continue."""

    question: str = Field(min_length=1, max_length=LONGEST, pattern=r"\S")
    specialist: str = "ask"
    follows: str = Field("", max_length=100, pattern=_WORDS)


class Accepted(BaseModel):
    """The request was accepted. `id` is the job's id for a review, the consultation's id for a question."""

    id: str


class ConsultationResponse(BaseModel):
    """A consultation. `advice` is null until it is answered and after its retention time."""

    id: str
    state: str
    question: str
    title: str
    summary: str
    advice: dict[str, Any] | None


class Found(BaseModel):
    """An earlier answer that matches the search. `likeness` is between 0 and 1."""

    id: str
    question: str
    title: str
    summary: str
    url: str
    likeness: float


class SearchResult(BaseModel):
    """The matches: runs, newest first, and consultations, best match first."""

    runs: list[RunResponse]
    consultations: list[Found]


_ERRORS: dict[int | str, dict[str, Any]] = {code: {"model": Problem} for code in (401, 404, 422, 429, 503)}


def _run(line: run_list.RunSummary) -> RunResponse:
    return RunResponse(**{name: getattr(line, name) for name in RunResponse.model_fields if name != "state"}, state=line.state.value)


@router.get("/runs", responses=_ERRORS)
async def runs(
    request: Request,
    token: Holder,
    state: Annotated[str, Query(max_length=40, pattern=_WORDS)] = "",
    author: Annotated[str, Query(max_length=100, pattern=_WORDS)] = "",
    before: Annotated[str, Query(max_length=100, pattern=_WORDS)] = "",
) -> Runs:
    """List runs, newest first, 50 per page."""
    at, _, name = before.partition(":")
    try:
        place = (float(at), name) if name else None
    except ValueError:
        place = None
    async with desk_of(request).database.read() as connection:
        page = await run_list.page(connection, [token.repository_id], Filter(state=state, author=author, before=place))
    following = f"{page.following[0]!r}:{page.following[1]}" if page.following else ""
    return Runs(runs=[_run(line) for line in page.lines], following=following)


@router.get("/runs/{run_id}", responses=_ERRORS)
async def run(request: Request, token: Holder, run_id: str) -> RunInFull:
    """Get a run with its verdict."""
    import json

    if (found := await TokenRepository(desk_of(request), token).run(run_id)) is None:
        raise Hidden
    facts, line = found
    return RunInFull(run=_run(line), verdict=json.loads(facts.verdict) if facts.verdict else None)


@router.post("/reviews", status_code=202, responses=_ERRORS)
async def review(request: Request, token: Holder, asked: AskForReview) -> Accepted:
    """Start a review of a pull request's current head."""
    return Accepted(id=await TokenRepository(desk_of(request), token).review(asked.number))


@router.post("/consultations", status_code=202, responses=_ERRORS)
async def consult(request: Request, token: Holder, asked: AskCouncil) -> Accepted:
    """Ask the council about the repository."""
    made = await TokenRepository(desk_of(request), token).ask(asked.question, asked.specialist, asked.follows)
    if made is None:
        raise Hidden
    return Accepted(id=made)


@router.get("/consultations/{consultation_id}", responses=_ERRORS)
async def consultation(request: Request, token: Holder, consultation_id: str) -> ConsultationResponse:
    """Get a consultation, answered or not."""
    import json

    found = await TokenRepository(desk_of(request), token).consultation(consultation_id)
    if found is None:
        raise Hidden
    return ConsultationResponse(
        id=found.id,
        state=found.state.value,
        question=found.question,
        title=found.title,
        summary=found.summary,
        advice=json.loads(found.advice) if found.advice else None,
    )


@router.get("/search", responses=_ERRORS)
async def search(request: Request, token: Holder, q: Annotated[str, Query(min_length=1, max_length=500, pattern=_WORDS)]) -> SearchResult:
    """Search runs and consultations."""
    lines, found = await TokenRepository(desk_of(request), token).search(q)
    names = Found.model_fields
    return SearchResult(
        runs=[_run(line) for line in lines],
        consultations=[Found(**{name: getattr(recalled, name) for name in names}) for recalled in found],
    )


@cache
def describe_api() -> dict[str, Any]:
    """The API's OpenAPI description."""
    app = FastAPI()
    app.include_router(router)
    found = get_openapi(
        title="Council", version="1", routes=app.routes, description="Runs, reviews, questions and search of one repository."
    )
    for name, example in EXAMPLES.items():
        found["components"]["schemas"][name]["example"] = example
    return found


@router.get("/openapi.json", include_in_schema=False)
async def openapi() -> dict[str, Any]:
    """The OpenAPI description as JSON."""
    return describe_api()


@router.get("", include_in_schema=False)
async def page(request: Request) -> Response:
    """The API page."""
    from app.web.views.api_reference import describe_operations, describe_types

    # The page's frame shows the menu only to signed-in visitors.
    await session_of(request)
    origin, schema = own_origin(desk_of(request).settings, request.scope), describe_api()
    return render(request, "api.html", operations=describe_operations(schema, origin), types=describe_types(schema))
