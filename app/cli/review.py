"""`council review`: review a range of commits, or a pull request without posting."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app import log
from app.cli.arguments import readable_text
from app.cli.change import PULL_REQUEST, RequestedChange, open_change
from app.cli.progress import TerminalProgress
from app.cli.running import run_to_end
from app.configuration.settings import Settings, from_environment
from app.councils.first_steps import first_step
from app.councils.model_routes import missing_key
from app.errors import UserError
from app.reporters.text.markdown import code_url
from app.services.local import LocalReview, open_local_council
from app.work.reviews.review_arguments import apply_arguments
from reviewers.context.snapshot import Snapshot
from reviewers.models.vendors import pool
from reviewers.values.finding import Location, Severity
from reviewers.values.verdict import ProposalStanding, Verdict
from webhooks.commands.arguments import Misread, read_arguments
from webhooks.jobs import Arguments

Link = Callable[[Location], str]


def review(  # noqa: PLR0913, PLR0917 — one parameter per option
    what: Annotated[
        str,
        typer.Argument(
            metavar="BASE...HEAD | OWNER/REPO#N", help="what to review; by default the current branch since it left the default branch"
        ),
    ] = "",
    repo: Annotated[Path, typer.Option(help="the git repository")] = Path(),
    focus: Annotated[str, typer.Option(help="what to focus on", callback=readable_text)] = "",
    preset: Annotated[str, typer.Option(help="how strong the council is: fast, balanced, deep or cheap")] = "",
    models: Annotated[str, typer.Option(help="the models to use, separated by commas")] = "",
    budget: Annotated[str, typer.Option(help="the maximum for this review (USD); it can only lower the limit")] = "",
    full: Annotated[bool, typer.Option("--full", help="review everything; a local review always does")] = False,
    staged: Annotated[bool, typer.Option("--staged", help="review staged changes")] = False,
    worktree: Annotated[bool, typer.Option("--worktree", help="review uncommitted changes, staged or not")] = False,
    analyzers_only: Annotated[bool, typer.Option("--analyzers-only", help="run only the static analyzers and call no model")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="for a pull request: print the review and post nothing")] = False,
    fail_on: Annotated[Severity, typer.Option(help="exit 1 if a finding is at least this severe")] = Severity.HIGH,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdict as JSON")] = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="print the findings as SARIF 2.1.0")] = False,
) -> None:
    """Review commits of a local repository, or a pull request. Exit 0: nothing severe, 1: severe findings, 2: not reviewed."""
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    if PULL_REQUEST.match(what) and not dry_run:
        raise UserError(f"to post the review, comment `/council review` on {what}; to print it here, add --dry-run")
    if analyzers_only:
        settings = settings.model_copy(update={"providers": (), "seats": ()})
    elif not settings.providers:
        raise UserError(run_to_end(_no_model(settings)))
    wish = LocalWish(focus, _arguments(preset, models, budget, full=full), analyzers_only=analyzers_only)
    change = RequestedChange(what, repo, staged=staged, worktree=worktree)
    snapshot, verdict = run_to_end(_review(settings, change, wish))
    if as_json or sarif:
        _print_for_machines(verdict, sarif=sarif)
    else:
        _print(snapshot, verdict, _links(settings, change, snapshot))
    sys.exit(_exit_code(verdict, fail_on))


@dataclass(frozen=True)
class LocalWish:
    """What the user asks for in addition to the settings."""

    focus: str
    arguments: Arguments
    analyzers_only: bool


def _arguments(preset: str, models: str, budget: str, *, full: bool) -> Arguments:
    """The options in the form that a comment gives them. Raises UserError."""
    options = (("--preset", preset), ("--models", models.replace(" ", "")), ("--budget", budget))
    words = [f"{name}={value}" for name, value in options if value] + ["--full"] * full
    try:
        return read_arguments(" ".join(words))[1]
    except Misread as misread:
        raise UserError(misread.message.replace("`", "")) from None


async def _review(settings: Settings, change: RequestedChange, wish: LocalWish) -> tuple[Snapshot, Verdict]:
    analyzers_only = wish.analyzers_only
    async with open_change(settings, change) as opened:
        snapshot, config = opened.snapshot, apply_arguments(opened.config, wish.arguments, settings)
        if analyzers_only:
            config = config.model_copy(update={"seats": (), "chair": "auto", "preset": None})
        elif not (config.seats or settings.seats or pool({provider.name for provider in settings.providers})):
            raise UserError(await _no_model(settings))
        async with open_local_council(settings) as council:
            with TerminalProgress(Console(stderr=True)) as lines:
                verdict = await council.review(LocalReview(snapshot, config, wish.focus, opened.repository), lines)
    if not analyzers_only and not verdict.incomplete and not any(seat.is_model for seat in verdict.seats):
        verdict = verdict.model_copy(update={"incomplete": "no model of this server is allowed in this repository"})
    return snapshot, verdict


async def _no_model(settings: Settings) -> str:
    """Why no model can be called, and the fix: what the seats lack, or else what to set for the servers that were found."""
    advice = "; ".join(missing_key(seat) for seat in settings.seats) or await first_step(settings)
    return f"no model is configured, so nothing was reviewed: {advice} (`council models` lists all), or add --analyzers-only"


def _print_for_machines(verdict: Verdict, *, sarif: bool) -> None:
    from app.reporters.sarif import to_sarif
    from app.reporters.text.phrases import list_posted

    posted = {"posted": list_posted(verdict), **verdict.model_dump(mode="json")}
    sys.stdout.write((to_sarif(verdict) if sarif else json.dumps(posted, indent=2)) + "\n")


def _print(snapshot: Snapshot, verdict: Verdict, link: Link) -> None:
    from app.reporters.terminal import render

    # The first line never wraps, so that a log can be searched for it.
    Console().print(render(verdict, snapshot, link), crop=False)


def _links(settings: Settings, change: RequestedChange, snapshot: Snapshot) -> Link:
    """The links of locations: to GitHub for a pull request, otherwise to the file on this machine."""
    if PULL_REQUEST.match(change.what):
        return lambda location: code_url(location, snapshot, settings.github_web_url)
    root = change.repo.resolve()
    return lambda location: (root / (location.path or "")).as_uri()


def _exit_code(verdict: Verdict, fail_on: Severity) -> int:
    if verdict.incomplete or not verdict.answered:
        return 2
    findings = verdict.standing(ProposalStanding.RECOMMENDED, ProposalStanding.UNCONFIRMED)
    if any(ranked.finding.severity.weight >= fail_on.weight for ranked in findings):
        return 1
    return 0 if verdict.conclusive else 2
