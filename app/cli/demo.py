"""`council demo`: review a pull request and answer a question end to end on this machine, without accounts or keys."""

import asyncio
import contextlib
import json
import signal
import socket
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import httpx
import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.rule import Rule

from app.cli.running import run_to_end
from app.configuration.settings import Settings, child_environment, from_environment
from app.errors import UserError
from app.reporters.text.answer_text import is_progress
from app.reporters.text.phrases import list_posted
from app.sandbox.demo import MEMBERS, DemoPullRequest, build_demo
from app.sandbox.github.entities import PullRequest, User
from app.sandbox.server import Sandbox
from reviewers.values.verdict import Verdict

_MOST_SECONDS = 180.0
_DID = {"OpinionAnswer": "reviewed", "CounselAnswer": "answered", "CritiqueAnswer": "judged the others"}
T = TypeVar("T")
# This account maintains the demo's repository and is an admin of its server, so that every page opens.
_VISITOR = "jo-park"
_PROVIDER = ("_API_KEY", "_BASE_URL")


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="keep the pages open until Ctrl-C")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the published review as JSON, and the progress on standard error")] = False,
) -> None:
    """See a pull request reviewed, without an account, a key or Docker."""
    run_to_end(_demo(from_environment(), Console(stderr=as_json), keep=keep, as_json=as_json))


async def _demo(settings: Settings, console: Console, *, keep: bool, as_json: bool) -> None:
    canned = not settings.providers
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="council-demo-") as data:
        async with Sandbox.start() as sandbox:
            console.print("Starting a GitHub on loopback, Valkey, the web process and the worker …")
            async with _server(settings, sandbox, Path(data), canned=canned) as url:
                sandbox.world.app.webhook_url = f"{url}/webhooks/github"
                place = build_demo(sandbox.world, sandbox.providers)
                console.print(f"Opened {place.repository}#{place.number}; GitHub sends its signed webhook.")
                pull = await _reviewed(sandbox, place, console)
                review = published_texts(sandbox, place, pull)
                if as_json:
                    review |= {"posted": await _posted(Path(data), sandbox.world.repository(place.repository).id, place.number)}
                else:
                    _show(console, sandbox, place, pull)
                answer = await _answered(sandbox, place, console)
                seconds = time.monotonic() - started
                if as_json:
                    names = [] if canned else [provider.name for provider in settings.providers]
                    told = review | {"answer": answer, "seconds": round(seconds, 1), "providers": names}
                    sys.stdout.write(json.dumps(told) + "\n")
                    sys.stdout.flush()
                else:
                    _show_answer(console, place, answer)
                    _say_what_was_real(console, settings, canned=canned, seconds=seconds)
                if keep:
                    await _make_admin(Path(data), sandbox.world.user(_VISITOR))
                    console.print(f"The pull request: {sandbox.web_url}/{place.repository}/pull/{place.number}", soft_wrap=True)
                    console.print(f"Council's pages: {url}/runs and {url}/admin (sign in as {_VISITOR}; Ctrl-C ends)", soft_wrap=True)
                    await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def _server(settings: Settings, sandbox: Sandbox, data: Path, *, canned: bool) -> AsyncIterator[str]:
    """A real `council serve` against the sandbox, until the block ends."""
    environment = child_environment(settings, with_keys=True)
    for name, value in sandbox.environment().items():
        if canned or not name.endswith(_PROVIDER):
            environment[name] = value
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment |= {"COUNCIL_DATA": str(data), "PORT": str(port), "HOST": "127.0.0.1", "DATABASE_URL": "", "REDIS_URL": ""}
    if canned:
        environment["COUNCIL_SEATS"] = ",".join(MEMBERS)
    with (data / "server.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "app.cli", "serve", env=environment, stdout=log, stderr=log
        )
        try:
            await _healthy(f"http://127.0.0.1:{port}/readyz", process, data / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
            await process.wait()


async def _healthy(url: str, process: Process, log: Path) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(600):
            if process.returncode is not None:
                raise UserError(f"the server did not start:\n{_last(log)}")
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(url)).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise UserError(f"the server was not ready after 60 s:\n{_last(log)}")


