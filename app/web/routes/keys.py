"""Set, replace and remove an organization's provider keys. Keys are never shown."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.configuration.provider_keys import Keyring
from app.errors import Unavailable, UserError
from app.store.security import audit, secrets
from app.web.errors import NotAllowed
from app.web.pages import render
from app.web.routes.settings import administers
from app.web.viewer import SignedIn, Viewer

router = APIRouter()
_WHO = "Only people who administer every repository of this installation can see and change its keys."


@router.get("/installations/{installation_id:int}/keys")
async def keys(request: Request, viewer: SignedIn, installation_id: int) -> Response:
    """Which providers have a key."""
    return await _page(request, viewer, await _keyring(viewer, installation_id))


@router.post("/installations/{installation_id:int}/keys/{provider}")
async def change(request: Request, viewer: SignedIn, installation_id: int, provider: str) -> Response:
    """Test a key with its provider and store it, or remove the stored key."""
    keyring = await _keyring(viewer, installation_id)
    form, services = await viewer.form(request), viewer.services
    key = form["key"].strip()
    if "remove" not in form:
        try:
            await keyring.check(provider, key)
        except UserError as error:
            return await _page(request, viewer, keyring, str(error))
        except Unavailable as error:
            return await _page(request, viewer, keyring, f"{error}, so the key could not be tried. Nothing was saved.")
    did = "removed" if "remove" in form else "set"
    async with services.database.write() as connection:
        if did == "removed":
            await secrets.forget_secret(connection, secrets.keys_of(installation_id), provider)
        else:
            await secrets.save_secret(connection, services.vault, keyring.new(provider, key), viewer.login, services.clock())
        event = audit.Event(
            services.clock(), viewer.login, viewer.address, f"provider key {did}", f"installation {installation_id}", provider
        )
        await audit.record_event(connection, event)
    return RedirectResponse(f"/installations/{installation_id}/keys?{did}=1", 303)


async def _keyring(viewer: Viewer, installation_id: int) -> Keyring:
    if not await administers(viewer, installation_id, await viewer.installation(installation_id)):
        raise NotAllowed(_WHO)
    services = viewer.services
    return Keyring(services.settings, services.database, lambda: services.vault, installation_id)


async def _page(request: Request, viewer: Viewer, keyring: Keyring, problem: str = "") -> Response:
    owner = (await viewer.installation(keyring.installation_id))[0].full_name.partition("/")[0]
    done = next((word for word in ("set", "removed") if request.query_params.get(word) == "1"), "")
    status = 422 if problem else 200
    return render(
        request,
        "keys.html",
        status=status,
        owner=owner,
        id=keyring.installation_id,
        slots=await keyring.slots(),
        problem=problem,
        done=done,
    )
