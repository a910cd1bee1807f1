"""How many accepted issues a merge hides, and how much a shared place may add."""

import json
import random
from pathlib import Path

from benchmarks import losses
from benchmarks.fitting.placing import CHOICES, Losses, count_losses, fit_places
from benchmarks.judged_samples import read_samples
from benchmarks.options import Options
from reviewers.council.learned_models import shipped_models
from reviewers.council.location_similarity import PlaceRules
from reviewers.council.ranking import rerank
from reviewers.evals.recorded import Golden, RecordedComment, RecordedReview
from reviewers.values.finding import Category, Evidence, Side
from reviewers.values.verdict import Proposal, ProposalStanding, RankingInputs, SeatFacts, SeatVote, Stance


def _sample(note: str, tool: str = "one", **more: object) -> dict[str, object]:
    given = {"note": note, "path": "a.py", "side": "right", "source_model": tool, "from_line": 4, "to_line": 2}
    return given | {"category": "Performance", "is_ai_comment": True} | more


def _files(folder: Path, repository: str = "o/r") -> Path:
    address = f"https://github.com/{repository}/pull/1"
    accepted = [
        _sample("`load()` reads the file twice"),
        _sample("A person says so", is_ai_comment=False),
        _sample("`load()` leaks the handle", "two", side="left"),
    ]
    rejected = [_sample("Rename it", "two", from_line=None, to_line=9)]
    for name, comments in (("positive", accepted), ("negative", rejected)):
        file = folder / f"{name}_samples.json"
        file.write_text(json.dumps([{"githubPrUrl": address, "comments": comments}]), encoding="utf-8")
    return folder / "positive_samples.json"


def test_judged_samples_become_recorded_reviews(tmp_path: Path) -> None:
    (row,) = read_samples(_files(tmp_path))
    assert (row.repo, row.pr, len(row.golden)) == ("o/r", "https://github.com/o/r/pull/1", 2)
    first, second, third = row.comments
    assert (first.matches, first.start_line, first.line, first.category) == (("g0",), 2, 4, Category.PERFORMANCE)
    assert (second.tool, second.side) == ("two", Side.LEFT)
    assert (third.matches, third.start_line, third.line) == ((), None, 9)
    where = first.finding().location
    assert (where.path, where.start_line, where.line) == ("a.py", 2, 4)


def test_an_issue_behind_another_text_is_lost() -> None:
    def comment(tool: str, text: str, issue: str) -> RecordedComment:
        return RecordedComment(tool=tool, text=text, matches=(issue,) if issue else (), path="a.py", line=7)

    told_twice = "The cache is never invalidated when a user changes the password, so the old session stays valid"
    comments = (
        comment("one", told_twice, "g0"),
        comment("two", f"{told_twice} until it expires", "g1"),
        comment("three", "Rename this", ""),
    )
    golden = (Golden(id="g0"), Golden(id="g1"))
    row = RecordedReview(judge="people", repo="r", pr="r/1", golden=golden, comments=comments)
    counted = count_losses(row, shipped_models().pairs, PlaceRules())
    assert counted == Losses(issues=2, lost=1, pairs=1, merged=1)


def test_the_fit_takes_the_most_merging_rules_within_limits() -> None:
    table = {places: [Losses(100, 9, 1000, 1)] for places in CHOICES[:3]}
    table[CHOICES[3]] = [Losses(100, 1, 1000, 40)]
    assert fit_places({**table, CHOICES[4]: [Losses(100, 4, 1000, 13)], CHOICES[5]: [Losses(100, 0, 1000, 0)]}) == CHOICES[4]
    assert fit_places(table) == CHOICES[3]


def test_shared_quoted_code_does_not_merge_two_issues() -> None:
    code = "\n```suggestion\nconst { data, error } = await fetchAccount(accountId, { retry: false, cache: this.accountCache });\n```"

    def comment(tool: str, text: str, issue: str) -> RecordedComment:
        return RecordedComment(tool=tool, text=text + code, matches=(issue,), path="a.ts", line=7, start_line=6)

    pair = (comment("one", "The rejection goes unhandled", "g0"), comment("two", "Tenants share one entry and read foreign balances", "g1"))
    row = RecordedReview(judge="people", repo="r", pr="r/1", golden=(), comments=pair)
    assert count_losses(row, shipped_models().pairs, PlaceRules()).lost == 0


def test_the_small_form_runs_on_judged_samples(tmp_path: Path) -> None:
    measured = losses.run(Options(small=True, data=str(_files(tmp_path))))
    assert measured["issues_lost"] == 0


def test_fabricated_evidence_cannot_reject_a_proven_finding() -> None:
    dice = random.Random(1)
    finding = RecordedComment(tool="a", text="The lock is never released", matches=("g0",), path="a.py", line=7).finding()
    sittings = tuple(SeatFacts(seat=name, vendor=name) for name in "abcd")
    ends = {proven: set[ProposalStanding]() for proven in ("", "tests")}
    for proven, seen in ends.items():
        proposal = Proposal(id="p", finding=finding, supporters=("a",), proven=proven)
        for _ in range(50):
            lies = [Stance.REJECT if dice.random() < 0.5 else Stance.CONFIRM for _ in "bcd"]
            proof = Evidence(path="a.py", line=7, quote="lock()")
            votes = tuple(SeatVote(seat=name, stance=lie, evidence="", proof=proof) for name, lie in zip("bcd", lies, strict=True))
            minutes = RankingInputs(proposals=(proposal,), votes={"p": votes}, sittings=sittings, critics=tuple("bcd"))
            seen.update(each.standing for each in rerank(minutes, "learned", None))
    assert ProposalStanding.REJECTED in ends[""]
    assert ProposalStanding.REJECTED not in ends["tests"]
