"""Queries on what suggests a rule for a repository: people's decisions about findings, and what was done with earlier suggestions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.reviews.transcripts import LOST, transcripts_of
from app.store.tables.core import FindingRow, RunRow
from app.store.tables.decisions import DispositionRow, OutcomeRow, SuggestedRuleRow
from reviewers.learning.feedback import Decision, Source
from reviewers.learning.suggested_rules import DecidedFinding
from reviewers.values.finding import Category

_RULE, _OUTCOME, _DISPOSITION = (sql_table(row) for row in (SuggestedRuleRow, OutcomeRow, DispositionRow))
_FINDING, _RUN = sql_table(FindingRow), sql_table(RunRow)
# Decisions of people with write access, the strongest first. A push and a resolved thread are not among them: the author of a pull request
# makes those, who may be a stranger.
_SOURCES = (Source.DISMISSED, Source.SAID, Source.THUMBS)
# Dictionaries, because a page reads thousands of these and an enumeration finds its member ten times slower.
_RANKS = {source.value: rank for rank, source in enumerate(_SOURCES)}
_CATEGORIES = {category.value: category for category in Category}
_DAYS = 180 * 24 * 3600.0
# A page that reads 2,000 takes twice as long, 30 ms.
_MOST = 1_000
_AT_ONCE = 500


class RuleState(StrEnum):
    """What a person did with a suggested rule."""

    OPENED = "opened"
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class RuleDecision:
    """A suggested rule that a person opened as a pull request or dismissed. `evidence` are the ids of its findings."""

    key: str
    state: RuleState
    login: str
    evidence: tuple[str, ...]
    at: float


@dataclass(frozen=True)
class FindingLink:
    """Where a finding is shown: its newest run, and its title there."""

    run_id: str
    short_id: str
    title: str


async def list_decided(connection: AsyncConnection, repository_id: int, now: float) -> tuple[DecidedFinding, ...]:
    """The findings that people with write access dismissed or confirmed in the last 180 days, the newest 1,000 decisions.

    Older decisions are about code that has changed since.
    """
    same = and_(
        _DISPOSITION.c.repository_id == _OUTCOME.c.repository_id,
        _DISPOSITION.c.number == _OUTCOME.c.number,
        _DISPOSITION.c.fingerprint == _OUTCOME.c.fingerprint,
        _DISPOSITION.c.kind == Decision.DISMISSED,
    )
    names = ("number", "fingerprint", "source", "right", "category", "path", "at")
    query = select(*(_OUTCOME.c[name] for name in names), _DISPOSITION.c.login).join(_DISPOSITION, same, isouter=True)
    mine = (
        _OUTCOME.c.repository_id == repository_id,
        _OUTCOME.c.source.in_(_SOURCES),
        _OUTCOME.c.category.in_(list(Category)),
        _OUTCOME.c.at >= now - _DAYS,
    )
    decided: dict[tuple[int, str], Any] = {}
    for row in await connection.execute(query.where(*mine).order_by(_OUTCOME.c.at.desc()).limit(_MOST)):
        strongest = decided.setdefault((row.number, row.fingerprint), row)
        if _RANKS[row.source] < _RANKS[strongest.source]:
            decided[row.number, row.fingerprint] = row
    return tuple(
        DecidedFinding(
            number=row.number,
            fingerprint=row.fingerprint,
            category=_CATEGORIES[row.category],
            path=row.path,
            confirmed=row.right,
            login=(row.login or "") if row.source == Source.DISMISSED else "",
            at=row.at,
        )
        for row in decided.values()
    )


async def find_links(connection: AsyncConnection, repository_id: int, findings: Sequence[DecidedFinding]) -> Mapping[str, FindingLink]:
    """Where these findings are shown, by their ids. A finding whose runs are deleted is missing."""
    door, links, wanted = transcripts_of(connection), {}, {finding.id for finding in findings}
    ordered = sorted(findings, key=lambda finding: finding.number)
    for first in range(0, len(ordered), _AT_ONCE):
        some = ordered[first : first + _AT_ONCE]
        # By number, because the index has it. By fingerprint alone, all findings of the repository are read.
        mine = (
            _FINDING.c.repository_id == repository_id,
            _FINDING.c.number.in_(sorted({finding.number for finding in some})),
            _FINDING.c.fingerprint.in_(sorted({finding.fingerprint for finding in some})),
        )
        query = (
            select(_FINDING.c.number, _FINDING.c.fingerprint, _FINDING.c.run_id, _FINDING.c.short_id, _FINDING.c.title)
            .join(_RUN, _RUN.c.id == _FINDING.c.run_id)
            .where(*mine)
            .order_by(_RUN.c.created_at)
        )
        for row in await connection.execute(query):
            if (name := f"{row.number}:{row.fingerprint}") in wanted:
                links[name] = FindingLink(row.run_id, row.short_id, door.texts(row.run_id, title=row.title)["title"] or LOST)
    return links


async def list_rule_decisions(connection: AsyncConnection, repository_id: int) -> tuple[RuleDecision, ...]:
    """What people did with suggested rules, the latest first."""
    query = select(_RULE).where(_RULE.c.repository_id == repository_id).order_by(_RULE.c.at.desc(), _RULE.c.key)
    return tuple(
        RuleDecision(row.key, RuleState(row.state), row.login, tuple(json.loads(row.evidence)), row.at)
        for row in await connection.execute(query)
    )


async def save_rule_decision(connection: AsyncConnection, repository_id: int, decision: RuleDecision) -> bool:
    """Record a decision together with the evidence of earlier ones about the same rule.

    Returns False, and changes nothing, if an earlier decision has all of the evidence already: somebody else was faster.
    """
    mine = (_RULE.c.repository_id == repository_id, _RULE.c.key == decision.key)
    # On PostgreSQL two first decisions about a rule find no row to lock, so one of them waits at the insert.
    blank = {"repository_id": repository_id, "key": decision.key, "state": decision.state, "login": "", "evidence": "[]", "at": 0.0}
    await connection.execute(insert_or(SuggestedRuleRow, connection.dialect.name).values(blank).on_conflict_do_nothing())
    earlier = json.loads((await connection.execute(select(_RULE.c.evidence).where(*mine).with_for_update())).scalar_one())
    if set(decision.evidence) <= set(earlier):
        return False
    evidence = json.dumps(sorted({*earlier, *decision.evidence}))
    values = {"state": decision.state, "login": decision.login, "evidence": evidence, "at": decision.at}
    await connection.execute(_RULE.update().where(*mine).values(**values))
    return True


async def withdraw_rule_decision(connection: AsyncConnection, repository_id: int, key: str) -> bool:
    """Delete a decision, so that its evidence counts again. Returns False if there is none."""
    mine = (_RULE.c.repository_id == repository_id, _RULE.c.key == key)
    known = (await connection.execute(select(func.count()).select_from(_RULE).where(*mine))).scalar_one()
    await connection.execute(delete(_RULE).where(*mine))
    return bool(known)
