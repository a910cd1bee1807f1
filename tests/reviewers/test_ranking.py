"""The standing of a proposal, by the seats that raised it and the votes of the others."""

import pytest

from reviewers.council.calibration import Bin, Table, calibrate, confidence_word
from reviewers.council.ranking import RANKERS, RankingContext, Rules
from reviewers.council.standing_rules import Thresholds, decide_standing
from reviewers.learning.reliability import Reliability
from reviewers.values.finding import Category, Evidence, Severity
from reviewers.values.verdict import Proposal, ProposalStanding, RankedFinding, SeatFacts, SeatVote, Stance, Traits
from tests.reviewers.test_merging import found

VENDORS = {"a": "openai", "b": "anthropic", "c": "google", "d": "mistral", "a2": "openai", "lint": "lint"}
BENCH = RankingContext(
    sittings=tuple(SeatFacts(seat=seat, vendor=vendor, is_model=seat != "lint") for seat, vendor in VENDORS.items()), critics=("a", "b")
)


LINE = Evidence(path="a.py", line=3, quote="x = 1")


def echoed(seats: int) -> Traits:
    """The surroundings of an issue that this many seats describe in similar words."""
    return Traits(size=seats, echo=0.8 * (seats - 1), cohesion=0.8 if seats > 1 else 0.0)


def rank(
    raised: str, votes: str = "", severity: Severity = Severity.HIGH, bench: RankingContext = BENCH, ranker: str = "log-odds"
) -> RankedFinding:
    """Votes as "+b -c ?d"; those of "+b* -c*" are without valid evidence."""
    stances = {"+": Stance.CONFIRM, "-": Stance.REJECT, "?": Stance.UNSURE}
    cast = [
        SeatVote(seat=vote[1:].rstrip("*"), stance=stances[vote[0]], evidence="see line 3", proof=None if vote.endswith("*") else LINE)
        for vote in votes.split()
    ]
    proposal = Proposal(
        id="p", finding=found("a", "Wrong", severity=severity), supporters=tuple(raised.split()), traits=echoed(len(raised.split()))
    )
    return RANKERS[ranker]([proposal], {"p": cast}, bench)[0]


@pytest.mark.parametrize(
    ("raised", "votes", "severity", "standing", "sure"),
    [
        ("a b", "", Severity.HIGH, ProposalStanding.RECOMMENDED, "likely"),
        ("a b c", "+d", Severity.MEDIUM, ProposalStanding.RECOMMENDED, "likely"),
        ("a", "+b ?c", Severity.MEDIUM, ProposalStanding.RECOMMENDED, "likely"),
        ("a", "+b -c", Severity.HIGH, ProposalStanding.DISPUTED, "possible"),
        ("a b", "-c", Severity.HIGH, ProposalStanding.DISPUTED, "possible"),
        ("a", "-b", Severity.HIGH, ProposalStanding.DISPUTED, "unlikely"),
        ("a", "-b -c ?d", Severity.HIGH, ProposalStanding.DISPUTED, "unlikely"),
        ("a", "-b -c", Severity.HIGH, ProposalStanding.REJECTED, "unlikely"),
        ("a", "-b -c -d", Severity.CRITICAL, ProposalStanding.REJECTED, "unlikely"),
        ("a", "-b* -c*", Severity.HIGH, ProposalStanding.DISPUTED, "unlikely"),
        ("a", "-b* -c* -d*", Severity.CRITICAL, ProposalStanding.DISPUTED, "unlikely"),
        ("a", "-b -c* -d*", Severity.CRITICAL, ProposalStanding.REJECTED, "unlikely"),
        ("a b", "-c*", Severity.HIGH, ProposalStanding.RECOMMENDED, "possible"),
        ("a", "", Severity.HIGH, ProposalStanding.NOTED, "possible"),
        ("a", "?b ?c", Severity.CRITICAL, ProposalStanding.UNCONFIRMED, "possible"),
        ("a b c", "", Severity.LOW, ProposalStanding.NOTED, "likely"),
        ("lint", "", Severity.MEDIUM, ProposalStanding.RECOMMENDED, "likely"),
        ("lint", "", Severity.LOW, ProposalStanding.NOTED, "likely"),
        ("a b", "+c +d", Severity.LOW, ProposalStanding.NOTED, "likely"),
    ],
)
def test_standings(raised: str, votes: str, severity: Severity, standing: ProposalStanding, sure: str) -> None:
    ranked = rank(raised, votes, severity)
    assert (ranked.standing, confidence_word(ranked.confidence)) == (standing, sure)
    assert ranked.finding.severity is severity
    assert not ranked.calibrated


