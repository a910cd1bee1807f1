"""Fetches the commits that a mirror lacks: one fetch at a time per mirror, within the caps of the repository and the server."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import structlog

from app.errors import CouncilError
from app.git.fetching import FetchFailed, FetchLimits, FetchTooLarge
from app.repositories import refusals
from app.repositories.file_lock import FileLock, try_lock, wait_for_lock
from app.repositories.mirror_place import MirrorNotes, MirrorPlace
from app.repositories.mirror_request import MirrorOptions, MirrorRequest, RemoteAccess
from app.repositories.refusals import NoMirror
from app.repositories.room import lock_of, make_room
from app.repositories.staging import BrokenFetch, Staging, is_whole

log = structlog.get_logger(__name__)

# With more packs every object access takes longer: such a mirror is fetched from the beginning.
_MOST_PACKS = 40
_MEGABYTE = 1_000_000


class MirrorFetcher:
    """Fetches for all mirrors below one folder."""

    def __init__(self, root: Path, access: RemoteAccess, options: MirrorOptions, clock: Callable[[], float]) -> None:
        self._root = root
        self._access = access
        self._options = options
        self._clock = clock

    def place_of(self, request: MirrorRequest) -> MirrorPlace:
        """The path of the requested mirror."""
        return MirrorPlace(self._root, request.repository.installation_id, request.repository.repository_id)

    async def fetch(self, request: MirrorRequest) -> NoMirror | None:
        """Fetch what is missing, or return the reason. None if the mirror has it now. Raises only if cancelled."""
        place, started = self.place_of(request), time.monotonic()
        try:
            with await wait_for_lock(place.fetching) as lock:
                if problem := self._refusal(place, request):
                    return problem
                if all(place.has(sha) for sha in request.commits.shas):
                    return None
                try:
                    problem = await self._bring(place, request, lock)
                except (CouncilError, OSError) as error:
                    if not lock.is_current():
                        # Deleted meanwhile, and its staging directory with it.
                        return refusals.STOPPED
                    problem = refusals.reason_of(error)
                    log.info("mirror not fetched", error=str(error), words=error.words if isinstance(error, FetchFailed) else "")
                    await self._note_failure(place, request, error)
        except OSError as error:
            problem = refusals.reason_of(error)
        except Exception as error:
            log.error("a mirror could not be fetched", exc_info=error)
            problem = NoMirror(f"an error in Council ({type(error).__name__})")
        seconds = round(time.monotonic() - started, 2)
        log.info("mirror fetched", repository=request.repository.repository_id, seconds=seconds, problem=problem.reason if problem else "")
        return problem

    def _refusal(self, place: MirrorPlace, request: MirrorRequest) -> NoMirror | None:
        """How an earlier fetch failed, if another one would fail in the same way."""
        notes = place.notes()
        is_recent = self._clock() < notes.refused_until and notes.max_mb == self._cap(request)
        return NoMirror(notes.refusal) if notes.refusal and is_recent else None

    async def _bring(self, place: MirrorPlace, request: MirrorRequest, held: FileLock) -> NoMirror | None:
        """Fetch into a staging directory, make room, and install it."""
        await asyncio.to_thread(place.remove_rests)
        most, size = self._cap(request) * _MEGABYTE, await asyncio.to_thread(place.size)
        whole = not size or await is_whole(place)
        using = try_lock(place.use) if not whole or (size and self._is_worn(place, size, most)) else None
        fresh = not size or using is not None
        if not whole and not fresh:
            raise BrokenFetch("the mirror is damaged and in use")
        try:
            staging = Staging(place, place.new_folder(), fresh)
            staging.prepare()
            limits = FetchLimits(self._options.fetch_seconds, most if fresh else max(most - size, 0))
            async with self._access(request.repository) as remote:
                await staging.fetch(remote, request.commits, limits)
            arrived = await asyncio.to_thread(staging.size)
            if arrived > limits.bytes:
                # It arrived faster than its size was checked.
                raise FetchTooLarge(f"fetching brought more than {limits.bytes / 1e6:.0f} MB")
            with await wait_for_lock(lock_of(self._root)):
                needed = arrived + (0 if fresh else size)
                if not held.is_current():
                    # The repository was deleted meanwhile.
                    return refusals.STOPPED
                if not await asyncio.to_thread(make_room, self._root, place, needed, self._options.most_mb * _MEGABYTE):
                    return refusals.NO_ROOM
                place.write_notes(MirrorNotes(request.rules.retention_days, request.rules.ephemeral))
                await asyncio.to_thread(staging.install, request.commits)
            return None
        finally:
            if using is not None:
                using.release()
            await asyncio.to_thread(place.remove_rests)

    async def _note_failure(self, place: MirrorPlace, request: MirrorRequest, error: CouncilError | OSError) -> None:
        """Record a failure that would occur again. Existing content that may be the cause is deleted, unless it is being read."""
        if place.folder.exists() and (isinstance(error, FetchTooLarge) or refusals.is_damage(error)):
            if (using := try_lock(place.use)) is not None:
                with using:
                    await asyncio.to_thread(place.remove)
        elif seconds := refusals.seconds_refused(error):
            until, reason = self._clock() + seconds, refusals.reason_of(error).reason
            place.write_notes(replace(place.notes(), refusal=reason, refused_until=until, max_mb=self._cap(request)))

    def _cap(self, request: MirrorRequest) -> int:
        return min(request.rules.max_mb, self._options.most_mb)

    def _is_worn(self, place: MirrorPlace, size: int, most: int) -> bool:
        packs = len(list((place.folder / "objects/pack").glob("*.pack")))
        return packs > _MOST_PACKS or (packs > 1 and size > most * 0.8)
