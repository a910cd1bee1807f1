"""Decides who gets which message when a run or a question ends. Change here when something is worth a message.

The messages are written to the outbox in the transaction that ends the run. A run that ended therefore has its messages, and each channel
has at most one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.configuration.repository_config import NotificationEvent, RepositoryConfig
from app.configuration.settings_layers import read_levels
from app.notifications.notification import Notification
from app.queue.ledger import NEAR_CAP
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text.phrases import MARKS, TO_FIX, count_severities, fails_gate
from app.services.worker import WorkerServices
from app.store import instance, notifications
from app.store.notifications import ChannelPlace, QueuedNotification
from app.store.queue.deliveries import insert_jobs
from app.store.reviews import findings, run_streaks
from app.store.reviews.runs import Run
from app.store.spending.instance_spending import instance_spent
from app.store.spending.ledger_calls import CostAccount, read_spent
from app.work.reviews.review_run import Also, ReviewRun
from reviewers.values.finding import Severity
from reviewers.values.verdict import RankedFinding, Verdict
from webhooks.jobs import RepositoryRef, SendNotification

# This many failed runs of a repository in a row are worth a message. Fewer can be a vendor's bad minute.
FAILURES_IN_A_ROW = 3


@dataclass(frozen=True)
class WorkEnd:
    """A run or a question that ended. Its id is `owner`, and `title` is the title of the pull request or issue.

    `criticals` are the critical findings that no earlier run of the pull request has. `gate` counts the findings that failed the gate, or
    is "". `failed` is whether the work could not be completed. `sealed` is whether its text is encrypted, so that no message may hold it.
    """

    owner: str
    installation_id: int
    repository: RepositoryRef
    number: int
    title: str
    config: RepositoryConfig
    is_run: bool = True
    criticals: tuple[RankedFinding, ...] = ()
    gate: str = ""
    failed: bool = False
    sealed: bool = False

    def with_verdict(self, verdict: Verdict, known: frozenset[str]) -> "WorkEnd":
        """The same with the facts of a verdict. `known` are the fingerprints of the critical findings of earlier runs."""
        critical = (finding for finding in verdict.standing(*TO_FIX) if finding.finding.severity is Severity.CRITICAL)
        gate = count_severities(verdict) if fails_gate(verdict, self.config.gate) else ""
        new = tuple(finding for finding in critical if finding.fingerprint not in known)
        return replace(self, criticals=new, gate=gate, failed=bool(verdict.incomplete))


def run_end(review: ReviewRun, edition: ReviewToPublish) -> Also:
    """What the transaction that ends a run records in addition."""

    async def note(connection: AsyncConnection) -> None:
        run = review.run
        known = await findings.known_criticals(connection, run)
        ended = WorkEnd(
            owner=run.id,
            installation_id=review.job.installation_id,
            repository=run.repository,
            number=run.number,
            title=edition.snapshot.title,
            config=edition.config,
            sealed=run.sealed,
        )
        await queue_messages(connection, review.services, ended.with_verdict(edition.verdict, known))

    return note


async def note_death(connection: AsyncConnection, services: WorkerServices, run: Run, installation_id: int) -> None:
    """Notify the channels if runs keep failing. A run without its own settings uses those of the run before."""
    text = run.config or await run_streaks.last_config(connection, run.repository.id)
    config = RepositoryConfig.model_validate_json(text) if text else None
    config = config or await read_levels(connection, services.settings, installation_id, run.repository.id)
    await queue_messages(connection, services, WorkEnd(run.id, installation_id, run.repository, run.number, "", config, failed=True))


async def queue_messages(connection: AsyncConnection, services: WorkerServices, ended: WorkEnd) -> None:
    """Write the messages about an end to the outbox, in the caller's transaction. Without a channel, write nothing."""
    events = set(ended.config.notify.on)
    places = await notifications.channels_for(connection, ended.installation_id, ended.repository.id) if events else ()
    if not places:
        return
    said = {event: words for event, words in (await _words(connection, services, ended, events)).items() if words}
    server = await _server_budget(connection, services) if NotificationEvent.BUDGET in events else None
    now, rows = services.clock(), []
    for place in places:
        words = dict(said)
        if server is not None and await notifications.note_once(
            connection, f"{server.key}:{place.scope}:{place.kind}", ended.installation_id, ended.repository.id, now
        ):
            words[NotificationEvent.BUDGET] = " · ".join(filter(None, (words.get(NotificationEvent.BUDGET), server.words)))
        if words:
            rows.append(_row(services, ended, place, words))
    jobs = [
        SendNotification(installation_id=ended.installation_id, repository=ended.repository, notification_id=row_id)
        for row_id in await notifications.queue_notification(connection, rows, now)
    ]
    await insert_jobs(connection, [(services.new_id(), job, now) for job in jobs], now)


