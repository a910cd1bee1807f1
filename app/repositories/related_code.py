"""Finds code of unchanged files that is related to a change."""

import asyncio

from app.repositories.view import IndexedView
from reviewers.context.repository.related import RelatedSearch
from reviewers.context.snapshot import RelatedCode, Snapshot

CACHE = "symbols"


async def related_code(view: IndexedView, snapshot: Snapshot) -> tuple[RelatedCode, ...]:
    """What other files of an indexed head are related to a change."""
    search = await asyncio.to_thread(RelatedSearch, view.index, snapshot.files)
    texts = await view.texts(search.paths)
    return await asyncio.to_thread(search.related, texts)
