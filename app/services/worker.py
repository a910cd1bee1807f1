"""Services of a worker process."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property

from app import log
from app.clock import new_id, now
from app.configuration.app_credentials import wait_for_credentials
from app.configuration.provider_keys import Keyring
from app.configuration.repository_config import LimitsConfig
from app.configuration.settings import Settings
from app.councils.model_stack import CallContext
from app.errors import AppRefused, CouncilError
from app.failpoints import Failpoint, no_failpoint
from app.github.github_app import GitHubApp, GitHubAppInfo
from app.github.installation_client import InstallationClient
from app.github.pace import Pace
from app.github.publisher import PullRequestPublisher, PullRequestTarget
from app.queue.leases import LeaseTimes
from app.queue.ledger import LedgerClock, SpendingCaps, SqlLedger
from app.queue.write_pace import SqlPace
from app.repositories.mirror_settings import build_mirrors
from app.repositories.mirrors import Mirrors
from app.secret_filter import Secrets, secret_filter
from app.store.engine.database import Database, open_database
from app.store.engine.shared_clock import shared_clock
from app.store.queue.claims import ConcurrencyLimits
from app.store.queue.jobs import LeasedJob, renew_lease
from app.store.reviews.model_answers import SqlAnswerBook
from app.store.reviews.outbox import JobOutbox, SqlOutbox
from app.store.reviews.runs import Run
from app.store.security.key_check import check_key
from app.store.security.vault import Vault, open_vault
from app.store.spending.ledger_calls import CostAccount
from app.telemetry.telemetry import Telemetry
from reviewers.models.circuit_breaker import Circuits
from reviewers.models.hosts import Hosts


@dataclass(frozen=True)
class WorkerServices:
    """The open services of a worker. `owner` names this process in leases."""

    settings: Settings
    database: Database
    github: GitHubApp
    mirrors: Mirrors
    owner: str
    times: LeaseTimes = field(default_factory=LeaseTimes)
    caps: ConcurrencyLimits = field(default_factory=ConcurrencyLimits)
    clock: Callable[[], float] = now
    new_id: Callable[[], str] = new_id
    failpoint: Failpoint = no_failpoint
    circuits: Circuits = field(default_factory=lambda: Circuits(time.monotonic))
    hosts: Hosts = field(default_factory=Hosts)
    telemetry: Telemetry = field(default_factory=Telemetry)
    _identity: list[GitHubAppInfo] = field(default_factory=list)
    # The stored keys of organizations, from those whose jobs have run here.
    _stored_secrets: set[str] = field(default_factory=set, repr=False)

    @property
    def _secrets(self) -> Secrets:
        return secret_filter(tuple(sorted({*self.settings.secrets, *self._stored_secrets})))

    @cached_property
    def vault(self) -> Vault:
        """Encrypts and decrypts secrets."""
        return open_vault(self.settings.master_key, self.settings.data)

    async def settings_of(self, installation_id: int) -> Settings:
        """The settings for the jobs of an installation, with the keys of its organization."""
        return await Keyring(self.settings, self.database, lambda: self.vault, installation_id).merged()

    async def prepare(self) -> None:
        """Preload what would delay the first job. GitHub may be down. Raises AppRefused if it does not accept us as the App."""
        await asyncio.to_thread(getattr, self, "_secrets")
        try:
            await self.identity()
        except AppRefused:
            raise
        except CouncilError:
            return

    async def identity(self) -> GitHubAppInfo:
        """Our App on GitHub, requested once per process."""
        if not self._identity:
            self._identity.append(await self.github.app())
        return self._identity[0]

    @asynccontextmanager
    async def github_for(self, claim: LeasedJob) -> AsyncIterator[InstallationClient]:
        """GitHub as the installation of a claimed job about a repository. It writes nothing once the lease is lost."""

        async def still_held() -> None:
            async with self.database.write() as connection:
                await renew_lease(connection, claim, self.clock() + self.times.lease)

        # A key that cannot be decrypted cannot leak. The job itself reports that it is missing.
        with contextlib.suppress(CouncilError):
            await self.hide(frozenset((await self.settings_of(claim.job.installation_id)).secrets))
        place = getattr(claim.job, "repository", None)
        name = place.full_name if place else ""
        known, ago = place.id if place else 0, max(0.0, self.clock() - claim.begun)
        async with self.github.installation(claim.job.installation_id, name, still_held, known, ago) as github:
            yield github

    async def hide(self, secrets: frozenset[str]) -> None:
        """Hide these secrets in posts and in the log."""
        if more := secrets - self._stored_secrets:
            self._stored_secrets.update(more)
            log.hide(await asyncio.to_thread(secret_filter, tuple(sorted(self._stored_secrets))))
        await asyncio.to_thread(getattr, self, "_secrets")

    def ledger(self, account: CostAccount, limits: LimitsConfig, head_sha: str = "") -> SqlLedger:
        """The money of one run, within the limits of its repository and of this server; a question has no head."""
        caps = SpendingCaps.under(limits, self.settings)
        return SqlLedger(self.database, account, caps, head_sha, LedgerClock(self.clock, self.new_id))

    def call_context(self, ledger: SqlLedger, *, sealed: bool) -> CallContext:
        """What the model calls of one run share. Answers are kept under the run that pays, encrypted where it is `sealed`."""
        run_id = ledger.account.run_id
        book = SqlAnswerBook(self.database, run_id, self.clock, self.failpoint, sealed=sealed)
        return CallContext(book, ledger, seed=run_id, circuits=self.circuits, hosts=self.hosts, telemetry=self.telemetry)

    def outbox_of(self, claim: LeasedJob, run: Run) -> SqlOutbox:
        """The outbox of a run, for the job that works on it."""
        return SqlOutbox(self.database, claim, run, self.clock, self.failpoint, self.times.read_lag)

    def outbox_of_job(self, claim: LeasedJob) -> JobOutbox:
        """The outbox of a job that has no run."""
        return JobOutbox(self.database, claim, self.clock, self.times.read_lag)

    def clean(self, text: str) -> str:
        """A text without our own secrets, before people see it."""
        return self._secrets.removed(text)

    def writes(self, github: InstallationClient, app: GitHubAppInfo, full_name: str, number: int) -> PullRequestPublisher:
        """The publisher's verbs for one pull request."""
        return PullRequestPublisher(github, PullRequestTarget(full_name, number, app.id, app.slug), self._secrets)


def open_app(settings: Settings, pace: Pace | None = None) -> GitHubApp:
    """Our App on the configured GitHub."""
    settings.require_app()
    return GitHubApp(settings.github_api_url, int(settings.app_id), settings.private_key, pace=pace)


@asynccontextmanager
async def open_worker_services(settings: Settings, times: LeaseTimes | None = None) -> AsyncIterator[WorkerServices]:
    """Open the database and the App, and close them in reverse order."""
    async with AsyncExitStack() as stack:
        database = open_database(settings.database_url, settings.data, settings.master_key, pool=settings.database_pool)
        stack.push_async_callback(database.close)
        await database.migrate()
        await check_key(database, open_vault(settings.master_key, settings.data), now())
        if not settings.is_set_up:
            settings = await wait_for_credentials(settings, database)
        clock = await stack.enter_async_context(shared_clock(database))
        github = open_app(settings, SqlPace(database, new_id, clock))
        mirrors = build_mirrors(settings, github, now)
        stack.push_async_callback(mirrors.close)
        caps = ConcurrencyLimits(in_all=settings.reviews_at_once)
        yield WorkerServices(settings, database, github, mirrors, new_id(), times or LeaseTimes(), caps, clock)
