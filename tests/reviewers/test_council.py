"""Stories of a council: which seats answer, which fail, and what the verdict says about it."""

import asyncio
import json
import time

import pytest

from reviewers.context.snapshot import ChangedFile, FailingCheck, Snapshot
from reviewers.council.deliberation import Council, deliberate
from reviewers.council.ranking import rerank
from reviewers.council.ranking_changes import moves
from reviewers.council.rounds import SeatEvent
from reviewers.models.model import CallFault, ModelError, ModelRequest, ModelResponse
from reviewers.models.scripted import ScriptedModel
from reviewers.models.wrappers import RecordingModel, StoredAnswer
from reviewers.seats.analyzers.analyzer_seat import AnalyzerSeat
from reviewers.seats.analyzers.ruff import Ruff
from reviewers.seats.model_seat import ModelSeat
from reviewers.seats.seat import Ballot
from reviewers.values.brief import Brief
from reviewers.values.finding import Location, Severity
from reviewers.values.verdict import Critique, Opinion, Outcome, ProposalStanding, Verdict
from tests.reviewers.samples import BRIEF, RACE, TIMEOUT, changed, council, finding, member, opinion, proposals, snapshot, votes


class Silent:
    """A seat that never answers."""

    name, vendor, is_model = "slow", "slow", True

    async def opine(self, brief: Brief, snapshot: Snapshot) -> Opinion:
        await asyncio.Event().wait()
        raise AssertionError

    async def critique(self, ballot: Ballot) -> Critique:
        raise AssertionError("a seat without an opinion is not asked")


class Broken(Silent):
    """A seat that raises an exception although no seat may."""

    name = "broken"

    async def opine(self, brief: Brief, snapshot: Snapshot) -> Opinion:
        raise RuntimeError("sk-secret in a message")


async def test_findings_of_one_defect_become_one_proposal() -> None:
    race_again = RACE | {"title": "Two refreshes can race because the check left the lock"}
    models = (
        member("a/one", opinion(RACE), votes("confirm")),
        member("b/two", opinion(race_again, TIMEOUT), votes("confirm")),
        member("c/three", opinion(), votes("confirm")),
    )
    verdict = await deliberate(BRIEF, snapshot(), council(*models))

    assert [ranked.raised_by for ranked in verdict.ranked] == [("a/one", "b/two"), ("b/two",)]
    assert all(ranked.standing is ProposalStanding.RECOMMENDED for ranked in verdict.ranked)
    assert verdict.ranked[0].finding.location == Location(path="auth/session.py", line=6, start_line=5)
    assert verdict.ranked[0].finding.symbol == "refresh"
    assert verdict.ranked[0].why == "found by 2, confirmed by 1 of 1 other"
    assert (verdict.quorum, verdict.answered, verdict.incomplete) == (2, 3, "")
    assert verdict.coverage.seen == verdict.coverage.files == 1
    assert verdict.summary.startswith("Two refreshes")
    assert len(verdict.plan) == 2
    assert verdict.usage.calls == 5


async def test_critics_never_see_their_own_proposals_or_any_author() -> None:
    models = (member("a/one", opinion(RACE)), member("b/two", opinion(TIMEOUT)), member("c/three", opinion()))
    await deliberate(BRIEF, snapshot(), council(*models))

    asked = {model.name: model.asked[-1] for model in models}
    titles = {name: {proposal["title"] for proposal in proposals(request)} for name, request in asked.items()}
    assert titles == {"a/one": {TIMEOUT["title"]}, "b/two": {RACE["title"]}, "c/three": {RACE["title"], TIMEOUT["title"]}}
    assert not any(model.name in request.prompt + request.prefix for model in models for request in asked.values())
    assert all(model.asked[0].prefix == model.asked[1].prefix for model in models)


async def test_seats_that_time_out_refuse_or_raise_are_outcomes() -> None:
    good = member("a/one", opinion(RACE), votes("confirm"))
    other = member("b/two", opinion(), votes("confirm"))
    refusing = member("c/three", ModelError(CallFault.REFUSED, "it would not"))
    seats = (*(ModelSeat(model, time.monotonic) for model in (good, other, refusing)), Silent(), Broken())
    events: list[SeatEvent] = []
    verdict = await deliberate(BRIEF, snapshot(), Council(seats=seats, quorum=2, seat_seconds=0.5, progress=events.append))

    assert {report.seat: report.opinion for report in verdict.seats} == {
        "a/one": Outcome.ANSWERED,
        "b/two": Outcome.ANSWERED,
        "c/three": Outcome.REFUSED,
        "slow": Outcome.TIMEOUT,
        "broken": Outcome.UNAVAILABLE,
    }
    assert (verdict.answered, verdict.incomplete) == (2, "")
    assert verdict.ranked[0].standing is ProposalStanding.RECOMMENDED
    assert "sk-secret" not in verdict.model_dump_json()
    assert {event.seat for event in events if event.stage == "critique"} == {"b/two"}


