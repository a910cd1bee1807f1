"""The council as MCP tools for the repository on this machine. Everything is read from it, and nothing is posted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from pydantic import Field

from app.authorization.daily_command_limit import Asker
from app.configuration.local_config import read_local_config
from app.configuration.repository_config import of_instance
from app.configuration.settings import Settings
from app.councils.local_question import LocalQuestion, read_text
from app.errors import UserError
from app.git.origin_name import read_origin_name
from app.git.repository import open_repository
from app.mcp.answers import FindingList, ToolAnswer, follow_progress, in_words, list_findings
from app.mcp.looks import LOOK, Glob, IsPattern, Kind, Line, LookResult, Target, Tokens, require_target, tell_look
from app.reporters.text import answer_text, plain_text
from app.repositories.open_repository import open_local_view
from app.repositories.view import mask_answer
from app.services.local import LocalCouncil, LocalReview, open_local_council
from reviewers.context.repository.looks import Look
from reviewers.specialists import SPECIALISTS
from reviewers.values.advice import Advice

_INSTRUCTIONS = (
    "A council of models of several vendors. Ask it when a question is hard, when a fault resists, or before a decision that is costly to"
    " undo; give it the error, the log and the files. It answers with ranked solutions, how sure it is, and what would settle the doubt."
)


def make(council: LocalCouncil, repo: Path, login: str = "") -> MCPServer[None]:
    """The server with its tools. `login` is the person whose daily limit of paid commands applies."""
    place = LocalQuestion("", repository=repo).place
    server: MCPServer[None] = MCPServer("council", instructions=_INSTRUCTIONS)

    @server.tool()
    async def ask_council(
        question: Annotated[str, Field(description="What to ask, with the error and all that is known")],
        ctx: Context,
        specialist: Annotated[str, Field(description=f"One of: {', '.join(SPECIALISTS)}")] = "ask",
        files: Annotated[list[str], Field(description="Paths of files to read whole, inside the repository")] = [],  # noqa: B006 — a schema's default
        log: Annotated[str, Field(description="A log, stack trace, profile or metrics")] = "",
    ) -> ToolAnswer:
        """Ask the council about this repository: ranked solutions, an action plan, and what would settle the doubt."""
        with in_words():
            if specialist not in SPECIALISTS:
                raise UserError(f"unknown specialist {specialist!r}; choose from {', '.join(SPECIALISTS)}")
            read = {name: read_text(_inside(repo, name)) for name in files}
            asked = LocalQuestion(question, specialist, repo, read, {"log": log} if log else {})
            await council.take_turn(Asker(login), "ask")
            async with follow_progress(ctx) as progress:
                run, advice = await council.ask(asked, progress)
        return ToolAnswer(id=run, text=answer_text.render(advice, (), ""))

    @server.tool()
    async def review_changes(
        ctx: Context,
        changes: Annotated[str, Field(description="Commits as BASE...HEAD; the branch by default")] = "",
        focus: Annotated[str, Field(description="What to look at above all")] = "",
    ) -> ToolAnswer:
        """Review commits of this repository: findings ranked by severity and confidence, each checked by the other models."""
        with in_words():
            async with open_repository(repo) as repository:
                changes = changes or await repository.default_range()
                chosen = await repository.resolve(changes)
                snapshot = await repository.snapshot(chosen)
                if not snapshot.files:
                    raise UserError(f"{changes} changes no files")
                await council.take_turn(Asker(login), "review")
                config = await read_local_config(repository, chosen.base, of_instance(council.settings.caps))
                async with open_local_view(repository.reader, snapshot.head_sha, council.settings) as opened:
                    review = LocalReview(await opened.added(snapshot), config.settings, focus, opened.view)
                    async with follow_progress(ctx) as progress:
                        run, verdict = await council.kept_review(review, progress, place)
        return ToolAnswer(id=run, text="\n\n".join([plain_text.verdict(verdict), *config.notes]))

    @server.tool()
    async def search_history(words: Annotated[str, Field(description="What to look for")]) -> list[ToolAnswer]:
        """Find what this repository asked the council before, and what came of it."""
        found = await council.history(place, words)
        return [ToolAnswer(id=recalled.id, text=plain_text.earlier_answer(recalled)) for recalled in found]

    @server.tool()
    async def get_run(run: Annotated[str, Field(description="The id of an earlier answer or review")]) -> ToolAnswer:
        """Read an earlier answer or review whole."""
        with in_words():
            found = await council.stored(run, place)
        text = answer_text.render(found, (), "") if isinstance(found, Advice) else plain_text.verdict(found)
        return ToolAnswer(id=run, text=text)

    _add_looking(server, council, repo)
    return server


def _add_looking(server: MCPServer[None], council: LocalCouncil, repo: Path) -> None:
    @server.tool(description=LOOK)
    async def look(  # noqa: PLR0913, PLR0917 — one parameter per option of a look
        kind: Kind,
        target: Target = "",
        first: Line = 0,
        last: Line = 0,
        pattern: IsPattern = False,
        glob: Glob = "",
        tokens: Tokens = 2_000,
        commit: Annotated[str, Field(max_length=200, description="A commit or branch")] = "HEAD",
    ) -> LookResult:
        with in_words():
            asked = require_target(Look(kind=kind, target=target, first=first, last=last, pattern=pattern, glob=glob))
            async with open_repository(repo) as repository:
                head = (await repository.resolve(f"{commit}..{commit}")).head
                async with open_local_view(repository.reader, head, council.settings) as opened:
                    if opened.view is None:
                        raise UserError(f"{repo} cannot be looked at: {opened.problem or 'REPOSITORY_SECONDS is 0'}")
                    return tell_look(head, mask_answer(await opened.view.look(asked, tokens)))

    @server.tool()
    async def get_findings(
        pull_request: Annotated[int, Field(ge=1, le=2_147_483_647, description="The number of the pull request on GitHub")],
    ) -> FindingList:
        """List what the newest published review of a pull request of this repository found, as this machine's Council stored it."""
        with in_words():
            async with open_repository(repo) as repository:
                name = await read_origin_name(repository.reader, council.settings.github_web_url)
            if not name:
                raise UserError(f"the remote `origin` of this repository is not on {council.settings.github_web_url}")
            return list_findings(*await council.findings(name, pull_request))


async def serve(settings: Settings, repo: Path, login: str) -> None:
    """Serve until standard input ends."""
    async with serve_repository(settings, repo, login) as server:
        await server.run_stdio_async()


@asynccontextmanager
async def serve_repository(settings: Settings, repo: Path, login: str = "") -> AsyncIterator[MCPServer[None]]:
    """The server on an open store."""
    async with open_local_council(settings) as council:
        yield make(council, repo, login)


def _inside(repo: Path, name: str) -> Path:
    """The path of a file inside the repository: a manipulated agent must not pass any other file of this machine."""
    root = repo.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or ".git" in path.relative_to(root).parts:
        raise UserError(f"{name} is not in {root}")
    return path
