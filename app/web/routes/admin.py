"""The server's own pages, for instance admins: its health, its jobs, its deliveries, its audit log. No word of a repository's code."""

import json

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import audit, job_list
from app.store.health import deliveries, health
from app.store.tables import JobState
from app.web.errors import Conflict
from app.web.pages import render
from app.web.viewer import InstanceAdmin, Viewer

router = APIRouter()
_MOST_EXPORTED = 100_000
_PAGE = 200


@router.get("/admin")
async def overview(request: Request, viewer: InstanceAdmin) -> Response:
    """Health, what was given up or waits, and what arrived."""
    desk = viewer.desk
    async with desk.database.read() as connection:
        found = await health(connection, desk.clock())
        jobs = await job_list.listed(connection, [JobState.DEAD, JobState.RUNNING, JobState.QUEUED], 50)
        arrived = await deliveries(connection)
    return render(request, "admin.html", health=found, jobs=jobs, deliveries=arrived, done=request.query_params.get("done", "")[:20])


@router.post("/admin/jobs/{job_id}/retry")
async def retry(request: Request, viewer: InstanceAdmin, job_id: str) -> Response:
    """Try a job again, now."""
    await viewer.form(request)
    async with viewer.desk.database.write() as connection:
        if not await job_list.retry(connection, job_id, viewer.desk.clock()):
            raise Conflict("This job is under way or done; only what was given up, called off or waits can be tried again.")
        await _note(viewer, connection, "job retried", job_id)
    return RedirectResponse("/admin?done=queued", 303)


@router.post("/admin/jobs/{job_id}/drop")
async def drop(request: Request, viewer: InstanceAdmin, job_id: str) -> Response:
    """Call a job off."""
    await viewer.form(request)
    async with viewer.desk.database.write() as connection:
        if not await job_list.drop(connection, job_id, viewer.desk.clock()):
            raise Conflict("This job has ended already.")
        await _note(viewer, connection, "job dropped", job_id)
    return RedirectResponse("/admin?done=dropped", 303)


@router.get("/admin/audit")
async def audit_log(request: Request, viewer: InstanceAdmin, before: int | None = None) -> Response:
    """Who did what with privilege, the latest first."""
    async with viewer.desk.database.read() as connection:
        found = await audit.entries(connection, _PAGE, before)
    return render(request, "audit.html", entries=found, older=found[-1].number if len(found) == _PAGE else None)


@router.get("/admin/audit.jsonl")
async def export(viewer: InstanceAdmin) -> Response:
    """The log as JSON lines, for whatever keeps logs."""
    async with viewer.desk.database.write() as connection:
        await _note(viewer, connection, "audit log exported", "instance")
    async with viewer.desk.database.read() as connection:
        found = await audit.entries(connection, _MOST_EXPORTED)
    lines = (json.dumps({"number": each.number, "intact": each.intact, **vars(each.event)}, ensure_ascii=False) for each in found)
    headers = {"content-disposition": 'attachment; filename="council-audit.jsonl"'}
    return PlainTextResponse("".join(f"{line}\n" for line in lines), headers=headers, media_type="application/x-ndjson")


async def _note(viewer: Viewer, connection: AsyncConnection, action: str, subject: str) -> None:
    await audit.record(connection, audit.Event(viewer.desk.clock(), viewer.login, viewer.address, action, subject))
