"""One consultation under way, from a comment or from a page: change here how a question is paid, put to the council and kept."""

from dataclasses import dataclass

from app.configuration.repository_config import RepositoryConfig
from app.councils.council_factory import expert_council
from app.queue.ledger import SqlLedger
from app.repositories.mirror_request import MirrorCommits
from app.services.worker import WorkerServices
from app.store.deletion import forget_consultations
from app.store.questions import consultations
from app.store.questions.consultations import Consultation
from app.store.queue.jobs import LeasedJob, require_lease
from app.store.spending.ledger_calls import CostAccount
from app.work.reviews import track_records
from app.work.reviews.open_job_repository import open_job_repository
from reviewers.council.consultation import consult
from reviewers.council.rounds import Progress, no_progress
from reviewers.values.advice import Advice
from reviewers.values.question import Dossier, Inquiry
from webhooks.jobs import AnswerCommentQuestion, AnswerPageQuestion


@dataclass(frozen=True)
class ConsultationRun:
    """A question whose row is open, with the settings of its repository."""

    services: WorkerServices
    claim: LeasedJob[AnswerCommentQuestion | AnswerPageQuestion]
    opened: Consultation
    config: RepositoryConfig

    @property
    def ledger(self) -> SqlLedger:
        """The money of this question, within the limits of its repository."""
        consultation = self.opened
        return self.services.ledger(CostAccount(consultation.id, consultation.repository.id, consultation.number), self.config.limits)

    async def keep_dossier(self, dossier: Dossier, text: str) -> None:
        """Store what the experts are shown, so that they are shown the same again after a crash; `text` is the dossier as JSON."""
        async with self.services.database.write() as connection:
            await require_lease(connection, self.claim)
            await consultations.keep_dossier(connection, self.opened, text)

    async def ask_experts(self, dossier: Dossier, commits: MirrorCommits, progress: Progress = no_progress) -> Advice:
        """The council's advice, stored; raises Paused where calls were not made because paid work is paused."""
        services, job, consultation, ledger = self.services, self.claim.job, self.opened, self.ledger
        calls = services.call_context(ledger, sealed=consultation.sealed)
        inquiry = Inquiry(
            seed=consultation.id, question=consultation.question, specialist=job.specialist, instructions=self.config.review.instructions
        )
        async with open_job_repository(services, job, commits, self.config, calls.book) as repository:
            council = expert_council(await services.settings_of(job.installation_id), self.config, calls, progress, repository)
            council = await track_records.council_with_track_records(services, council, job, self.config.seats)
            with services.telemetry.tracer.span("council", {"council.consultation": consultation.id}):
                advice = await consult(inquiry, dossier, council)
        ledger.require_running()
        async with services.database.write() as connection:
            await require_lease(connection, self.claim)
            await consultations.conclude(connection, consultation, advice, services.clock())
        services.failpoint("advice kept")
        return advice

    async def forget_transcripts(self) -> None:
        """Drop what was shown and said, where the repository keeps no transcripts."""
        if not self.config.privacy.store_transcripts:
            async with self.services.database.write() as connection:
                await forget_consultations.forget_transcripts(connection, [self.opened.id])
