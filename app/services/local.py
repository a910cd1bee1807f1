"""Reviews local changes, or a pull request without posting, and answers questions about them, with the store but no queue."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

from app.authorization.daily_command_limit import Asker, take_turn
from app.clock import new_id, now
from app.configuration.encryption_at_rest import is_encrypted_at_rest
from app.configuration.repository_config import RepositoryConfig, of_instance
from app.configuration.settings import Settings
from app.councils.answer_memory import AnswerMemory
from app.councils.council_factory import build_brief, expert_council, review_council
from app.councils.local_question import LocalQuestion, local_dossier
from app.councils.model_stack import CallContext
from app.councils.seat_selection import SelectionFacts, choose_seats
from app.errors import UserError
from app.queue.ledger import LedgerClock, SpendingCaps, SqlLedger
from app.repositories.open_repository import open_local_repository
from app.store.command_uses import CommandUse
from app.store.deletion import forget_consultations
from app.store.deletion.retention import DAY
from app.store.engine.database import Database, open_database
from app.store.questions import consultations
from app.store.questions.consultations import ConversationRef, KeepPeriod, NewQuestion
from app.store.questions.memory_search import Recalled
from app.store.reviews import dispositions, runs
from app.store.reviews.local_runs import LocalRun, keep_local, local_verdict
from app.store.reviews.model_answers import SqlAnswerBook
from app.store.reviews.pull_status import repository_named
from app.store.reviews.runs import Run
from app.store.reviews.transcripts import LOST
from app.store.spending.ledger_calls import CostAccount
from reviewers.context.repository.looks import RepositoryView
from reviewers.context.snapshot import Snapshot
from reviewers.council.consultation import consult
from reviewers.council.deliberation import deliberate
from reviewers.council.rounds import Progress
from reviewers.council.urgency import find_urgency
from reviewers.learning.feedback import apply_decisions
from reviewers.values.advice import Advice
from reviewers.values.question import Inquiry
from reviewers.values.verdict import Verdict
from webhooks.jobs import RepositoryRef


def _ignore(problem: str) -> None:
    """Ignore a problem. The answer names it too."""


@dataclass(frozen=True)
class LocalReview:
    """A change to review on this machine, and the repository that seats may look at, None for none."""

    snapshot: Snapshot
    config: RepositoryConfig
    focus: str = ""
    repository: RepositoryView | None = None


@dataclass(frozen=True)
class LocalCouncil:
    """The stored answers and the ledger of local reviews."""

    settings: Settings
    database: Database

    async def review(self, asked: LocalReview, progress: Progress, run_id: str = "") -> Verdict:
        """The council's verdict, within the caps of its settings. Nothing is published."""
        snapshot, config = asked.snapshot, asked.config
        call_context, ledger = self._call_context(run_id or new_id(), config, snapshot.head_sha)
        order = build_brief(config, snapshot.head_sha, asked.focus)
        selection = await choose_seats(
            self.settings, config, order, snapshot, ledger, SelectionFacts(find_urgency((), snapshot.head_ref, asked.focus))
        )
        council = review_council(self.settings, config, call_context, selection, progress, asked.repository)
        verdict = await deliberate(order, snapshot, council)
        ledger.require_running()
        return verdict

    async def kept_review(self, asked: LocalReview, progress: Progress, place: RepositoryRef) -> tuple[str, Verdict]:
        """The same, stored under the id of its run so that it can be read later."""
        run_id = new_id()
        verdict = await self.review(asked, progress, run_id)
        async with self.database.write() as connection:
            sealed = is_encrypted_at_rest(self.settings, asked.config)
            await keep_local(connection, LocalRun(run_id, place, asked.snapshot.head_sha), verdict.model_dump_json(), now(), sealed=sealed)
        return run_id, verdict

    async def take_turn(self, asker: Asker, command: str) -> None:
        """Count a person's paid command. Raises LimitReached or Paused."""
        async with self.database.write() as connection:
            await take_turn(connection, self.settings, CommandUse(new_id(), 0, asker.login, command, paid=True), now())

    async def stored(self, run: str, place: RepositoryRef) -> Advice | Verdict:
        """An earlier answer or review of that repository, by its full id. Raises UserError if there is none."""
        async with self.database.read() as connection:
            consultation = await consultations.by_id(connection, run)
            if consultation is not None and consultation.repository.id != place.id:
                raise UserError(f"no run {run} of this repository")
            if consultation is not None and consultation.advice:
                return Advice.model_validate_json(consultation.advice)
            if consultation is not None and consultation.lost:
                raise UserError(LOST)
            if consultation is not None:
                raise UserError(f"the answer {run} is no longer stored: {consultation.title or 'it had no solution'}")
            return Verdict.model_validate_json(await local_verdict(connection, run, place))

    async def findings(self, full_name: str, number: int) -> tuple[Run, Verdict]:
        """The newest published review of a pull request in this store, with later decisions. Raises UserError if there is none."""
        async with self.database.read() as connection:
            repository_id = await repository_named(connection, full_name)
            run = await runs.last_published(connection, repository_id, number) if repository_id else None
            decided = await dispositions.decisions_about(connection, repository_id, number)
        if run is None or run.lost or run.verdict is None:
            raise UserError(f"this machine's store has no published review of {full_name}#{number}")
        return run, apply_decisions(Verdict.model_validate_json(run.verdict), decided)

    async def ask(self, asked: LocalQuestion, progress: Progress, warn: Callable[[str], None] = _ignore) -> tuple[str, Advice]:
        """The council's advice and its id, within the caps of the repository's settings. It is stored like any other.

        `warn` gets what could not be read, one sentence each, before any model is asked.
        """
        material = await local_dossier(asked, of_instance(self.settings.caps))
        dossier, config = material.dossier, material.config
        for problem in material.problems:
            warn(problem)
        days = min(self.settings.retention_days, config.privacy.retention_days)
        span = KeepPeriod(now(), now() + days * DAY)
        async with self.database.write() as connection:
            said = NewQuestion("", asked.specialist, asked.question)
            consultation = await consultations.open_local(connection, new_id(), ConversationRef(0, asked.place), said, span)
        consultation = replace(consultation, sealed=is_encrypted_at_rest(self.settings, config))
        inquiry = Inquiry(
            seed=consultation.id, question=asked.question, specialist=asked.specialist, instructions=config.review.instructions
        )
        dossier = await AnswerMemory(self.database, now).added(dossier, consultation)
        call_context, ledger = self._call_context(consultation.id, config, "")
        async with open_local_repository(asked.repository, dossier.sha, self.settings) as repository:
            advice = await consult(inquiry, dossier, expert_council(self.settings, config, call_context, progress, repository))
        ledger.require_running()
        async with self.database.write() as connection:
            await consultations.conclude(connection, consultation, advice, now())
            if not config.privacy.store_transcripts:
                await forget_consultations.forget_transcripts(connection, [consultation.id])
        return consultation.id, advice

    async def history(self, repository: RepositoryRef, words: str) -> list[Recalled]:
        """The earlier questions about a repository."""
        return await AnswerMemory(self.database, now).search(repository.id, words)

    def _call_context(self, run_id: str, config: RepositoryConfig, head_sha: str) -> tuple[CallContext, SqlLedger]:
        caps = replace(SpendingCaps.under(config.limits, self.settings), pull_request=None)
        ledger = SqlLedger(self.database, CostAccount(run_id, 0, 0), caps, head_sha, LedgerClock(now, new_id))
        return CallContext(
            SqlAnswerBook(self.database, run_id, now, sealed=is_encrypted_at_rest(self.settings, config)), ledger, seed=run_id
        ), ledger


@asynccontextmanager
async def open_local_council(settings: Settings) -> AsyncIterator[LocalCouncil]:
    """Open the store of local reviews."""
    database = open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)
    try:
        await database.migrate()
        with _settled_at_the_end():
            yield LocalCouncil(settings, database)
    finally:
        await database.close()


@contextmanager
def _settled_at_the_end() -> Iterator[None]:
    """Cancels the work on SIGTERM, so that calls in flight book their reservations. Otherwise the process would end with them open."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    stopped: list[int] = []

    def stop() -> None:
        stopped.append(signal.SIGTERM)
        if task is not None:
            task.cancel()

    try:
        loop.add_signal_handler(signal.SIGTERM, stop)
    except (NotImplementedError, RuntimeError, ValueError):
        # Windows has no such handlers, and a thread may set none.
        yield
        return
    try:
        yield
    except asyncio.CancelledError:
        if not stopped:
            raise
        raise UserError("it was stopped early; calls without an answer are booked at their maximum cost") from None
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
