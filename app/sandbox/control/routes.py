"""The control API as routes of the sandbox server."""

import json
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.sandbox.control import control_api, world_api
from app.sandbox.control.world_api import ControlRequest, Door
from app.sandbox.github.refusal import GitHubError

if TYPE_CHECKING:
    from app.sandbox.server import Sandbox


def control_routes(sandbox: "Sandbox") -> list[Route]:
    """Every control route."""
    return [_route(sandbox, door) for door in (*world_api.DOORS, *control_api.DOORS)]


def _route(sandbox: "Sandbox", door: Door) -> Route:
    method, path, act = door

    async def handle(request: Request) -> Response:
        try:
            body = json.loads(await request.body() or b"{}")
            return JSONResponse(act(ControlRequest(sandbox, request.path_params, dict(request.query_params), body)))
        except GitHubError as refused:
            return JSONResponse({"error": refused.message, "details": refused.errors}, refused.status)
        except (KeyError, ValueError, TypeError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)

    return Route(path, handle, methods=[method])
