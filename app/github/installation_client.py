"""The client for one installation: typed reads, paged reads, GraphQL, the ends of a log, and rate-limited writes."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.errors import GitHubRejected, Unavailable
from app.github.connection import GitHubConnection, Params, RawResponse
from app.github.download_ends import DownloadEnds
from app.github.graphql_answer import GraphQLAnswer, check_limit, read_problems, tell, whole_failure
from app.github.list_cache import READ_AGAIN, InstallationLists
from reviewers.values.value import FrozenValue

READS_AT_ONCE = 6

PER_PAGE = 100
# A tree of 20,000 files, or a page of 100 files with their diffs, takes up to 0.1 s to parse.
_LARGE = 256 * 1024
_CREATED = 201


class GitHubModel(FrozenValue):
    """A tolerant model of one of GitHub's objects: only the fields that are used."""


class GitHubUser(GitHubModel):
    """A person, an organization or a bot; a deleted account has no login."""

    id: int = 0
    login: str = ""
    type: str = "User"


M = TypeVar("M", bound=BaseModel)
BeforeWrite = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Renamed:
    """A repository that is called `now`, and was called `before` when the work was requested."""

    before: str
    now: str

    def path(self, path: str) -> str:
        """A path of the REST API under the current name."""
        old = f"/repos/{self.before}"
        return f"/repos/{self.now}{path[len(old) :]}" if path == old or path.startswith(f"{old}/") else path

    def variables(self, variables: Mapping[str, str | int]) -> dict[str, str | int]:
        """The variables of a GraphQL query under the current name."""
        if f"{variables.get('owner')}/{variables.get('name')}" != self.before:
            return dict(variables)
        owner, _, name = self.now.partition("/")
        return {**variables, "owner": owner, "name": name}


@dataclass(frozen=True)
class Newest(Generic[M]):
    """The newest items of a list, oldest first, and how many are before them."""

    items: tuple[M, ...]
    earlier: int


