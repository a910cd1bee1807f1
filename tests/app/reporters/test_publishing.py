"""The contract of every surface: publishing twice, or after a crash at any write, leaves one copy."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from app.configuration.repository_config import GateConfig, ReviewConfig
from app.errors import CouncilError, GitHubRejected
from app.github.github_app import GitHubApp
from app.github.publisher import PullRequestPublisher, PullRequestTarget
from app.reporters import REPORTERS, check_run, pull_request_review
from app.reporters.check_run import CheckRunReporter, begin, conclude_skipped, skip
from app.reporters.pull_request_review import PullRequestReview
from app.reporters.reporter import Reporter
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.summary_comment import SummaryComment
from app.sandbox.faults import FaultKind
from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.server import Sandbox
from app.secret_filter import Secrets
from reviewers.values.finding import Location, Side
from reviewers.values.verdict import ProposalStanding
from tests.app.reporters.editions import CART, MemoryOutbox, edition, ranked, snapshot

BOT = "council-sandbox[bot]"
SECRET = "sk-proj-4fT9xQ2mZ7vLpA1bN8cD"


@dataclass
class Stage:
    """A pull request, its publications, and Council's visible posts."""

    sandbox: Sandbox
    repository: SandboxRepository
    pull: PullRequest
    writes: PullRequestPublisher
    outbox: MemoryOutbox
    edition: ReviewToPublish

    async def publish(self, reporters: Sequence[Reporter] = REPORTERS) -> None:
        for reporter in reporters:
            await reporter.publish(self.edition, self.writes, self.outbox)

    @property
    def comments(self) -> list[str]:
        return [comment.body for comment in self.pull.issue.comments if comment.author.login == BOT]

    @property
    def reviews(self) -> list[tuple[str, int]]:
        return [(review.state, len(review.comments)) for review in self.pull.reviews if review.author.login == BOT]

    @property
    def checks(self) -> list[tuple[str, str | None, int]]:
        return [(check.status, check.conclusion, len(check.annotations)) for check in self.repository.check_runs.values()]

    def is_whole(self) -> bool:
        return len(self.comments) == 1 and self.reviews == [("COMMENTED", 2)] and self.checks == [("completed", "success", 3)]


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    async with Sandbox.start() as sandbox:
        repository = sandbox.world.create_repository("acme/shop", {"README.md": "# shop\n"})
        pull = repository.open_pull_request("Average", {"cart.py": CART})
        ours = sandbox.world.app
        installed = sandbox.world.installation_of(repository)
        assert installed is not None
        app = GitHubApp(sandbox.api_url, ours.id, ours.private_key)
        async with app.installation(installed.id, "acme/shop") as github:
            writes = PullRequestPublisher(github, PullRequestTarget("acme/shop", pull.number, ours.id, ours.slug), Secrets([SECRET]))
            findings = (ranked("Divides by zero"), ranked("Sums what is no number", line=2), ranked("No tests", line=None))
            shown = edition(*findings, snapshot=snapshot(pull.head_sha, pull.number), web_url=sandbox.web_url)
            yield Stage(sandbox, repository, pull, writes, MemoryOutbox(), shown)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as running:
        yield running


async def test_a_normal_run_takes_five_writes(stage: Stage) -> None:
    await begin("r1", stage.edition.snapshot.head_sha, stage.writes, stage.outbox)
    await stage.publish()
    assert stage.is_whole()
    writes = stage.sandbox.log.writes()
    assert [(write.method, write.path.rsplit("/", 1)[-1].strip("0123456789")) for write in writes] == [
        ("POST", "check-runs"),
        ("POST", "comments"),
        ("POST", "reviews"),
        ("POST", "events"),
        ("PATCH", ""),
    ]


@pytest.mark.parametrize("reporter", REPORTERS, ids=lambda one: one.surface)
async def test_published_twice_is_there_once(stage: Stage, reporter: Reporter) -> None:
    await reporter.publish(stage.edition, stage.writes, stage.outbox)
    before = (stage.comments, stage.reviews, stage.checks)
    await reporter.publish(stage.edition, stage.writes, stage.outbox)
    assert (stage.comments, stage.reviews, stage.checks) == before