async def test_below_quorum_nothing_is_ranked_and_the_reason_is_given() -> None:
    models = (member("a/one", opinion(RACE)), member("b/two", ModelError(CallFault.UNAVAILABLE, "503")), member("c/three", "no idea"))
    verdict = await deliberate(BRIEF, snapshot(), council(*models))

    assert verdict.incomplete == "1 of 3 seats answered, 2 are needed"
    assert verdict.ranked == ()
    assert [report.opinion for report in verdict.seats] == [Outcome.ANSWERED, Outcome.UNAVAILABLE, Outcome.UNUSABLE]
    assert len(models[2].asked) == 2


async def test_invalid_findings_cost_only_themselves() -> None:
    ghost = finding("Tokens are logged", "log.info(token)", path="auth/logging.py")
    invented = finding("The loop never ends", "while True: retry()")
    malformed = {name: RACE[name] for name in RACE if name != "quote"}
    verdict = await deliberate(BRIEF, snapshot(), council(member("a/one", opinion(ghost, invented, malformed, TIMEOUT))))

    assert [ranked.finding.title for ranked in verdict.ranked] == [TIMEOUT["title"]]
    reasons = [discarded.reason for discarded in verdict.discarded]
    assert reasons[:2] == ["no such file in this change", "the quoted code is not in auth/session.py"]
    assert reasons[2].startswith("malformed: quote")


async def test_a_critical_finding_of_one_seat_is_unconfirmed() -> None:
    """A finding that all others reject is rejected."""
    critical = TIMEOUT | {"severity": "critical"}

    def judge(request: ModelRequest) -> str:
        stances = {proposal["label"]: "reject" if proposal["title"] == RACE["title"] else "unsure" for proposal in proposals(request)}
        line = {"path": "auth/session.py", "line": 8, "quote": "return session.token"}
        return json.dumps(
            {"votes": [{"label": label, "stance": stance, "evidence": "the lock is held", **line} for label, stance in stances.items()]}
        )

    models = (member("a/one", opinion(RACE, critical)), member("b/two", opinion(), judge), member("c/three", opinion(), judge))
    verdict = await deliberate(BRIEF, snapshot(), council(*models))

    assert [(ranked.finding.title, ranked.standing) for ranked in verdict.ranked] == [
        (critical["title"], ProposalStanding.UNCONFIRMED),
        (RACE["title"], ProposalStanding.REJECTED),
    ]
    assert verdict.ranked[1].why == "found by 1, rejected by 2 of 2 others: the lock is held"
    assert verdict.ranked[1].finding.severity is Severity.HIGH


async def test_two_critics_join_two_proposals() -> None:
    elsewhere = finding("Concurrent callers overwrite each other", "    return session.token")

    def same(request: ModelRequest) -> str:
        listed = proposals(request)
        cast = [{"label": each["label"], "stance": "confirm", "evidence": "yes"} for each in listed]
        pair = [{"first": listed[0]["label"], "second": listed[1]["label"]}] if len(listed) > 1 else []
        return json.dumps({"votes": cast, "same": [*pair, {"first": "A", "second": "ZZ"}]})

    models = (
        member("a/one", opinion(RACE)),
        member("b/two", opinion(elsewhere)),
        member("c/three", opinion(), same),
        member("d/four", opinion(), same),
    )
    verdict = await deliberate(BRIEF, snapshot(), council(*models))

    assert [ranked.raised_by for ranked in verdict.ranked] == [("a/one", "b/two")]
    assert [vote.seat for vote in verdict.ranked[0].votes] == ["c/three", "d/four"]


async def test_an_unreadable_critique_is_a_missing_vote() -> None:
    models = (member("a/one", opinion(RACE)), member("b/two", opinion(), lambda _: "I agree!"))
    verdict = await deliberate(BRIEF, snapshot(), council(*models))

    assert verdict.seats[1].critique is Outcome.UNUSABLE
    assert verdict.ranked[0].votes == ()
    assert verdict.incomplete == ""


