"""`council findings` and `council dismiss`: list the stored findings of a pull request, and dismiss or restore one."""

import json
import sys
import time
from dataclasses import dataclass
from typing import Annotated

import typer

from app.cli.running import run_to_end
from app.cli.status import find_pull_request, open_store
from app.configuration.settings import Settings, from_environment
from app.errors import UserError
from app.services.worker import open_worker_services
from app.store import instance
from app.store.reviews import dispositions, runs
from app.store.reviews.pull_status import repository_named
from reviewers.learning.feedback import Decision, Disposition, Source, apply_decisions
from reviewers.values.verdict import ProposalStanding, RankedFinding, Verdict
from webhooks.jobs import RepositoryRef

_PULL_REQUEST = "the pull request"


@dataclass(frozen=True)
class Reviewed:
    """The newest published review of a pull request, with later decisions applied."""

    repository: RepositoryRef
    number: int
    verdict: Verdict
    sealed: bool

    def find(self, short_id: str) -> RankedFinding:
        """The only finding whose id starts with `short_id`. Raises UserError if there is none, or more than one."""
        among = [ranked for ranked in self.verdict.ranked if short_id and ranked.fingerprint.startswith(short_id.lower())]
        if len(among) != 1:
            what = "several ids start" if among else "no finding has an id that starts"
            raise UserError(f"{what} with {short_id!r}; `council findings` lists them")
        return among[0]


def findings(
    pull_request: Annotated[str, typer.Argument(metavar="OWNER/REPO#N", help=_PULL_REQUEST)],
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """List the findings of a pull request's newest review, with their ids. Exit 0: nothing to fix, 1: something to fix."""
    from app.reporters.text.phrases import in_order, list_posted

    reviewed = run_to_end(_read(from_environment(), pull_request))
    if as_json:
        sys.stdout.write(json.dumps({"findings": list_posted(reviewed.verdict)}, indent=2) + "\n")
    else:
        sys.stdout.write(_listing(reviewed.verdict))
    raise typer.Exit(1 if in_order(reviewed.verdict) else 0)


def dismiss(
    pull_request: Annotated[str, typer.Argument(metavar="OWNER/REPO#N", help=_PULL_REQUEST)],
    short_id: Annotated[str, typer.Argument(metavar="ID", help="the finding's id, or the start of it")],
    reason: Annotated[str, typer.Option(help="why the finding is dismissed")] = "",
    restore: Annotated[bool, typer.Option("--restore", help="undo a dismissal")] = False,
) -> None:
    """Dismiss a finding, or restore it, and update the summary comment."""
    settings = from_environment()
    settings.require_app()
    reviewed = run_to_end(_read(settings, pull_request))
    ranked = reviewed.find(short_id)
    if restore and ranked.standing is not ProposalStanding.DISMISSED:
        raise UserError(f"{ranked.short_id} is not dismissed")
    run_to_end(_decide(settings, reviewed, ranked, None if restore else " ".join(reason.split())[:300]))
    sys.stdout.write(f"{'Restored' if restore else 'Dismissed'}: {_clean(ranked.finding.title)}\n")


async def _read(settings: Settings, place: str) -> Reviewed:
    """Raises UserError if no review was published."""
    full_name, number = find_pull_request(place)
    async with open_store(settings) as database, database.read() as connection:
        repository_id = await repository_named(connection, full_name)
        run = await runs.last_published(connection, repository_id, number) if repository_id else None
        decided = await dispositions.decisions_about(connection, repository_id, number)
    if run is None or run.lost:
        raise UserError(f"this server has no finished review of {place}")
    return Reviewed(run.repository, number, apply_decisions(Verdict.model_validate_json(run.verdict or ""), decided), run.sealed)


async def _decide(settings: Settings, reviewed: Reviewed, ranked: RankedFinding, reason: str | None) -> None:
    """Store the decision (None undoes it) and update the posted comments."""
    from app.work.reviews import record_outcome
    from app.work.reviews.refresh_summary import refresh

    repository, number = reviewed.repository, reviewed.number
    async with open_worker_services(settings) as services:
        async with services.database.write() as connection:
            if reason is None:
                await dispositions.withdraw_decision(connection, repository.id, number, ranked.fingerprint)
            else:
                disposition = Disposition(
                    number=number,
                    fingerprint=ranked.fingerprint,
                    short_id=ranked.short_id,
                    kind=Decision.DISMISSED,
                    login=instance.COMMAND_LINE,
                    reason=reason,
                    finding=ranked.finding,
                )
                await dispositions.save_decision(connection, repository.id, disposition, time.time(), sealed=reviewed.sealed)
            sign = record_outcome.OutcomeSign(repository.id, number, Source.DISMISSED, None if reason is None else False)
            await record_outcome.record_outcome(connection, sign, ranked.fingerprint, time.time())
        installation = await services.github.repository_installation(repository.full_name)
        async with services.github.installation(installation.id, repository.full_name, repository_id=repository.id) as github:
            await refresh(services, github, repository, number)


def _listing(verdict: Verdict) -> str:
    """The verdict line, and one line per finding with its id; disputed, minor and dismissed findings say so."""
    from app.reporters.text.markdown import place
    from app.reporters.text.phrases import STANDING_NAMES, heading, in_order

    rows = [heading(verdict)]
    for ranked in (*in_order(verdict), *verdict.standing(ProposalStanding.NOTED, ProposalStanding.DISMISSED)):
        aside = ranked.standing in {ProposalStanding.DISPUTED, ProposalStanding.NOTED, ProposalStanding.DISMISSED}
        what = f"{ranked.finding.severity}{f', {STANDING_NAMES[ranked.standing]}' if aside else ''}"
        rows.append(f"{ranked.short_id}  {what}  {_clean(place(ranked.finding.location))}  {_clean(ranked.finding.title)}")
    return "\n".join(rows) + "\n"


def _clean(text: str) -> str:
    """Without control characters, so that text from a model cannot control the terminal."""
    return "".join(char if char.isprintable() else " " for char in text)