async def test_a_review_is_drafted_before_its_turn_and_seen_in_it(stage: Stage) -> None:
    before = []

    async def turn() -> None:
        before.append(stage.reviews)
        await SummaryComment().publish(stage.edition, stage.writes, stage.outbox)

    await PullRequestReview().publish(stage.edition, stage.writes, stage.outbox, turn)
    assert before[0] == [("PENDING", 2)]
    assert stage.reviews == [("COMMENTED", 2)]
    (summary,) = (comment for comment in stage.pull.issue.comments if comment.author.login == BOT)
    assert f"#issuecomment-{summary.id}" in stage.pull.reviews[0].body


WRITES = (
    ("POST", "/comments$"),
    ("POST", "/reviews$"),
    ("POST", "/events$"),
    ("POST", "/check-runs$"),
    ("PATCH", r"/check-runs/\d+$"),
)


@pytest.mark.parametrize("harm", [FaultKind.RESET_AFTER, FaultKind.BAD_GATEWAY_AFTER, FaultKind.RESET, FaultKind.SECONDARY])
@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_an_answer_that_was_lost_makes_no_second_effect(stage: Stage, method: str, path: str, harm: FaultKind) -> None:
    stage.sandbox.github.faults.add(method, path, harm)
    with pytest.raises(CouncilError):
        await stage.publish()
    await stage.publish()
    assert stage.is_whole(), (stage.comments, stage.reviews, stage.checks)


class Crash(Exception):
    """Simulates that the process dies here."""


class CrashingOutbox(MemoryOutbox):
    """Dies at the nth call."""

    left = 0

    def _change(self, surface: str, **values: object):  # type: ignore[no-untyped-def]
        self.left -= 1
        if self.left == 0:
            raise Crash
        return super()._change(surface, **values)


@pytest.mark.parametrize("words", range(1, 9))
async def test_a_crash_before_any_note_makes_no_second_effect(stage: Stage, words: int) -> None:
    stage.outbox = outbox = CrashingOutbox()
    outbox.left = words
    try:
        await stage.publish()
    except Crash:
        outbox.left = -1
        await stage.publish()
    assert stage.is_whole(), (stage.comments, stage.reviews, stage.checks)


async def test_the_next_run_edits_the_summary_and_says_nothing_twice(stage: Stage) -> None:
    await stage.publish()
    said = frozenset(each.fingerprint for each in stage.edition.verdict.ranked)
    stage.outbox = MemoryOutbox("r2")
    stage.outbox.summary = stage.pull.issue.comments[-1].id
    stage.edition = replace(stage.edition, run_id="r2", said=said)
    await stage.publish()
    assert len(stage.comments) == 1
    assert "run=r2" in stage.comments[0]
    assert stage.reviews == [("COMMENTED", 2)]


async def test_a_summary_that_somebody_deleted_is_written_anew(stage: Stage) -> None:
    await stage.publish([SummaryComment()])
    stage.repository.delete_comment(stage.pull.issue.comments[-1].id)
    stage.outbox.entries.clear()
    await stage.publish([SummaryComment()])
    assert len(stage.comments) == 1


async def test_a_marker_in_somebody_elses_comment_is_not_ours(stage: Stage) -> None:
    stage.repository.comment(stage.pull.number, "mallory", "<!-- council:summary run=r1 -->")
    stage.outbox.entries["summary"] = replace(await stage.outbox.intend("summary"), fresh=False)
    await stage.publish([SummaryComment()])
    assert len(stage.comments) == 1


async def test_a_draft_that_a_dead_run_left_makes_way(stage: Stage) -> None:
    await stage.writes.create_pending_review(stage.edition.snapshot.head_sha, "<!-- council:review run=r0 -->", ())
    await stage.publish()
    assert stage.is_whole()


async def test_what_nobody_wants_any_more_is_taken_back(stage: Stage) -> None:
    await begin("r1", stage.edition.snapshot.head_sha, stage.writes, stage.outbox)
    entry = await stage.outbox.intend("review")
    await stage.writes.create_pending_review(stage.edition.snapshot.head_sha, entry.marker, ())
    await pull_request_review.withdraw(stage.writes, stage.outbox)
    await check_run.withdraw("a newer commit was pushed", stage.writes, stage.outbox)
    assert stage.reviews == [] and [check[:2] for check in stage.checks] == [("completed", "cancelled")]


async def test_a_removed_line_has_no_annotation(stage: Stage) -> None:
    removed = ranked("It was needed").model_copy()
    location = Location(path="cart.py", line=1, side=Side.LEFT)
    finding = removed.finding.model_copy(update={"location": location})
    shown = edition(removed.model_copy(update={"finding": finding}), ranked("Divides by zero"), snapshot=stage.edition.snapshot)
    await CheckRunReporter().publish(shown, stage.writes, stage.outbox)
    assert [check[2] for check in stage.checks] == [1]


