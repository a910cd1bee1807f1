"""`council review`: the council on a range of commits, or on a pull request without posting."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app import log
from app.cli.arguments import readable_text
from app.cli.change import PULL_REQUEST, RequestedChange, open_change
from app.cli.progress import Lines
from app.cli.running import run_to_end
from app.errors import UserError
from app.services.first_steps import first_step
from app.services.local import LocalReview, open_desk
from app.services.ways import missing_key
from app.settings import Settings, from_environment
from reviewers.context.snapshot import Snapshot
from reviewers.finding import Severity
from reviewers.models.vendors import pool
from reviewers.verdict import Standing, Verdict


def review(  # noqa: PLR0913, PLR0917 — one parameter an option
    what: Annotated[
        str,
        typer.Argument(metavar="[BASE...HEAD | OWNER/REPO#N]", help="what to review; the branch since it parted from the default branch"),
    ] = "",
    repo: Annotated[Path, typer.Option(help="the git repository")] = Path(),
    focus: Annotated[str, typer.Option(help="what to look at above all", callback=readable_text)] = "",
    staged: Annotated[bool, typer.Option("--staged", help="review what is staged")] = False,
    worktree: Annotated[bool, typer.Option("--worktree", help="review what is not committed yet, staged or not")] = False,
    analyzers_only: Annotated[bool, typer.Option("--analyzers-only", help="ask no model; the static analyzers alone look")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="for a pull request: print, and post nothing")] = False,
    fail_on: Annotated[Severity, typer.Option(help="exit 1 when a finding is at least this severe")] = Severity.HIGH,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdict as JSON")] = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="print the findings as SARIF 2.1.0")] = False,
) -> None:
    """Review commits of a local repository, or a pull request. Exit 0: nothing severe, 1: something is, 2: not reviewed."""
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    if PULL_REQUEST.match(what) and not dry_run:
        raise UserError(f"to review and post, comment `/council review` on {what}; to print only, add --dry-run")
    if analyzers_only:
        settings = settings.model_copy(update={"providers": (), "seats": ()})
    elif not settings.providers:
        raise UserError(run_to_end(_no_model(settings)))
    change = RequestedChange(what, repo, staged=staged, worktree=worktree)
    snapshot, verdict = run_to_end(_review(settings, change, focus, analyzers_only=analyzers_only))
    _print(snapshot, verdict, as_json=as_json, sarif=sarif)
    sys.exit(_exit_code(verdict, fail_on))


async def _review(settings: Settings, change: RequestedChange, focus: str, *, analyzers_only: bool) -> tuple[Snapshot, Verdict]:
    async with open_change(settings, change) as opened:
        snapshot, config = opened.snapshot, opened.config
        if analyzers_only:
            config = config.model_copy(update={"seats": (), "chair": "auto", "preset": None})
        elif not (config.seats or settings.seats or pool({provider.name for provider in settings.providers})):
            raise UserError(await _no_model(settings))
        async with open_desk(settings) as desk:
            with Lines(Console(stderr=True)) as lines:
                verdict = await desk.review(LocalReview(snapshot, config, focus, opened.repository), lines)
    if not analyzers_only and not verdict.incomplete and not any(seat.is_model for seat in verdict.seats):
        verdict = verdict.model_copy(update={"incomplete": "no model of this server may sit in this repository"})
    return snapshot, verdict


async def _no_model(settings: Settings) -> str:
    """Why no model can be asked, and the first step: what its seats lack, else what to set for the servers that are named."""
    advice = "; ".join(missing_key(seat) for seat in settings.seats) or await first_step(settings)
    return f"no model is configured, so nothing was reviewed: {advice} (`council models` lists all), or give --analyzers-only"


def _print(snapshot: Snapshot, verdict: Verdict, *, as_json: bool, sarif: bool) -> None:
    from app.reporters.sarif import to_sarif
    from app.reporters.terminal import render
    from app.reporters.words import list_posted

    if as_json:
        sys.stdout.write(json.dumps({"posted": list_posted(verdict), **verdict.model_dump(mode="json")}, indent=2) + "\n")
    elif sarif:
        sys.stdout.write(to_sarif(verdict) + "\n")
    else:
        # The first line is one line, however narrow the terminal: it is what a log is searched for.
        Console().print(render(verdict, snapshot), crop=False)


def _exit_code(verdict: Verdict, fail_on: Severity) -> int:
    if verdict.incomplete or not verdict.answered:
        return 2
    shown = verdict.standing(Standing.RECOMMENDED, Standing.UNCONFIRMED)
    if any(ranked.finding.severity.weight >= fail_on.weight for ranked in shown):
        return 1
    return 0 if verdict.conclusive else 2
