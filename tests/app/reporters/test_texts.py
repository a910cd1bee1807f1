"""Texts of posts: the verdict comes first, an empty result is honest, and no post is too long."""

import json
from dataclasses import replace

import pytest
from rich.console import Console

from app.configuration.repository_config import GateConfig, RepositoryConfig
from app.reporters.check_run import conclusion
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.sarif import to_sarif
from app.reporters.terminal import render as draw
from app.reporters.text import plain_text
from app.reporters.text.inline_text import comment, inline_findings, marked_finding
from app.reporters.text.summary_text import render
from reviewers.context.prompt_builder import TANGLED
from reviewers.context.snapshot import FailingCheck
from reviewers.values.finding import Discarded, Evidence, Severity
from reviewers.values.look_record import LookRecord
from reviewers.values.verdict import Coverage, Outcome, ProposalStanding, SeatVote, Stance, Unseen
from tests.app.reporters.editions import PROOF, SEATS, edition, ranked

MARKER = "<!-- council:summary run=r1 -->"


def changed(shown: ReviewToPublish, **more: object) -> ReviewToPublish:
    return replace(shown, verdict=shown.verdict.model_copy(update=more))


def test_the_verdict_is_first_and_the_order_is_fixed() -> None:
    findings = (
        ranked("A"),
        ranked("B", ProposalStanding.UNCONFIRMED),
        ranked("C", ProposalStanding.DISPUTED),
        ranked("D", ProposalStanding.NOTED),
    )
    shown = edition(*findings, run_url="https://council.example/runs/1", problems=("line 2: unknown key",))
    check = FailingCheck(name="tests", url="https://github.com/acme/shop/runs/1", lines=("FAILED x",))
    shown = replace(shown, snapshot=shown.snapshot.model_copy(update={"failing_checks": (check,)}))
    text = render(shown, MARKER)
    assert text.startswith("### Council: do not merge yet · 1 high, 1 to check\n")
    order = [
        "An average of nothing",
        "- 🟠 **high** · **A**\n  ",
        "- ⚪ disputed · C\n",
        "line 2",
        "Why CI is red",
        "In full",
        "1 minor finding<",
    ]
    order += [
        "What each model said",
        "Coverage: 1 of 2 files read by all models · $0.14 · 38 s",
        "<sub>Reviewed `d4e5f6a`",
        "open the run",
        MARKER,
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert "Plan" not in text


def test_nothing_found_is_said_with_what_was_not_seen() -> None:
    text = render(edition(), MARKER)
    assert text.startswith("### Council: nothing to fix\n\n1 file read by 3 models; 1 file not read, listed below.")
    assert "`poetry.lock`: a lock file" in text
    assert "LGTM" not in text and "Plan" not in text


def test_a_missed_quorum_names_each_seat_and_what_is_next() -> None:
    seats = [seat.model_copy(update={"opinion": Outcome.TIMEOUT, "reason": "no answer in 120 s"}) for seat in edition().verdict.seats]
    shown = changed(edition(), incomplete="0 of 3 seats answered; 2 are needed", answered=0, seats=tuple(seats))
    text = render(shown, MARKER)
    assert text.startswith("### Council could not review this: 0 of 3 models answered")
    assert "`gpt-5.5` timed out: no answer in 120 s" in text
    assert "/council review" in text
    assert conclusion(shown).conclusion == "neutral"
    strict = RepositoryConfig(gate=GateConfig(enabled=True, incomplete="action_required"))
    assert conclusion(replace(shown, config=strict)).conclusion == "action_required"


def test_an_analyzer_alone_says_so() -> None:
    seat = edition().verdict.seats[0].model_copy(update={"seat": "ruff", "is_model": False})
    text = render(changed(edition(), seats=(seat,), answered=1), MARKER)
    assert "No model is configured" in text
    assert "What each analyzer said" in text


def test_confidence_is_a_percentage_only_when_calibrated() -> None:
    one = ranked("A")
    assert ") · likely · " in render(edition(one), MARKER)
    assert ") · 80 % · " in render(edition(one.model_copy(update={"calibrated": True})), MARKER)


@pytest.mark.parametrize(
    ("votes", "gate", "expected"),
    [
        (True, GateConfig(enabled=False), "success"),
        (True, GateConfig(enabled=True), "failure"),
        (False, GateConfig(enabled=True), "success"),
        (False, GateConfig(enabled=True, confirmed_by_another_vendor=False), "failure"),
        (True, GateConfig(enabled=True, severity=Severity.CRITICAL), "success"),
    ],
)
def test_the_check_fails_by_the_gate_alone(votes: bool, gate: GateConfig, expected: str) -> None:
    one = ranked("A") if votes else ranked("A").model_copy(update={"votes": ()})
    assert conclusion(edition(one, config=RepositoryConfig(gate=gate))).conclusion == expected


@pytest.mark.parametrize(
    ("standing", "proof", "vendors", "expected"),
    [
        (ProposalStanding.RECOMMENDED, PROOF, ("openai", "anthropic", "google"), "failure"),
        (ProposalStanding.RECOMMENDED, PROOF, ("openai", "openai", "google"), "success"),
        (ProposalStanding.RECOMMENDED, None, ("openai", "anthropic", "google"), "success"),
        (ProposalStanding.UNCONFIRMED, PROOF, ("openai", "anthropic", "google"), "success"),
        (ProposalStanding.NOTED, PROOF, ("openai", "anthropic", "google"), "success"),
    ],
)
def test_the_gate_requires_two_vendors_with_evidence(
    standing: ProposalStanding, proof: Evidence | None, vendors: tuple[str, ...], expected: str
) -> None:
    vote = SeatVote(seat=SEATS[1], stance=Stance.CONFIRM, evidence="Line 6 divides without a check.", proof=proof)
    shown = edition(ranked("A", standing).model_copy(update={"votes": (vote,)}), config=RepositoryConfig(gate=GateConfig(enabled=True)))
    seats = [seat.model_copy(update={"vendor": name}) for seat, name in zip(shown.verdict.seats, vendors, strict=True)]
    assert conclusion(changed(shown, seats=tuple(seats))).conclusion == expected


def test_long_comments_drop_reports_before_findings() -> None:
    long = "word " * 900
    votes = tuple(SeatVote(seat=seat, stance=Stance.CONFIRM, evidence="漢字" * 500) for seat in SEATS)
    findings = [ranked(f"Finding {n} " + "漢" * 300, body=long).model_copy(update={"votes": votes}) for n in range(60)]
    noted = [ranked(f"Note {n}", ProposalStanding.NOTED, body=long) for n in range(60)]
    gone = tuple(Discarded(seat=SEATS[0], title=long, path="a.py", reason=long) for _ in range(500))
    unseen = tuple(Unseen(path=f"vendor/{n}.js", reason="too large") for n in range(3_000))
    coverage = Coverage(files=3_060, seen=60, unseen=unseen)
    text = render(changed(edition(*findings, *noted), discarded=gone, coverage=coverage), MARKER)
    assert len(text.encode()) <= 65_000
    assert all(f"Finding {n} " in text for n in range(60))
    assert "What each model said: left out" in text
    assert "Coverage: 60 of 3060 files" in text and "and 2960 more" in text
    assert text.endswith(MARKER)


def test_context_that_was_left_out_is_named_with_its_reason() -> None:
    dropped = (Unseen(path="AGENTS.md", reason="did not fit into the prompt of 1 of 3 seats"), Unseen(path="gen/a.sh", reason=TANGLED))
    text = render(changed(edition(ranked("One")), coverage=Coverage(files=2, seen=2, dropped=dropped)), MARKER)
    assert "Context that did not fit: AGENTS.md" in text
    assert "Too tangled to read for its structure: gen/a.sh" in text


def test_inline_comments_are_few_and_not_repeated() -> None:
    findings = [ranked(f"Finding {n}") for n in range(9)]
    shown = edition(*findings, said=frozenset({findings[0].fingerprint}))
    assert [each.finding.title for each in inline_findings(shown)] == [f"Finding {n}" for n in range(1, 6)]
    undiffed = tuple(file.model_copy(update={"takes_comments": False}) for file in shown.snapshot.files)
    assert inline_findings(replace(shown, snapshot=shown.snapshot.model_copy(update={"files": undiffed}))) == ()
    finding = findings[1].finding.model_copy(update={"suggestion": "x = 1\n"})
    body = comment(edition(), findings[1].model_copy(update={"finding": finding})).body
    assert body.startswith("🟠 **Finding 1**\n\n")
    assert "```suggestion\nx = 1\n```" in body
    assert "<sub>high · likely · 2 of 3 models · reply to ask why</sub>" in body


def test_links_lead_to_the_commit_that_was_read() -> None:
    text = render(edition(ranked("A", location={"path": "dir with space/ü.py", "line": 9, "start_line": 7})), MARKER)
    sha = edition().snapshot.head_sha
    assert f"[`dir with space/ü.py:7–9`](https://github.com/acme/shop/blob/{sha}/dir%20with%20space/%C3%BC.py#L7-L9)" in text


def test_the_terminal_frames_the_code() -> None:
    shown = edition(ranked("Divides by zero \x1b[31m"))
    console = Console(width=100, no_color=True)
    with console.capture() as capture:
        console.print(draw(shown.verdict, shown.snapshot))
    drawn = capture.get()
    assert drawn.startswith("Council: do not merge yet · 1 high")
    assert "6     return total(items) / len(items)" in drawn
    assert "\x1b" not in drawn


def test_sarif_names_rule_place_and_fingerprint() -> None:
    run = json.loads(to_sarif(edition(ranked("A"), ranked("B", ProposalStanding.NOTED)).verdict))["runs"][0]
    (result,) = run["results"]
    assert result["ruleId"] == "correctness"
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 6, "endLine": 6}


