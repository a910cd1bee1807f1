"""The sandbox's pages: repositories, pull requests, issues and logs, and the visitor's actions on them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from app.sandbox.github import reviewing
from app.sandbox.github.refusal import GitHubError
from app.sandbox.pages import views
from app.sandbox.pages.editor import editor_routes
from app.sandbox.pages.markdown import press_box, render
from app.sandbox.pages.oauth import consent_routes
from app.sandbox.pages.registration import registration_routes

if TYPE_CHECKING:
    from app.sandbox.server import Sandbox

HERE = Path(__file__).parent
# The author of a new issue if nobody is named.
_VISITOR = "visitor"
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'"


class Pages:
    """Renders the state of the world at the time of the request."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._world = sandbox.world
        loader = jinja2.FileSystemLoader(HERE / "templates")
        self._templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)

    async def index(self, _: Request) -> Response:
        return self.page("index.html", repositories=list(self._world.repositories.values()))

    async def repository(self, request: Request) -> Response:
        """One repository's pull requests and issues, and the form of a new issue."""
        at = request.path_params
        try:
            return self.page("repository.html", repo=self._world.repository(f"{at['owner']}/{at['repo']}"))
        except GitHubError:
            return PlainTextResponse("Not Found", 404)

    async def open_issue(self, request: Request) -> Response:
        """Open an issue, by the visitor's login."""
        at, form = request.path_params, await _form(request)
        try:
            repo = self._world.repository(f"{at['owner']}/{at['repo']}")
        except GitHubError:
            return PlainTextResponse("Not Found", 404)
        title = form.get("title", "").strip()
        if not title:
            return RedirectResponse(f"/{repo.full_name}", 303)
        issue = repo.open_issue(title, _text(form), form.get("login", "").strip() or _VISITOR)
        return RedirectResponse(f"/{repo.full_name}/issues/{issue.number}", 303)

    async def reply(self, request: Request) -> Response:
        """The reply box of a thread on the diff. The author is the pull request's author, or the named login."""
        at, form = request.path_params, await _form(request)
        try:
            repo = self._world.repository(f"{at['owner']}/{at['repo']}")
            pull = repo.pull(at["number"])
            if body := _text(form).strip():
                author = self._world.user(form.get("login", "").strip() or pull.issue.author.login)
                reviewing.reply(repo, pull, at["comment"], author, body)
        except GitHubError as refused:
            return PlainTextResponse(refused.message, refused.status)
        return RedirectResponse(f"/{repo.full_name}/pull/{pull.number}#discussion_r{at['comment']}", 303)

    async def conversation(self, request: Request) -> Response:
        """A pull request or an issue."""
        at = request.path_params
        try:
            repo = self._world.repository(f"{at['owner']}/{at['repo']}")
            issue = repo.issue(at["number"])
        except GitHubError:
            return PlainTextResponse("Not Found", 404)
        pull = repo.pulls.get(issue.number)
        notes = views.conversation(repo.full_name, issue, pull.reviews if pull else [])
        facts = {"repo": repo, "issue": issue, "pull": pull, "description": render(issue.body or "_No description._"), "notes": notes}
        if pull is None:
            return self.page("conversation.html", **facts, files=[], checks=[])
        return self.page("conversation.html", **facts, files=views.files(repo, pull), checks=views.checks(repo, pull))

    async def diff(self, request: Request) -> Response:
        """A pull request's plain diff."""
        at = request.path_params
        try:
            repo = self._world.repository(f"{at['owner']}/{at['repo']}")
            pull = repo.pull(at["number"])
        except GitHubError:
            return PlainTextResponse("Not Found", 404)
        return PlainTextResponse("".join(change.unified for change in repo.diff(pull.base_sha, pull.head_sha)))

    async def job(self, request: Request) -> Response:
        """A job's log."""
        at = request.path_params
        try:
            repo = self._world.repository(f"{at['owner']}/{at['repo']}")
        except GitHubError:
            return PlainTextResponse("Not Found", 404)
        logs = (job.log for run in repo.workflow_runs.values() for job in run.jobs if job.id == at["job"])
        return PlainTextResponse(next(logs, "Not Found"))

    async def say(self, request: Request) -> Response:
        """The comment box. The author is the pull request's author, or the named login."""
        at, form = request.path_params, await _form(request)
        repo = self._world.repository(f"{at['owner']}/{at['repo']}")
        issue = repo.issue(at["number"])
        if form.get("body", "").strip():
            repo.comment(issue.number, form.get("login", "").strip() or issue.author.login, _text(form))
        return RedirectResponse(f"/{repo.full_name}/{'pull' if issue.number in repo.pulls else 'issues'}/{issue.number}", 303)

    async def tick(self, request: Request) -> Response:
        """Tick a box of a comment, as the pull request's author or the named login. This edits the comment, as on GitHub."""
        at, form = request.path_params, await _form(request)
        try:
            repo = self._world.repository(f"{at['owner']}/{at['repo']}")
            comment = repo.issue_comment(at["comment"])
        except GitHubError as refused:
            return PlainTextResponse(refused.message, refused.status)
        issue, line = repo.issue(comment.number), form.get("line", "")
        pressed = press_box(comment.body, int(line)) if line.isascii() and line.isdigit() else comment.body
        if pressed != comment.body:
            repo.edit_comment(comment.id, pressed, form.get("login", "").strip() or issue.author.login)
        kind = "pull" if issue.number in repo.pulls else "issues"
        return RedirectResponse(f"/{repo.full_name}/{kind}/{issue.number}#issuecomment-{comment.id}", 303)

    async def rerun(self, request: Request) -> Response:
        """The re-run button of our check run, and the App's own buttons."""
        at, form = request.path_params, await _form(request)
        repo = self._world.repository(f"{at['owner']}/{at['repo']}")
        if form.get("action"):
            repo.press(at["run"], form["action"])
        else:
            repo.rerequest(at["run"])
        return RedirectResponse(request.headers.get("referer") or f"/{repo.full_name}", 303)

    async def style(self, _: Request) -> Response:
        return Response((HERE / "style.css").read_text(), media_type="text/css")

    def page(self, name: str, **facts: object) -> Response:
        headers = {"content-security-policy": POLICY, "referrer-policy": "same-origin"}
        return HTMLResponse(self._templates.get_template(name).render(**facts), headers=headers)


