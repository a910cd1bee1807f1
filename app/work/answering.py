"""Answer a comment where it stands, exactly once: in the conversation, or in its thread on the diff."""

from dataclasses import dataclass

from app.github.client import GitHub
from app.github.writes import Writes
from app.services.workshop import Workshop
from app.store.jobs import Claim
from app.store.outbox import JobOutbox
from app.work.rights import Refusal
from webhooks.job import FromComment

_SURFACE = "reply"


@dataclass(frozen=True)
class Place:
    """A comment, or with `in_review` a review's own text, that is to be answered; `thread_id` is 0 in the conversation."""

    full_name: str
    number: int
    comment_id: int
    thread_id: int = 0
    in_review: bool = False

    @classmethod
    def of(cls, job: FromComment) -> "Place":
        return cls(job.repository.full_name, job.number, job.comment_id, job.thread_id, job.in_review)


async def answer(workshop: Workshop, claim: Claim, github: GitHub, place: Place, text: str) -> None:
    """Post the answer; a marker finds one whose acknowledgement was lost."""
    if await answered(workshop, claim, github, place):
        return
    writes = await _writes(workshop, github, place)
    outbox = JobOutbox(workshop.database, claim, workshop.clock)
    body = f"{text}\n\n{(await outbox.intend(_SURFACE)).marker}"
    remote = await (writes.reply(place.thread_id, body) if place.thread_id else writes.create_comment(body))
    await outbox.created(_SURFACE, str(remote.id), remote.url)


async def answered(workshop: Workshop, claim: Claim, github: GitHub, place: Place) -> bool:
    """Whether the answer is there already, so that nothing needs to be thought about again.

    Where this database knows of none, GitHub is looked at: an acknowledgement may be lost, or a backup restored.
    """
    outbox = JobOutbox(workshop.database, claim, workshop.clock)
    entry = await outbox.intend(_SURFACE)
    if entry.remote_id:
        return True
    writes = await _writes(workshop, github, place)
    there = await (writes.own_review_comments() if place.thread_id else writes.own_comments())
    found = next((own for own in there if entry.marker in (own.body or "")), None)
    if found is not None:
        await outbox.created(_SURFACE, str(found.id), found.url)
    return found is not None


async def refuse(workshop: Workshop, claim: Claim, github: GitHub, place: Place, refusal: Refusal) -> None:
    """One polite line, or a 👎, which the text of a review does not take; GitHub itself keeps one reaction of a kind."""
    if not refusal.quiet:
        await answer(workshop, claim, github, place, refusal.line)
    elif not place.in_review:
        await (await _writes(workshop, github, place)).react(place.comment_id, "-1", on_review_comment=bool(place.thread_id))


async def _writes(workshop: Workshop, github: GitHub, place: Place) -> Writes:
    return workshop.writes(github, await workshop.identity(), place.full_name, place.number)