def _row(services: WorkerServices, ended: WorkEnd, place: ChannelPlace, said: Mapping[NotificationEvent, str]) -> QueuedNotification:
    """The message of one channel: everything that happened, the most important event first."""
    event = next(iter(said)).value
    message = Notification(
        event=event,
        repository=ended.repository.full_name,
        number=ended.number,
        headline=" · ".join(said.values()),
        title=ended.title,
        details=() if ended.sealed else tuple(_detail(critical) for critical in ended.criticals),
        url=_address(services, ended),
        run_id=ended.owner if ended.is_run else "",
    )
    return QueuedNotification(
        services.new_id(),
        f"end:{ended.owner}",
        place,
        ended.installation_id,
        ended.repository.id,
        event,
        message.model_dump_json(),
        ended.config.notify.private_details,
    )


async def _words(
    connection: AsyncConnection, services: WorkerServices, ended: WorkEnd, wanted: set[NotificationEvent]
) -> dict[NotificationEvent, str]:
    """The text of each wanted event that happened, most important first."""
    count = len(ended.criticals)
    words = {
        NotificationEvent.CRITICAL: f"{count} critical finding{'' if count == 1 else 's'}" if count else "",
        NotificationEvent.GATE: f"the gate failed: {ended.gate}" if ended.gate else "",
    }
    found = {event: text for event, text in words.items() if event in wanted}
    if NotificationEvent.FAILING in wanted and ended.failed:
        found[NotificationEvent.FAILING] = await _failing(connection, services, ended)
    if NotificationEvent.BUDGET in wanted:
        found[NotificationEvent.BUDGET] = await _budget(connection, services, ended)
    return found


async def _failing(connection: AsyncConnection, services: WorkerServices, ended: WorkEnd) -> str:
    """Sent once until a review of the repository is completed again."""
    streak = await run_streaks.read_streak(connection, ended.repository.id, FAILURES_IN_A_ROW)
    if streak.failures < FAILURES_IN_A_ROW:
        return ""
    key = f"failing:{ended.repository.id}:{streak.last_finished}"
    if not await notifications.note_once(connection, key, ended.installation_id, ended.repository.id, services.clock()):
        return ""
    return f"the last {FAILURES_IN_A_ROW} reviews failed"


async def _budget(connection: AsyncConnection, services: WorkerServices, ended: WorkEnd) -> str:
    """Sent once per month and cap. A raised cap may cause another message."""
    cap, now = ended.config.limits.month_usd, services.clock()
    if not cap:
        return ""
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    account = CostAccount(ended.owner, ended.repository.id, ended.number)
    _, settled = await read_spent(connection, account, day.timestamp(), day.replace(day=1).timestamp())
    if settled.month < NEAR_CAP * cap:
        return ""
    key = f"budget:{ended.repository.id}:{day:%Y-%m}:{cap:.2f}"
    if not await notifications.note_once(connection, key, ended.installation_id, ended.repository.id, now):
        return ""
    return f"{settled.month / cap:.0%} of the budget for {day:%B} is used (${settled.month:,.2f} of ${cap:,.2f})"


@dataclass(frozen=True)
class _ServerBudget:
    """That the server's cap for the month is nearly used. `key` names month and cap: each channel gets it once."""

    key: str
    words: str


async def _server_budget(connection: AsyncConnection, services: WorkerServices) -> _ServerBudget | None:
    """None below 80 %. Without amounts, because they are also those of other organizations."""
    settings, now = services.settings, services.clock()
    caps = settings.instance_caps.in_force(settings.caps, capped=(await instance.read_instance(connection)).capped)
    if not caps.month:
        return None
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    _, settled = await instance_spent(connection, day.timestamp(), day.replace(day=1).timestamp())
    if settled.month < NEAR_CAP * caps.month:
        return None
    words = f"{settled.month / caps.month:.0%} of this server's budget for {day:%B} is used, by all its repositories together"
    return _ServerBudget(f"budget:server:{day:%Y-%m}:{caps.month:.2f}", words)


def _detail(ranked: RankedFinding) -> str:
    place = ranked.finding.location
    where = f"{place.path}:{place.line}" if place.path and place.line else place.path or "the change as a whole"
    return f"{MARKS[ranked.finding.severity]} {ranked.finding.title} · {where}"


def _address(services: WorkerServices, ended: WorkEnd) -> str:
    """The run's page, or the conversation on GitHub if this server has no public address or there is no run."""
    page = services.settings.run_url(ended.owner) if ended.is_run else ""
    return page or f"{services.settings.github_web_url}/{ended.repository.full_name}/issues/{ended.number}"
