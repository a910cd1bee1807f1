"""Commands that a person gives on a pull request's page. The change is stored at once, and a job posts it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from app.authorization.daily_command_limit import Asker, day_of
from app.configuration.council_yml import read_config
from app.configuration.encryption_at_rest import is_encrypted_at_rest
from app.configuration.repository_config import CommandPermission, RepositoryConfig
from app.configuration.settings_layers import stored_levels
from app.errors import LimitReached, UnreadableSettings, UserError
from app.github.origin import DEFAULT_BRANCH
from app.github.permissions import Permission
from app.services.web import WebServices
from app.store import command_uses
from app.store.command_uses import CommandUse
from app.store.queue.deliveries import insert_jobs
from app.store.reviews import dispositions, outcomes, pauses, run_page
from app.store.reviews.pauses import Pause
from app.store.reviews.transcripts import LOST
from reviewers.learning.feedback import Decision, Disposition, Source
from reviewers.values.verdict import RankedFinding, Verdict
from webhooks.jobs import RefreshSummary, RepositoryRef

_LONGEST_REASON = 300


@dataclass(frozen=True)
class PullPlace:
    """A pull request, with the settings of its repository."""

    installation_id: int
    repository: RepositoryRef
    number: int
    config: RepositoryConfig


class CommandRefused(UserError):
    """The repository's settings do not allow this person the command. The message says who may give it."""


async def find_place(
    services: WebServices, installation_id: int, repository: RepositoryRef, number: int, permission: Callable[[], Awaitable[Permission]]
) -> PullPlace:
    """The place of a command for a person with write access. Raises CommandRefused if the settings require more, and
    UnreadableSettings if they cannot be read.

    The settings are the same as for a comment, including those shared by the owner's repositories. `permission` is only requested if it
    matters.
    """
    async with services.as_app(installation_id, repository) as github:
        settings = await read_config(github, repository.full_name, DEFAULT_BRANCH.base)
    if settings.unreadable:
        # Its requirement is unknown and may be admin access.
        raise UnreadableSettings(settings.unreadable)
    config, _ = settings.apply(await stored_levels(services, installation_id, repository.id))
    if config.commands.cost is CommandPermission.ADMIN and await permission() < Permission.ADMIN:
        raise CommandRefused("Only people with admin access can do this: the repository's settings require it.")
    return PullPlace(installation_id, repository, number, config)


@dataclass(frozen=True)
class NamedFinding:
    """A finding of a run, by its short id."""

    run_id: str
    short_id: str


@dataclass(frozen=True)
class PullCommands:
    """What one person does on the page of a pull request. Permissions are checked before.

    Every method raises LimitReached if the person reached today's limit, and UserError for an unknown finding.
    """

    services: WebServices
    place: PullPlace
    asker: Asker

    async def dismiss(self, named: NamedFinding, reason: str) -> None:
        """Set a finding aside for good, and update the summary."""
        ranked, now = await self._finding(named), self.services.clock()
        decision = Disposition(
            number=self.place.number,
            fingerprint=ranked.fingerprint,
            short_id=ranked.short_id,
            kind=Decision.DISMISSED,
            login=self.asker.login,
            reason=" ".join(reason.split())[:_LONGEST_REASON],
            finding=ranked.finding,
        )
        sealed = is_encrypted_at_rest(self.services.settings, self.place.config)
        async with self.services.database.write() as connection:
            await self._count(connection, "dismiss")
            await dispositions.save_decision(connection, self.place.repository.id, decision, now, sealed=sealed)
            await self._note_sign(connection, ranked.fingerprint, Source.DISMISSED, False)
            await self._refresh(connection)

    async def restore(self, named: NamedFinding) -> None:
        """Withdraw a dismissal."""
        ranked = await self._finding(named)
        async with self.services.database.write() as connection:
            await self._count(connection, "restore")
            await dispositions.withdraw_decision(connection, self.place.repository.id, self.place.number, ranked.fingerprint)
            await self._note_sign(connection, ranked.fingerprint, Source.DISMISSED, None)
            await self._refresh(connection)

    async def judge(self, named: NamedFinding, *, right: bool) -> None:
        """Record that a finding is right or wrong, as a 👍 or 👎 on its comment does."""
        ranked = await self._finding(named)
        async with self.services.database.write() as connection:
            await self._count(connection, "helpful" if right else "not-helpful")
            await self._note_sign(connection, ranked.fingerprint, Source.SAID, right)

    async def pause(self, *, on: bool) -> None:
        """Stop reviewing pushes, or review them again."""
        async with self.services.database.write() as connection:
            await self._count(connection, "pause" if on else "resume")
            await pauses.save_pause(
                connection, self.place.repository.id, self.place.number, Pause(on, self.asker.login, self.services.clock())
            )

    async def _finding(self, named: NamedFinding) -> RankedFinding:
        async with self.services.database.read() as connection:
            known = "\x00" not in named.run_id and await run_page.repository_of(connection, named.run_id) == self.place.repository.id
            facts = await run_page.read_run(connection, named.run_id) if known else None
        if facts is None or facts.number != self.place.number:
            raise UserError("This pull request has no such run.")
        if facts.verdict is None:
            raise UserError(LOST if facts.lost else "The findings of this run are no longer stored.")
        verdict = Verdict.model_validate_json(facts.verdict)
        ranked = next((finding for finding in verdict.ranked if finding.short_id == named.short_id), None)
        if ranked is None:
            raise UserError("This run has no such finding.")
        return ranked

    async def _count(self, connection: AsyncConnection, command: str) -> None:
        services, repository_id = self.services, self.place.repository.id
        use = CommandUse(services.new_id(), repository_id, self.asker.login, command, paid=False, account_id=self.asker.account_id)
        had = await command_uses.uses_today(connection, use, day_of(services.clock()))
        if had.given >= (most := services.settings.commands_a_day):
            raise LimitReached(
                f"You have reached the limit of {most} commands per person and day in this repository. It resets at 00:00 UTC."
            )
        await command_uses.note_use(connection, use, False, services.clock())

    async def _note_sign(self, connection: AsyncConnection, fingerprint: str, source: Source, right: bool | None) -> None:
        """Record a person's opinion of a finding. None withdraws an earlier one."""
        place = self.place
        finding = await outcomes.find_finding(connection, place.repository.id, place.number, fingerprint)
        if finding is None:
            return
        key = (place.repository.id, place.number, finding.fingerprint, source)
        if right is None:
            await outcomes.withdraw_sign(connection, key)
        else:
            await outcomes.save_sign(connection, key, finding, right, self.services.clock())

    async def _refresh(self, connection: AsyncConnection) -> None:
        services, place = self.services, self.place
        job = RefreshSummary(
            installation_id=place.installation_id, repository=place.repository, number=place.number, slot=services.new_id()
        )
        await insert_jobs(connection, [(services.new_id(), job, services.clock())], services.clock())
