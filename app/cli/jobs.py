"""`council jobs`: list queued, running and failed jobs, retry them, or cancel them."""

import json
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from app import log
from app.cli.running import run_to_end
from app.clock import now
from app.configuration.settings import from_environment
from app.errors import UserError
from app.store.engine.database import open_database
from app.store.queue import job_list
from app.store.queue.job_list import KIND_NAMES, JobFacts
from app.store.tables.core import JobState
from app.web.wording import state_name

app = typer.Typer(help="List, show, retry or cancel jobs.", no_args_is_help=True)
_T = TypeVar("_T")
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
JobId = Annotated[str, typer.Argument(metavar="JOB", help="the job's id, or the end of it")]


@app.command("list")
def list_jobs(
    state: Annotated[list[JobState] | None, typer.Option(help="only jobs in this state; repeat for more")] = None,
    most: Annotated[int, typer.Option("--most", min=1, max=10_000, help="the most jobs to list")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the newest jobs that are queued, running or failed."""
    job_states = state or [JobState.QUEUED, JobState.RUNNING, JobState.DEAD]
    found = _with_store(lambda connection: job_list.list_jobs(connection, job_states, most))
    if as_json:
        sys.stdout.write(json.dumps([asdict(each) for each in found], indent=2) + "\n")
        return
    console = Console()
    if not found:
        *first, last = (state_name(each.value) for each in job_states)
        console.print(f"There are no {', '.join(first)}{' or ' if first else ''}{last} jobs.")
        return
    table = Table("job", "kind", "state", "for", "since", "last error", box=None)
    for each in found:
        table.add_row(each.id[-8:], each.kind, _state(each), _place(each), _ago(each.created_at), each.error.split("\n")[0][:60])
    console.print(table)


@app.command()
def show(job: JobId, as_json: AsJson = False) -> None:
    """Show all details of a job."""
    job_facts = _one(job)
    if as_json:
        sys.stdout.write(json.dumps(asdict(job_facts), indent=2) + "\n")
        return
    table = Table(box=None, show_header=False)
    for name, value in asdict(job_facts).items():
        shown = _moment(value) if name.endswith("_at") and value else value
        table.add_row(name.replace("_", " "), str(shown if shown not in ("", None) else "–"))
    Console().print(table)


@app.command()
def retry(
    job: Annotated[str, typer.Argument(metavar="JOB", help="the job's id, or the end of it")] = "",
    every: Annotated[bool, typer.Option("--all", help="all failed jobs")] = False,
    kind: Annotated[str, typer.Option(help="with --all: only jobs of this kind, such as review")] = "",
    since: Annotated[str, typer.Option(help="with --all: only jobs that failed since then: 90min, 12h, 2d or a date")] = "",
) -> None:
    """Run a failed, canceled or waiting job again now, or all failed jobs with --all."""
    if every == bool(job) or ((kind or since) and not every):
        raise UserError("give the id of one job, or --all, which --kind and --since can narrow")
    if every:
        if kind and kind not in KIND_NAMES:
            raise UserError(f"unknown kind of job {kind!r}; choose from {', '.join(sorted(KIND_NAMES))}")
        count = _with_store(lambda connection: job_list.retry_dead(connection, now(), kind, _since(since)))
        Console().print(f"{count} {'job is' if count == 1 else 'jobs are'} queued.")
        return
    found = _one(job)
    if not _with_store(lambda connection: job_list.retry_job(connection, found.id, now())):
        raise UserError(f"job {found.id[-8:]} is {state_name(found.state)}; only failed, canceled and waiting jobs can be retried")
    Console().print(f"Job {found.id[-8:]} is queued.")


@app.command()
def drop(job: JobId) -> None:
    """Cancel a queued or running job."""
    found = _one(job)
    if not _with_store(lambda connection: job_list.drop_job(connection, found.id, now())):
        raise UserError(f"job {found.id[-8:]} is already {state_name(found.state)}")
    Console().print(f"Job {found.id[-8:]} is canceled.")


def _since(text: str) -> float:
    """A date or an age such as "12h" as seconds since the epoch; 0 for ""."""
    if not text:
        return 0.0
    if found := re.fullmatch(r"(\d{1,6})(min|h|d)", text):
        return now() - int(found[1]) * {"min": 60, "h": 3_600, "d": 86_400}[found[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"--since cannot be {text!r}; use 90min, 12h, 2d or a date such as 2026-11-28T12:00") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _one(prefix: str) -> JobFacts:
    found = _with_store(lambda connection: job_list.jobs_by_id(connection, prefix))
    if len(found) != 1:
        raise UserError(
            f"no job has the id {prefix!r}; see `council jobs list`" if not found else f"several jobs have ids that end in {prefix!r}"
        )
    return found[0]


def _with_store(ask: Callable[[AsyncConnection], Awaitable[_T]]) -> _T:
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)

    async def asked() -> _T:
        database = open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)
        try:
            await database.migrate()
            async with database.write() as connection:
                return await ask(connection)
        finally:
            await database.close()

    return run_to_end(asked())


def _state(job: JobFacts) -> str:
    tries = [f"{count} {name}" for count, name in ((job.failures, "failed"), (job.crashes, "crashed")) if count]
    return f"{state_name(job.state)}{f' ({job.stage})' if job.stage else ''}{', ' if tries else ''}{', '.join(tries)}"


def _place(job: JobFacts) -> str:
    return f"{job.repository}#{job.number}" if job.number else job.repository


def _ago(moment: float) -> str:
    seconds = max(0.0, now() - moment)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
