"""Records what became of an answer, and credits the seats that proposed the solution in question."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.services.seating import seat_models
from app.services.workshop import Workshop
from app.store import consultations, outcomes, sayings
from app.store.consultations import Consultation
from app.store.jobs import Claim, hold
from app.store.outcomes import Found
from app.store.sayings import Saying
from app.store.tables import JobState
from reviewers.advice import Advice
from reviewers.feedback import Source
from reviewers.verdict import Stance
from webhooks.jobs import JudgeAnswer, NoteClosed, Recollection

_WRONG = {Recollection.NOT_HELPFUL, Recollection.THUMBS_DOWN}
_SOURCES = {Recollection.CLOSED: Source.CLOSED, Recollection.THUMBS_UP: Source.THUMBS, Recollection.THUMBS_DOWN: Source.THUMBS}


async def run(workshop: Workshop, claim: Claim) -> JobState:
    """The job of a closed or reopened issue: record whether its newest answer, if any, helped."""
    job = claim.job
    assert isinstance(job, NoteClosed)
    async with workshop.database.write() as connection:
        await hold(connection, claim)
        answers = await consultations.answered_here(connection, job.repository.id, job.number, 1)
        if not answers:
            return JobState.SKIPPED
        if job.closed:
            await note(workshop, connection, answers[0], Saying(job.login, Recollection.CLOSED))
            return JobState.DONE
        await take_back(workshop, connection, answers[0], Recollection.CLOSED)
    return JobState.DONE


async def judge(workshop: Workshop, claim: Claim) -> JobState:
    """The job of a person who reported on a page whether an answer helped."""
    job = claim.job
    assert isinstance(job, JudgeAnswer)
    async with workshop.database.write() as connection:
        await hold(connection, claim)
        answer = await consultations.by_id(connection, job.consultation_id)
        if answer is None:
            return JobState.SKIPPED
        await note(workshop, connection, answer, Saying(job.login, Recollection.HELPFUL if job.helped else Recollection.NOT_HELPFUL))
    return JobState.DONE


async def note(workshop: Workshop, connection: AsyncConnection, answer: Consultation, saying: Saying) -> None:
    """Store the outcome with the answer and in the track records of the seats that proposed the solution."""
    now = workshop.clock()
    await sayings.note(connection, workshop.new_id(), answer.id, saying, now)
    ranked = Advice.model_validate_json(answer.advice).ranked if answer.advice else ()
    meant = next((each for each in ranked if each.number == (saying.number or 1)), None)
    if meant is None:
        return
    models = seat_models(workshop.settings)
    confirmed, rejected = (
        ",".join(models.get(vote.seat, vote.seat) for vote in meant.by(stance)) for stance in (Stance.CONFIRM, Stance.REJECT)
    )
    raised = ",".join(models.get(seat, seat) for seat in meant.raised_by)
    source = _SOURCES.get(saying.what, Source.SAID)
    found = Found(_name(answer), answer.specialist, "", raised, confirmed, rejected)
    await outcomes.put(connection, (answer.repository.id, answer.number, _name(answer), source), found, saying.what not in _WRONG, now)


async def take_back(workshop: Workshop, connection: AsyncConnection, answer: Consultation, *what: Recollection) -> None:
    """Delete the outcomes of these kinds, except those that a person put into words."""
    for each in what:
        await sayings.take_back(connection, answer.id, each, workshop.clock())
        await outcomes.take_back(connection, (answer.repository.id, answer.number, _name(answer), _SOURCES[each]))


def _name(answer: Consultation) -> str:
    return f"answer:{answer.id}"
