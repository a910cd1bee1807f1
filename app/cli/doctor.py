"""`council doctor`: check configuration and connections. Prints one line per check; each failure says how to fix it."""

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Annotated
from urllib.parse import urlsplit

import typer
from pydantic import BaseModel
from rich.console import Console

from app import log
from app.cli.mirror_check import check_mirrors
from app.cli.running import run_to_end
from app.clock import now
from app.configuration.settings import Settings, from_environment
from app.errors import CouncilError, NotFound, UserError
from app.github.manifest import missing_events, missing_permissions
from app.operations.instance_status import UNDECIDED, read_status
from app.secret_filter import url_secrets
from app.services.worker import open_app
from app.store import app_refusals
from app.store.engine.database import open_database
from app.store.security.key_check import check_key
from app.store.security.vault import open_vault


@dataclass(frozen=True)
class CheckLine:
    """One check: its subject, whether it passed, and its result or its fix."""

    what: str
    well: bool
    said: str


def doctor(
    live: Annotated[str, typer.Option(metavar="OWNER/REPO", help="also read this repository on GitHub; nothing is written")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print the checks as JSON")] = False,
) -> None:
    """Check the database, the queue, the GitHub App and each model. A check of a model costs less than a cent."""
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    lines = run_to_end(_examine(settings, live))
    if as_json:
        sys.stdout.write(json.dumps([asdict(line) for line in lines], indent=2) + "\n")
    else:
        console = Console()
        for line in lines:
            console.print(f"{'✓' if line.well else '✗'} {line.what}: {line.said}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(0 if all(line.well for line in lines) else 1)


async def _examine(settings: Settings, live: str) -> list[CheckLine]:
    if live and not re.fullmatch(r"[\w.-]+/[\w.-]+", live):
        raise UserError(f"--live takes OWNER/REPO, not {live!r}")
    checks: list[tuple[str, Callable[[], Awaitable[str]]]] = [
        ("database", lambda: _database(settings)),
        ("spending", lambda: _spending(settings)),
        ("queue", lambda: _queue(settings)),
        ("webhook secret", lambda: _secret(settings)),
        ("GitHub App", lambda: _github_app(settings)),
        ("mirrors", lambda: check_mirrors(settings)),
    ]
    if settings.mail.host:
        checks.append(("e-mail", lambda: _mail(settings)))
    if live:
        checks.append((f"repository {live}", lambda: _repository(settings, live)))
    lines = [await _line(what, check) for what, check in checks]
    return [*lines, *await _models(settings)]


async def _line(what: str, check: Callable[[], Awaitable[str]]) -> CheckLine:
    try:
        return CheckLine(what, True, await check())
    except CouncilError as error:
        return CheckLine(what, False, str(error))


async def _database(settings: Settings) -> str:
    database = open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)
    try:
        if problem := await database.problem(writes=False):
            raise UserError(f"it does not answer ({problem}); check DATABASE_URL")
        await database.migrate()
        if problem := await database.problem():
            raise UserError(f"it cannot be written ({problem})")
        await check_key(database, open_vault(settings.master_key, settings.data), now())
        async with database.read() as connection:
            if waiting := await app_refusals.refusal_reasons(connection, now()):
                raise UserError(f"a worker on this database starts no jobs: {'; '.join(waiting)}")
        kind = f"SQLite in {settings.data}" if database.is_sqlite else "PostgreSQL"
        return f"{kind}, schema up to date{_weak(settings.database_url)}"
    finally:
        await database.close()


async def _spending(settings: Settings) -> str:
    database = open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)
    try:
        if problem := await database.problem():
            raise UserError(f"it cannot be read ({problem})")
        async with database.read() as connection:
            instance_status = await read_status(connection, settings, now())
    finally:
        await database.close()
    if instance_status.state.paused:
        raise UserError(f"paid work is paused; `council resume --all` resumes it. Spent: {instance_status.line(now())}")
    return f"{instance_status.line(now())}{f'. {UNDECIDED}' if instance_status.undecided else ''}"


