"""Reactions to our findings and answers, asked for by the clock: GitHub sends no webhook for them."""

import structlog
from pydantic import Field

from app.errors import CouncilError, NotFound
from app.github.client import GitHub, Shape
from app.github.permissions import Permission, permission_of
from app.reporters.inline_text import marked_finding
from app.services.workshop import Workshop
from app.store import consultations, sayings
from app.store import outcomes as stored
from app.store.jobs import Claim
from app.store.outcomes import Commented
from app.store.sayings import Answered, Saying
from app.store.tables import JobState
from app.work import answer_outcomes, outcomes
from reviewers.feedback import Source
from webhooks.jobs import CollectFeedback, Recollection

log = structlog.get_logger(__name__)

# Who has not reacted by then hardly will.
_RECENT = 14 * 24 * 3600.0


class _User(Shape):
    login: str = ""
    type: str = "User"


class _Counts(Shape):
    up: int = Field(default=0, alias="+1")
    down: int = Field(default=0, alias="-1")


class _Comment(Shape):
    id: int
    body: str | None = None
    user: _User | None = None
    reactions: _Counts = _Counts()


class _Reaction(Shape):
    content: str
    user: _User | None = None


async def run(workshop: Workshop, claim: Claim) -> JobState:
    """The job: every pull request that we commented on, and every conversation that we answered in lately."""
    job = claim.job
    assert isinstance(job, CollectFeedback)
    since = workshop.clock() - _RECENT
    async with workshop.database.read() as connection:
        places: tuple[Commented | Answered, ...] = (
            *await stored.commented_since(connection, since),
            *await sayings.answered_since(connection, since),
        )
    found = 0
    for place in places:
        try:
            name, number = place.full_name, place.repository_id
            async with workshop.github.installation(place.installation_id, name, repository_id=number) as github:
                if isinstance(place, Answered):
                    found += await collect_answers(workshop, github, place)
                else:
                    found += await collect(workshop, github, place)
        except CouncilError as error:
            # One repository's trouble is not the others'; the next turn tries again.
            log.warning("reactions could not be read", repository=place.full_name, number=place.number, error=str(error))
    return JobState.DONE if found else JobState.SKIPPED


async def collect(workshop: Workshop, github: GitHub, place: Commented) -> int:
    """Note 👍 and 👎 of people who can write here; how many findings had any. One read where nobody reacted."""
    path = f"/repos/{place.full_name}/pulls/{place.number}/comments"
    bot = f"{(await workshop.identity()).slug}[bot]"
    ours = [each for each in (await github.newest(path, _Comment, 1_000)).items if each.user is not None and each.user.login == bot]
    noted = 0
    for comment in ours:
        beginning = marked_finding(comment.body or "")
        if not beginning or not (comment.reactions.up or comment.reactions.down):
            continue
        balance = await _balance(github, place.full_name, f"pulls/comments/{comment.id}")
        async with workshop.database.write() as connection:
            sign = outcomes.Sign(place.repository_id, place.number, Source.THUMBS, None if balance == 0 else balance > 0)
            noted += await outcomes.note(connection, sign, beginning, workshop.clock())
    return noted


async def collect_answers(workshop: Workshop, github: GitHub, place: Answered) -> int:
    """The same for answers to questions; one read where nobody reacted, two where an answer stands on the diff."""
    noted, left = 0, dict(place.answers)
    for kind in ("issues", "pulls"):
        for comment in await _listed(github, f"/repos/{place.full_name}/{kind}/{place.number}/comments") if left else ():
            answer = left.pop(comment.id, None)
            if answer is None:
                continue
            balance = 0
            if comment.reactions.up or comment.reactions.down:
                balance = await _balance(github, place.full_name, f"{kind}/comments/{comment.id}", answer.login)
            if balance or answer.reacted:
                await _note(workshop, answer.id, balance)
                noted += 1
    return noted


async def _listed(github: GitHub, path: str) -> tuple[_Comment, ...]:
    try:
        return (await github.newest(path, _Comment, 1_000)).items
    except NotFound:
        # An issue has no diff, and one that was deleted no comments.
        return ()


async def _note(workshop: Workshop, consultation_id: str, balance: int) -> None:
    async with workshop.database.write() as connection:
        answer = await consultations.by_id(connection, consultation_id)
        if answer is None:
            return
        if balance == 0:
            await answer_outcomes.take_back(workshop, connection, answer, Recollection.THUMBS_UP, Recollection.THUMBS_DOWN)
        else:
            saying = Saying("", Recollection.THUMBS_UP if balance > 0 else Recollection.THUMBS_DOWN)
            await answer_outcomes.note(workshop, connection, answer, saying)


async def _balance(github: GitHub, full_name: str, comment: str, asker: str = "") -> int:
    """👍 less 👎, of those alone whose word counts, for anybody may react in public: who can write here, and who asked."""
    votes = {"+1": 1, "-1": -1}
    total = 0
    for each in await github.pages(f"/repos/{full_name}/{comment}/reactions", _Reaction, 100):
        login = each.user.login if each.user is not None and each.user.type == "User" else ""
        needed = Permission.READ if login and login == asker else Permission.WRITE
        if each.content in votes and await permission_of(github, full_name, login) >= needed:
            total += votes[each.content]
    return total
