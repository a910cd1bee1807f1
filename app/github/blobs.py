"""Contents of many files at once: batched GraphQL blob queries, and the REST API for the few that GraphQL cuts off."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import Field

from app.errors import NotFound, Refused, Unavailable
from app.github.client import GitHub, Shape

MAX_BLOBS = 150
MAX_EXPECTED_BYTES = 4_000_000
MAX_FILE_BYTES = 1_000_000
MAX_RAW = 3
# Worth another try, in contrast to every other reason.
UNREAD = "its content could not be read"
RAW = "application/vnd.github.raw+json"


@dataclass(frozen=True)
class Wanted:
    """A file at a commit; `expected` is a guess of its bytes, so that a batch does not run into GitHub's 10 s."""

    commit: str
    path: str
    expected: int = 8_000


@dataclass(frozen=True)
class Content:
    """A file's text, or why there is none: "" means that the file does not exist there."""

    text: str | None
    why: str = ""


class _Blob(Shape):
    kind: str = Field(default="Blob", alias="__typename")
    size: int = Field(default=0, alias="byteSize")
    binary: bool | None = Field(default=False, alias="isBinary")
    cut: bool = Field(default=False, alias="isTruncated")
    text: str | None = None


class _Data(Shape):
    repository: Mapping[str, _Blob | None] | None = None


async def contents(github: GitHub, full_name: str, wanted: Sequence[Wanted]) -> Mapping[Wanted, Content]:
    """What each wanted file holds; a file whose query failed twice has a reason instead of a text."""
    answers = await asyncio.gather(*(_batch(github, full_name, batch) for batch in _batches(wanted)))
    blobs: dict[Wanted, _Blob | str | None] = {}
    for answer in answers:
        blobs.update(answer)
    cut = [item for item, blob in blobs.items() if isinstance(blob, _Blob) and blob.cut and not blob.binary and blob.size <= MAX_FILE_BYTES]
    raws = dict(zip(cut[:MAX_RAW], await asyncio.gather(*(_raw(github, full_name, item) for item in cut[:MAX_RAW])), strict=True))
    return {item: raws.get(item) or _content(blob) for item, blob in blobs.items()}


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


async def _batch(github: GitHub, full_name: str, batch: Sequence[Wanted], halvings: int = 2) -> dict[Wanted, _Blob | str | None]:
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
        data = await github.graphql(query, variables, _Data)
    except (Unavailable, Refused):
        if halvings and len(batch) > 1:
            half = len(batch) // 2
            parts = [_batch(github, full_name, part, halvings - 1) for part in (batch[:half], batch[half:])]
            return {item: blob for part in await asyncio.gather(*parts) for item, blob in part.items()}
        return dict.fromkeys(batch, UNREAD)
    found = data.repository or {}
    return {item: found.get(alias) for alias, item in aliases.items()}


def _content(blob: _Blob | str | None) -> Content:
    if isinstance(blob, str):
        return Content(None, blob)
    if blob is None:
        return Content(None)
    if blob.kind != "Blob":
        return Content(None, "a folder" if blob.kind == "Tree" else "a submodule")
    if blob.binary:
        return Content(None, "binary")
    if blob.cut or blob.text is None or blob.size > MAX_FILE_BYTES:
        return Content(None, f"too large ({blob.size // 1000} kB)")
    return Content(blob.text)


async def _raw(github: GitHub, full_name: str, item: Wanted) -> Content:
    try:
        text = await github.text(f"/repos/{full_name}/contents/{quote(item.path)}", RAW, {"ref": item.commit})
    except (NotFound, Unavailable, Refused):
        return Content(None, UNREAD)
    return Content(None, "binary") if "\0" in text else Content(text)
