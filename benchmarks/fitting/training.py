"""Fits the models that the council learns from recorded reviews; every fold and the shipped file use the same steps."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.fitting import logistic
from reviewers.council import similarity
from reviewers.council.calibration import fit_table
from reviewers.council.merging import MergeRules, group_findings, groupings_at
from reviewers.council.ranking import DEFAULT, RANKERS, RankingContext
from reviewers.council.ranking_features import FEATURES, RISING, LinearRanker, proposal_features
from reviewers.council.similarity import PairModel, SeatText, pair_features
from reviewers.evals.drawn_councils import TrainingPlan, draw_councils
from reviewers.evals.judging import Judgement, proposals, ranking_context
from reviewers.evals.recorded import RecordedComment, RecordedReview, repositories
from reviewers.evals.strict import Tally, tally, total
from reviewers.learning.reliability import Outcomes, Reliability, shrunk_reliability
from reviewers.values.verdict import Proposal, RankedFinding

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Matrix = NDArray[float64]


# The shipped file is for councils of all supported sizes. Fitted on 3 to 5 alone, it was worse than a count vote at 12 and more
# (F1 .519 against .532, now .556, other repositories left out).
# It merges a little less: a duplicate costs a line, a swallowed finding more.
SHIPPED = TrainingPlan(seats=tuple(range(3, 13)), draws=12, different=0.008)


_THRESHOLDS = (0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)


class Trained(NamedTuple):
    """A judgment, and the amount of data behind it."""

    judgement: Judgement
    pairs: int
    proposals: int


class Example(NamedTuple):
    """A council on a pull request: its proposals, their features, and which were right."""

    row: RecordedReview
    bench: RankingContext
    proposals: tuple[Proposal, ...]
    features: tuple[tuple[float, ...], ...]
    right: tuple[bool, ...]


def train(rows: Sequence[RecordedReview], plan: TrainingPlan = TrainingPlan()) -> Trained:  # noqa: B008 - frozen
    """Everything that the judgment needs, from these rows alone."""
    councils = [row for row in draw_councils(rows, plan) if len(row.tools) > 1]
    pairs, counted = train_pairs(rows, plan)
    examples = [example for row, records in _with_records(rows, councils) for example in [_example(row, pairs, records)]]
    ranks = _ranks(examples, plan)
    outcomes = [outcome for each in examples for outcome in scores(each.row, _ranked(each, ranks))]
    # Councils drawn from one row repeat its findings: they smooth the table, but count as one.
    known = [example.bench.record for example in examples for _ in example.proposals]
    mean = sum(none or 0.0 for none in known) / max(1, len(known))
    judgement = Judgement(pairs, ranks, records_of(rows), table=fit_table(outcomes, plan.draws, mean))
    return Trained(judgement, counted, len(outcomes) // plan.draws)


def records_of(rows: Iterable[RecordedReview]) -> dict[str, Reliability]:
    """Each tool's record: a matched comment is right, an unmatched one wrong, and a second match says nothing."""
    outcomes: dict[str, Outcomes] = {}
    for row in rows:
        for comment in row.comments:
            if comment.matches is not None:
                seen = Outcomes(right=bool(comment.matches), wrong=not comment.matches)
                outcomes[comment.tool] = outcomes.get(comment.tool, Outcomes()) + seen
    # One repository's outcomes say little about the next one, so their weight is capped like any record from elsewhere.
    return {tool: shrunk_reliability(Outcomes(), seen, lean=100.0) for tool, seen in outcomes.items()}


def _with_records(
    rows: Sequence[RecordedReview], councils: Sequence[RecordedReview]
) -> list[tuple[RecordedReview, dict[str, Reliability]]]:
    """Councils with their seats' records from other folds: a record that includes the answer would get too much weight."""
    names = repositories(rows)
    elsewhere = {name: records_of([row for row in rows if row.repo != name] or rows) for name in names}
    return [(row, elsewhere[row.repo]) for row in councils]


def train_pairs(rows: Sequence[RecordedReview], plan: TrainingPlan) -> tuple[PairModel, int]:
    """The pair model; its threshold is the lowest that joins at most the share `different` of the pairs known to differ."""
    import numpy as np

    data, labels = [], []
    for row in rows:
        first, second, same = _pairs(row)
        if len(same):
            said = [SeatText(comment.tool, comment.text) for comment in row.comments]
            data.append(pair_features(said)[first, second])
            labels.append(same)
    rising = [similarity.FEATURES.index(name) for name in similarity.RISING]
    weights = logistic.fit_logistic(np.concatenate(data).astype(np.float64), np.concatenate(labels), plan.pair_ridge, rising)
    model = PairModel(weights=weights.weights, bias=weights.bias, threshold=0.5)
    return model.model_copy(update={"threshold": _threshold(rows, model, plan.different)}), sum(map(len, labels))


def _pairs(row: RecordedReview) -> tuple[list[int], list[int], "Matrix"]:
    """Indexes of pairs with a known answer: one issue, two issues, or an issue and a false positive."""
    import numpy as np

    first, second, same = [], [], []
    for one, here in enumerate(row.comments):
        for two in range(one + 1, len(row.comments)):
            there = row.comments[two]
            if here.matches is None or there.matches is None or not (here.matches or there.matches):
                continue
            first.append(one)
            second.append(two)
            same.append(float(bool(set(here.matches) & set(there.matches))))
    return first, second, np.array(same)


