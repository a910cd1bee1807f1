"""The context of a command: the caller and request, the config, and the last verdict on the pull request."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

from app.authorization.plan_quota import used_up
from app.configuration.encryption_at_rest import is_encrypted_at_rest
from app.councils.council_factory import models_by_seat
from app.councils.seat_selection import looks_of
from app.errors import NotFound, UserError
from app.github.installation_client import InstallationClient
from app.queue.ledger import SqlLedger
from app.reporters.text.inline_text import marked_finding
from app.repositories.mirror_request import MirrorCommits
from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob
from app.store.reviews import dispositions, runs
from app.store.reviews.runs import Run
from app.store.reviews.transcripts import LOST
from app.store.spending.ledger_calls import CostAccount, book_lost
from app.work.commands.authorization import AccessFacts
from app.work.reviews.open_job_repository import open_job_repository
from reviewers.context.repository.looks import RepositoryView
from reviewers.context.snapshot import Snapshot
from reviewers.learning.feedback import apply_decisions
from reviewers.models.model import Model
from reviewers.seats.repository_looks import LookDesk
from reviewers.seats.structured_query import LookAllowance
from reviewers.values.verdict import RankedFinding, Verdict
from webhooks.jobs import AnswerInThread, ExecuteCommand

NO_REVIEW = "There is no finished review here yet; `/council review` starts one."


@dataclass(frozen=True)
class LastReview:
    """The newest published run with its verdict. Findings dismissed since are set aside in it."""

    run: Run
    snapshot: Snapshot
    verdict: Verdict


@dataclass(frozen=True)
class CommandModels:
    """The models that a command may ask, by seat, and the commit that each may look at."""

    by_seat: Mapping[str, Model]
    repository: RepositoryView | None
    allowance: LookAllowance

    def context(self, stage: Literal["opinion", "critique"] = "opinion") -> LookDesk:
        """A new allowance of looks, for one question to one of the models."""
        return LookDesk(self.repository, self.allowance, stage)


@dataclass(frozen=True)
class CommandContext:
    """One command in progress."""

    services: WorkerServices
    claim: LeasedJob
    job: ExecuteCommand | AnswerInThread
    github: InstallationClient
    grounds: AccessFacts

    @property
    def name(self) -> str:
        return self.job.repository.full_name

    @property
    def sealed(self) -> bool:
        """Whether the text of this command is stored encrypted."""
        return is_encrypted_at_rest(self.services.settings, self.grounds.config)

    async def last(self) -> LastReview:
        """The last verdict. Raises UserError if nothing was published yet."""
        async with self.services.database.read() as connection:
            run = await runs.last_published(connection, self.job.repository.id, self.job.number)
            decided = await dispositions.decisions_about(connection, self.job.repository.id, self.job.number)
        if run is None:
            raise UserError(NO_REVIEW)
        if run.lost:
            raise UserError(LOST)
        verdict = Verdict.model_validate_json(run.verdict or "")
        aside = apply_decisions(verdict, decided)
        return LastReview(run, Snapshot.model_validate_json(run.snapshot or ""), aside)

    async def finding(self, last: LastReview) -> tuple[RankedFinding, str]:
        """The finding that the argument's first word or the thread names, and the rest of the argument."""
        argument = self.job.argument if isinstance(self.job, ExecuteCommand) else "-"
        first, _, rest = argument.partition(" ")
        if first in {"", "-"}:
            return named_finding(await self._of_thread(), last.verdict.ranked, "this thread is not about a finding"), rest.strip()
        return named_finding(first, last.verdict.ranked, f"no id starts with {first}"), rest.strip()

    async def _of_thread(self) -> str:
        """The fingerprint prefix that the thread's first comment, if it is ours, is about."""
        if not self.job.thread_id:
            return ""
        writes = self.services.writes(self.github, await self.services.identity(), self.name, self.job.number)
        try:
            comment = await writes.review_comment(self.job.thread_id)
        except NotFound:
            return ""
        return marked_finding(comment.body or "") if comment is not None else ""

    @asynccontextmanager
    async def models(self, last: LastReview) -> AsyncIterator[CommandModels]:
        """The models that this command may ask, at its cost. Raises UserError if the account's plan is used up."""
        services, config, head_sha = self.services, self.grounds.config, last.run.head_sha
        if line := await used_up(services.database, self.job.installation_id, services.clock()):
            raise UserError(line)
        async with services.database.write() as connection:
            await book_lost(connection, self.claim.job_id, services.clock())
        ledger = self.ledger(head_sha)
        call_context = services.call_context(ledger, sealed=self.sealed)
        by_seat = models_by_seat(await services.settings_of(self.job.installation_id), config, call_context)
        commits = MirrorCommits(head_sha, pull_number=self.job.number)
        async with open_job_repository(services, self.job, commits, config, call_context.book) as repository:
            yield CommandModels(by_seat, repository, looks_of(config))
        ledger.require_running()

    def ledger(self, head_sha: str) -> SqlLedger:
        """The ledger of this command: a separate account, within the caps of the repository."""
        account = CostAccount(self.claim.job_id, self.job.repository.id, self.job.number)
        return self.services.ledger(account, self.grounds.config.limits, head_sha)


class CommandAction(Protocol):
    async def __call__(self, context: CommandContext) -> str:
        """Run the command and return the answer. Running it twice has one effect. Raises UserError, whose text is the answer."""
        ...


def named_finding(beginning: str, ranked: Sequence[RankedFinding], otherwise: str = "") -> RankedFinding:
    """The finding with this id prefix. Raises UserError with `otherwise` if there is none."""
    findings = [finding for finding in ranked if finding.short_id == beginning]
    findings = findings or [finding for finding in ranked if beginning and finding.fingerprint.startswith(beginning)]
    if len(findings) == 1:
        return findings[0]
    if findings:
        raise UserError(f"More than one id starts with {beginning}; use more characters of it.")
    otherwise = otherwise or f"no id starts with {beginning}"
    raise UserError(f"There is no such finding here: {otherwise}. The ids are in the summary, under Act on findings.")
