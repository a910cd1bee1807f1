"""The server's pages for its admins: health, jobs, deliveries and audit log. They show nothing of a repository's code."""

import json
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import NotFound
from app.operations.instance_status import UNDECIDED, read_status
from app.store import instance
from app.store.health import deliveries, delivery, health
from app.store.queue import job_list
from app.store.queue.deliveries import insert_jobs
from app.store.security import audit, sessions
from app.store.tables.core import JobState
from app.web.errors import Conflict, Hidden
from app.web.pages import render
from app.web.viewer import InstanceAdmin, InstanceReader, Viewer
from app.web.views.server import list_problems
from webhooks.jobs import Reconcile, Replay

router = APIRouter()
_MOST_EXPORTED = 100_000
_PAGE = 200
_DONE = {
    "queued": "The job is queued.",
    "dropped": "The job is canceled.",
    "replay": "The delivery is being processed again. Work that was already done is not repeated.",
    "missed": "Asking GitHub for missed deliveries.",
    "paused": "Paid work is paused. Deliveries are still recorded, and checks say so.",
    "resumed": "Paid work continues.",
    "role": "The role is changed, with immediate effect.",
}


@router.get("/admin")
async def overview(request: Request, viewer: InstanceReader) -> Response:
    """The health page: problems, jobs, deliveries, costs and roles."""
    services, now = viewer.services, viewer.services.clock()
    noise = request.query_params.get("deliveries") == "all"
    async with services.database.read() as connection:
        found = await health(connection, now)
        failed = await job_list.list_jobs(connection, [JobState.DEAD], 50)
        going = await job_list.list_jobs(connection, [JobState.RUNNING, JobState.QUEUED], 50)
        arrived = await deliveries(connection, with_noise=noise)
        status = await read_status(connection, services.settings, now)
        people = {"roles": await sessions.list_roles(connection), "people": await sessions.list_people(connection, now)}
    facts: dict[str, Any] = {
        "done": _DONE.get(request.query_params.get("done", ""), ""),
        "kept": {each.guid for each in arrived if each.kept(now)},
        "server": status,
        "spent": status.line(now),
        "undecided": UNDECIDED if status.undecided else "",
        "problems": list_problems(found, status, now),
        "may_change": viewer.is_admin,
        "noise": noise,
        **people,
    }
    return render(request, "admin.html", health=found, failed=failed, going=going, deliveries=arrived, **facts)


@router.post("/admin/roles")
async def change_role(request: Request, viewer: InstanceAdmin) -> Response:
    """Give a signed-in person a role on this server, or remove it."""
    form, services = await viewer.form(request), viewer.services
    role, github_id = form["role"], int(form["person"]) if form["person"].isascii() and form["person"].isdigit() else 0
    async with services.database.write() as connection:
        roles = (*await sessions.list_roles(connection), *await sessions.list_people(connection, services.clock()))
        known = {each.github_id: each.login for each in roles}
        if github_id not in known or role not in {"", sessions.ADMIN, sessions.AUDITOR}:
            raise Hidden
        # The last admin cannot be removed, because nobody could add another.
        if role != sessions.ADMIN and await sessions.is_last_admin(connection, github_id):
            raise Conflict("This is the server's last admin. Make someone else an admin first.")
        if role:
            await sessions.give_role(connection, github_id, known[github_id], role, services.clock())
        else:
            await sessions.take_role(connection, github_id)
        await _note(viewer, connection, f"role {role or 'removed'}", known[github_id])
    return RedirectResponse("/admin?done=role", 303)


@router.post("/admin/pause")
async def pause(request: Request, viewer: InstanceAdmin) -> Response:
    """Pause all paid work."""
    await viewer.form(request)
    async with viewer.services.database.write() as connection:
        if await instance.pause_instance(connection, viewer.login, viewer.services.clock()):
            await _note(viewer, connection, "paid work paused", "instance")
    return RedirectResponse("/admin?done=paused", 303)


@router.post("/admin/resume")
async def resume(request: Request, viewer: InstanceAdmin) -> Response:
    """Resume paid work, starting with waiting jobs."""
    await viewer.form(request)
    async with viewer.services.database.write() as connection:
        if await instance.resume_instance(connection, viewer.services.clock()):
            await _note(viewer, connection, "paid work resumed", "instance")
    return RedirectResponse("/admin?done=resumed", 303)


@router.post("/admin/jobs/{job_id}/retry")
async def retry(request: Request, viewer: InstanceAdmin, job_id: str) -> Response:
    """Retry a job now."""
    await viewer.form(request)
    async with viewer.services.database.write() as connection:
        if not await job_list.retry_job(connection, job_id, viewer.services.clock()):
            raise Conflict("This job is in progress or done; only failed, canceled or waiting jobs can be retried.")
        await _note(viewer, connection, "job retried", job_id)
    return RedirectResponse("/admin?done=queued", 303)