class Book:
    """An answer book in memory."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], StoredAnswer] = {}

    async def get(self, seat: str, digest: str) -> StoredAnswer | None:
        return self.answers.get((seat, digest))

    async def put(self, seat: str, digest: str, answer: StoredAnswer) -> None:
        self.answers[seat, digest] = answer


async def test_a_resumed_run_repeats_its_verdict_and_buys_nothing_twice() -> None:
    book = Book()

    def seats(models: list[ScriptedModel]) -> Council:
        return Council(seats=tuple(ModelSeat(RecordingModel(model, book), time.monotonic) for model in models), clock=lambda: 0.0)

    models = [
        member("a/one", opinion(RACE)),
        member("b/two", opinion(TIMEOUT), votes("reject")),
        member("c/three", ModelError(CallFault.UNAVAILABLE, "503")),
    ]
    first = await deliberate(BRIEF, snapshot(), seats(models))
    again = [ScriptedModel(model.name, []) for model in models]
    second = await deliberate(BRIEF, snapshot(), seats(again))

    assert [model.asked for model in again] == [[], [], []]
    assert second.ranked == first.ranked
    assert [report.opinion for report in second.seats] == [report.opinion for report in first.seats]
    assert second.usage == first.usage


async def test_a_chair_that_changes_the_list_is_replaced_by_plain_text() -> None:
    said = {"order": [], "summary": "All is well.", "plan": []}
    chair = ScriptedModel("chair", lambda _: json.dumps(said))
    models = (member("a/one", opinion(RACE), votes("confirm")), member("b/two", opinion(), votes("confirm")))
    verdict = await deliberate(BRIEF, snapshot(), council(*models, chair=chair))
    assert verdict.summary.startswith("Two refreshes race")

    step = "Hold the lock across check and refresh in `auth/session.py`."
    said |= {"order": [verdict.ranked[0].short_id], "summary": "Two callers can refresh at once.", "plan": [step]}
    verdict = await deliberate(BRIEF, snapshot(), council(*models, chair=chair))
    assert (verdict.summary, verdict.plan) == ("Two callers can refresh at once.", (step,))


@pytest.mark.parametrize(
    "summary",
    [
        "Two callers refresh at once, and `auth/admin.py` leaks the password.",
        "Two callers refresh at once. Also fix billing/invoice.py before merging.",
        "Two callers refresh at once; `delete_everything()` is called too.",
        "LGTM but for one race.",
        "A race. " * 200,
        " ",
    ],
)
async def test_a_summary_with_unknown_names_is_not_used(summary: str) -> None:
    models = (member("a/one", opinion(RACE), votes("confirm")), member("b/two", opinion(), votes("confirm")))
    plain = await deliberate(BRIEF, snapshot(), council(*models))
    answer = {"order": [plain.ranked[0].short_id], "summary": summary, "plan": []}
    chair = ScriptedModel("chair", lambda _: json.dumps(answer))
    verdict = await deliberate(BRIEF, snapshot(), council(*models, chair=chair))
    assert (verdict.summary, verdict.plan) == (plain.summary, plain.plan)
    assert len(chair.asked) == 2


@pytest.mark.parametrize("plan", [[], ["Fix it."], ["Check auth/session.py.", "Run it.", "And rest."]])
async def test_a_plan_that_leaves_the_list_is_replaced(plan: list[str]) -> None:
    """The summary stays."""
    models = (member("a/one", opinion(RACE), votes("confirm")), member("b/two", opinion(), votes("confirm")))
    plain = await deliberate(BRIEF, snapshot(), council(*models))
    answer = {"order": [plain.ranked[0].short_id], "summary": "Two callers can refresh at once.", "plan": plan}
    verdict = await deliberate(BRIEF, snapshot(), council(*models, chair=ScriptedModel("chair", lambda _: json.dumps(answer))))
    assert (verdict.summary, verdict.plan) == ("Two callers can refresh at once.", plain.plan)


async def test_a_change_with_nothing_in_front_pays_no_chair() -> None:
    chair = ScriptedModel("chair", [])
    style = RACE | {"category": "style"}
    models = (member("a/one", opinion(style), votes("confirm")), member("b/two", opinion(), votes("confirm")))
    verdict = await deliberate(BRIEF, snapshot(), council(*models, chair=chair))
    assert [ranked.standing for ranked in verdict.ranked] == [ProposalStanding.NOTED]
    assert verdict.summary == "Nothing to fix was found. 1 minor."
    assert chair.asked == []


async def test_a_finding_that_a_failing_check_reports_is_noted() -> None:
    """Another defect on that line is not."""
    said = "auth/session.py:7:13: S113 Probable use of the token request without timeout"
    checks = (FailingCheck(name="lint", url="", lines=(said,)),)
    models = [member(name, opinion(RACE, TIMEOUT | {"severity": "high"}), votes("confirm")) for name in ("a/one", "b/two", "c/three")]
    verdict = await deliberate(BRIEF, snapshot(failing_checks=checks), council(*models))
    standing = {ranked.finding.title: ranked.standing for ranked in verdict.ranked}
    assert standing == {RACE["title"]: ProposalStanding.RECOMMENDED, TIMEOUT["title"]: ProposalStanding.NOTED}
    assert verdict.standing(ProposalStanding.NOTED)[0].why.endswith("already reported by CI (lint)")


async def test_a_failing_test_that_names_a_line_is_no_finding_there() -> None:
    frames = ("auth/session.py:7 in token", "auth/session.py:7: in token")
    checks = (FailingCheck(name="unit", url="", lines=frames),)
    high = TIMEOUT | {"severity": "high"}
    models = [member(name, opinion(high), votes("confirm")) for name in ("a/one", "b/two", "c/three")]
    verdict = await deliberate(BRIEF, snapshot(failing_checks=checks), council(*models))
    assert [ranked.standing for ranked in verdict.ranked] == [ProposalStanding.RECOMMENDED]


async def test_a_verdict_contains_what_a_replay_needs() -> None:
    models = (
        member("a/one", opinion(RACE), votes("confirm")),
        member("b/two", opinion(TIMEOUT), votes("reject")),
        member("c/three", opinion()),
    )
    verdict = Verdict.model_validate_json((await deliberate(BRIEF, snapshot(), council(*models))).model_dump_json())
    assert verdict.minutes is not None
    assert rerank(verdict.minutes, "learned", None) == verdict.ranked
    other = rerank(verdict.minutes, "count", None)
    assert {ranked.fingerprint for ranked in other} == {ranked.fingerprint for ranked in verdict.ranked}
    assert [move.rank_now for move in moves(verdict.ranked, other)] == [1, 2]
    assert not any(move.changed for move in moves(verdict.ranked, verdict.ranked))


async def test_a_run_without_time_left_skips_critiques() -> None:
    now = 0.0

    def clock() -> float:
        return now

    def late(_: ModelRequest) -> str:
        nonlocal now
        now = 301.0
        return opinion(RACE)

    seats = tuple(ModelSeat(ScriptedModel(name, late), lambda: 0.0) for name in ("a/one", "b/two"))
    verdict = await deliberate(BRIEF, snapshot(), Council(seats=seats, clock=clock))
    assert len(verdict.ranked) == 1
    assert verdict.seats[0].critique is Outcome.ABSTAINED


async def test_an_analyzer_alone_is_a_council_and_says_so() -> None:
    head = "import os\n\n\ndef total(rows=[]):\n    rows.append(1)\n    return sum(rows) + missing\n"
    base = "import os\n\n\ndef total(rows):\n    return sum(rows)\n"
    verdict = await deliberate(BRIEF, snapshot(changed("shop/sums.py", base, head)), Council(seats=(AnalyzerSeat(Ruff(), time.monotonic),)))

    assert [(ranked.finding.location.line, ranked.standing) for ranked in verdict.ranked] == [
        (6, ProposalStanding.RECOMMENDED),
        (4, ProposalStanding.RECOMMENDED),
    ]
    assert not any(report.is_model for report in verdict.seats)
    assert (verdict.quorum, verdict.answered, verdict.incomplete) == (1, 1, "")


@pytest.mark.parametrize(
    ("files", "brief", "reason"),
    [
        ((changed("poetry.lock", "a\n", "b\n"),), BRIEF, "no file of this change is reviewed: lock file"),
        (
            (changed("a.py", "a\n", "b\n"),),
            BRIEF.model_copy(update={"paths": ("docs/**",)}),
            "no file of this change is reviewed: left out by the `paths` setting",
        ),
        ((ChangedFile(path="a.bin", unseen="binary"),), BRIEF, "no file of this change is reviewed: binary"),
        ((), BRIEF, "the change has no file"),
    ],
)
async def test_a_change_without_shown_files_asks_no_seat(files: tuple[ChangedFile, ...], brief: Brief, reason: str) -> None:
    model = member("a/one", opinion())
    given = snapshot().model_copy(update={"files": files})
    verdict = await deliberate(brief, given, council(model))
    assert model.asked == []
    assert (verdict.unreviewable, verdict.seats, verdict.conclusive) == (reason, (), False)


async def test_an_empty_council_is_incomplete() -> None:
    verdict = await deliberate(BRIEF, snapshot(), Council(seats=()))
    assert verdict.incomplete == "no seat is configured"


async def test_a_truncated_answer_keeps_its_finished_findings() -> None:
    text = opinion(RACE, TIMEOUT)
    cut = text[: text.rindex("happens with") + 5]
    response = ModelResponse(text=cut, finish="length", usage=member("x", "").__dict__["_usage"], model="a/one")
    verdict = await deliberate(BRIEF, snapshot(), council(member("a/one", response)))
    assert [ranked.finding.title for ranked in verdict.ranked] == [RACE["title"]]