@pytest.mark.parametrize(
    ("change", "repeats", "expected"),
    [
        ({}, "", ProposalStanding.RECOMMENDED),
        ({}, "unit tests", ProposalStanding.NOTED),
        ({"context": True}, "", ProposalStanding.NOTED),
        ({"category": Category.STYLE}, "", ProposalStanding.NOTED),
        ({"category": Category.DOCS}, "", ProposalStanding.NOTED),
    ],
)
def test_style_unchanged_code_and_repeated_ci_findings_are_noted(
    change: dict[str, object], repeats: str, expected: ProposalStanding
) -> None:
    finding = found("a", "Wrong", severity=Severity.HIGH).model_copy(update=change)
    proposal = Proposal(id="p", finding=finding, supporters=("a", "b"), repeats=repeats)
    assert decide_standing(proposal, (), 0.95, 3, Thresholds()) is expected


@pytest.mark.parametrize("raised", ["a", "a b"])
def test_two_seats_are_too_few_for_the_learned_ranking(raised: str) -> None:
    two = RankingContext(sittings=BENCH.sittings[:2], critics=("a", "b"))
    assert rank(raised, bench=two, ranker="learned").confidence == rank(raised, bench=two).confidence
    assert rank(raised, ranker="learned").confidence != rank(raised).confidence


def test_two_seats_of_one_vendor_count_less_than_two_vendors() -> None:
    assert rank("a a2").confidence < rank("a b").confidence
    assert rank("a", "+a2").confidence < rank("a", "+b").confidence
    assert rank("a a2").why == "found by 2 of one vendor, not judged by another model"


def test_a_vote_never_moves_confidence_the_wrong_way() -> None:
    for raised in ("a", "a b", "lint"):
        assert rank(raised, "+c").confidence > rank(raised).confidence > rank(raised, "-c").confidence
        assert rank(raised, "?c").confidence == rank(raised).confidence


def test_a_vote_without_evidence_counts_less_and_says_so() -> None:
    assert rank("a", "+b").confidence > rank("a", "+b*").confidence > rank("a").confidence
    assert rank("a", "-b").confidence < rank("a", "-b*").confidence < rank("a").confidence
    assert (
        rank("a", "+b* -c").why
        == "found by 1, confirmed by 1 of 2 others, rejected by 1 of 2 others, 1 of these votes without evidence: see line 3"
    )


@pytest.mark.parametrize("raised", ["a", "lint lint2"])
def test_a_machine_proven_finding_cannot_be_voted_away(raised: str) -> None:
    cast = [SeatVote(seat=seat, stance=Stance.REJECT, evidence="", proof=LINE) for seat in "bcd"]
    bench = RankingContext(sittings=(*BENCH.sittings, SeatFacts(seat="lint2", vendor="lint2", is_model=False)))
    rules = Rules(analyzer=0.1, prior=-3.0)
    proposal = Proposal(id="p", finding=found("a", "Wrong"), supporters=tuple(raised.split()), proven="unit" if raised == "a" else "")
    told = RANKERS["log-odds"]([proposal], {"p": cast}, bench.model_copy(update={"rules": rules}))[0]
    assert told.standing is ProposalStanding.NOTED
    alone = proposal.model_copy(update={"proven": "", "supporters": ("lint",) if raised != "a" else ("a",)})
    assert RANKERS["log-odds"]([alone], {"p": cast}, bench.model_copy(update={"rules": rules}))[0].standing is ProposalStanding.REJECTED


def test_a_better_record_counts_more() -> None:
    sittings = (SeatFacts(seat="a", vendor="openai", record=Reliability(right=12, wrong=8)), SeatFacts(seat="b", vendor="anthropic"))
    assert rank("a", bench=RankingContext(sittings=sittings)).confidence > rank("b", bench=RankingContext(sittings=sittings)).confidence


