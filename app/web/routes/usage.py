"""The Usage page: reviews, questions and costs per account and month, with caps and plan."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from app.authorization.plan_quota import month_of, used_up_line
from app.configuration.settings_layers import month_caps
from app.github.permissions import Permission
from app.github.users import SeenRepository
from app.operations.instance_status import read_status
from app.services.web import WebServices
from app.store.spending import plans
from app.store.spending.daily_spending import Spending, spending_since
from app.web.errors import Hidden
from app.web.pages import render
from app.web.viewer import SignedIn
from app.web.views.csv_table import MEDIA_TYPE, name_file, to_csv
from app.web.views.home import Money
from app.web.views.usage import UsageAccount, list_tables, months_before, project, sum_months

router = APIRouter()
_MONTHS = 6


@router.get("/usage")
async def usage(request: Request, viewer: SignedIn) -> Response:
    """One box per account in which the person has write access."""
    now, services = viewer.services.clock(), viewer.services
    writable = [repository for repository in await viewer.repositories() if repository.permission >= Permission.WRITE]
    accounts = await _accounts(services, writable, now)
    async with services.database.read() as connection:
        server = await read_status(connection, services.settings, now)
    facts: dict[str, Any] = {
        "accounts": sorted(accounts, key=lambda each: each.name.lower()),
        "month": f"{month_of(now):%B %Y}",
        "plans": plans.PLANS if any(account.plan.most is not None for account in accounts) else {},
        "instance": Money(server.spent.month, server.caps.month),
    }
    return render(request, "usage.html", server=server, spent=server.line(now), **facts)


@router.get("/usage/{sums}.csv")
async def usage_as_csv(viewer: SignedIn, sums: str) -> Response:
    """One table of all accounts as CSV."""
    now, services = viewer.services.clock(), viewer.services
    accounts = await _accounts(
        services, [repository for repository in await viewer.repositories() if repository.permission >= Permission.WRITE], now
    )
    tables = list_tables(sorted(accounts, key=lambda each: each.name.lower()))
    if sums not in tables:
        raise Hidden
    return Response(to_csv(tables[sums]), media_type=MEDIA_TYPE, headers=name_file(f"usage-{sums}"))


async def _accounts(services: WebServices, repositories: list[SeenRepository], now: float) -> list[UsageAccount]:
    """The usage of all accounts. Costs come from one query for all; plan counts are per account."""
    since = months_before(now, _MONTHS)[-1].timestamp()
    by_account: dict[int, list[SeenRepository]] = {}
    for repository in repositories:
        by_account.setdefault(repository.installation_id, []).append(repository)
    async with services.database.read() as connection:
        caps = await month_caps(connection, services.settings.caps, {each.id: each.installation_id for each in repositories})
        spending = await spending_since(connection, since, [each.id for each in repositories]) if repositories else []
        used = {each: await _month(connection, each, now) for each in by_account}
    accounts = []
    for installation_id, mine in by_account.items():
        ids = {each.id for each in mine}
        accounts.append(_account(mine, used[installation_id], caps, [each for each in spending if each.repository_id in ids], now))
    return accounts


async def _month(connection: AsyncConnection, installation_id: int, now: float) -> tuple[plans.AccountPlan, plans.PlanUse]:
    """An account's plan and its usage this month, exact to the last review if the plan has a limit."""
    plan, begin = await plans.plan_of(connection, installation_id), month_of(now).timestamp()
    if plan.most is None:
        return plan, await plans.used_by_day(connection, installation_id, begin, now)
    return plan, await plans.count_used(connection, installation_id, begin)


def _account(
    mine: list[SeenRepository],
    month: tuple[plans.AccountPlan, plans.PlanUse],
    caps: dict[int, float | None],
    spending: list[Spending],
    now: float,
) -> UsageAccount:
    names, begin = {repository.id: repository.full_name for repository in mine}, month_of(now).timestamp()
    days: dict[float, float] = {}
    spent: dict[int, float] = {}
    for each in spending:
        days[each.day] = days.get(each.day, 0.0) + each.usd
        if each.at >= begin:
            spent[each.repository_id] = spent.get(each.repository_id, 0.0) + each.usd
    dearest = sorted(spent.items(), key=lambda each: -each[1])
    plan, used = month
    return UsageAccount(
        name=mine[0].full_name.partition("/")[0],
        plan=plan,
        used=used,
        line=used_up_line(plan, used, now),
        months=sum_months(days, now, _MONTHS),
        repositories=tuple((names[each], Money(usd, caps[each])) for each, usd in dearest),
        projected=project(sum(spent.values()), now),
    )
