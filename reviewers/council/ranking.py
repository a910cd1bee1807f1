"""Ranks the proposals by severity × confidence: from the seats that raised them, their surroundings, and the votes of the others."""

import math
from collections.abc import Callable, Mapping, Sequence

from reviewers.council.calibration import Table, calibrate
from reviewers.council.finding_form import FormModel, form_features
from reviewers.council.fingerprint import distinct_fingerprints, short_ids
from reviewers.council.learned_models import shipped_models
from reviewers.council.ranking_features import LinearRanker, ProposalFeatures, SeatFeatures, proposal_features
from reviewers.council.standing_rules import ORDER, Thresholds, decide_standing, standing_reason
from reviewers.learning.independence import Kinship, Speaker
from reviewers.learning.reliability import PRIOR, domain, weight
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Proposal, RankedFinding, RankingInputs, SeatFacts, SeatVote, Stance


class Rules(FrozenValue):
    """The weights of the ranking, in log-odds; `kinship` says how much each further voice adds.

    `unverified` is the share of its weight that a vote without checked evidence keeps: with critics who err in 20 % and whose quotes hold
    in half to all of their right votes, .75 never recommends fewer of the true findings than 1 does; .5 loses up to .027 of them.

    `learned` is the model of the learned ranker, None for the one that ships with Council together with its `forms`. With fewer than
    `few` seats present, which its data does not cover, log-odds are used.
    """

    prior: float = -0.6
    raised: float = 1.1
    confirmed: float = 0.9
    rejected: float = 1.1
    kinship: Kinship = Kinship()
    analyzer: float = 2.0
    unverified: float = 0.75
    few: int = 3
    thresholds: Thresholds = Thresholds()
    learned: LinearRanker | None = None
    forms: FormModel | None = None

    def trust(self, vote: SeatVote) -> float:
        """The share of its weight that a vote keeps."""
        return self.unverified if vote.proof is None else 1.0


class RankingContext(FrozenValue):
    """Everything that a ranking depends on apart from the proposals. `critics` are the seats whose critique arrived."""

    sittings: tuple[SeatFacts, ...]
    critics: tuple[str, ...] = ()
    rules: Rules = Rules()
    table: Table | None = None

    def sitting(self, seat: str) -> SeatFacts:
        """The facts about a seat; an unknown seat counts as its own vendor."""
        return next((each for each in self.sittings if each.seat == seat), SeatFacts(seat=seat, vendor=seat))

    def about(self, seat: str, proposal: Proposal) -> SeatFacts:
        """The facts about a seat, with its track record on this kind of defect in this kind of file if there is one."""
        sitting = self.sitting(seat)
        if not sitting.narrow:
            return sitting
        kind, place = proposal.finding.category.value, domain(proposal.finding.location.path or "")
        keys = (f"{kind}/{place}", f"{kind}/", f"/{place}")
        return sitting.model_copy(update={"record": next((sitting.narrow[key] for key in keys if key in sitting.narrow), sitting.record)})

    @property
    def record(self) -> float | None:
        """The mean log-odds by which its model seats are better than an unknown one; None if none has a track record."""
        known = [sitting.record.odds(PRIOR) for sitting in self.sittings if sitting.is_model and sitting.record.seen > 0]
        return sum(known) / len(known) if known else None

    def models(self) -> tuple[SeatFeatures, ...]:
        """The model seats in the form that the learned ranking takes."""
        return tuple(_voice(sitting) for sitting in self.sittings if sitting.is_model)

    def raised(self, proposal: Proposal) -> ProposalFeatures:
        """The model seats that raised a proposal, and its surroundings."""
        heard = [self.about(seat, proposal) for seat in proposal.supporters]
        return ProposalFeatures(tuple(_voice(each) for each in heard if each.is_model), proposal.traits)


Votes = Mapping[str, Sequence[SeatVote]]
Ranker = Callable[[Sequence[Proposal], Votes, RankingContext], tuple[RankedFinding, ...]]
DEFAULT = "learned"
# In log-odds: more than the rounding of a score to six digits, less than the effect of any vote.
_STEP = 1e-4


