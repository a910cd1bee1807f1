"""Records what shows whether a finding was right, with the seats that it concerns."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.reviews import outcomes
from reviewers.learning.feedback import Source


@dataclass(frozen=True)
class OutcomeSign:
    """A sign about a finding of a pull request. `right` is None if an earlier sign of this source is withdrawn."""

    repository_id: int
    number: int
    source: Source
    right: bool | None


async def record_outcome(connection: AsyncConnection, sign: OutcomeSign, beginning: str, now: float) -> bool:
    """Record the sign for the one finding whose fingerprint has this prefix. Returns False if there is none."""
    finding = await outcomes.find_finding(connection, sign.repository_id, sign.number, beginning)
    if finding is None:
        return False
    if sign.right is None:
        await outcomes.withdraw_sign(connection, (sign.repository_id, sign.number, finding.fingerprint, sign.source))
    else:
        await outcomes.save_sign(connection, (sign.repository_id, sign.number, finding.fingerprint, sign.source), finding, sign.right, now)
    return True
