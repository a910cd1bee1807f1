"""Runs the council's own merge and ranking on a recorded pull request, without a critique round."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reviewers.council.calibration import Table
from reviewers.council.likeness import PairModel
from reviewers.council.merging import MergeRules, merge
from reviewers.council.ranking import DEFAULT, RANKERS, Bench, Rules
from reviewers.council.voices import RankModel
from reviewers.evals.recorded import Comment, Recorded
from reviewers.reliability import PRIOR, Reliability
from reviewers.verdict import Proposal, RankedFinding, Sitting, Standing


class Judgement(NamedTuple):
    """The settings of a judgment: models, records of its seats, a ranking method."""

    pairs: PairModel
    ranks: RankModel
    records: Mapping[str, Reliability]
    ranker: str = DEFAULT
    table: Table | None = None


def proposals(row: Recorded, pairs: PairModel) -> tuple[Proposal, ...]:
    """The row's comments, merged."""
    return merge([comment.finding() for comment in row.comments], MergeRules(words=pairs))


def bench(row: Recorded, judgement: Judgement) -> Bench:
    """The tools that commented, as a bench; the recordings do not say whether a silent one looked."""
    sittings = tuple(
        Sitting(
            seat=tool,
            vendor=tool,
            record=judgement.records.get(tool, PRIOR),
            findings=sum(comment.tool == tool for comment in row.comments),
        )
        for tool in row.tools
    )
    return Bench(sittings=sittings, rules=Rules(few=1, learned=judgement.ranks), table=judgement.table)


def ranked(row: Recorded, judgement: Judgement) -> tuple[RankedFinding, ...]:
    """Every proposal of the row, as the council ranks it."""
    if not row.comments:
        return ()
    return RANKERS[judgement.ranker](proposals(row, judgement.pairs), {}, bench(row, judgement))


def posted(row: Recorded, ranking: Iterable[RankedFinding]) -> list[Comment]:
    """The comments that represent the recommended proposals, best first."""
    return related(row, [each for each in ranking if each.standing is Standing.RECOMMENDED])


def related(row: Recorded, ranking: Iterable[RankedFinding]) -> list[Comment]:
    """The comment behind each finding: one member's text, verbatim."""
    return row.behind(each.finding for each in ranking)
