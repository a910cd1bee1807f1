"""Adds to a snapshot the code of unchanged files that has to do with its change, within a time that the settings bound."""

import asyncio
from typing import NamedTuple

from app.errors import UserError
from app.git.reader import Reader
from app.repositories.view import IndexedView, open_view
from app.settings import Settings
from reviewers.context.redaction import redact
from reviewers.context.repository.related import RelatedSearch
from reviewers.context.snapshot import RelatedCode, Snapshot

CACHE = "symbols"


class FoundCode(NamedTuple):
    """The related code, and "" or why there is none."""

    code: tuple[RelatedCode, ...]
    problem: str


async def find_related(reader: Reader, snapshot: Snapshot, settings: Settings) -> FoundCode:
    """Index the head and choose what to show of it; a review goes on without where that takes too long or cannot be done."""
    if settings.repository_seconds == 0:
        return FoundCode((), "")
    try:
        async with asyncio.timeout(settings.repository_seconds):
            view = await open_view(reader, snapshot.head_sha, settings.data / CACHE)
            return FoundCode(await related_code(view, snapshot), "")
    except TimeoutError:
        seconds = settings.repository_seconds
        return FoundCode(
            (), f"the repository was not indexed within {seconds} s, so no code of unchanged files is shown; the next try is faster"
        )
    except UserError as error:
        return FoundCode((), f"no code of unchanged files is shown: {error}")


async def related_code(view: IndexedView, snapshot: Snapshot) -> tuple[RelatedCode, ...]:
    """What other files of an indexed head have to do with a change, masked."""
    search = await asyncio.to_thread(RelatedSearch, view.index, snapshot.files)
    texts = await view.texts(search.paths)
    found = await asyncio.to_thread(search.related, texts)
    return redact(snapshot.model_copy(update={"related": found, "files": ()})).related
