"""The Insights page: charts about the repositories that a person can write to, each also as CSV."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from app.github.permissions import Permission
from app.store.insights import Insights, InsightsPeriod, read_insights
from app.web.errors import Hidden
from app.web.pages import render
from app.web.viewer import SignedIn, Viewer
from app.web.views.csv_table import MEDIA_TYPE, name_file, to_csv

router = APIRouter()
_DAYS = (7, 30, 90)


@dataclass(frozen=True)
class InsightsPage:
    """The page's filter: `names` are the repositories to choose from, `repository` is the chosen one or ""."""

    names: dict[int, str]
    repository: str
    spell: InsightsPeriod
    found: Insights


@router.get("/insights")
async def page(request: Request, viewer: SignedIn) -> Response:
    """The last 7, 30 or 90 days."""
    from app.web.views.insights import key_figures, pictures

    insights_page = await _asked(request, viewer)
    return render(
        request,
        "insights.html",
        figures=key_figures(insights_page.found),
        pictures=pictures(insights_page.found, insights_page.spell, insights_page.names, insights_page.repository),
        repositories=sorted(insights_page.names.values()),
        repository=insights_page.repository,
        days=insights_page.spell.days,
        choices=_DAYS,
    )


@router.get("/insights/{table}.csv")
async def table_as_csv(request: Request, table: str, viewer: SignedIn) -> Response:
    """One chart's data as CSV."""
    from app.web.views.insights import pictures

    insights_page = await _asked(request, viewer)
    found = {
        picture.name: picture.table
        for picture in pictures(insights_page.found, insights_page.spell, insights_page.names, insights_page.repository)
    }
    if table not in found:
        raise Hidden
    return Response(to_csv(found[table]), media_type=MEDIA_TYPE, headers=name_file(table))


async def _asked(request: Request, viewer: Viewer) -> InsightsPage:
    repository, days = request.query_params.get("repository", ""), request.query_params.get("days", "30")
    names = {each.id: each.full_name for each in await viewer.repositories() if each.permission >= Permission.WRITE}
    wanted = tuple(each for each, name in names.items() if repository in {"", name})
    spell = InsightsPeriod(wanted, viewer.services.clock(), int(days) if days in map(str, _DAYS) else 30)
    async with viewer.services.database.read() as connection:
        return InsightsPage(names, repository, spell, await read_insights(connection, spell))
