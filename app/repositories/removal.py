"""Deletes mirrors, on request and when they expire."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.repositories.file_lock import try_lock, wait_for_lock
from app.repositories.mirror_place import MirrorPlace, places_in
from app.repositories.room import lock_of

_DAY = 24 * 3600.0


@dataclass(frozen=True)
class RepositoriesWithMirrors:
    """The ids of repositories that may have mirrors. `deleted_at` is when a person last deleted a repository's data, by its id."""

    ids: frozenset[int]
    deleted_at: Mapping[int, float]

    def allow(self, repository_id: int, last_use: float) -> bool:
        """Whether a mirror with this last use may be kept."""
        return repository_id in self.ids and last_use >= self.deleted_at.get(repository_id, 0.0)


async def forget_repositories(root: Path, repository_ids: Iterable[int]) -> None:
    """Delete the mirrors of these repositories, including those in use."""
    wanted = set(repository_ids)
    await _remove(root, [place for place in places_in(root) if place.repository_id in wanted])


async def forget_installation(root: Path, installation_id: int) -> None:
    """Delete all mirrors of an installation, including those in use."""
    await _remove(root, [place for place in places_in(root) if place.installation_id == installation_id])


async def sweep(root: Path, now: float, repositories: RepositoriesWithMirrors | None = None) -> int:
    """Delete expired mirrors, remains of crashes, and mirrors that `repositories` does not allow. Returns how many.

    Run it on every machine with mirrors, because a deletion only reaches the machine it was made on.
    """
    swept = 0
    for place in await asyncio.to_thread(lambda: list(places_in(root))):
        notes, last_use = place.notes(), place.last_use()
        if repositories and not repositories.allow(place.repository_id, last_use):
            await _remove(root, [place])
            swept += 1
        elif place.folder.exists() and (notes.ephemeral or last_use < now - notes.retention_days * _DAY):
            swept += await asyncio.to_thread(place.remove_if_unused)
        elif (lock := try_lock(place.fetching)) is not None:
            with lock:
                await asyncio.to_thread(place.remove_rests)
    return swept


async def _remove(root: Path, places: Sequence[MirrorPlace]) -> None:
    if places:
        with await wait_for_lock(lock_of(root)):
            for place in places:
                await asyncio.to_thread(place.remove_all)
