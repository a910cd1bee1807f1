"""`council review`: the council on a range of commits, or on a pull request without posting."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app import log
from app.cli.change import PULL_REQUEST, read_change
from app.cli.progress import Lines
from app.errors import UserError
from app.services.local import open_desk
from app.settings import Settings, from_environment
from reviewers.context.snapshot import Snapshot
from reviewers.finding import Severity
from reviewers.verdict import Standing, Verdict


def review(  # noqa: PLR0913, PLR0917 — one parameter an option
    what: Annotated[str, typer.Argument(metavar="BASE..HEAD | OWNER/REPO#N", help="what to review")] = "main..HEAD",
    repo: Annotated[Path, typer.Option(help="the git repository of BASE..HEAD")] = Path(),
    focus: Annotated[str, typer.Option(help="what to look at above all")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="for a pull request: print, and post nothing")] = False,
    fail_on: Annotated[Severity, typer.Option(help="exit 1 when a finding is at least this severe")] = Severity.HIGH,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdict as JSON")] = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="print the findings as SARIF 2.1.0")] = False,
) -> None:
    """Review commits of a local repository, or a pull request. Exit 0: nothing severe, 1: something is, 2: no answer."""
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    snapshot, verdict = asyncio.run(_review(settings, what, repo, focus, dry_run=dry_run))
    _print(snapshot, verdict, as_json=as_json, sarif=sarif)
    sys.exit(_exit_code(verdict, fail_on))


async def _review(settings: Settings, what: str, repo: Path, focus: str, *, dry_run: bool) -> tuple[Snapshot, Verdict]:
    if PULL_REQUEST.match(what) and not dry_run:
        raise UserError(f"to review and post, comment `/council review` on {what}; to print only, add --dry-run")
    snapshot, config = await read_change(settings, what, repo)
    async with open_desk(settings) as desk:
        with Lines(Console(stderr=True)) as lines:
            return snapshot, await desk.review(snapshot, config, focus, lines)


def _print(snapshot: Snapshot, verdict: Verdict, *, as_json: bool, sarif: bool) -> None:
    from app.reporters.sarif import to_sarif
    from app.reporters.terminal import render

    if as_json:
        sys.stdout.write(json.dumps(verdict.model_dump(mode="json"), indent=2) + "\n")
    elif sarif:
        sys.stdout.write(to_sarif(verdict) + "\n")
    else:
        Console().print(render(verdict, snapshot))


def _exit_code(verdict: Verdict, fail_on: Severity) -> int:
    if verdict.incomplete:
        return 2
    shown = verdict.standing(Standing.RECOMMENDED, Standing.UNCONFIRMED)
    return int(any(ranked.finding.severity.weight >= fail_on.weight for ranked in shown))
