"""One check run per head: it shows the worst of its pull requests, why one is not reviewed, and what a merge queue waits for."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from app.clock import now
from app.sandbox.faults import FaultKind
from app.sandbox.github.entities import CheckRun
from app.sandbox.github.webhook_sender import DeliveryMode
from app.store.engine.upsert import sql_table
from app.store.questions import consultations
from app.store.questions.consultations import ConversationRef, KeepPeriod, NewQuestion
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


def check(system: InProcessSystem, sha: str) -> CheckRun:
    """The one check run of a head."""
    (found,) = [run for run in system.checks() if run.head_sha == sha]
    return found


async def test_two_pull_requests_of_one_head_share_its_check_run(system: InProcessSystem) -> None:
    system.repository.push_branch("main", GATED)
    system.repository.push_branch("release", {})
    system.script([INJECTION], [INJECTION], [INJECTION])
    red = system.open()
    await system.settle()
    sha = red.head_sha
    assert check(system, sha).conclusion == "failure" and check(system, sha).external_id == f"council:{system.repository.id}:{sha}"
    noted = len(check(system, sha).annotations)
    system.script([], [], [])
    green = system.repository.open_pull_request("The same for the release", {}, base="release", same_as=red.number)
    await system.settle()
    said = check(system, sha)
    assert said.conclusion == "failure" and f"#{red.number}" in (said.title or "")
    assert f"#{green.number}: success" in (said.summary or "") and f"#{red.number}: failure" in (said.summary or "")
    assert len(said.annotations) == noted == 1
    # A re-run of the suite, or of the check, reviews both again.
    bought = system.bought()
    system.repository.rerequest_suite(sha)
    await system.settle()
    assert system.bought() >= bought + 2 * len(system.seats) and check(system, sha).conclusion == "failure"
    assert len(check(system, sha).annotations) == noted
    bought = system.bought()
    system.repository.rerequest(said.id)
    await system.settle()
    assert system.bought() >= bought + 2 * len(system.seats)
    # One is closed: the check is the other's. A push leaves the old head to the pull requests that still have it.
    system.repository.close(red.number)
    await system.settle()
    assert check(system, sha).conclusion == "success" and f"#{red.number}" not in (check(system, sha).title or "")
    third = system.repository.open_pull_request("The same as a draft", {}, same_as=red.number, draft=True)
    await system.settle()
    assert f"#{green.number}: success" in (check(system, sha).summary or "")
    system.repository.push(green.number, {"app/other.py": "x = 1\n"})
    await system.settle()
    assert f"#{green.number}" not in (check(system, sha).summary or "")
    assert f"#{third.number}" in (check(system, sha).summary or "") and check(system, sha).conclusion == "failure"


@pytest.mark.parametrize("gate", [False, True])
async def test_a_skip_has_a_reason_and_does_not_pass_the_gate(system: InProcessSystem, gate: bool) -> None:
    if gate:
        system.repository.push_branch("main", GATED)
    system.script([INJECTION], [INJECTION], [INJECTION])
    system.repository.add_collaborator("ada", "write")
    system.repository.add_collaborator("mia", "maintain")
    held = "action_required" if gate else "skipped"
    draft = system.open(draft=True)
    await system.settle()
    assert (check(system, draft.head_sha).title, check(system, draft.head_sha).conclusion) == ("Skipped: draft", held)
    assert "/council review" in (check(system, draft.head_sha).summary or "") and system.comments(draft) == []
    bot = system.repository.open_pull_request("Bump a library", HEAD, branch="bump")
    bot.issue.author = system.sandbox.world.user("renovate[bot]")
    await system.settle()
    assert check(system, bot.head_sha).conclusion == "skipped" and system.bought() == 0
    # Removing the label starts a review of the head. A failed check stays failed when the label comes back.
    labeled = system.repository.open_pull_request("Search", HEAD, branch="labeled", draft=True)
    system.repository.label(labeled.number, "no-council")
    system.repository.mark_ready(labeled.number)
    await system.settle()
    assert check(system, labeled.head_sha).title == "Skipped: label matches 'no-council'" and system.bought() == 0
    system.repository.comment(labeled.number, "ada", "/council status")
    await system.settle()
    system.repository.unlabel(labeled.number, "no-council")
    await system.settle()
    ended = "failure" if gate else "success"
    assert check(system, labeled.head_sha).conclusion == ended
    assert "Not reviewed: its label matches 'no-council'" in system.comments(labeled)[0]
    system.repository.label(labeled.number, "no-council")
    same = system.repository.open_pull_request("WIP", {}, same_as=labeled.number, draft=True)
    await system.settle()
    assert check(system, same.head_sha).conclusion == ended
    system.repository.close(labeled.number)
    await system.settle()
    assert check(system, same.head_sha).conclusion == ("failure" if gate else "skipped")
    for number, (login, conclusion) in enumerate((("ada", held), ("mia", "skipped"), ("", held))):
        async with system.services.database.write() as connection:
            await pauses.save_pause(connection, system.repository.id, labeled.number + 2 + number, Pause(True, login, 0.0))
        paused = system.repository.open_pull_request(f"Another {number}", HEAD, branch=f"paused-{number}")
        await system.settle()
        assert paused.number == labeled.number + 2 + number
        assert (check(system, paused.head_sha).title, check(system, paused.head_sha).conclusion) == ("Skipped: paused", conclusion)


async def test_a_merge_group_gets_the_worst_conclusion(system: InProcessSystem) -> None:
    system.repository.push_branch("main", GATED)
    system.script([], [], [])
    good = system.open()
    await system.settle()
    system.repository.queue(good.number)
    await system.settle()
    assert check(system, system.repository.merge_groups[-1].head_sha).conclusion == "success"
    system.script(*[[INJECTION | {"path": "app/find.py"}]] * 3)
    bad = system.repository.open_pull_request("Search", {"app/find.py": HEAD["app/cart.py"].replace("average", "mean")}, branch="bad")
    # Queued before its review is done: in progress, then as its own check ends. The commits name their pull requests.
    await system.sandbox.settled()
    system.repository.merge_groups.clear()
    group = system.repository.queue(good.number, bad.number, squash=True)
    system.repository.merge_groups.clear()
    await system.sandbox.settled()
    await system.settle()
    waiting = check(system, group.head_sha)
    assert waiting.conclusion in {None, "failure"}
    later = replace(system.services, clock=lambda: now() + merge_group_check.STEP + 1)
    await Worker(later, JOB_HANDLERS).run_all()
    said = check(system, group.head_sha)
    assert said.conclusion == "failure" and f"#{bad.number}" in (said.title or "") and f"#{good.number}: success" in (said.summary or "")
    # A pull request without a review ends as the gate says, after the queue has waited long enough. Without the permission there is no
    # event.
    late = system.repository.open_pull_request("Late", {"app/late.py": "x = 1\n"}, branch="late")
    await system.sandbox.settled()
    async with system.services.database.write() as connection:
        await connection.execute(delete(JOB))
    group = system.repository.queue(late.number)
    await system.settle()
    assert check(system, group.head_sha).status == "in_progress"
    later = replace(system.services, clock=lambda: now() + merge_group_check.WAIT_SECONDS + 1)
    await Worker(later, JOB_HANDLERS).run_all()
    assert check(system, group.head_sha).conclusion == "action_required"


@pytest.mark.parametrize("suite", [False, True])
async def test_a_rerun_of_a_merge_groups_check_concludes_it_again(system: InProcessSystem, suite: bool) -> None:
    """It costs nothing."""
    system.repository.push_branch("main", GATED)
    system.script([], [], [])
    pull = system.open()
    await system.settle()
    group = system.repository.queue(pull.number)
    await system.settle()
    bought, made = system.bought(), check(system, group.head_sha)
    # As if the pull request's conclusion had come too late for the group.
    made.conclusion, made.title = "action_required", "not reviewed yet"
    if suite:
        system.repository.rerequest_suite(group.head_sha)
    else:
        system.repository.rerequest(made.id)
    await system.settle()
    assert (check(system, group.head_sha).conclusion, system.bought()) == ("success", bought)


@pytest.mark.slow
async def test_a_late_label_of_an_older_head_starts_no_review(system: InProcessSystem) -> None:
    system.script([], [], [])
    pull = system.open(draft=True)
    older = pull.head_sha
    await system.settle()
    system.repository.push(pull.number, {"app/later.py": "x = 1\n"})
    await system.settle()
    place = RepositoryRef(id=system.repository.id, full_name="acme/shop")
    installation = next(iter(system.sandbox.world.installations))
    for head, state in ((older, JobState.SKIPPED), (pull.head_sha, JobState.DONE)):
        asked = LookAgain(installation_id=installation, repository=place, number=pull.number, head_sha=head, guid=head)
        await queue(system.services, [asked])
        await system.worker.run_all()
        async with system.services.database.read() as connection:
            assert await connection.scalar(select(JOB.c.state).where(JOB.c.key == asked.key)) == state


async def test_a_swept_pull_request_counts_on_its_head(system: InProcessSystem) -> None:
    """A draft says that it is one."""
    system.repository.push_branch("main", GATED)
    system.repository.push_branch("release", {})
    system.script([INJECTION], [INJECTION], [INJECTION])
    system.sandbox.github.webhook_sender.mode = DeliveryMode.LOSE
    red = system.open()
    draft = system.repository.open_pull_request("Later", {"app/later.py": "x = 1\n"}, branch="later", draft=True)
    system.sandbox.github.webhook_sender.mode = DeliveryMode.SEND
    bought = system.bought()
    await queue(system.services, [Reconcile(slot="first")])
    await system.settle()
    assert check(system, red.head_sha).conclusion == "failure"
    assert (check(system, draft.head_sha).title, check(system, draft.head_sha).conclusion) == ("Skipped: draft", "action_required")
    once = system.bought()
    await queue(system.services, [Reconcile(slot="second")])
    await system.settle()
    assert system.bought() == once > bought
    system.script([], [], [])
    system.repository.open_pull_request("The same for the release", {}, base="release", same_as=red.number)
    await system.settle()
    assert check(system, red.head_sha).conclusion == "failure"


@pytest.mark.parametrize(("config", "checks"), [({}, ["skipped"]), ({".github/council.yml": "review: {publish: none}\n"}, [])])
async def test_a_used_up_plan_is_a_skip_with_its_reason(system: InProcessSystem, config: dict[str, str], checks: list[str]) -> None:
    system.repository.push_branch("main", config or {"a.txt": "a\n"})
    async with system.services.database.write() as connection:
        await plans.change_plan(connection, system.repository.owner.login, "free", 1.0)
        place = ConversationRef(
            next(iter(system.sandbox.world.installations)), RepositoryRef(id=system.repository.id, full_name="acme/shop")
        )
        for number in range(plans.PLANS["free"]):
            asked = (f"x{number}", f"x{number}", place, NewQuestion("ada", "ask", "?"), KeepPeriod(system.services.clock(), 1e12))
            await consultations.insert_asked(connection, *asked)
    pull = system.open()
    await system.settle()
    assert [run.conclusion for run in system.checks()] == checks and (system.bought(), system.comments(pull)) == (0, [])
    assert all("The free plan is used up" in (run.title or "") for run in system.checks())


async def test_a_conversion_to_draft_before_the_review_is_reported(system: InProcessSystem) -> None:
    system.script([], [], [])
    pull = system.open()
    await system.sandbox.settled()
    system.repository.mark_ready(pull.number, False)
    await system.settle()
    assert (check(system, pull.head_sha).title, system.bought()) == ("Skipped: draft", 0)
    system.repository.mark_ready(pull.number)
    await system.settle()
    assert (check(system, pull.head_sha).conclusion, len(system.comments(pull))) == ("success", 1)


@pytest.mark.parametrize("harm", [None, FaultKind.TOO_MANY])
async def test_a_pull_request_that_goes_back_leaves_the_check_of_its_head(system: InProcessSystem, harm: FaultKind | None) -> None:
    """Its skip no longer holds back the other pull request, also if GitHub refuses the first write of that."""
    system.repository.push_branch("main", GATED)
    system.repository.push_branch("release", GATED)
    system.script([], [], [])
    pull = system.open()
    first = pull.head_sha
    await system.settle()
    system.repository.label(pull.number, "no-council")
    second = system.repository.push(pull.number, {"app/later.py": "x = 1\n"})
    await system.settle()
    system.repository.open_pull_request("The same for the release", {}, base="release", same_as=pull.number)
    await system.settle()
    assert check(system, second).conclusion == "action_required"
    if harm is not None:
        system.sandbox.github.faults.add("PATCH", "/check-runs/", harm, retry_after=30.0)
    system.repository.force_push(pull.number, first)
    await system.settle()
    async with system.services.database.write() as connection:
        await connection.execute(update(JOB).where(JOB.c.state == JobState.QUEUED).values(run_at=0.0))
    await system.settle()
    assert (check(system, first).conclusion, check(system, second).conclusion) == ("success", "success")


@pytest.mark.slow
async def test_a_rerun_does_not_pay_for_a_pull_request_that_was_opened_after_it(system: InProcessSystem) -> None:
    system.repository.push_branch("release", {})
    system.script([], [], [])
    pull = system.open()
    await system.settle()
    before = system.bought()
    system.repository.rerequest_suite(pull.head_sha)
    await system.sandbox.settled()
    system.repository.open_pull_request("The same for the release", {}, base="release", same_as=pull.number)
    await system.settle()
    assert system.bought() == 3 * before


async def test_a_check_of_a_merge_group_ends_though_publishing_is_turned_off(system: InProcessSystem) -> None:
    system.script([], [], [])
    pull = system.open()
    await system.sandbox.settled()
    async with system.services.database.write() as connection:
        await connection.execute(delete(JOB))
    group = system.repository.queue(pull.number)
    await system.settle()
    assert check(system, group.head_sha).status == "in_progress"
    system.repository.push_branch("main", {".github/council.yml": "review: {publish: none}\n"})
    later = replace(system.services, clock=lambda: now() + merge_group_check.STEP + 1)
    await Worker(later, JOB_HANDLERS).run_all()
    assert (check(system, group.head_sha).status, check(system, group.head_sha).conclusion) == ("completed", "neutral")


@pytest.mark.slow
async def test_a_label_looks_again_at_a_head_whose_settings_could_not_be_read(system: InProcessSystem) -> None:
    system.script([], [], [])
    system.repository.push_branch("main", {".github/council.yml": "review: [unclosed\n"})
    pull = system.open(draft=True)
    system.repository.label(pull.number, "no-council")
    system.repository.mark_ready(pull.number)
    await system.settle()
    assert (check(system, pull.head_sha).conclusion, system.bought()) == ("neutral", 0)
    system.repository.push_branch("main", {".github/council.yml": "review: {pause_after: 0}\n"})
    system.repository.unlabel(pull.number, "no-council")
    await system.settle()
    assert check(system, pull.head_sha).conclusion == "success"


async def test_a_retry_adopts_its_own_part_of_a_shared_check(system: InProcessSystem) -> None:
    """The check shows the worst of its pull requests, and that is another's: it is no verdict on this one."""
    system.repository.add_collaborator("ada", "write")
    system.repository.push_branch("release", {})
    system.repository.push_branch("main", {".github/council.yml": "review: [unclosed\n"}, "ada")
    system.script([INJECTION], [INJECTION], [INJECTION])
    first = system.open()
    await system.settle()
    assert check(system, first.head_sha).conclusion == "neutral"
    # The review's first try fails after it wrote the check.
    system.sandbox.github.faults.add("POST", "/reviews$", FaultKind.UNPROCESSABLE)
    twin = system.repository.open_pull_request("The same for the release", {}, base="release", same_as=first.number)
    await system.settle()
    async with system.services.database.write() as connection:
        await connection.execute(update(JOB).where(JOB.c.state == JobState.QUEUED).values(run_at=0.0))
    await system.settle()
    shown = check(system, first.head_sha)
    assert shown.conclusion == "neutral" and f"#{twin.number}: success" in (shown.summary or "")
    system.repository.push_branch("main", {".github/council.yml": "{}\n"}, "ada")
    system.repository.comment(first.number, "ada", "/council review")
    await system.settle()
    assert shown.conclusion == "success" and (shown.title or "").count("2 pull requests") == 1