async def _queue(settings: Settings) -> str:
    if not settings.redis_url:
        from app.queue.valkey import find_server

        return f"embedded, {find_server()}"
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    from app.queue.redis_pool import open_redis_pool

    client = Redis.from_pool(open_redis_pool(settings.redis_url))
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        reason = f"{type(error).__name__}: {error}"[:200]
        raise UserError(f"REDIS_URL does not answer ({reason}); without Redis, jobs start up to 2 s later") from None
    finally:
        await client.aclose()
    return f"Redis answers{_weak(settings.redis_url)}"


def _weak(url: str) -> str:
    """A warning if the password in a URL cannot be masked in posts and logs."""
    weak = urlsplit(url).password and not url_secrets(url)
    return "; its password is short or common, so it cannot be masked in posts: use at least 12 random letters and digits" if weak else ""


async def _secret(settings: Settings) -> str:
    if not settings.webhook_secrets:
        raise UserError("WEBHOOK_SECRET is not set; without it, GitHub's deliveries cannot be verified")
    if len(settings.webhook_secrets[0]) < 16:
        raise UserError("WEBHOOK_SECRET is too short; set 32 random characters here and on the App's page")
    return "set"


async def _github_app(settings: Settings) -> str:
    app = await open_app(settings).app()
    missing, not_sent = missing_permissions(app.permissions), missing_events(app.events)
    if missing:
        raise UserError(
            f"{app.name} lacks permissions: {', '.join(missing)}. Add them on the App's page; each account must accept the change."
        )
    if not_sent:
        raise UserError(f"{app.name} is not subscribed to these events: {', '.join(not_sent)}. Select them on the App's page.")
    return f"{app.name} (id {app.id}), permissions and events are correct"


async def _mail(settings: Settings) -> str:
    server = settings.mail
    from app.notifications.smtp import probe_mail_server

    await probe_mail_server(server)
    signed_in = f", signed in as {server.username}" if server.username else ""
    return f"{server.host}:{server.port} answers ({server.security}{signed_in}); mail is sent from {server.sender}"


async def _repository(settings: Settings, full_name: str) -> str:
    from app.github.installation_client import GitHubModel

    class _Pull(GitHubModel):
        number: int

    app = open_app(settings)
    try:
        installation = await app.repository_installation(full_name)
    except NotFound:
        raise UserError("the App is not installed on it, or it does not exist") from None
    async with app.installation(installation.id, full_name) as github:
        pulls = await github.pages(f"/repos/{full_name}/pulls", _Pull, 5)
        if pulls:
            from app.github.pull_request import fetch

            fetched = await fetch(github, full_name, pulls[0].number)
            return f"installed; read #{pulls[0].number} with {len(fetched.snapshot.files)} files in {github.reads} calls"
    return "installed; there is no open pull request to read"


async def _models(settings: Settings) -> list[CheckLine]:
    """Send each default seat a tiny question by every configured provider, so that a fallback cannot hide a bad key."""
    from app.configuration.repository_config import RepositoryConfig
    from app.councils.first_steps import first_step
    from app.councils.model_routes import ModelRoute, model_of, routes_for, seat_names
    from reviewers.models.model import ModelError, ModelRequest

    class _Hello(BaseModel):
        ok: bool

    reach = ModelRoute(settings)

    async def one(name: str) -> CheckLine:
        request = ModelRequest(
            purpose="doctor", system="Answer in JSON.", prefix="", prompt='Answer {"ok": true}.', answer=_Hello, max_output_tokens=2_000
        )
        try:
            response = await model_of(settings, name, reach).complete(request.model_copy(update={"seconds": float(settings.seat_seconds)}))
        except ModelError as error:
            return CheckLine(f"model {name}", False, str(error))
        price = "price unknown: not used while a budget is set" if response.usage.cost_usd is None else f"${response.usage.cost_usd:.5f}"
        window = await reach.windows.of(name)
        context = f"{window.tokens:,} tokens of context ({window.source})" if window else "context unknown: set COUNCIL_CONTEXT_TOKENS"
        return CheckLine(f"model {name}", response.usage.cost_usd is not None, f"answered ({price}; {context})")

    names = seat_names(settings)
    if not names:
        return [CheckLine("models", False, f"no models are configured; {await first_step(settings)}")]
    ways = dict.fromkeys(way for name in names for way in routes_for(settings, RepositoryConfig(), name))
    return list(await asyncio.gather(*(one(way) for way in ways)))
