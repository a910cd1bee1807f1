"""Records what became of an answer, or looks earlier answers up, and replies once."""

import asyncio
import re

from app.councils.answer_memory import AnswerMemory
from app.errors import Locked
from app.github.question import read_question
from app.reporters.text import history_text
from app.services.worker import WorkerServices
from app.store.questions import consultations
from app.store.questions.answer_feedback import AnswerFeedback
from app.store.questions.consultations import Consultation
from app.store.queue.jobs import LeasedJob, require_lease
from app.store.tables.core import JobState
from app.work.commands import authorization
from app.work.commands.authorization import Caller
from app.work.questions import answer_outcomes, post_answer
from app.work.questions.post_answer import ReplyTarget
from reviewers.values.advice import Advice
from webhooks.jobs import FeedbackKind, RecordAnswerFeedback

_NUMBER = re.compile(r"#?(\d{1,2})\b")


async def run(services: WorkerServices, claim: LeasedJob[RecordAnswerFeedback]) -> JobState:
    """The job. People with read access may look answers up, and the asker may record an outcome."""
    job = claim.job
    async with services.github_for(claim) as github:
        context, access_facts = await asyncio.gather(read_question(github, job), authorization.read_access_facts(services, github, job))
        if context.issue.locked:
            raise Locked
        async with services.database.read() as connection:
            answers = await consultations.answered_here(connection, job.repository.id, job.number, 1)
        person = Caller(job.login, job.what, asked=_own(job, answers))
        refusal = await authorization.authorize(services, claim, person, access_facts)
        if refusal is not None:
            await post_answer.post_refusal(services, claim, github, ReplyTarget.of(job), refusal)
            return JobState.DONE
        text = await (_history(services, job) if job.what is FeedbackKind.HISTORY else _note(services, claim, answers))
        await post_answer.post_answer(services, claim, github, ReplyTarget.of(job), text)
    return JobState.DONE


def _own(job: RecordAnswerFeedback, answers: list[Consultation]) -> bool:
    return bool(answers) and answers[0].login == job.login


async def _history(services: WorkerServices, job: RecordAnswerFeedback) -> str:
    if not job.argument.strip():
        return history_text.WORDS
    found = await AnswerMemory(services.database, services.clock).search(job.repository.id, job.argument)
    return history_text.render(job.argument, found, services.clock())


async def _note(services: WorkerServices, claim: LeasedJob[RecordAnswerFeedback], answers: list[Consultation]) -> str:
    job = claim.job
    if not answers:
        return history_text.NOTHING
    answer = answers[0]
    number, why = _numbered(job)
    titles = _titles(answer)
    if job.what is FeedbackKind.RESOLVED and titles and number not in titles:
        return history_text.no_such(number, titles)
    saying = AnswerFeedback(job.login, job.what, number if job.what is FeedbackKind.RESOLVED else 0, why)
    async with services.database.write() as connection:
        await require_lease(connection, claim)
        await answer_outcomes.save_feedback_outcome(services, connection, answer, saying)
    return history_text.feedback_saved_line(saying.what, titles.get(number, answer.title), answer.url)


def _numbered(job: RecordAnswerFeedback) -> tuple[int, str]:
    """The solution's number, the first unless one is named, and the rest of the argument."""
    match = _NUMBER.match(job.argument.strip())
    return (int(match[1]), job.argument.strip()[match.end() :].strip()) if match else (1, job.argument.strip())


def _titles(answer: Consultation) -> dict[int, str]:
    """The solutions' titles by number. Empty if the transcript is gone."""
    if not answer.advice:
        return {}
    return {solution.number: solution.solution.title for solution in Advice.model_validate_json(answer.advice).ranked if solution.number}
