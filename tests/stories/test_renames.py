"""A repository is renamed while work about it waits: it is identified by its id, and requests for the old name are redirected."""

from app.store.reviews import outcomes
from app.work.schedule import queue
from reviewers.learning.feedback import Source
from tests.stories.harness import DIVISION, InProcessSystem
from tests.stories.questions import POOL, issue, script
from webhooks.jobs import CollectFeedback


async def test_a_waiting_review_follows_the_renamed_repository(system: InProcessSystem) -> None:
    """Not the repository that took the old name."""
    system.script([DIVISION], [DIVISION], [])
    repository = system.repository
    pull = system.open()
    await system.sandbox.settled()
    system.sandbox.world.rename("acme/shop", "acme/store")
    other = system.sandbox.world.create_repository("acme/shop", {".github/council.yml": "review: {publish: none}\n"})
    other.open_issue("Not this one")
    await system.settle()
    assert [comment.body[:23] for comment in pull.issue.comments] == ["### Council: do not mer"]
    assert [check.conclusion for check in repository.check_runs.values()] == ["success"]
    assert other.issue(1).comments == [] and other.check_runs == {}


async def test_a_question_is_answered_under_the_new_name(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    repository, made = system.repository, issue(system)
    pull = system.open()
    # The token of this review still has the repository's old name.
    await system.settle()
    script(system, [POOL], [POOL], [])
    repository.comment(pull.number, "ada", "/council config")
    repository.comment(made.number, "ana", "/council ask why does the pool run out?")
    await system.sandbox.settled()
    system.sandbox.world.rename("acme/shop", "acme/store")
    await system.settle()
    assert [body.startswith("### Council") for body in system.comments(pull)] == [True, True]
    (answer,) = [comment.body for comment in made.comments if comment.author.login.endswith("[bot]")]
    assert "It is about the pool." in answer


async def test_reactions_are_read_in_the_renamed_repository(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    repository, pull = system.repository, system.open()
    await system.settle()
    system.sandbox.world.rename("acme/shop", "acme/store")
    # Another repository has the old name now. Ours is known by its new one since the push.
    system.sandbox.world.create_repository("acme/shop", {"README.md": "# Not this one\n"})
    repository.push(pull.number, {"app/cart.py": "def total(items):\n    return 1\n"})
    await system.settle()
    repository.react(pull.reviews[0].comments[0].reactions, "ada", "+1")
    await queue(system.services, [CollectFeedback(slot="one")])
    await system.settle()
    async with system.services.database.read() as connection:
        (sign,) = [each for each in await outcomes.list_signs(connection, repository.id, 0) if each.source is Source.THUMBS]
    assert sign.right and sign.repository == repository.id