def by_learned(proposals: Sequence[Proposal], votes: Votes, bench: RankingContext) -> tuple[RankedFinding, ...]:
    """The learned model of votes and surroundings, plus the critiques as log-odds; it reads no words of a finding."""
    rules, seated = bench.rules, bench.models()
    if len(seated) < rules.few:
        return by_log_odds(proposals, votes, bench)
    model, forms = rules.learned or shipped_models().ranks, rules.forms or (FormModel() if rules.learned else shipped_models().forms)
    raised = [bench.raised(each) for each in proposals]
    rows = zip(proposals, proposal_features(raised, seated, rules.kinship), strict=True)
    learned = _with_singles({proposal.id: model.odds(row) for proposal, row in rows}, proposals, bench, forms)
    level = _logit(rules.thresholds.recommended_from)

    def score(proposal: Proposal, cast: Sequence[SeatVote], bench: RankingContext) -> float:
        # An analyzer is not among the tools that the model was learned on, so its weight comes from log-odds.
        analyzers = sum(not bench.sitting(seat).is_model for seat in proposal.supporters)
        if analyzers == len(proposal.supporters):
            return _log_odds(proposal, cast, bench)
        helped = rules.analyzer * analyzers
        return _probability(learned[proposal.id] + level + helped + _critique(proposal, cast, bench))

    return _ranked(proposals, votes, bench, score)


def _with_singles(odds: dict[str, float], proposals: Sequence[Proposal], bench: RankingContext, forms: FormModel) -> dict[str, float]:
    """The odds, reassigned among single-seat findings on lines so that the best by record and form come first.

    The set of odds stays the same except for `_STEP`s that separate equal ones: as many are recommended as before, and a percentage keeps
    its meaning.
    """
    singles = [proposal for proposal in proposals if len(proposal.supporters) == 1 and proposal.finding.location.line]
    if not (forms.fitted and len(singles) > 1):
        return odds

    def worth(single: Proposal) -> tuple[float, float, str]:
        record = sum(voice.record for voice in bench.raised(single).supporters)
        return forms.odds(record, form_features(single.finding)), odds[single.id], single.id

    best = sorted(singles, key=worth, reverse=True)
    handed = sorted((odds[single.id] for single in singles), reverse=True)
    for at in range(1, len(handed)):
        handed[at] = min(handed[at], handed[at - 1] - _STEP)
    return odds | {single.id: value for single, value in zip(best, handed, strict=True)}


def by_log_odds(proposals: Sequence[Proposal], votes: Votes, bench: RankingContext) -> tuple[RankedFinding, ...]:
    """Prior, plus weighted supporters and confirmations, minus weighted rejections."""
    return _ranked(proposals, votes, bench, _log_odds)


def by_count(proposals: Sequence[Proposal], votes: Votes, bench: RankingContext) -> tuple[RankedFinding, ...]:
    """The share of supporting seats among those that took a side; every seat counts one."""

    def share(proposal: Proposal, cast: Sequence[SeatVote], _: RankingContext) -> float:
        backing = len(proposal.supporters) + sum(vote.stance == Stance.CONFIRM for vote in cast)
        against = sum(vote.stance == Stance.REJECT for vote in cast)
        return (backing + 0.5) / (backing + against + 1.5)

    return _ranked(proposals, votes, bench, share)


def rerank(minutes: RankingInputs, ranker: str, table: Table | None, rules: Rules = Rules()) -> tuple[RankedFinding, ...]:  # noqa: B008 - frozen
    """The same proposals and votes, ranked by this method and table.

    A seat of less weight changes the confidence and the effect of its rejections. It never lowers a finding's standing compared with full
    weight: strangers decide which seats weigh less, so neither front nor gate may depend on it.
    """
    bench = RankingContext(sittings=minutes.sittings, critics=minutes.critics, rules=rules, table=table)
    ranked = RANKERS[ranker](minutes.proposals, minutes.votes, bench)
    if all(sitting.weight == 1.0 for sitting in bench.sittings):
        return ranked
    full = bench.model_copy(update={"sittings": tuple(each.model_copy(update={"weight": 1.0}) for each in bench.sittings)})
    least = {finding.fingerprint: finding.standing for finding in RANKERS[ranker](minutes.proposals, minutes.votes, full)}
    return in_order(
        [finding.model_copy(update={"standing": min(finding.standing, least[finding.fingerprint], key=ORDER.index)}) for finding in ranked]
    )


RANKERS: Mapping[str, Ranker] = {"learned": by_learned, "log-odds": by_log_odds, "count": by_count}


