"""Collects reactions to our findings and answers on a schedule, because GitHub sends no webhook for them."""

import structlog
from pydantic import Field

from app.errors import CouncilError, NotFound
from app.github.installation_client import GitHubModel, GitHubUser, InstallationClient
from app.github.permissions import Permission, permission_of
from app.reporters.text.inline_text import marked_finding
from app.services.worker import WorkerServices
from app.store.questions import answer_feedback, consultations
from app.store.questions.answer_feedback import AnswerFeedback, AnswerReactions
from app.store.queue.jobs import LeasedJob
from app.store.reviews import outcomes as stored
from app.store.reviews.outcomes import Commented
from app.store.tables.core import JobState
from app.work.questions import answer_outcomes
from app.work.reviews import record_outcome
from reviewers.learning.feedback import Source
from webhooks.jobs import CollectFeedback, FeedbackKind

log = structlog.get_logger(__name__)

# Hardly anybody reacts later than this.
_RECENT = 14 * 24 * 3600.0


class _Counts(GitHubModel):
    up: int = Field(default=0, alias="+1")
    down: int = Field(default=0, alias="-1")


class _Comment(GitHubModel):
    id: int
    body: str | None = None
    user: GitHubUser | None = None
    reactions: _Counts = _Counts()


class _Reaction(GitHubModel):
    content: str
    user: GitHubUser | None = None


async def run(services: WorkerServices, claim: LeasedJob[CollectFeedback]) -> JobState:
    """The job: read the reactions on every pull request and conversation that we recently wrote in."""
    since = services.clock() - _RECENT
    async with services.database.read() as connection:
        places: tuple[Commented | AnswerReactions, ...] = (
            *await stored.commented_since(connection, since),
            *await answer_feedback.answered_since(connection, since),
        )
    found = 0
    for place in places:
        try:
            name, number = place.full_name, place.repository_id
            async with services.github.installation(place.installation_id, name, repository_id=number) as github:
                if isinstance(place, AnswerReactions):
                    found += await collect_answers(services, github, place)
                else:
                    found += await collect(services, github, place)
        except CouncilError as error:
            # An error in one repository does not stop the others. The next turn tries again.
            log.warning("could not read reactions", repository=place.full_name, number=place.number, error=str(error))
    return JobState.DONE if found else JobState.SKIPPED


async def collect(services: WorkerServices, github: InstallationClient, place: Commented) -> int:
    """Record the 👍 and 👎 of people with write access. Returns how many findings had any. It takes one read if nobody reacted."""
    path = f"/repos/{place.full_name}/pulls/{place.number}/comments"
    bot = f"{(await services.identity()).slug}[bot]"
    ours = [item for item in (await github.newest(path, _Comment, 1_000)).items if item.user is not None and item.user.login == bot]
    noted = 0
    for comment in ours:
        beginning = marked_finding(comment.body or "")
        if not beginning or not (comment.reactions.up or comment.reactions.down):
            continue
        balance = await _balance(github, place.full_name, f"pulls/comments/{comment.id}")
        async with services.database.write() as connection:
            sign = record_outcome.OutcomeSign(place.repository_id, place.number, Source.THUMBS, None if balance == 0 else balance > 0)
            noted += await record_outcome.record_outcome(connection, sign, beginning, services.clock())
    return noted


async def collect_answers(services: WorkerServices, github: InstallationClient, place: AnswerReactions) -> int:
    """Record reactions to answers. It takes one read if nobody reacted, two if an answer is on the diff."""
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
                await _note(services, answer.id, balance)
                noted += 1
    return noted


async def _listed(github: InstallationClient, path: str) -> tuple[_Comment, ...]:
    try:
        return (await github.newest(path, _Comment, 1_000)).items
    except NotFound:
        # An issue has no diff, and a deleted one has no comments.
        return ()


async def _note(services: WorkerServices, consultation_id: str, balance: int) -> None:
    async with services.database.write() as connection:
        answer = await consultations.by_id(connection, consultation_id)
        if answer is None:
            return
        if balance == 0:
            await answer_outcomes.take_back(services, connection, answer, FeedbackKind.THUMBS_UP, FeedbackKind.THUMBS_DOWN)
        else:
            saying = AnswerFeedback("", FeedbackKind.THUMBS_UP if balance > 0 else FeedbackKind.THUMBS_DOWN)
            await answer_outcomes.save_feedback_outcome(services, connection, answer, saying)


async def _balance(github: InstallationClient, full_name: str, comment: str, asker: str = "") -> int:
    """👍 minus 👎. Anybody may react in public, so only people with write access and the asker count."""
    votes = {"+1": 1, "-1": -1}
    total = 0
    for page in await github.pages(f"/repos/{full_name}/{comment}/reactions", _Reaction, 100):
        login = page.user.login if page.user is not None and page.user.type == "User" else ""
        needed = Permission.READ if login and login == asker else Permission.WRITE
        if page.content in votes and await permission_of(github, full_name, login) >= needed:
            total += votes[page.content]
    return total