def _threshold(rows: Sequence[RecordedReview], model: PairModel, different: float) -> float:
    """The lowest threshold at which few pairs of different issues are merged."""
    counts = [[0, 0] for _ in _THRESHOLDS]
    for row in rows:
        matched = [at for at, comment in enumerate(row.comments) if comment.matches]
        for at, groups in enumerate(groupings_at([each.finding() for each in row.comments], MergeRules(words=model), _THRESHOLDS)):
            group = {index: number for number, members in enumerate(groups) for index in members}
            for here, one in enumerate(matched):
                for two in matched[here + 1 :]:
                    if not set(row.comments[one].matches or ()) & set(row.comments[two].matches or ()):
                        counts[at][0] += group[one] == group[two]
                        counts[at][1] += 1
    good = (threshold for threshold, (wrong, pairs) in zip(_THRESHOLDS, counts, strict=True) if wrong <= different * pairs)
    return next(good, _THRESHOLDS[-1])


def merge_row(rows: Iterable[RecordedReview], pairs: PairModel) -> tuple[int, int, int, int]:
    """The counts: merged pairs of one issue, all such pairs, merged pairs of two issues, and all such pairs."""
    counts = [0, 0, 0, 0]
    for row in rows:
        matched = [comment for comment in row.comments if comment.matches]
        group: dict[tuple[object, ...], int] = {}
        for number, members in enumerate(group_findings([each.finding() for each in row.comments], MergeRules(words=pairs))):
            group |= {comment.key: number for comment in row.behind(members)}
        for at, one in enumerate(matched):
            for two in matched[at + 1 :]:
                apart = 0 if set(one.matches or ()) & set(two.matches or ()) else 2
                counts[apart] += group[one.key] == group[two.key]
                counts[apart + 1] += 1
    return counts[0], counts[1], counts[2], counts[3]


def _example(row: RecordedReview, pairs: PairModel, records: dict[str, Reliability]) -> Example:
    made = proposals(row, pairs)
    seats = ranking_context(row, Judgement(pairs, LinearRanker(weights=(), bias=0.0), records))
    rows = proposal_features([seats.raised(each) for each in made], seats.models(), seats.rules.kinship)
    said = dict(zip((each.id for each in made), row.behind(each.finding for each in made), strict=True))
    right, found = {}, set[str]()
    for proposal in sorted(made, key=lambda each: (-len(each.supporters), each.id)):
        new = set(said[proposal.id].matches or ()) - found
        right[proposal.id] = bool(new)
        found |= new
    return Example(row, seats, made, tuple(rows), tuple(right[each.id] for each in made))


def _ranks(examples: Sequence[Example], plan: TrainingPlan) -> LinearRanker:
    """The rank model, with its bias set so that odds of 0 give the best posting on the mean of the judges."""
    import numpy as np

    data = np.array([row for example in examples for row in example.features])
    labels = np.array([float(right) for example in examples for right in example.right])
    weights = logistic.fit_logistic(data, labels, plan.rank_ridge, [FEATURES.index(name) for name in RISING])
    model = LinearRanker(weights=weights.weights, bias=weights.bias)
    return model.model_copy(update={"bias": round(model.bias - _level(examples, model), 5)})


def _level(examples: Sequence[Example], model: LinearRanker) -> float:
    """The middle of the levels at which F1 is nearly best; the very best one is mostly luck."""
    import numpy as np

    judged: dict[str, list[tuple[Example, list[tuple[float, RecordedComment]]]]] = {}
    for example in examples:
        behind = example.row.behind(proposal.finding for proposal in example.proposals)
        scored = [(model.odds(row), comment) for row, comment in zip(example.features, behind, strict=True)]
        judged.setdefault(example.row.judge, []).append((example, sorted(scored, key=lambda each: -each[0])))

    def f1(level: float) -> float:
        def tallies(listed: list[tuple[Example, list[tuple[float, RecordedComment]]]]) -> Tally:
            return total(tally(example.row, [comment for odds, comment in scored if odds >= level]) for example, scored in listed)

        return sum(tallies(listed).f1 for listed in judged.values()) / len(judged)

    levels = [round(float(each), 3) for each in np.arange(-2.6, 1.2, 0.1)]
    reached = [f1(level) for level in levels]
    good = [level for level, value in zip(levels, reached, strict=True) if value >= max(reached) - 0.005]
    return sum(good) / len(good)


def _ranked(example: Example, ranks: LinearRanker) -> tuple[RankedFinding, ...]:
    rules = example.bench.rules.model_copy(update={"learned": ranks})
    return RANKERS[DEFAULT](example.proposals, {}, example.bench.model_copy(update={"rules": rules}))


def scores(row: RecordedReview, ranking: Iterable[RankedFinding]) -> list[tuple[float, bool]]:
    """Each finding's confidence and whether it was right, without a tool's second match, which says neither."""
    ordered = list(ranking)
    known = zip(ordered, row.behind(finding.finding for finding in ordered), strict=True)
    return [(each.confidence, bool(comment.matches)) for each, comment in known if comment.matches is not None]
