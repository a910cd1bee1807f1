"""The features of a proposal for the learned ranking: its seats, the others present, and its surroundings; never its words."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from reviewers.learning.independence import Kinship, Speaker
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Traits

FEATURES = ("share", "voices", "seats", "record", "echo", "cohesion", "nearest", "nearest_larger", "outvoted", "crowd", "focus")
# One more voice, a better record or a nearer echo never lowers a finding: weights of the wrong sign are not fitted.
RISING = ("share", "voices", "record", "echo")


class SeatFeatures(NamedTuple):
    """A seat of the council: by how many log-odds it is better than an unknown seat, and how many findings it raised."""

    speaker: Speaker
    record: float
    findings: int


class ProposalFeatures(NamedTuple):
    """The seats that raised a proposal, and its surroundings."""

    supporters: tuple[SeatFeatures, ...]
    traits: Traits


class LinearRanker(FrozenValue):
    """Weights in the order of FEATURES; at odds of 0, posting begins to pay."""

    weights: tuple[float, ...]
    bias: float

    def odds(self, features: Sequence[float]) -> float:
        """Log-odds for posting."""
        return self.bias + math.fsum(weight * value for weight, value in zip(self.weights, features, strict=True))


def proposal_features(proposals: Sequence[ProposalFeatures], seated: Sequence[SeatFeatures], kinship: Kinship) -> list[tuple[float, ...]]:
    """The features of each proposal, in the order of FEATURES; `kinship` says how much each further voice adds."""
    whole = _counted(seated, kinship)
    findings = sum(voice.findings for voice in seated)
    counted = [_counted(proposal.supporters, kinship) for proposal in proposals]
    rows: list[tuple[float, ...]] = []
    for each, voices in zip(proposals, counted, strict=True):
        around = each.traits
        heard = [math.log(max(1, voice.findings)) for voice in each.supporters]
        rows.append(
            (
                voices / max(whole, 1.0),
                # Below one voice is a lone seat of less weight; zero means that only analyzers raised it.
                math.log(voices) if voices else 0.0,
                len(seated) / 10,
                _record(each.supporters, kinship),
                around.echo / max(len(seated) - 1, 1),
                around.cohesion,
                around.nearest,
                around.nearest_larger,
                sum(other > voices for other in counted) / len(proposals),
                math.log(max(1.0, findings / max(1, len(seated)))),
                sum(heard) / max(1, len(heard)),
            )
        )
    return rows


def _counted(voices: Sequence[SeatFeatures], kinship: Kinship) -> float:
    speakers = [voice.speaker for voice in voices]
    return math.fsum(kinship.share(speaker, speakers[:at]) for at, speaker in enumerate(speakers))


def _record(voices: Sequence[SeatFeatures], kinship: Kinship) -> float:
    """The sum of the records, the best first, each weighted by what its voice adds."""
    total, heard = 0.0, list[Speaker]()
    for voice in sorted(voices, key=lambda each: (-each.record, each.speaker.seat)):
        total += voice.record * kinship.share(voice.speaker, heard)
        heard.append(voice.speaker)
    return total