def test_two_models_must_both_raise_it() -> None:
    two = RankingContext(
        sittings=(SeatFacts(seat="a", vendor="openai"), SeatFacts(seat="b", vendor="anthropic")), rules=Rules(unverified=1.0)
    )
    assert rank("a", "+b", bench=two).standing is ProposalStanding.RECOMMENDED
    assert rank("a b", bench=two).standing is ProposalStanding.RECOMMENDED
    assert rank("a", "+b*", bench=two).standing is ProposalStanding.NOTED
    assert rank("a", "+b*", Severity.CRITICAL, bench=two).standing is ProposalStanding.UNCONFIRMED


def test_a_finding_of_a_lone_model_is_not_confirmed() -> None:
    alone = RankingContext(sittings=(SeatFacts(seat="a", vendor="openai"),))
    assert rank("a", bench=alone).standing is ProposalStanding.UNCONFIRMED
    assert rank("a", severity=Severity.MEDIUM, bench=alone).standing is ProposalStanding.NOTED


def test_severity_times_confidence_orders_within_a_standing() -> None:
    proposals = [
        Proposal(id="low", finding=found("a", "Sure but medium", severity=Severity.MEDIUM), supporters=("a", "b", "c"), traits=echoed(3)),
        Proposal(id="high", finding=found("a", "Critical", line=20, severity=Severity.CRITICAL), supporters=("a", "b"), traits=echoed(2)),
        Proposal(id="no", finding=found("a", "Rejected", line=30, severity=Severity.CRITICAL), supporters=("a",)),
    ]
    against = [SeatVote(seat=seat, stance=Stance.REJECT, evidence="", proof=LINE) for seat in "bcd"]
    for ranker in RANKERS.values():
        ranked = ranker(proposals, {"no": against}, BENCH)
        assert [each.finding.title for each in ranked] == ["Critical", "Sure but medium", "Rejected"]


def test_equal_calibrated_confidences_stay_ordered_by_score() -> None:
    table = Table(bins=(Bin(floor=0.0, n=100, right=80),))
    bench = BENCH.model_copy(update={"table": table})
    proposals = [
        Proposal(id="z", finding=found("a", "Surer", path="z.py"), supporters=("a", "b", "c"), traits=echoed(3)),
        Proposal(id="a", finding=found("a", "Less sure", path="a.py"), supporters=("a", "b"), traits=echoed(2)),
    ]
    ranked = RANKERS["log-odds"](proposals, {}, bench)
    assert len({each.confidence for each in ranked}) == 1
    assert [each.finding.title for each in ranked] == ["Surer", "Less sure"]


def test_a_percentage_needs_fifty_outcomes() -> None:
    bins = (Bin(floor=0.0, n=20, right=4), Bin(floor=0.6, n=29, right=24))
    assert calibrate(0.7, Table(bins=bins)) == (0.7, False)
    enough = Table(bins=(*bins, Bin(floor=0.9, n=30, right=20)))
    assert calibrate(0.7, enough) == (25 / 31, True)
    assert calibrate(0.95, enough)[0] >= calibrate(0.7, enough)[0] > calibrate(0.1, enough)[0]
    assert rank("a b", bench=BENCH.model_copy(update={"table": enough})).calibrated


def test_a_confidence_depends_on_the_seats_records() -> None:
    table = Table(bins=(Bin(floor=0.0, n=100, right=20), Bin(floor=0.6, n=100, right=70)), record=0.2)
    same, better, worse = (calibrate(0.7, table, record)[0] for record in (0.2, 1.2, -0.8))
    assert worse < same < better < 1
    assert same == pytest.approx(calibrate(0.7, table)[0]) == pytest.approx(71 / 102)
    # The order of a review stays: the same distance is added to all of its findings.
    assert calibrate(0.1, table, 1.2)[0] < calibrate(0.7, table, 1.2)[0]


def test_only_seats_with_a_record_move_the_confidence() -> None:
    def bench(*records: Reliability) -> RankingContext:
        return RankingContext(sittings=tuple(SeatFacts(seat=str(at), vendor=str(at), record=record) for at, record in enumerate(records)))

    good = Reliability(right=60.0, wrong=40.0)
    assert bench(Reliability(), Reliability()).record is None
    assert bench(good).record == bench(good, Reliability()).record == pytest.approx(good.odds(Reliability()))