def _last(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


async def _reviewed(sandbox: Sandbox, place: DemoPullRequest, console: Console) -> PullRequest:
    """Wait for the check run to complete."""
    repository = sandbox.world.repository(place.repository)

    def reviewed() -> PullRequest | None:
        done = any(check.name == "Council" and check.status == "completed" for check in repository.check_runs.values())
        return repository.pull(place.number) if done else None

    return await _awaited(sandbox, console, reviewed, "review")


async def _answered(sandbox: Sandbox, place: DemoPullRequest, console: Console) -> str:
    """Ask the demo's question in its pull request, and wait for the answer."""
    repository = sandbox.world.repository(place.repository)
    console.print(f"{place.asked_by} asks in the pull request: {place.question.splitlines()[0]}", highlight=False)
    repository.comment(place.number, place.asked_by, place.question)

    def answer() -> str | None:
        said = repository.issue(place.number).comments[-1].body
        return said if "<!-- council:answer" in said and not is_progress(said) else None

    return await _awaited(sandbox, console, answer, "answer")


async def _awaited(sandbox: Sandbox, console: Console, look: Callable[[], T | None], what: str) -> T:
    """Wait for what `look` finds. Prints one line per model call when it ends."""
    calls, end = sandbox.providers.calls, time.monotonic() + _MOST_SECONDS
    told = len(calls) if what == "answer" else 0
    with console.status("Models are working …"):
        while time.monotonic() < end:
            for call in calls[told:]:
                words = _DID.get(call.question, "wrote the summary")
                console.print(f"  ✓ {call.model} {words} ({call.ended - call.started:.1f} s)", highlight=False)
            told = len(calls)
            if (found := look()) is not None:
                return found
            await asyncio.sleep(0.1)
    raise UserError(f"no {what} was published within 3 minutes")


def _show(console: Console, sandbox: Sandbox, place: DemoPullRequest, pull: PullRequest) -> None:
    """Print the published review as a person reads it."""
    console.print(Rule(f"{place.repository}#{place.number}, as it was published"))
    for comment in pull.issue.comments:
        if comment.author == sandbox.world.app.bot and "<!-- council:answer" not in comment.body:
            console.print(Markdown(_readable(comment.body)))
    for review in pull.reviews:
        for inline in review.comments:
            console.print(Rule(f"{inline.path}:{inline.line}", align="left"))
            console.print(Markdown(_readable(inline.body)))
    console.print(Rule())


def _show_answer(console: Console, place: DemoPullRequest, body: str) -> None:
    console.print(Rule(f"{place.repository}#{place.number}, the answer"))
    console.print(Markdown(_readable(body)))
    console.print(Rule())


def published_texts(sandbox: Sandbox, place: DemoPullRequest, pull: PullRequest) -> dict[str, object]:
    """The published review as JSON, with the texts as GitHub stores them."""
    check = next(run for run in sandbox.world.repository(place.repository).check_runs.values() if run.name == "Council")
    return {
        "pull_request": f"{sandbox.web_url}/{place.repository}/pull/{place.number}",
        "head_sha": pull.head_sha,
        "check": {"conclusion": check.conclusion, "title": check.title, "annotations": len(check.annotations)},
        "summary": [comment.body for comment in pull.issue.comments if comment.author == sandbox.world.app.bot],
        "inline": [{"path": each.path, "line": each.line, "body": each.body} for review in pull.reviews for each in review.comments],
        "calls": [
            {"model": call.model, "question": call.question, "seconds": round(call.ended - call.started, 2)}
            for call in sandbox.providers.calls
        ],
    }


async def _posted(data: Path, repository_id: int, number: int) -> list[dict[str, str | int | None]]:
    """The findings that the review shows, with their quotes, from the server's database."""
    from app.store.engine.database import open_database
    from app.store.reviews.runs import newest_run

    database = open_database("", data, "")
    try:
        async with database.read() as connection:
            run = await newest_run(connection, repository_id, number)
        return list_posted(Verdict.model_validate_json(run.verdict)) if run and run.verdict else []
    finally:
        await database.close()


async def _make_admin(data: Path, visitor: User) -> None:
    """Make the visitor an admin, so that the admin pages open."""
    from app.clock import now
    from app.store.engine.database import open_database
    from app.store.security.sessions import make_admin

    database = open_database("", data, "")
    try:
        async with database.write() as connection:
            await make_admin(connection, visitor.id, visitor.login, now())
    finally:
        await database.close()


def _say_what_was_real(console: Console, settings: Settings, *, canned: bool, seconds: float) -> None:
    real = "the signed webhook, the queue, the database, every HTTP request, the evidence gate, the vote, the ranking and the publishing"
    if canned:
        console.print(f"Canned: GitHub, and the answers of the three models. Real: {real}.", highlight=False)
        console.print("Set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY to use real models instead.")
    else:
        names = ", ".join(provider.name for provider in settings.providers)
        console.print(f"Canned: GitHub. Real: the models of {names}, {real}.", highlight=False)
    console.print(f"Took {seconds:.0f} s.", highlight=False)


def _readable(body: str) -> str:
    """A comment without its marker, and with folded parts opened under their titles."""
    lines = [line for line in body.split("\n") if not line.startswith("<!--")]
    text = "\n".join(lines).replace("<details><summary>", "\n**▸ ").replace("</summary>", "**\n").replace("</details>", "")
    return text.replace("<sub>", "*").replace("</sub>", "*")
