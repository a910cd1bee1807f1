"""Insights: what the council did in the repositories that a person may write to, as pictures."""

from fastapi import APIRouter, Request, Response

from app.github.permissions import Permission
from app.store.insights import Spell, insights
from app.web.pages import render
from app.web.viewer import SignedIn

router = APIRouter()
_DAYS = (7, 30, 90)


@router.get("/insights")
async def page(request: Request, viewer: SignedIn) -> Response:
    """The last 7, 30 or 90 days."""
    from app.web.views.insights import figures, pictures

    repository, days = request.query_params.get("repository", ""), request.query_params.get("days", "30")
    reached = [each for each in await viewer.repositories() if each.permission >= Permission.WRITE]
    wanted = tuple(each.id for each in reached if repository in {"", each.full_name})
    spell = Spell(wanted, viewer.desk.clock(), int(days) if days in map(str, _DAYS) else 30)
    async with viewer.desk.database.read() as connection:
        found = await insights(connection, spell)
    return render(
        request,
        "insights.html",
        figures=figures(found),
        pictures=pictures(found, spell),
        repositories=sorted(each.full_name for each in reached),
        repository=repository,
        days=spell.days,
        choices=_DAYS,
    )
