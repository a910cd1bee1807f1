"""Finds the code of unchanged files that has to do with a change."""

import asyncio

from app.repositories.view import IndexedView
from reviewers.context.repository.related import RelatedSearch
from reviewers.context.snapshot import RelatedCode, Snapshot

CACHE = "symbols"


async def related_code(view: IndexedView, snapshot: Snapshot) -> tuple[RelatedCode, ...]:
    """What other files of an indexed head have to do with a change."""
    search = await asyncio.to_thread(RelatedSearch, view.index, snapshot.files)
    texts = await view.texts(search.paths)
    return await asyncio.to_thread(search.related, texts)
