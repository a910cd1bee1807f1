"""The sandbox's file editor: GitHub's pages /new and /edit, from which a person proposes a change as a pull request."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from app.sandbox.github.refusal import GitHubError
from app.sandbox.github.repository import ROLES, SandboxRepository

if TYPE_CHECKING:
    from app.sandbox.pages.routes import Pages
    from app.sandbox.server import Sandbox


class Editor:
    """Fills in a new file from the address, and an existing file from the branch, as GitHub does."""

    def __init__(self, sandbox: "Sandbox", pages: "Pages") -> None:
        self._world = sandbox.world
        self._pages = pages

    async def new(self, request: Request) -> Response:
        """A new file. The parameters `filename` and `value` fill it in."""
        asked = request.query_params
        return self._form(request, asked.get("filename", ""), asked.get("value", ""))

    async def edit(self, request: Request) -> Response:
        """An existing file. No parameter changes what it shows."""
        path = request.path_params["path"]
        try:
            repo = self._repository(request)
            files = repo.commits[repo.branches[request.path_params["branch"]]].files
            return self._form(request, path, files[path].decode())
        except (GitHubError, KeyError):
            return PlainTextResponse("Not Found", 404)

    async def propose(self, request: Request) -> Response:
        """Commit the file to a new branch, of a fork if the person cannot write here, and open a pull request."""
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        try:
            repo, branch = self._repository(request), request.path_params["branch"]
            files = repo.commits[repo.branches[branch]].files
        except (GitHubError, KeyError):
            return PlainTextResponse("Not Found", 404)
        path, text, login = form.get("path", ""), form.get("text", "").replace("\r\n", "\n"), form.get("login", "")
        if form.get("kind") == "new" and path in files:
            return PlainTextResponse("A file with the same name already exists.", 422)
        if not login or not path:
            return PlainTextResponse("Choose a name for the file and a person.", 422)
        number = 1 + sum(pull.head_ref.startswith(f"{login}-patch-") for pull in repo.pulls.values())
        title = form.get("title", "").strip() or f"{'Create' if path not in files else 'Update'} {path.rsplit('/', 1)[-1]}"
        fork = repo.role_of(login) not in ROLES[2:]
        pull = repo.open_pull_request(title, {path: text}, login, base=branch, branch=f"{login}-patch-{number}", fork=fork)
        return RedirectResponse(f"/{repo.full_name}/pull/{pull.number}", 303)

    def _repository(self, request: Request) -> SandboxRepository:
        at = request.path_params
        return self._world.repository(f"{at['owner']}/{at['repo']}")

    def _form(self, request: Request, path: str, text: str) -> Response:
        try:
            repo = self._repository(request)
        except GitHubError:
            return PlainTextResponse("Not Found", 404)
        people = [login for login, role in repo.collaborators.items() if role in ROLES]
        kind, branch = ("edit" if "path" in request.path_params else "new"), request.path_params["branch"]
        return self._pages.page("editor.html", repo=repo, branch=branch, kind=kind, path=path, text=text, people=people)


def editor_routes(sandbox: "Sandbox", pages: "Pages") -> list[Route]:
    """The editor as routes."""
    editor, repo = Editor(sandbox, pages), "/{owner}/{repo}"
    return [
        Route(repo + "/new/{branch}", editor.new),
        Route(repo + "/edit/{branch}/{path:path}", editor.edit),
        Route(repo + "/propose/{branch}", editor.propose, methods=["POST"]),
    ]
