"""Usage: what each account asked for and spent, by month, against its caps and its plan."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.github.permissions import Permission
from app.github.users import SeenRepository
from app.services.desk import Desk
from app.services.instance_status import read_status
from app.services.levels import month_caps
from app.services.quota import month_of, used_up
from app.store import plans
from app.store.daily_spending import usd_by_day, usd_by_repository
from app.web.pages import render
from app.web.viewer import SignedIn
from app.web.views.home import Money
from app.web.views.usage import UsageAccount, months_before, project, sum_months

router = APIRouter()
_MONTHS, _MOST_REPOSITORIES = 6, 20


@router.get("/usage")
async def usage(request: Request, viewer: SignedIn) -> Response:
    """One box per account in which this person may write."""
    now, desk = viewer.desk.clock(), viewer.desk
    by_account: dict[int, list[SeenRepository]] = {}
    for repository in await viewer.repositories():
        if repository.permission >= Permission.WRITE:
            by_account.setdefault(repository.installation_id, []).append(repository)
    accounts = [await _account(desk, mine, now) for mine in by_account.values()]
    async with desk.database.read() as connection:
        server = await read_status(connection, desk.settings, now)
    facts: dict[str, Any] = {
        "accounts": sorted(accounts, key=lambda each: each.name.lower()),
        "month": f"{month_of(now):%B %Y}",
        "plans": plans.PLANS if any(each.plan.most is not None for each in accounts) else {},
        "instance": Money(server.spent.month, server.caps.month),
    }
    return render(request, "usage.html", server=server, spent=server.line(now), **facts)


async def _account(desk: Desk, mine: list[SeenRepository], now: float) -> UsageAccount:
    installation_id, names = mine[0].installation_id, {each.id: each.full_name for each in mine}
    async with desk.database.read() as connection:
        plan = await plans.plan_of(connection, installation_id)
        used = await plans.used(connection, installation_id, month_of(now).timestamp())
        caps = await month_caps(connection, desk.settings.caps, dict.fromkeys(names, installation_id))
        spent = await usd_by_repository(connection, month_of(now).timestamp(), list(names))
        days = await usd_by_day(connection, months_before(now, _MONTHS)[-1].timestamp(), list(names))
    dearest = sorted(spent.items(), key=lambda each: -each[1])[:_MOST_REPOSITORIES]
    return UsageAccount(
        name=mine[0].full_name.partition("/")[0],
        plan=plan,
        used=used,
        line=await used_up(desk.database, installation_id, now),
        months=sum_months(days, now, _MONTHS),
        repositories=tuple((names[each], Money(usd, caps[each])) for each, usd in dearest),
        projected=project(sum(spent.values()), now),
    )
