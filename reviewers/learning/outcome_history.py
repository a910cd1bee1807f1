"""Change here how a repository's past outcomes inform the next council: each seat's record, and how often a score was right."""

from collections.abc import Iterable, Sequence

from reviewers.council.calibration import ENOUGH, Table, fit_table
from reviewers.learning.feedback import FindingSign, Record, decisive, record_of, records, reliability
from reviewers.learning.reliability import PRIOR
from reviewers.values.value import FrozenValue


class OutcomeHistory(FrozenValue):
    """Each seat's record, and the calibration table; None while fewer than `ENOUGH` outcomes of findings are known."""

    records: tuple[Record, ...] = ()
    table: Table | None = None


def read_history(signs: Sequence[FindingSign], repository: int) -> OutcomeHistory:
    """What the signs of an installation say for a council in one of its repositories."""
    decided = decisive(signs)
    known = records(decided, repository)
    return OutcomeHistory(records=known, table=_build_table(decided, known, repository))


def _build_table(signs: Sequence[FindingSign], known: Sequence[Record], repository: int) -> Table | None:
    """The repository's own table if it has enough outcomes, else that of the whole installation."""
    scored = [sign for sign in signs if sign.score is not None]
    here = [sign for sign in scored if sign.repository == repository]
    chosen = here if len(here) >= ENOUGH else scored
    if len(chosen) < ENOUGH:
        return None
    # A seat votes on what it did not raise, so the supporters and the voters together are the whole council of that run.
    measured = {record.seat: reliability(record_of(known, record.seat)) for record in known}
    odds = {seat: found.odds(PRIOR) for seat, found in measured.items() if found.seen > 0}
    councils = [{*sign.raised_by, *sign.confirmed_by, *sign.rejected_by} for sign in chosen]
    means = [_mean([odds[seat] for seat in sorted(council) if seat in odds]) for council in councils]
    return fit_table([(sign.score, sign.right) for sign in chosen if sign.score is not None], record=_mean(means))


def _mean(numbers: Iterable[float]) -> float:
    """The mean of the numbers; 0.0 if empty."""
    listed = list(numbers)
    return sum(listed) / len(listed) if listed else 0.0