async def test_a_rejected_review_is_reported(stage: Stage) -> None:
    broken = ranked("Stands nowhere", location=Location(path="cart.py", line=999))
    verdict = stage.edition.verdict.model_copy(update={"ranked": (*stage.edition.verdict.ranked, broken)})
    stage.edition = replace(stage.edition, verdict=verdict)
    with pytest.raises(GitHubRejected):
        await stage.publish([SummaryComment(), PullRequestReview()])
    assert stage.reviews == [] and len(stage.comments) == 1


@pytest.mark.parametrize(
    ("publish", "comments", "reviews", "checks"), [("full", 1, 1, 1), ("summary", 1, 0, 1), ("check", 0, 0, 1), ("none", 0, 0, 0)]
)
async def test_the_repository_says_how_much_is_shown(stage: Stage, publish: str, comments: int, reviews: int, checks: int) -> None:
    config = stage.edition.config.model_copy(update={"review": ReviewConfig.model_validate({"publish": publish})})
    stage.edition = replace(stage.edition, config=config)
    await stage.publish()
    assert (len(stage.comments), len(stage.reviews), len(stage.checks)) == (comments, reviews, checks)
    if publish == "summary":
        assert "raises ZeroDivisionError" in stage.comments[0]


async def test_no_inline_finding_no_review(stage: Stage) -> None:
    verdict = stage.edition.verdict.model_copy(update={"ranked": (ranked("Only noted", ProposalStanding.NOTED),)})
    stage.edition = replace(stage.edition, verdict=verdict)
    await stage.publish([PullRequestReview()])
    assert stage.reviews == []


async def test_many_annotations_come_in_batches_and_once(stage: Stage) -> None:
    many = tuple(ranked(f"Finding {number}", line=1 + number % 6) for number in range(120))
    stage.edition = replace(stage.edition, verdict=stage.edition.verdict.model_copy(update={"ranked": many}))
    await stage.publish([CheckRunReporter()])
    await stage.publish([CheckRunReporter()])
    assert stage.checks == [("completed", "success", 120)]


async def test_a_crash_between_batches_of_annotations_repeats_none(stage: Stage) -> None:
    many = tuple(ranked(f"Finding {number}", line=1 + number % 6) for number in range(120))
    stage.edition = replace(stage.edition, verdict=stage.edition.verdict.model_copy(update={"ranked": many}))
    stage.sandbox.github.faults.add("PATCH", r"/check-runs/\d+$", FaultKind.RESET_AFTER, skip=1)
    with pytest.raises(CouncilError):
        await stage.publish([CheckRunReporter()])
    await stage.publish([CheckRunReporter()])
    assert stage.checks == [("completed", "success", 120)]


async def test_our_own_secrets_never_leave(stage: Stage) -> None:
    leak = ranked(f"The key is {SECRET}", body=f"Use `{SECRET[4:20]}` or {SECRET[::-1]}.")
    stage.edition = replace(stage.edition, verdict=stage.edition.verdict.model_copy(update={"ranked": (leak,), "summary": SECRET}))
    await stage.publish()
    bodies = [str(write.body) for write in stage.sandbox.log.writes()]
    assert all("(removed)" in body for body in bodies if "The key is" in body)
    assert not any(SECRET[4:16] in body or SECRET[::-1][4:16] in body for body in bodies)


async def test_a_skipped_check_returns_to_in_progress(stage: Stage) -> None:
    head = stage.edition.snapshot.head_sha
    await skip("r1", head, conclude_skipped("it is a draft", GateConfig(), by_author=True), stage.writes, stage.outbox)
    assert stage.checks == [("completed", "skipped", 0)]
    # As the store does when the run is reopened.
    stage.outbox.entries["check"] = replace(stage.outbox.entries["check"], done=False)
    await begin("r1", head, stage.writes, stage.outbox)
    assert stage.checks == [("in_progress", None, 0)]
    await stage.publish()
    assert stage.is_whole()


async def test_a_new_check_is_begun_at_once(stage: Stage) -> None:
    """GitHub is searched first, some seconds later, only if an earlier attempt may have written."""
    stage.sandbox.log.clear()
    await begin("r1", stage.edition.snapshot.head_sha, stage.writes, stage.outbox)
    assert [exchange.operation for exchange in stage.sandbox.log.exchanges if exchange.operation != "create_token"] == ["create_check_run"]
