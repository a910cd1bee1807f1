"""Queries on the findings and votes of a run, and on what was already posted on a pull request."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.reviews.runs import SHOWN, Run
from app.store.reviews.transcripts import Transcripts, transcripts_of
from app.store.tables.core import FindingRow, RunRow, VoteRow
from reviewers.values.finding import Severity
from reviewers.values.verdict import ProposalStanding, RankedFinding, Verdict

_FINDING, _RUN = sql_table(FindingRow), sql_table(RunRow)


async def store_findings(connection: AsyncConnection, run: Run, verdict: Verdict) -> None:
    """Store the ranked findings and their votes. A second call changes nothing."""
    if not verdict.ranked:
        return
    door = transcripts_of(connection)
    rows = [_finding_values(door, run, ranked) for ranked in verdict.ranked]
    await connection.execute(insert_or(FindingRow, connection.dialect.name).on_conflict_do_nothing(), rows)
    votes = [
        {
            "run_id": run.id,
            "short_id": ranked.short_id,
            "seat": vote.seat,
            "stance": vote.stance,
            "evidence": door.kept(run.id, "evidence", vote.evidence, sealed=run.sealed),
        }
        for ranked in verdict.ranked
        for vote in ranked.votes
    ]
    if votes:
        await connection.execute(insert_or(VoteRow, connection.dialect.name).on_conflict_do_nothing(), votes)


def _finding_values(door: Transcripts, run: Run, ranked: RankedFinding) -> dict[str, object]:
    return {
        "run_id": run.id,
        "short_id": ranked.short_id,
        "repository_id": run.repository.id,
        "number": run.number,
        "fingerprint": ranked.fingerprint,
        "standing": ranked.standing,
        "severity": ranked.finding.severity,
        "category": ranked.finding.category,
        "path": ranked.finding.location.path or "",
        "line": ranked.finding.location.line,
        "title": door.kept(run.id, "title", ranked.finding.title, sealed=run.sealed),
        "confidence": ranked.confidence,
        "raised_by": ",".join(ranked.raised_by),
        "score": ranked.score,
        "inline": False,
    }


async def posted_inline_before(connection: AsyncConnection, run: Run) -> frozenset[str]:
    """Fingerprints that earlier runs posted inline on this pull request."""
    query = select(_FINDING.c.fingerprint).where(
        _FINDING.c.repository_id == run.repository.id,
        _FINDING.c.number == run.number,
        _FINDING.c.run_id != run.id,
        _FINDING.c.inline.is_(True),
    )
    return frozenset(row.fingerprint for row in await connection.execute(query))


async def known_criticals(connection: AsyncConnection, run: Run) -> frozenset[str]:
    """Fingerprints of the critical findings to fix that earlier runs of this pull request published."""
    mine = (_FINDING.c.repository_id == run.repository.id, _FINDING.c.number == run.number, _FINDING.c.run_id != run.id)
    critical = (
        _FINDING.c.severity == Severity.CRITICAL,
        _FINDING.c.standing.in_([ProposalStanding.RECOMMENDED, ProposalStanding.UNCONFIRMED]),
    )
    shown = select(_RUN.c.id).where(_RUN.c.repository_id == run.repository.id, _RUN.c.number == run.number, _RUN.c.state.in_(SHOWN))
    rows = await connection.execute(select(_FINDING.c.fingerprint).where(*mine, *critical, _FINDING.c.run_id.in_(shown)))
    return frozenset(row.fingerprint for row in rows)


async def inline_fingerprints(connection: AsyncConnection, run: Run) -> frozenset[str]:
    """Fingerprints of the inline comments on this pull request, whichever run posted them."""
    query = select(_FINDING.c.fingerprint).where(
        _FINDING.c.repository_id == run.repository.id, _FINDING.c.number == run.number, _FINDING.c.inline.is_(True)
    )
    return frozenset(row.fingerprint for row in await connection.execute(query))


async def note_inline(connection: AsyncConnection, run_id: str, fingerprints: frozenset[str]) -> None:
    """Record which findings of a run are posted inline."""
    if fingerprints:
        where = (_FINDING.c.run_id == run_id, _FINDING.c.fingerprint.in_(fingerprints))
        await connection.execute(update(_FINDING).where(*where).values(inline=True))
