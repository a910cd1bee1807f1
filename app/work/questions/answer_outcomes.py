"""Records what became of an answer, and credits the seats that proposed the solution in question."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.councils.council_factory import seat_models
from app.services.worker import WorkerServices
from app.store.questions import answer_feedback, consultations
from app.store.questions.answer_feedback import AnswerFeedback
from app.store.questions.consultations import Consultation
from app.store.queue.jobs import LeasedJob, require_lease
from app.store.reviews import outcomes
from app.store.reviews.outcomes import StoredFinding
from app.store.tables.core import JobState
from reviewers.learning.feedback import Source
from reviewers.values.advice import Advice
from reviewers.values.verdict import Stance
from webhooks.jobs import FeedbackKind, JudgeAnswer, RecordIssueClosed

_WRONG = {FeedbackKind.NOT_HELPFUL, FeedbackKind.THUMBS_DOWN}
_SOURCES = {FeedbackKind.CLOSED: Source.CLOSED, FeedbackKind.THUMBS_UP: Source.THUMBS, FeedbackKind.THUMBS_DOWN: Source.THUMBS}


async def run(services: WorkerServices, claim: LeasedJob[RecordIssueClosed]) -> JobState:
    """The job of a closed or reopened issue: record whether its newest answer, if any, helped."""
    job = claim.job
    async with services.database.write() as connection:
        await require_lease(connection, claim)
        answers = await consultations.answered_here(connection, job.repository.id, job.number, 1)
        if not answers:
            return JobState.SKIPPED
        if job.closed:
            await save_feedback_outcome(services, connection, answers[0], AnswerFeedback(job.login, FeedbackKind.CLOSED))
            return JobState.DONE
        await take_back(services, connection, answers[0], FeedbackKind.CLOSED)
    return JobState.DONE


async def judge(services: WorkerServices, claim: LeasedJob[JudgeAnswer]) -> JobState:
    """The job of a person who reported on a page whether an answer helped."""
    job = claim.job
    async with services.database.write() as connection:
        await require_lease(connection, claim)
        answer = await consultations.by_id(connection, job.consultation_id)
        if answer is None:
            return JobState.SKIPPED
        await save_feedback_outcome(
            services, connection, answer, AnswerFeedback(job.login, FeedbackKind.HELPFUL if job.helped else FeedbackKind.NOT_HELPFUL)
        )
    return JobState.DONE


async def save_feedback_outcome(
    services: WorkerServices, connection: AsyncConnection, answer: Consultation, saying: AnswerFeedback
) -> None:
    """Store the outcome with the answer and in the track records of the seats that proposed the solution."""
    now = services.clock()
    await answer_feedback.save_feedback(connection, services.new_id(), answer.id, saying, now)
    ranked = Advice.model_validate_json(answer.advice).ranked if answer.advice else ()
    meant = next((solution for solution in ranked if solution.number == (saying.number or 1)), None)
    if meant is None:
        return
    models = seat_models(services.settings)
    confirmed, rejected = (
        ",".join(models.get(vote.seat, vote.seat) for vote in meant.by(stance)) for stance in (Stance.CONFIRM, Stance.REJECT)
    )
    raised = ",".join(models.get(seat, seat) for seat in meant.raised_by)
    source = _SOURCES.get(saying.what, Source.SAID)
    finding = StoredFinding(_name(answer), answer.specialist, "", raised, confirmed, rejected)
    await outcomes.save_sign(
        connection, (answer.repository.id, answer.number, _name(answer), source), finding, saying.what not in _WRONG, now
    )


async def take_back(services: WorkerServices, connection: AsyncConnection, answer: Consultation, *what: FeedbackKind) -> None:
    """Delete the outcomes of these kinds, except those that a person put into words."""
    for kind in what:
        await answer_feedback.take_back(connection, answer.id, kind, services.clock())
        await outcomes.withdraw_sign(connection, (answer.repository.id, answer.number, _name(answer), _SOURCES[kind]))


def _name(answer: Consultation) -> str:
    return f"answer:{answer.id}"
