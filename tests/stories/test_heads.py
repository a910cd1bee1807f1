"""One check run per head: it shows the worst of its pull requests, why one is not reviewed, and what a merge queue waits for."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from app.clock import now
from app.sandbox.github.entities import CheckRun
from app.sandbox.github.webhook_sender import DeliveryMode
from app.store.engine.upsert import sql_table
from app.store.questions import consultations
from app.store.questions.consultations import ConversationRef, KeepPeriod
from app.store.reviews import pauses
from app.store.reviews.pauses import Pause
from app.store.spending import plans
from app.store.tables.core import JobRow, JobState
from app.work.job_handlers import JOB_HANDLERS
from app.work.reviews import merge_group_check
from app.work.schedule import queue
from app.work.worker import Worker
from tests.stories.harness import HEAD, INJECTION, InProcessSystem
from webhooks.jobs import LookAgain, Reconcile, RepositoryRef

JOB = sql_table(JobRow)
GATED = {".github/council.yml": "gate: {enabled: true, confirmed_by_another_vendor: false, incomplete: action_required}\n"}


def check(house: InProcessSystem, sha: str) -> CheckRun:
    """The one check run of a head."""
    (found,) = [run for run in house.checks() if run.head_sha == sha]
    return found


async def test_two_pull_requests_of_one_head_share_its_check_run(house: InProcessSystem) -> None:
    house.repository.push_branch("main", GATED)
    house.repository.push_branch("release", {})
    house.script([INJECTION], [INJECTION], [INJECTION])
    red = house.open()
    await house.settle()
    sha = red.head_sha
    assert check(house, sha).conclusion == "failure" and check(house, sha).external_id == f"council:{house.repository.id}:{sha}"
    noted = len(check(house, sha).annotations)
    house.script([], [], [])
    green = house.repository.open_pull_request("The same for the release", {}, base="release", same_as=red.number)
    await house.settle()
    said = check(house, sha)
    assert said.conclusion == "failure" and f"#{red.number}" in (said.title or "")
    assert f"#{green.number}: success" in (said.summary or "") and f"#{red.number}: failure" in (said.summary or "")
    assert len(said.annotations) == noted == 1
    # A re-run of the suite, or of the check, reviews both again.
    bought = house.bought()
    house.repository.rerequest_suite(sha)
    await house.settle()
    assert house.bought() >= bought + 2 * len(house.seats) and check(house, sha).conclusion == "failure"
    assert len(check(house, sha).annotations) == noted
    bought = house.bought()
    house.repository.rerequest(said.id)
    await house.settle()
    assert house.bought() >= bought + 2 * len(house.seats)
    # One is closed: the check is the other's. A push leaves the old head to the pull requests that still have it.
    house.repository.close(red.number)
    await house.settle()
    assert check(house, sha).conclusion == "success" and f"#{red.number}" not in (check(house, sha).title or "")
    third = house.repository.open_pull_request("The same as a draft", {}, same_as=red.number, draft=True)
    await house.settle()
    assert f"#{green.number}: success" in (check(house, sha).summary or "")
    house.repository.push(green.number, {"app/other.py": "x = 1\n"})
    await house.settle()
    assert f"#{green.number}" not in (check(house, sha).summary or "")
    assert f"#{third.number}" in (check(house, sha).summary or "") and check(house, sha).conclusion == "failure"


@pytest.mark.parametrize("gate", [False, True])
async def test_a_skip_has_a_reason_and_does_not_pass_the_gate(house: InProcessSystem, gate: bool) -> None:
    if gate:
        house.repository.push_branch("main", GATED)
    house.script([INJECTION], [INJECTION], [INJECTION])
    house.repository.add_collaborator("ada", "write")
    house.repository.add_collaborator("mia", "maintain")
    held = "action_required" if gate else "skipped"
    draft = house.open(draft=True)
    await house.settle()
    assert (check(house, draft.head_sha).title, check(house, draft.head_sha).conclusion) == ("Skipped: draft", held)
    assert "/council review" in (check(house, draft.head_sha).summary or "") and house.comments(draft) == []
    bot = house.repository.open_pull_request("Bump a library", HEAD, branch="bump")
    bot.issue.author = house.sandbox.world.user("renovate[bot]")
    await house.settle()
    assert check(house, bot.head_sha).conclusion == "skipped" and house.bought() == 0
    # Removing the label starts a review of the head. A failed check stays failed when the label comes back.
    labeled = house.repository.open_pull_request("Search", HEAD, branch="labeled", draft=True)
    house.repository.label(labeled.number, "no-council")
    house.repository.mark_ready(labeled.number)
    await house.settle()
    assert check(house, labeled.head_sha).title == "Skipped: label matches 'no-council'" and house.bought() == 0
    house.repository.comment(labeled.number, "ada", "/council status")
    await house.settle()
    house.repository.unlabel(labeled.number, "no-council")
    await house.settle()
    ended = "failure" if gate else "success"
    assert check(house, labeled.head_sha).conclusion == ended
    assert "Not reviewed: its label matches 'no-council'" in house.comments(labeled)[0]
    house.repository.label(labeled.number, "no-council")
    same = house.repository.open_pull_request("WIP", {}, same_as=labeled.number, draft=True)
    await house.settle()
    assert check(house, same.head_sha).conclusion == ended
    house.repository.close(labeled.number)
    await house.settle()
    assert check(house, same.head_sha).conclusion == ("failure" if gate else "skipped")
    for number, (login, conclusion) in enumerate((("ada", held), ("mia", "skipped"), ("", held))):
        async with house.workshop.database.write() as connection:
            await pauses.save_pause(connection, house.repository.id, labeled.number + 2 + number, Pause(True, login, 0.0))
        paused = house.repository.open_pull_request(f"Another {number}", HEAD, branch=f"paused-{number}")
        await house.settle()
        assert paused.number == labeled.number + 2 + number
        assert (check(house, paused.head_sha).title, check(house, paused.head_sha).conclusion) == ("Skipped: paused", conclusion)


async def test_a_merge_group_gets_the_worst_conclusion(house: InProcessSystem) -> None:
    house.repository.push_branch("main", GATED)
    house.script([], [], [])
    good = house.open()
    await house.settle()
    house.repository.queue(good.number)
    await house.settle()
    assert check(house, house.repository.merge_groups[-1].head_sha).conclusion == "success"
    house.script(*[[INJECTION | {"path": "app/find.py"}]] * 3)
    bad = house.repository.open_pull_request("Search", {"app/find.py": HEAD["app/cart.py"].replace("average", "mean")}, branch="bad")
    # Queued before its review is done: in progress, then as its own check ends. The commits name their pull requests.
    await house.sandbox.settled()
    house.repository.merge_groups.clear()
    group = house.repository.queue(good.number, bad.number, squash=True)
    house.repository.merge_groups.clear()
    await house.sandbox.settled()
    await house.settle()
    waiting = check(house, group.head_sha)
    assert waiting.conclusion in {None, "failure"}
    later = replace(house.workshop, clock=lambda: now() + merge_group_check.STEP + 1)
    await Worker(later, JOB_HANDLERS).run_all()
    said = check(house, group.head_sha)
    assert said.conclusion == "failure" and f"#{bad.number}" in (said.title or "") and f"#{good.number}: success" in (said.summary or "")
    # A pull request without a review ends as the gate says, after the queue has waited long enough. Without the permission there is no
    # event.
    late = house.repository.open_pull_request("Late", {"app/late.py": "x = 1\n"}, branch="late")
    await house.sandbox.settled()
    async with house.workshop.database.write() as connection:
        await connection.execute(delete(JOB))
    group = house.repository.queue(late.number)
    await house.settle()
    assert check(house, group.head_sha).status == "in_progress"
    later = replace(house.workshop, clock=lambda: now() + merge_group_check.WAIT_SECONDS + 1)
    await Worker(later, JOB_HANDLERS).run_all()
    assert check(house, group.head_sha).conclusion == "action_required"


@pytest.mark.parametrize("suite", [False, True])
async def test_a_rerun_of_a_merge_groups_check_concludes_it_again(house: InProcessSystem, suite: bool) -> None:
    """It costs nothing."""
    house.repository.push_branch("main", GATED)
    house.script([], [], [])
    pull = house.open()
    await house.settle()
    group = house.repository.queue(pull.number)
    await house.settle()
    bought, made = house.bought(), check(house, group.head_sha)
    # As if the pull request's conclusion had come too late for the group.
    made.conclusion, made.title = "action_required", "not reviewed yet"
    if suite:
        house.repository.rerequest_suite(group.head_sha)
    else:
        house.repository.rerequest(made.id)
    await house.settle()
    assert (check(house, group.head_sha).conclusion, house.bought()) == ("success", bought)


async def test_a_late_label_of_an_older_head_starts_no_review(house: InProcessSystem) -> None:
    house.script([], [], [])
    pull = house.open(draft=True)
    older = pull.head_sha
    await house.settle()
    house.repository.push(pull.number, {"app/later.py": "x = 1\n"})
    await house.settle()
    place = RepositoryRef(id=house.repository.id, full_name="acme/shop")
    installation = next(iter(house.sandbox.world.installations))
    for head, state in ((older, JobState.SKIPPED), (pull.head_sha, JobState.DONE)):
        asked = LookAgain(installation_id=installation, repository=place, number=pull.number, head_sha=head, guid=head)
        await queue(house.workshop, [asked])
        await house.worker.run_all()
        async with house.workshop.database.read() as connection:
            assert await connection.scalar(select(JOB.c.state).where(JOB.c.key == asked.key)) == state


async def test_a_swept_pull_request_counts_on_its_head(house: InProcessSystem) -> None:
    """A draft says that it is one."""
    house.repository.push_branch("main", GATED)
    house.repository.push_branch("release", {})
    house.script([INJECTION], [INJECTION], [INJECTION])
    house.sandbox.github.courier.mode = DeliveryMode.LOSE
    red = house.open()
    draft = house.repository.open_pull_request("Later", {"app/later.py": "x = 1\n"}, branch="later", draft=True)
    house.sandbox.github.courier.mode = DeliveryMode.SEND
    bought = house.bought()
    await queue(house.workshop, [Reconcile(slot="first")])
    await house.settle()
    assert check(house, red.head_sha).conclusion == "failure"
    assert (check(house, draft.head_sha).title, check(house, draft.head_sha).conclusion) == ("Skipped: draft", "action_required")
    once = house.bought()
    await queue(house.workshop, [Reconcile(slot="second")])
    await house.settle()
    assert house.bought() == once > bought
    house.script([], [], [])
    house.repository.open_pull_request("The same for the release", {}, base="release", same_as=red.number)
    await house.settle()
    assert check(house, red.head_sha).conclusion == "failure"


@pytest.mark.parametrize(("config", "checks"), [({}, ["skipped"]), ({".github/council.yml": "review: {publish: none}\n"}, [])])
async def test_a_used_up_plan_is_a_skip_with_its_reason(house: InProcessSystem, config: dict[str, str], checks: list[str]) -> None:
    house.repository.push_branch("main", config or {"a.txt": "a\n"})
    async with house.workshop.database.write() as connection:
        await plans.change_plan(connection, house.repository.owner.login, "free", 1.0)
        place = ConversationRef(next(iter(house.sandbox.world.installations)), RepositoryRef(id=house.repository.id, full_name="acme/shop"))
        for number in range(plans.PLANS["free"]):
            asked = (f"x{number}", f"x{number}", place, ("ada", "ask", "?"), KeepPeriod(house.workshop.clock(), 1e12))
            await consultations.insert_asked(connection, *asked)
    pull = house.open()
    await house.settle()
    assert [run.conclusion for run in house.checks()] == checks and (house.bought(), house.comments(pull)) == (0, [])
    assert all("The free plan is used up" in (run.title or "") for run in house.checks())


async def test_a_conversion_to_draft_before_the_review_is_reported(house: InProcessSystem) -> None:
    house.script([], [], [])
    pull = house.open()
    await house.sandbox.settled()
    house.repository.mark_ready(pull.number, False)
    await house.settle()
    assert (check(house, pull.head_sha).title, house.bought()) == ("Skipped: draft", 0)
    house.repository.mark_ready(pull.number)
    await house.settle()
    assert (check(house, pull.head_sha).conclusion, len(house.comments(pull))) == ("success", 1)
