"""`council review`: the council on a range of commits, or on a pull request without posting."""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app import log
from app.cli.progress import Lines
from app.errors import UserError
from app.git import Repository
from app.github.config_file import parse
from app.github.repository_config import RepositoryConfig
from app.services.local import open_desk
from app.settings import Settings, from_environment
from reviewers.context.snapshot import Snapshot
from reviewers.finding import Severity
from reviewers.verdict import Standing, Verdict

_PULL_REQUEST = re.compile(r"^([\w.-]+/[\w.-]+)#(\d+)$")


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
    if match := _PULL_REQUEST.match(what):
        if not dry_run:
            raise UserError(f"to review and post, comment `/council review` on {what}; to print only, add --dry-run")
        snapshot, config = await _fetched(settings, match[1], int(match[2]))
    else:
        repository = Repository(repo)
        chosen = await repository.resolve(what)
        snapshot, text = await asyncio.gather(repository.snapshot(chosen), repository.config(chosen.base))
        config = _config(text)
    if not snapshot.files:
        raise UserError(f"{what} changes no file")
    async with open_desk(settings) as desk:
        with Lines(Console(stderr=True)) as lines:
            return snapshot, await desk.review(snapshot, config, focus, lines)


async def _fetched(settings: Settings, full_name: str, number: int) -> tuple[Snapshot, RepositoryConfig]:
    from app.github.ci_logs import failing_checks
    from app.github.pull_request import fetch
    from app.services.workshop import open_app

    app = open_app(settings)
    installation = await app.repository_installation(full_name)
    async with app.installation(installation.id, full_name) as github:
        fetched = await fetch(github, full_name, number)
        checks = await failing_checks(github, fetched.snapshot, app.app_id)
    return fetched.snapshot.model_copy(update={"failing_checks": checks}), _config(fetched.config or "")


def _config(text: str) -> RepositoryConfig:
    config, problems = parse(text, RepositoryConfig())
    for problem in problems:
        sys.stderr.write(f".github/council.yml, {problem}\n")
    return config


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
