"""Loads the models that were learned from recorded reviews: a small data file with its provenance."""

from functools import cache
from importlib import resources

from reviewers.council.calibration import Table
from reviewers.council.finding_form import FormModel
from reviewers.council.ranking_features import LinearRanker
from reviewers.council.similarity import PairModel
from reviewers.values.value import FrozenValue


class Provenance(FrozenValue):
    """The data of a fit: the data set, which part of it, when, and how many pairs and proposals."""

    data: str
    part: str
    date: str
    pull_requests: int
    pairs: int
    proposals: int
    script: str


class Learned(FrozenValue):
    """`pairs` decides which findings are one, `ranks` what is worth posting; `table` is how often scores were right on `provenance`'s data.

    `forms` orders single findings; it was fitted on judged comments with lines, which `formed` names.
    """

    provenance: Provenance
    pairs: PairModel
    ranks: LinearRanker
    table: Table
    forms: FormModel = FormModel()
    formed: str = ""


def load(text: str) -> Learned:
    """The models of a data file; raises ValueError if it is not one."""
    return Learned.model_validate_json(text)


@cache
def shipped_models() -> Learned:
    """The models that ship with Council."""
    return load(resources.files(__package__).joinpath("learned.json").read_text(encoding="utf-8"))