def _log_odds(proposal: Proposal, cast: Sequence[SeatVote], bench: RankingContext) -> float:
    rules, odds = bench.rules, bench.rules.prior
    heard: list[Speaker] = []
    for seat in sorted(proposal.supporters):
        sitting = bench.about(seat, proposal)
        counts = rules.raised if sitting.is_model else rules.analyzer
        odds += counts * _share(sitting, heard, rules)
    return _probability(odds + _critique(proposal, cast, bench))


def _critique(proposal: Proposal, cast: Sequence[SeatVote], bench: RankingContext) -> float:
    """Log-odds of the second round; a confirmation adds as much as its voice adds to those that raised the proposal."""
    rules, odds = bench.rules, 0.0
    heard = [_speaker(bench.sitting(seat)) for seat in sorted(proposal.supporters)]
    against: list[Speaker] = []
    for vote in sorted(cast, key=lambda vote: vote.seat):
        if vote.stance == Stance.CONFIRM:
            odds += rules.confirmed * rules.trust(vote) * _share(bench.about(vote.seat, proposal), heard, rules)
        elif vote.stance == Stance.REJECT:
            odds -= rules.rejected * rules.trust(vote) * _share(bench.about(vote.seat, proposal), against, rules)
    return odds


def _share(sitting: SeatFacts, heard: list[Speaker], rules: Rules) -> float:
    """The share that this seat's voice adds to the earlier ones; records it for the next."""
    speaker = _speaker(sitting)
    share = rules.kinship.share(speaker, heard)
    heard.append(speaker)
    return weight(sitting.record, rules.raised) * share


def _speaker(sitting: SeatFacts) -> Speaker:
    return Speaker(sitting.seat, sitting.vendor, sitting.errors, sitting.weight)


def _voice(sitting: SeatFacts) -> SeatFeatures:
    return SeatFeatures(_speaker(sitting), sitting.record.odds(PRIOR), sitting.findings)


def _ranked(
    proposals: Sequence[Proposal],
    votes: Votes,
    bench: RankingContext,
    score: Callable[[Proposal, Sequence[SeatVote], RankingContext], float],
) -> tuple[RankedFinding, ...]:
    prints = distinct_fingerprints([proposal.finding for proposal in proposals])
    models = sum(sitting.is_model for sitting in bench.sittings)
    findings = []
    for given, full, short in zip(proposals, prints, short_ids(prints), strict=True):
        proposal = _with_proof(given, bench)
        cast = tuple(sorted(votes.get(proposal.id, ()), key=lambda vote: vote.seat))
        raw = score(proposal, cast, bench)
        confidence, calibrated = calibrate(raw, bench.table, bench.record)
        vendors = len({bench.sitting(seat).vendor for seat in proposal.supporters})
        backing = [*proposal.supporters, *(vote.seat for vote in cast if vote.stance == Stance.CONFIRM)]
        speakers = [_speaker(bench.sitting(seat)) for seat in dict.fromkeys(backing)]
        findings.append(
            RankedFinding(
                finding=proposal.finding,
                # By the score: a table says how often such findings were right, and moves no threshold.
                standing=decide_standing(proposal, cast, raw, models, bench.rules.thresholds),
                confidence=round(confidence, 4),
                calibrated=calibrated,
                raised_by=proposal.supporters,
                votes=cast,
                why=standing_reason(proposal, cast, vendors, bool(bench.critics)),
                fingerprint=full,
                short_id=short,
                score=round(raw, 6),
                effective_voices=round(bench.rules.kinship.effective(speakers), 2),
            )
        )
    return in_order(findings)


def _with_proof(proposal: Proposal, bench: RankingContext) -> Proposal:
    """The proposal, proven if two analyzers report it independently of each other."""
    analyzers = [seat for seat in proposal.supporters if not bench.sitting(seat).is_model]
    return proposal if proposal.proven or len(analyzers) < 2 else proposal.model_copy(update={"proven": " and ".join(analyzers)})


def in_order(ranked: Sequence[RankedFinding]) -> tuple[RankedFinding, ...]:
    """By standing, then by severity × score, then by place."""
    return tuple(sorted(ranked, key=_place))


def _place(ranked: RankedFinding) -> tuple[int, float, str, int, str]:
    where = ranked.finding.location
    score = ranked.confidence if ranked.score is None else ranked.score
    return (
        ORDER.index(ranked.standing),
        -ranked.finding.severity.weight * score,
        where.path or "",
        where.line or 0,
        ranked.fingerprint,
    )


def _probability(odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def _logit(p: float) -> float:
    return math.log(p / (1 - p))
