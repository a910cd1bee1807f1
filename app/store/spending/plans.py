"""Queries on plans: what an account may request in a month, and what it has requested."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.spending.daily_spending import by_model
from app.store.spending.daily_work import UNCOUNTED, work_since
from app.store.tables.access import PlanRow
from app.store.tables.consultations import ConsultationRow
from app.store.tables.core import InstallationRow, RepositoryRow, RunRow

_PLAN, _INSTALLATION, _REPOSITORY, _RUN = (sql_table(row) for row in (PlanRow, InstallationRow, RepositoryRow, RunRow))
_CONSULTATION = sql_table(ConsultationRow)
# Requests per month, reviews and questions alike.
PLANS = {"free": 50, "pro": 1_000, "team": 5_000}


@dataclass(frozen=True)
class AccountPlan:
    """The plan of an account. `most` is None without a limit. Accounts that never bought anything have none: the server is theirs."""

    name: str = "self-hosted"
    most: int | None = None


@dataclass(frozen=True)
class PlanUse:
    """One month's reviews, questions and US dollars."""

    reviews: int
    questions: int
    usd: float

    @property
    def consultations(self) -> int:
        return self.reviews + self.questions


async def change_plan(connection: AsyncConnection, account: str, name: str, at: float) -> None:
    """Record a plan, unless a later change is recorded. An unknown plan, or none, is the free one."""
    key = name.strip().lower()
    values = {"account": account.lower(), "name": key if key in PLANS else "free", "changed_at": at}
    statement = insert_or(PlanRow, connection.dialect.name).values(values)
    later = {"name": statement.excluded.name, "changed_at": statement.excluded.changed_at}
    newer = statement.excluded.changed_at >= _PLAN.c.changed_at
    await connection.execute(statement.on_conflict_do_update(index_elements=["account"], set_=later, where=newer))


async def plan_of(connection: AsyncConnection, installation_id: int) -> AccountPlan:
    """The plan of an installation's account."""
    account = func.lower(_INSTALLATION.c.account)
    query = select(_PLAN.c.name).join(_INSTALLATION, account == _PLAN.c.account).where(_INSTALLATION.c.id == installation_id)
    name = (await connection.execute(query)).scalar()
    return AccountPlan(name, PLANS[name]) if name in PLANS else AccountPlan()


async def count_used(connection: AsyncConnection, installation_id: int, since: float, besides: str = "") -> PlanUse:
    """What an installation requested since a time, without the run or consultation with the id `besides`.

    An outdated or cancelled review does not count.
    """
    mine = select(_REPOSITORY.c.id).where(_REPOSITORY.c.installation_id == installation_id)
    runs = (_RUN.c.repository_id.in_(mine), _RUN.c.created_at >= since, _RUN.c.state.not_in(UNCOUNTED), _RUN.c.id != besides)
    asked = (_CONSULTATION.c.repository_id.in_(mine), _CONSULTATION.c.created_at >= since, _CONSULTATION.c.id != besides)
    return PlanUse(
        reviews=int((await connection.execute(select(func.count()).select_from(_RUN).where(*runs))).scalar_one()),
        questions=int((await connection.execute(select(func.count()).select_from(_CONSULTATION).where(*asked))).scalar_one()),
        usd=sum(each.usd for each in await by_model(connection, since, mine)),
    )


async def used_by_day(connection: AsyncConnection, installation_id: int, since: float, now: float) -> PlanUse:
    """The same from the counts of days, for a page. A run that was cancelled after its day was counted stays counted."""
    mine = select(_REPOSITORY.c.id).where(_REPOSITORY.c.installation_id == installation_id)
    work = await work_since(connection, since, now, list((await connection.execute(mine)).scalars()))
    usd = sum(each.usd for each in await by_model(connection, since, mine))
    return PlanUse(sum(each.reviews for each in work), sum(each.questions for each in work), usd)
