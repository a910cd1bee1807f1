"""Reactions to our comments on the diff, asked for by the clock: GitHub sends no webhook for them."""

import structlog
from pydantic import Field

from app.errors import CouncilError
from app.github.client import GitHub, Shape
from app.github.permissions import Permission, permission_of
from app.reporters.inline_text import marked_finding
from app.services.workshop import Workshop
from app.store import outcomes as stored
from app.store.jobs import Claim
from app.store.outcomes import Commented
from app.store.tables import JobState
from app.work import outcomes
from reviewers.feedback import Source
from webhooks.jobs import CollectFeedback

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
    """The job: every pull request that we commented on lately."""
    job = claim.job
    assert isinstance(job, CollectFeedback)
    async with workshop.database.read() as connection:
        places = await stored.commented_since(connection, workshop.clock() - _RECENT)
    found = 0
    for place in places:
        try:
            async with workshop.github.installation(place.installation_id, place.full_name) as github:
                found += await collect(workshop, github, place)
        except CouncilError as error:
            # One repository's trouble is not the others'; the next turn tries again.
            log.warning("reactions could not be read", repository=place.full_name, number=place.number, error=str(error))
    return JobState.DONE if found else JobState.SKIPPED


async def collect(workshop: Workshop, github: GitHub, place: Commented) -> int:
    """Note 👍 and 👎 of people who can write here; how many findings had any. One read where nobody reacted."""
    path = f"/repos/{place.full_name}/pulls/{place.number}/comments"
    bot = f"{(await workshop.identity()).slug}[bot]"
    ours = [each for each in await github.pages(path, _Comment, 1_000) if each.user is not None and each.user.login == bot]
    noted = 0
    for comment in ours:
        beginning = marked_finding(comment.body or "")
        if not beginning or not (comment.reactions.up or comment.reactions.down):
            continue
        balance = await _balance(github, place, comment.id)
        async with workshop.database.write() as connection:
            sign = outcomes.Sign(place.repository_id, place.number, Source.THUMBS, None if balance == 0 else balance > 0)
            noted += await outcomes.note(connection, sign, beginning, workshop.clock())
    return noted


async def _balance(github: GitHub, place: Commented, comment_id: int) -> int:
    """👍 less 👎, of those alone whose word counts: anybody may react in public."""
    path = f"/repos/{place.full_name}/pulls/comments/{comment_id}/reactions"
    votes = {"+1": 1, "-1": -1}
    total = 0
    for each in await github.pages(path, _Reaction, 100):
        login = each.user.login if each.user is not None and each.user.type == "User" else ""
        if each.content in votes and await permission_of(github, place.full_name, login) >= Permission.WRITE:
            total += votes[each.content]
    return total