def test_evidence_of_other_files_is_shown_everywhere() -> None:
    proof = Evidence(path="billing/jobs.py", line=88, quote="    charge(order, retries)\n")
    given = ranked("charge takes one argument now")
    given = given.model_copy(update={"finding": given.finding.model_copy(update={"evidence": (proof,)})})
    shown = edition(given)
    link = f"/blob/{shown.snapshot.head_sha}/billing/jobs.py#L88)"
    assert f"· evidence in [`billing/jobs.py:88`](https://github.com/{shown.snapshot.repository}{link}" in render(shown, MARKER)
    assert f"{link}: `charge(order, retries)`" in comment(shown, given).body
    assert "evidence: billing/jobs.py:88: charge(order, retries)" in plain_text.verdict(shown.verdict)
    related = json.loads(to_sarif(shown.verdict))["runs"][0]["results"][0]["relatedLocations"]
    assert related[0]["physicalLocation"]["region"] == {"startLine": 88}


def test_looks_are_listed_with_the_report() -> None:
    again = LookRecord(stage="critique", kind="read", target="a.py", refused="You looked at this before.")
    looks = (LookRecord(stage="opinion", kind="uses", target="charge"), again)
    first, *rest = edition().verdict.seats
    text = render(changed(edition(), seats=(first.model_copy(update={"looks": looks}), *rest)), MARKER)
    assert "- looked around: uses `charge`\n" in text


def test_a_comment_is_about_the_finding_of_its_last_marker() -> None:
    first, last = "a" * 24, "b" * 24
    assert marked_finding(f"quoted: <!-- council:finding {first} -->\n\n<!-- council:finding {last} -->") == last
    assert marked_finding("no marker") == ""
