"""Runs the council's own merge and ranking on a recorded pull request, without a critique round."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reviewers.council.calibration import Table
from reviewers.council.merging import MergeRules, merge
from reviewers.council.ranking import DEFAULT, RANKERS, RankingContext, Rules
from reviewers.council.ranking_features import LinearRanker
from reviewers.council.similarity import PairModel
from reviewers.evals.recorded import RecordedComment, RecordedReview
from reviewers.learning.reliability import PRIOR, Reliability
from reviewers.values.verdict import Proposal, ProposalStanding, RankedFinding, SeatFacts


class Judgement(NamedTuple):
    """The settings of a judgment: models, records of its seats, a ranking method."""

    pairs: PairModel
    ranks: LinearRanker
    records: Mapping[str, Reliability]
    ranker: str = DEFAULT
    table: Table | None = None


def proposals(row: RecordedReview, pairs: PairModel) -> tuple[Proposal, ...]:
    """The row's comments, merged."""
    return merge([comment.finding() for comment in row.comments], MergeRules(words=pairs))


def ranking_context(row: RecordedReview, judgement: Judgement) -> RankingContext:
    """The tools that commented, as a bench; the recordings do not say whether a silent one looked."""
    sittings = tuple(
        SeatFacts(
            seat=tool,
            vendor=tool,
            record=judgement.records.get(tool, PRIOR),
            findings=sum(comment.tool == tool for comment in row.comments),
        )
        for tool in row.tools
    )
    return RankingContext(sittings=sittings, rules=Rules(few=1, learned=judgement.ranks), table=judgement.table)


def rank_row(row: RecordedReview, judgement: Judgement) -> tuple[RankedFinding, ...]:
    """Every proposal of the row, as the council ranks it."""
    if not row.comments:
        return ()
    return RANKERS[judgement.ranker](proposals(row, judgement.pairs), {}, ranking_context(row, judgement))


def posted_comments(row: RecordedReview, ranking: Iterable[RankedFinding]) -> list[RecordedComment]:
    """The comments that represent the recommended proposals, best first."""
    return comments_behind(row, [finding for finding in ranking if finding.standing is ProposalStanding.RECOMMENDED])


def comments_behind(row: RecordedReview, ranking: Iterable[RankedFinding]) -> list[RecordedComment]:
    """The comment behind each finding: one member's text, verbatim."""
    return row.behind(finding.finding for finding in ranking)
