"""A static analyzer as a member of the council: it reports on added lines and does not vote."""

import asyncio
from collections.abc import Callable, Sequence

from reviewers.anchoring.anchor import place_line
from reviewers.context.reviewable import why_not
from reviewers.context.snapshot import ChangedFile, FileStatus, Snapshot
from reviewers.context.symbols import symbol_at
from reviewers.seats.analyzers.analyzer import Alarm, Analyzer, AnalyzerProblem
from reviewers.seats.seat import Ballot
from reviewers.seats.shared_material import SharedMaterial
from reviewers.values.brief import Brief
from reviewers.values.finding import Finding
from reviewers.values.verdict import Critique, Opinion, Outcome

_AT_ONCE = 2


class AnalyzerSeat:
    """Runs an analyzer on the head of each changed file that it supports."""

    is_model = False

    def __init__(self, analyzer: Analyzer, clock: Callable[[], float], seconds: float = 20.0, shared: SharedMaterial | None = None) -> None:
        """`turns` are the council's."""
        self.name = analyzer.name
        self.vendor = analyzer.name
        self._analyzer = analyzer
        self._clock = clock
        self._seconds = seconds
        self._shared = shared or SharedMaterial()

    async def opine(self, brief: Brief, snapshot: Snapshot) -> Opinion:
        """Findings on added lines, each at its line."""
        await self._shared.after_models()
        started = self._clock()
        async with self._shared.packing:
            files = await asyncio.to_thread(self._readable, brief, snapshot)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def read(file: ChangedFile) -> tuple[Finding, ...]:
            async with turns:
                alarms = await self._analyzer.alarms(file.path, file.head or "", self._seconds)
            return await asyncio.to_thread(self._findings, alarms, file) if alarms else ()

        ended = await asyncio.gather(*(read(file) for file in files), return_exceptions=True)
        for failure in ended:
            if isinstance(failure, BaseException) and not isinstance(failure, AnalyzerProblem):
                raise failure
        problems = [str(failure) for failure in ended if isinstance(failure, AnalyzerProblem)]
        read_by = {file.path for file, result in zip(files, ended, strict=True) if not isinstance(result, BaseException)}
        return Opinion(
            seat=self.name,
            outcome=Outcome.UNAVAILABLE if problems and not read_by else Outcome.ANSWERED,
            findings=tuple(finding for result in ended if isinstance(result, tuple) for finding in result),
            seconds=self._clock() - started,
            reason=problems[0] if problems else "",
            unseen=tuple(file.path for file in snapshot.files if file.path not in read_by),
        )

    async def critique(self, ballot: Ballot) -> Critique:
        """No votes: an analyzer judges no proposal."""
        return Critique(seat=self.name, outcome=Outcome.ABSTAINED)

    def _readable(self, brief: Brief, snapshot: Snapshot) -> list[ChangedFile]:
        return [file for file in snapshot.files if self._analyzer.reads(file.path) and file.head and _present(brief, file)]

    def _findings(self, alarms: Sequence[Alarm], file: ChangedFile) -> tuple[Finding, ...]:
        return tuple(finding for alarm in alarms if (finding := self._finding(alarm, file)))

    def _finding(self, alarm: Alarm, file: ChangedFile) -> Finding | None:
        place = place_line(file, alarm.line, alarm.end_line)
        if place is None or place.line is None:
            return None
        lines = (file.head or "").split("\n")
        return Finding(
            seat=self.name,
            title=alarm.title,
            body=alarm.body,
            severity=alarm.severity,
            category=alarm.category,
            location=place,
            quote="\n".join(lines[(place.start_line or place.line) - 1 : place.line]),
            symbol=symbol_at(file.path, file.head or "", place.start_line or place.line),
        )


def _present(brief: Brief, file: ChangedFile) -> bool:
    return file.status is not FileStatus.REMOVED and not why_not(brief, file)
