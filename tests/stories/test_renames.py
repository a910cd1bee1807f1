"""A repository is renamed while work about it waits: it is identified by its id, and requests for the old name are redirected."""

from app.store.reviews import outcomes
from app.work.schedule import queue
from reviewers.learning.feedback import Source
from tests.stories.harness import DIVISION, InProcessSystem
from tests.stories.questions import POOL, issue, script
from webhooks.jobs import CollectFeedback


async def test_a_waiting_review_follows_the_renamed_repository(house: InProcessSystem) -> None:
    """Not the repository that took the old name."""
    house.script([DIVISION], [DIVISION], [])
    repository = house.repository
    pull = house.open()
    await house.sandbox.settled()
    house.sandbox.world.rename("acme/shop", "acme/store")
    other = house.sandbox.world.create_repository("acme/shop", {".github/council.yml": "review: {publish: none}\n"})
    other.open_issue("Not this one")
    await house.settle()
    assert [comment.body[:23] for comment in pull.issue.comments] == ["### Council: do not mer"]
    assert [check.conclusion for check in repository.check_runs.values()] == ["success"]
    assert other.issue(1).comments == [] and other.check_runs == {}


async def test_a_question_is_answered_under_the_new_name(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.repository.add_collaborator("ada", "write")
    repository, made = house.repository, issue(house)
    pull = house.open()
    # The token of this review still has the repository's old name.
    await house.settle()
    script(house, [POOL], [POOL], [])
    repository.comment(pull.number, "ada", "/council config")
    repository.comment(made.number, "ana", "/council ask why does the pool run out?")
    await house.sandbox.settled()
    house.sandbox.world.rename("acme/shop", "acme/store")
    await house.settle()
    assert [body.startswith("### Council") for body in house.comments(pull)] == [True, True]
    (answer,) = [comment.body for comment in made.comments if comment.author.login.endswith("[bot]")]
    assert "It is about the pool." in answer


async def test_reactions_are_read_in_the_renamed_repository(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.repository.add_collaborator("ada", "write")
    repository, pull = house.repository, house.open()
    await house.settle()
    house.sandbox.world.rename("acme/shop", "acme/store")
    # Another repository has the old name now. Ours is known by its new one since the push.
    house.sandbox.world.create_repository("acme/shop", {"README.md": "# Not this one\n"})
    repository.push(pull.number, {"app/cart.py": "def total(items):\n    return 1\n"})
    await house.settle()
    repository.react(pull.reviews[0].comments[0].reactions, "ada", "+1")
    await queue(house.workshop, [CollectFeedback(slot="one")])
    await house.settle()
    async with house.workshop.database.read() as connection:
        (sign,) = [each for each in await outcomes.list_signs(connection, repository.id, 0) if each.source is Source.THUMBS]
    assert sign.right and sign.repository == repository.id