@router.post("/admin/jobs/{job_id}/drop")
async def drop(request: Request, viewer: InstanceAdmin, job_id: str) -> Response:
    """Cancel a job."""
    await viewer.form(request)
    async with viewer.services.database.write() as connection:
        if not await job_list.drop_job(connection, job_id, viewer.services.clock()):
            raise Conflict("This job has already ended.")
        await _note(viewer, connection, "job dropped", job_id)
    return RedirectResponse("/admin?done=dropped", 303)


@router.post("/admin/deliveries/{guid}/replay")
async def replay(request: Request, viewer: InstanceAdmin, guid: str) -> Response:
    """Process a delivery again. Work that was already done is not repeated."""
    await viewer.form(request)
    services = viewer.services
    async with services.database.write() as connection:
        delivery_facts = await delivery(connection, guid)
        if delivery_facts is None:
            raise Hidden
        if not delivery_facts.kept(services.clock()):
            raise Conflict("This delivery is too old: GitHub keeps deliveries for three days.")
        await insert_jobs(connection, [(services.new_id(), Replay(guid=guid, slot=services.new_id()), services.clock())], services.clock())
        await _note(viewer, connection, "delivery replayed", guid)
    return RedirectResponse("/admin?done=replay", 303)


@router.get("/admin/deliveries")
async def lost_deliveries(request: Request, viewer: InstanceReader) -> Response:
    """Deliveries that failed, as GitHub reports them. This request is slow, so they have their own page."""
    failed_delivery_list = await viewer.services.undelivered.listed()
    return render(
        request, "deliveries.html", found=failed_delivery_list, may_change=viewer.is_admin, done=request.query_params.get("done") == "1"
    )


@router.post("/admin/deliveries/{attempt_id}/redeliver")
async def redeliver(request: Request, viewer: InstanceAdmin, attempt_id: str) -> Response:
    """Ask GitHub to redeliver. A delivery that was already recorded has no second effect."""
    await viewer.form(request)
    if not (attempt_id.isascii() and attempt_id.isdigit() and len(attempt_id) < 20):
        raise Hidden
    try:
        attempt = await viewer.services.undelivered.again(int(attempt_id))
    except NotFound as error:
        raise Conflict("GitHub no longer has this delivery; it keeps deliveries for three days.") from error
    async with viewer.services.database.write() as connection:
        await _note(viewer, connection, "delivery asked for again", attempt.guid)
    return RedirectResponse("/admin/deliveries?done=1", 303)


@router.post("/admin/missed")
async def ask_for_missed(request: Request, viewer: InstanceAdmin) -> Response:
    """Reconcile now, at most once per 30 s."""
    await viewer.form(request)
    services = viewer.services
    async with services.database.write() as connection:
        job = Reconcile(slot=f"asked-{services.clock() // 30:.0f}")
        await insert_jobs(connection, [(services.new_id(), job, services.clock())], services.clock())
        await _note(viewer, connection, "asked for what was missed", "instance")
    return RedirectResponse("/admin?done=missed", 303)


@router.get("/admin/audit")
async def audit_log(request: Request, viewer: InstanceReader, before: int | None = None) -> Response:
    """The audit log, newest first."""
    async with viewer.services.database.read() as connection:
        audit_entries = await audit.list_entries(connection, _PAGE, before)
    return render(request, "audit.html", entries=audit_entries, older=audit_entries[-1].number if len(audit_entries) == _PAGE else None)


@router.get("/admin/audit.jsonl")
async def export(viewer: InstanceReader) -> Response:
    """The audit log as JSON lines, for log archives."""
    async with viewer.services.database.write() as connection:
        await _note(viewer, connection, "audit log exported", "instance")
    async with viewer.services.database.read() as connection:
        audit_entries = await audit.list_entries(connection, _MOST_EXPORTED)
    lines = (
        json.dumps({"number": entry.number, "intact": entry.intact, **vars(entry.event)}, ensure_ascii=False) for entry in audit_entries
    )
    headers = {"content-disposition": 'attachment; filename="council-audit.jsonl"'}
    return PlainTextResponse("".join(f"{line}\n" for line in lines), headers=headers, media_type="application/x-ndjson")


async def _note(viewer: Viewer, connection: AsyncConnection, action: str, subject: str) -> None:
    await audit.record_event(connection, audit.Event(viewer.services.clock(), viewer.login, viewer.address, action, subject))