def _text(form: Mapping[str, str]) -> str:
    """The typed text, with the line ends that GitHub stores."""
    return form.get("body", "").replace("\r\n", "\n")


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def page_routes(sandbox: "Sandbox") -> list[Route]:
    """The pages as routes. They come last, because their paths are the most general."""
    pages = Pages(sandbox)
    repo = "/{owner}/{repo}"
    return [
        Route("/", pages.index),
        Route("/style.css", pages.style),
        *consent_routes(sandbox, pages),
        *registration_routes(sandbox, pages),
        *editor_routes(sandbox, pages),
        Route(repo + "/pull/{number:int}.diff", pages.diff),
        Route(repo + "/pull/{number:int}", pages.conversation),
        Route(repo + "/issues/{number:int}", pages.conversation),
        Route(repo + "/actions/runs/{run:int}/job/{job:int}", pages.job),
        Route(repo, pages.repository),
        Route(repo + "/issues", pages.open_issue, methods=["POST"]),
        Route(repo + "/pull/{number:int}/threads/{comment:int}", pages.reply, methods=["POST"]),
        Route(repo + "/comments/{number:int}", pages.say, methods=["POST"]),
        Route(repo + "/boxes/{comment:int}", pages.tick, methods=["POST"]),
        Route(repo + "/rerun/{run:int}", pages.rerun, methods=["POST"]),
    ]
