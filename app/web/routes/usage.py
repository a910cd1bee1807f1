"""Usage: what an account asked of the council this month, against its plan."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from app.github.permissions import Permission
from app.services.instance_status import read_status
from app.services.quota import month_of, used_up
from app.store import plans
from app.web.pages import render
from app.web.viewer import SignedIn

router = APIRouter()


@dataclass(frozen=True)
class Account:
    """An installation's month; `line` says that its plan is used up, or is ""."""

    name: str
    plan: plans.Plan
    used: plans.Used
    line: str


@router.get("/usage")
async def usage(request: Request, viewer: SignedIn) -> Response:
    """One box an account in which this person may write."""
    now, desk = viewer.desk.clock(), viewer.desk
    reached = [each for each in await viewer.repositories() if each.permission >= Permission.WRITE]
    names = {each.installation_id: each.full_name.partition("/")[0] for each in reached}
    accounts = []
    for installation_id, name in sorted(names.items(), key=lambda each: each[1].lower()):
        async with desk.database.read() as connection:
            plan = await plans.plan_of(connection, installation_id)
            used = await plans.used(connection, installation_id, month_of(now).timestamp())
        accounts.append(Account(name, plan, used, await used_up(desk.database, installation_id, now)))
    async with desk.database.read() as connection:
        server = await read_status(connection, desk.settings, now)
    facts: dict[str, Any] = {"accounts": accounts, "month": f"{month_of(now):%B %Y}", "plans": plans.PLANS}
    return render(request, "usage.html", server=server, spent=server.line(now), **facts)
