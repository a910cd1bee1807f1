"""What was learned from recorded reviews: a small data file, with where it comes from."""

from functools import cache
from importlib import resources

from reviewers.council.calibration import Table
from reviewers.council.forms import FormModel
from reviewers.council.likeness import PairModel
from reviewers.council.voices import RankModel
from reviewers.value import Value


class Provenance(Value):
    """What a model was fitted on: the data set, which part of it, when, and how many pairs and proposals."""

    data: str
    part: str
    date: str
    pull_requests: int
    pairs: int
    proposals: int
    script: str


class Learned(Value):
    """`pairs` says which findings are one, `ranks` what is worth posting; `table` is how often a score was right on `provenance`'s data.

    `forms` says how single findings are put in order; it was fitted on judged comments that carry lines, which `formed` names.
    """

    provenance: Provenance
    pairs: PairModel
    ranks: RankModel
    table: Table
    forms: FormModel = FormModel()
    formed: str = ""


def load(text: str) -> Learned:
    """The models of a data file; raises ValueError when it is none."""
    return Learned.model_validate_json(text)


@cache
def shipped() -> Learned:
    """The models that come with Council."""
    return load(resources.files(__package__).joinpath("learned.json").read_text(encoding="utf-8"))
