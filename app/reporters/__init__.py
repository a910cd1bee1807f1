"""One file a surface a verdict is published on."""

from app.github.writes import Writes
from app.reporters.check_run import CheckRun
from app.reporters.edition import Edition, Outbox
from app.reporters.reporter import Publication, Reporter
from app.reporters.review import Review
from app.reporters.summary_comment import SummaryComment

# The review links the summary, so the summary comes first; the check run says "done", so it comes last.
REPORTERS: tuple[Reporter, ...] = (SummaryComment(), Review(), CheckRun())


async def publish(edition: Edition, writes: Writes, outbox: Outbox) -> tuple[Publication, ...]:
    """Publish on every surface, in order."""
    return tuple([await reporter.publish(edition, writes, outbox) for reporter in REPORTERS])
