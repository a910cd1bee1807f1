"""Reads the contents of many files: batched GraphQL blob queries, and the REST API for the few that GraphQL truncates."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import Field

from app.errors import GitHubRejected, NotFound, Unavailable
from app.github.graphql_answer import GraphQLAnswer
from app.github.installation_client import GitHubModel, InstallationClient
from reviewers.context.encodings import decode

MAX_BLOBS = 150
MAX_EXPECTED_BYTES = 4_000_000
MAX_FILE_BYTES = 1_000_000
MAX_RAW = 10
UNREAD = "the content could not be read"
FORBIDDEN = "Council may not read it: it needs the permission `contents: read`"
# For a file whose bytes were not requested, because at most MAX_RAW are.
UNASKED = "binary, or text in another encoding than UTF-8"
RAW = "application/vnd.github.raw+json"


@dataclass(frozen=True)
class Wanted:
    """A file at a commit. `expected` is an estimate of its bytes, to keep a batch within GitHub's 10 s.

    `is_text` requests the bytes of files that GitHub calls binary, because UTF-16 is text too.
    """

    commit: str
    path: str
    expected: int = 8_000
    is_text: bool = False


@dataclass(frozen=True)
class Content:
    """A file exists (`text`), does not exist (no text and no reason), or could not be read (`why`).

    `is_passing` is whether another try may succeed. `is_decoded` is whether GitHub calls it binary and its bytes were decoded as text.
    """

    text: str | None
    why: str = ""
    is_passing: bool = False
    is_decoded: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether no such file exists there."""
        return self.text is None and not self.why


_PASSING = Content(None, UNREAD, is_passing=True)


class _Blob(GitHubModel):
    kind: str = Field(default="Blob", alias="__typename")
    size: int = Field(default=0, alias="byteSize")
    binary: bool | None = Field(default=False, alias="isBinary")
    cut: bool = Field(default=False, alias="isTruncated")
    text: str | None = None


class _Data(GitHubModel):
    repository: Mapping[str, _Blob | None] | None = None


async def contents(github: InstallationClient, full_name: str, wanted: Sequence[Wanted]) -> Mapping[Wanted, Content]:
    """The content of each requested file. A file whose query failed twice has a reason instead of a text."""
    answers = await asyncio.gather(*(_batch(github, full_name, batch) for batch in _batches(wanted)))
    blobs: dict[Wanted, _Blob | Content | None] = {}
    for answer in answers:
        blobs.update(answer)
    cut = [item for item, blob in blobs.items() if isinstance(blob, _Blob) and _is_worth_its_bytes(item, blob)]
    raws = dict(zip(cut[:MAX_RAW], await asyncio.gather(*(_raw(github, full_name, item) for item in cut[:MAX_RAW])), strict=True))
    unasked = {item: Content(None, UNASKED) for item in cut[MAX_RAW:] if item.is_text}
    return {item: raws.get(item) or unasked.get(item) or _content(blob) for item, blob in blobs.items()}


def _is_worth_its_bytes(item: Wanted, blob: _Blob) -> bool:
    """Whether to request a blob's bytes from the REST API: it was truncated, or it may be text that GitHub calls binary."""
    return blob.size <= MAX_FILE_BYTES and ((blob.cut and not blob.binary) or (item.is_text and bool(blob.binary)))


def _batches(wanted: Sequence[Wanted]) -> list[list[Wanted]]:
    batches: list[list[Wanted]] = []
    size = 0
    for item in dict.fromkeys(wanted):
        if not batches or len(batches[-1]) >= MAX_BLOBS or size + item.expected > MAX_EXPECTED_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(item)
        size += item.expected
    return batches


async def _batch(
    github: InstallationClient, full_name: str, batch: Sequence[Wanted], halvings: int = 2
) -> dict[Wanted, _Blob | Content | None]:
    owner, _, name = full_name.partition("/")
    aliases = {f"b{index}": item for index, item in enumerate(batch)}
    declared = "".join(f", ${alias}: String!" for alias in aliases)
    fields = " ".join(f"{alias}: object(expression: ${alias}) {{ __typename ...content }}" for alias in aliases)
    query = (
        f"query($owner: String!, $name: String!{declared}) {{ repository(owner: $owner, name: $name) {{ {fields} }} }} "
        "fragment content on Blob { byteSize isBinary isTruncated text }"
    )
    variables = {"owner": owner, "name": name, **{alias: f"{item.commit}:{item.path}" for alias, item in aliases.items()}}
    try:
        answer = await github.graphql(query, variables, _Data)
    except (Unavailable, NotFound):
        if halvings and len(batch) > 1:
            half = len(batch) // 2
            parts = [_batch(github, full_name, part, halvings - 1) for part in (batch[:half], batch[half:])]
            return {item: blob for part in await asyncio.gather(*parts) for item, blob in part.items()}
        return dict.fromkeys(batch, _PASSING)
    except GitHubRejected:
        return dict.fromkeys(batch, Content(None, FORBIDDEN))
    found = answer.data.repository or {}
    return {item: _answered(answer, found.get(alias), alias) for alias, item in aliases.items()}


def _answered(answer: GraphQLAnswer[_Data], blob: _Blob | None, alias: str) -> _Blob | Content | None:
    """A null means a missing file only if GitHub reports no error for it."""
    whole = blob is not None and (blob.kind != "Blob" or blob.text is not None or bool(blob.binary))
    problem = None if whole else answer.problem_at("repository", alias)
    if problem is None:
        return blob if answer.data.repository is not None else _PASSING
    return Content(None, FORBIDDEN) if problem.is_lasting else _PASSING


def _content(blob: _Blob | Content | None) -> Content:
    if isinstance(blob, Content):
        return blob
    if blob is None:
        return Content(None)
    if blob.kind != "Blob":
        return Content(None, "a folder" if blob.kind == "Tree" else "a submodule")
    if blob.binary:
        return Content(None, "binary")
    if blob.cut or blob.text is None or blob.size > MAX_FILE_BYTES:
        return Content(None, f"too large ({blob.size // 1000} kB)")
    return Content(blob.text.removeprefix("\ufeff"))


async def _raw(github: InstallationClient, full_name: str, item: Wanted) -> Content:
    try:
        data = await github.raw(f"/repos/{full_name}/contents/{quote(item.path)}", RAW, {"ref": item.commit})
    except (NotFound, Unavailable):
        return _PASSING
    except GitHubRejected:
        return Content(None, FORBIDDEN)
    text = decode(data)
    return Content(None, "binary") if text is None else Content(text, is_decoded=b"\0" in data[:8_000])
