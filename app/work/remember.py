"""Records what became of an answer, or looks earlier answers up, and replies once."""

import asyncio
import re

from app.errors import Locked
from app.github.question import asked
from app.reporters import history_text
from app.services.remembering import Memory
from app.services.workshop import Workshop
from app.store import consultations
from app.store.consultations import Consultation
from app.store.jobs import Claim, hold
from app.store.sayings import Saying
from app.store.tables import JobState
from app.work import answer_outcomes, answering, rights
from app.work.answering import Place
from app.work.rights import Person
from reviewers.advice import Advice
from webhooks.jobs import Recollection, Remember

_NUMBER = re.compile(r"#?(\d{1,2})\b")


async def run(workshop: Workshop, claim: Claim) -> JobState:
    """The job. People with read access may look answers up, and the asker may record an outcome."""
    job = claim.job
    assert isinstance(job, Remember)
    async with workshop.github_for(claim) as github:
        found, known = await asyncio.gather(asked(github, job), rights.grounds(workshop, github, job))
        if found.issue.locked:
            raise Locked
        async with workshop.database.read() as connection:
            answers = await consultations.answered_here(connection, job.repository.id, job.number, 1)
        person = Person(job.login, job.what, asked=_own(job, answers))
        refusal = await rights.decide(workshop, claim, person, known)
        if refusal is not None:
            await answering.refuse(workshop, claim, github, Place.of(job), refusal)
            return JobState.DONE
        text = await (_history(workshop, job) if job.what is Recollection.HISTORY else _note(workshop, claim, answers))
        await answering.answer(workshop, claim, github, Place.of(job), text)
    return JobState.DONE


def _own(job: Remember, answers: list[Consultation]) -> bool:
    return bool(answers) and answers[0].login == job.login


async def _history(workshop: Workshop, job: Remember) -> str:
    if not job.argument.strip():
        return history_text.WORDS
    found = await Memory(workshop.database, workshop.clock).search(job.repository.id, job.argument)
    return history_text.render(job.argument, found, workshop.clock())


async def _note(workshop: Workshop, claim: Claim, answers: list[Consultation]) -> str:
    job = claim.job
    assert isinstance(job, Remember)
    if not answers:
        return history_text.NOTHING
    answer = answers[0]
    number, why = _numbered(job)
    titles = _titles(answer)
    if job.what is Recollection.RESOLVED and titles and number not in titles:
        return history_text.no_such(number, titles)
    saying = Saying(job.login, job.what, number if job.what is Recollection.RESOLVED else 0, why)
    async with workshop.database.write() as connection:
        await hold(connection, claim)
        await answer_outcomes.note(workshop, connection, answer, saying)
    return history_text.noted(saying.what, titles.get(number, answer.title), answer.url)


def _numbered(job: Remember) -> tuple[int, str]:
    """The solution's number, the first unless one is named, and the rest of the argument."""
    match = _NUMBER.match(job.argument.strip())
    return (int(match[1]), job.argument.strip()[match.end() :].strip()) if match else (1, job.argument.strip())


def _titles(answer: Consultation) -> dict[int, str]:
    """The solutions' titles by number. Empty if the transcript is gone."""
    if not answer.advice:
        return {}
    return {each.number: each.solution.title for each in Advice.model_validate_json(answer.advice).ranked if each.number}