class InstallationClient:
    """The client's methods. Paths are relative to the API's root, with a leading slash."""

    def __init__(
        self,
        wire: GitHubConnection,
        turn: Callable[[], Awaitable[None]],
        lists: InstallationLists,
        before_write: BeforeWrite | None = None,
        renamed: Renamed | None = None,
    ) -> None:
        self._wire = wire
        self._turn = turn
        self._lists = lists
        self._before_write = before_write
        self._renamed = renamed
        self._reading = asyncio.Semaphore(READS_AT_ONCE)
        self.reads = 0
        self.writes = 0

    async def get(self, path: str, model: type[M], params: Params | None = None) -> M:
        answer = await self._read("GET", path, params=params)
        if len(answer.content) > _LARGE:
            return await asyncio.to_thread(_one, model, answer.content)
        return _one(model, answer.content)

    async def pages(self, path: str, model: type[M], limit: int, params: Params | None = None, key: str = "") -> tuple[M, ...]:
        """Up to `limit` items of a paged list. `key` names the list inside an object ("check_runs")."""

        async def page(number: int) -> tuple[tuple[M, ...], str]:
            return await self._page(path, model, {**(params or {}), "per_page": min(limit, PER_PAGE), "page": number}, key)

        items, link = await page(1)
        most = -(-limit // PER_PAGE)
        if (last := _linked(link, "last", "page")).isdecimal():
            rest = await asyncio.gather(*(page(number) for number in range(2, min(int(last[:9]), most) + 1)))
            items += tuple(item for found, _ in rest for item in found)
        else:
            number = 1
            while 'rel="next"' in link and number < most:
                number += 1
                found, link = await page(number)
                items += found
        return items[:limit]

    async def newest(self, path: str, model: type[M], limit: int, params: Params | None = None) -> Newest[M]:
        """The last `limit` items of a list that GitHub returns oldest first. Reads at most two pages more than they need."""

        async def page(number: int) -> tuple[tuple[M, ...], str]:
            return await self._page(path, model, {**(params or {}), "per_page": PER_PAGE, "page": number}, "")

        first, link = await page(1)
        said = _linked(link, "last", "page")[:9]
        last = int(said) if said.isdecimal() else 1
        begin = max(2, last - -(-limit // PER_PAGE))
        rest = [items for items, _ in await asyncio.gather(*(page(number) for number in range(begin, last + 1)))]
        read = (*(first if begin == 2 else ()), *(item for items in rest for item in items))
        total = (last - 1) * PER_PAGE + len(rest[-1]) if rest else len(first)
        ms = read[-limit:]
        return Newest(ms, max(0, total - len(ms)))

    async def _page(self, path: str, model: type[M], params: Params, key: str) -> tuple[tuple[M, ...], str]:
        answer = await self._read("GET", path, params=params)
        if len(answer.content) > _LARGE:
            return await asyncio.to_thread(_many, model, answer.content, key), answer.link
        return _many(model, answer.content, key), answer.link

    async def follow(self, path: str, model: type[M], params: Params | None = None) -> AsyncIterator[tuple[M, ...]]:
        """The pages of a cursor-paged list, one after another, as long as the caller wants more."""
        asked: dict[str, str | int] = {**(params or {}), "per_page": PER_PAGE}
        while True:
            answer = await self._read("GET", path, params=asked)
            yield _many(model, answer.content, "")
            cursor = _linked(answer.link, "next", "cursor")
            if not cursor:
                return
            asked["cursor"] = cursor

    async def text(self, path: str, accept: str, params: Params | None = None) -> str:
        """A body as text, in the media type `accept`. Invalid UTF-8 becomes U+FFFD."""
        return (await self.raw(path, accept, params)).decode("utf-8", "replace")

    async def raw(self, path: str, accept: str, params: Params | None = None) -> bytes:
        """A body as bytes, in the media type `accept`."""
        return (await self._read("GET", path, params=params, accept=accept)).content

    async def graphql(self, query: str, variables: Mapping[str, str | int], model: type[M]) -> GraphQLAnswer[M]:
        """A GraphQL read: its data, and what failed in it. Raises only if all of it failed."""
        named = self._renamed.variables(variables) if self._renamed else dict(variables)
        answer = await self._read("POST", "/graphql", body={"query": query, "variables": named})
        reply = _object(answer.content)
        data, problems = reply.get("data"), read_problems(reply)
        check_limit(problems)
        if not data:
            raise whole_failure(problems)
        try:
            return GraphQLAnswer(model.model_validate(data), problems)
        except ValidationError as error:
            raise Unavailable(f"unexpected GraphQL response: {error.error_count()} errors") from error

    async def mutate(self, query: str, variables: Mapping[str, str]) -> None:
        """A GraphQL mutation, sent once. Raises Refused if GitHub rejects it."""
        answer = await self._write("POST", "/graphql", {"query": query, "variables": dict(variables)})
        problems = read_problems(_object(answer.content))
        check_limit(problems)
        if problems:
            raise GitHubRejected(tell(problems), 200)

    async def ends(self, path: str, head: int, tail: int, at_most: int = 128_000_000) -> bytes:
        """A download, whole if it fits, otherwise its first `head` and last `tail` bytes with a line between them that says so.

        Hardly more than that is held in memory. A download is aborted after `at_most` bytes.
        """
        ends = DownloadEnds(head, tail)

        def keep(chunk: bytes) -> bool:
            ends.add(chunk)
            return ends.total < at_most

        async with self._reading:
            self.reads += 1
            await self._wire.stream(self._now(path), keep)
        return await asyncio.to_thread(ends.take)

    async def post(self, path: str, body: Mapping[str, object], model: type[M]) -> M:
        return _one(model, (await self._write("POST", path, body)).content)

    async def create_once(self, path: str, body: Mapping[str, object], model: type[M]) -> tuple[M, bool]:
        """POST something that GitHub keeps once, such as a reaction. Returns whether this request created it (201) or it existed (200)."""
        answer = await self._write("POST", path, body)
        return _one(model, answer.content), answer.status == _CREATED

    async def patch(self, path: str, body: Mapping[str, object], model: type[M]) -> M:
        return _one(model, (await self._write("PATCH", path, body)).content)

    async def delete(self, path: str) -> None:
        await self._write("DELETE", path, None)

    async def _read(self, method: str, path: str, *, params: Params | None = None, body: object = None, accept: str = "") -> RawResponse:
        async with self._reading:
            self.reads += 1
            if method == "GET" and path in READ_AGAIN:
                return await self._lists.read(self._wire, path, params)
            headers = {"Accept": accept} if accept else {}
            return await self._wire.repeat(method, self._now(path), params=params, body=body, headers=headers)

    def _now(self, path: str) -> str:
        return self._renamed.path(path) if self._renamed else path

    async def _write(self, method: str, path: str, body: Mapping[str, object] | None) -> RawResponse:
        await self._turn()
        # The slot may have taken long. A worker that lost the job meanwhile must not write.
        if self._before_write is not None:
            await self._before_write()
        self.writes += 1
        return await self._wire.send(method, self._now(path), body=None if body is None else dict(body))


def _object(content: bytes) -> dict[str, object]:
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Unavailable("GitHub's response is not a JSON object")
    return value


def _linked(link: str, relation: str, parameter: str) -> str:
    """A parameter of the address that a Link header gives for this relation, or ""."""
    for part in re.split(r", ?<", link):
        address, _, words = part.partition(">")
        if f'rel="{relation}"' in words:
            return parse_qs(urlsplit(address).query).get(parameter, [""])[0]
    return ""


def _one(model: type[M], content: bytes) -> M:
    try:
        return model.model_validate_json(content or b"{}")
    except ValidationError as error:
        raise Unavailable(f"GitHub's response is not a valid {model.__name__}: {error.error_count()} errors") from error


def _many(model: type[M], content: bytes, key: str) -> tuple[M, ...]:
    try:
        listed: object = _object(content).get(key, []) if key else json.loads(content)
        return tuple(TypeAdapter(list[model]).validate_python(listed))  # type: ignore[valid-type]
    except ValueError as error:
        raise Unavailable(f"GitHub's response is not a list of {model.__name__}") from error
