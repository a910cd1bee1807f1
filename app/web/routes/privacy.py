"""The privacy page of a repository: what is stored, its export, and its deletion."""

import json
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from app.configuration.encryption_at_rest import is_encrypted_at_rest
from app.configuration.settings_layers import stored_levels
from app.github.permissions import Permission
from app.github.users import SeenRepository
from app.repositories.removal import forget_repositories
from app.store.deletion import privacy
from app.store.questions import memory_export
from app.store.security import audit
from app.web.errors import FormRefused
from app.web.pages import render
from app.web.viewer import SignedIn, Viewer

router = APIRouter()
_AT_ONCE, _QUESTIONS_AT_ONCE = 500, 100
# Characters that are sent at once. Single lines would take the server longer to send than to make.
_PIECE = 64_000


@router.get("/repos/{owner}/{name}/privacy")
async def privacy_page(request: Request, viewer: SignedIn, owner: str, name: str) -> Response:
    """What is stored, and for how long."""
    repository = await viewer.repository(f"{owner}/{name}", Permission.ADMIN)
    async with viewer.services.database.read() as connection:
        kept = await privacy.holdings(connection, repository.id)
    config = await stored_levels(viewer.services, repository.installation_id, repository.id)
    days = min(config.privacy.retention_days, viewer.services.settings.retention_days)
    done = request.query_params.get("deleted") == "1"
    sealed = is_encrypted_at_rest(viewer.services.settings, config)
    values = {"most": privacy.MOST_COUNTED, "days": days, "sealed": sealed, "done": done}
    return render(request, "privacy.html", repository=repository.full_name, kept=kept, config=config.privacy, values=values)


@router.get("/repos/{owner}/{name}/privacy/export.jsonl")
async def export(viewer: SignedIn, owner: str, name: str) -> Response:
    """Export everything, one JSON object per line: runs with transcripts, then questions."""
    repository = await viewer.repository(f"{owner}/{name}", Permission.ADMIN)
    await _note(viewer, repository, "records exported")
    headers = {"content-disposition": f'attachment; filename="council-{repository.id}.jsonl"'}
    return StreamingResponse(_pieces(_lines(viewer, repository.id)), media_type="application/x-ndjson", headers=headers)


@router.post("/repos/{owner}/{name}/privacy/delete")
async def delete(request: Request, viewer: SignedIn, owner: str, name: str) -> Response:
    """Delete the data if the repository's name was typed."""
    repository = await viewer.repository(f"{owner}/{name}", Permission.ADMIN)
    form = await viewer.form(request)
    if form["name"].strip().lower() != repository.full_name.lower():
        raise FormRefused(422, "Nothing was deleted", f"To confirm, type {repository.full_name}.")
    async with viewer.services.database.write() as connection:
        await privacy.forget_stored(connection, repository.id)
    await _note(viewer, repository, privacy.DELETED)
    # The mirror on this machine is deleted now; workers on other machines read the deletion from the audit log.
    await forget_repositories(viewer.services.settings.mirrors_folder, [repository.id])
    return RedirectResponse(f"/repos/{repository.full_name}/privacy?deleted=1", 303)


async def _pieces(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """The lines, several together."""
    waiting, size = list[str](), 0
    async for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= _PIECE:
            yield "".join(waiting)
            waiting, size = [], 0
    yield "".join(waiting)


async def _lines(viewer: Viewer, repository_id: int) -> AsyncIterator[str]:
    # In portions, because a run has up to a few megabytes. No database connection is held while a slow browser downloads.
    async with viewer.services.database.read() as connection:
        ids = await privacy.run_ids(connection, repository_id)
    for first in range(0, len(ids), _AT_ONCE):
        async with viewer.services.database.read() as connection:
            portions = await privacy.export_portions(connection, ids[first : first + _AT_ONCE])
        for portion in portions:
            async with viewer.services.database.read() as connection:
                runs = await privacy.whole_runs(connection, portion)
            for run in runs:
                yield json.dumps({"run": run}, ensure_ascii=False, default=str) + "\n"
    async with viewer.services.database.read() as connection:
        asked = await memory_export.consultation_ids(connection, repository_id)
    for first in range(0, len(asked), _QUESTIONS_AT_ONCE):
        async with viewer.services.database.read() as connection:
            questions = await memory_export.export_some(connection, asked[first : first + _QUESTIONS_AT_ONCE])
        for question in questions:
            yield json.dumps({"consultation": question}, ensure_ascii=False, default=str) + "\n"


async def _note(viewer: Viewer, found: SeenRepository, action: str) -> None:
    async with viewer.services.database.write() as connection:
        event = audit.Event(viewer.services.clock(), viewer.login, viewer.address, action, found.full_name)
        await audit.record_event(connection, event)
