"""Who may run which command: one table, checked with GitHub's current permissions when the command runs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.authorization.daily_command_limit import day_of, paid_line
from app.configuration.council_yml import read_config
from app.configuration.repository_config import CommandPermission, CommandsConfig, RepositoryConfig
from app.configuration.settings import Settings
from app.configuration.settings_layers import stored_levels
from app.errors import Paused
from app.github.installation_client import InstallationClient
from app.github.origin import DEFAULT_BRANCH, Origin, origin_of
from app.github.permissions import Permission, standing_of
from app.reporters.text.markdown import plural
from app.services.worker import WorkerServices
from app.store import command_uses, instance
from app.store.command_uses import CommandUse
from app.store.queue.jobs import LeasedJob
from webhooks.commands import COMMANDS
from webhooks.commands.command import CommandRight
from webhooks.job_base import FromComment
from webhooks.jobs import AnswerPageQuestion

_LEVELS = {CommandPermission.READ: Permission.READ, CommandPermission.WRITE: Permission.WRITE, CommandPermission.ADMIN: Permission.ADMIN}
_DOING = {"review": "start a review", "ask": "ask the council"}
_NAMES = {Permission.READ: "read", Permission.WRITE: "write", Permission.ADMIN: "admin"}


@dataclass(frozen=True)
class Requirement:
    """What a command requires at least: in the repository itself, and for a change from a fork. `paid` if it costs money."""

    at_home: CommandPermission
    on_a_fork: CommandPermission
    paid: bool = False


_LOOKS = Requirement(CommandPermission.READ, CommandPermission.READ)
# Fork contributors must not see costs or server settings.
_TELLS = Requirement(CommandPermission.READ, CommandPermission.WRITE)
_CHANGES = Requirement(CommandPermission.WRITE, CommandPermission.WRITE)
_COSTS = Requirement(CommandPermission.WRITE, CommandPermission.WRITE, paid=True)

_REQUIREMENTS = {CommandRight.LOOK: _LOOKS, CommandRight.TELL: _TELLS, CommandRight.CHANGE: _CHANGES, CommandRight.PAY: _COSTS}
# A reply in the thread of a finding is no command; what is not in this table costs.
RIGHTS: Mapping[str, Requirement] = {command.name: _REQUIREMENTS[command.right] for command in COMMANDS.values()}


@dataclass(frozen=True)
class Caller:
    """Who gave which command, and where. `asked` if the command is about the answer to their own question."""

    login: str
    command: str
    asked: bool = False

    @property
    def right(self) -> Requirement:
        return _LOOKS if self.asked else RIGHTS.get(self.command, _COSTS)


@dataclass(frozen=True)
class Denial:
    """Why a command is refused, in one line. `quiet` if a 👎 is enough."""

    line: str
    quiet: bool = False


@dataclass(frozen=True)
class AccessFacts:
    """The facts for a decision: the config of the base branch, where the change comes from, and the person's permission on GitHub.

    `unreadable` says in one line why the config cannot be read, or is "".
    """

    config: RepositoryConfig
    origin: Origin
    permission: Permission
    unreadable: str = ""
    account_id: int = 0


def required_permission(right: Requirement, from_fork: bool, configured: CommandsConfig) -> Permission:
    """The permission that a right requires. A repository may require more, never less."""
    own = right.on_a_fork if from_fork else right.at_home
    wished = configured.read if right in (_LOOKS, _TELLS) else configured.cost
    return max(_LEVELS[own], _LEVELS[wished])


async def read_access_facts(services: WorkerServices, github: InstallationClient, job: FromComment | AnswerPageQuestion) -> AccessFacts:
    """Read the facts for a decision: three concurrent reads, and a fourth if the base is not the default branch."""
    name, number = job.repository.full_name, job.number if isinstance(job, FromComment) else 0
    origin, rules, standing, repository_config = await asyncio.gather(
        origin_of(github, name, number),
        # Most changes go to the default branch, so read its config before it is known whether this one does.
        read_config(github, name, DEFAULT_BRANCH.base),
        standing_of(github, name, job.login),
        stored_levels(services, job.installation_id, job.repository.id),
    )
    if origin.base != DEFAULT_BRANCH.base:
        rules = await read_config(github, name, origin.base)
    config, _ = rules.apply(repository_config)
    return AccessFacts(config, origin, standing.permission, rules.unreadable, standing.account_id)


async def authorize(services: WorkerServices, claim: LeasedJob, person: Caller, at: AccessFacts) -> Denial | None:
    """None if the person may run the command. The decision is recorded and counts toward the daily limit."""
    wanted = required_permission(person.right, at.origin.from_fork, at.config.commands)
    job, permission = claim.job, at.permission
    use = CommandUse(claim.job_id, job.repository.id, person.login, person.command, person.right.paid, at.account_id)  # type: ignore[union-attr]
    now = services.clock()
    async with services.database.write() as connection:
        had = await command_uses.uses_today(connection, use, day_of(now))
        refusal = _refusal(permission, wanted, use, had, services.settings)
        if refusal is None and use.paid and not had.allowed and (await instance.read_instance(connection)).paused:
            refusal = Denial(str(Paused()))
        await command_uses.note_use(connection, use, refusal is not None, now)
    if refusal is None and at.unreadable and person.command != "help":
        # The unreadable config may require more rights or allow less money than its defaults. Answer every command: the person did nothing
        # wrong.
        return Denial(f"{at.unreadable}. Commands do not run until this is fixed.")
    if refusal is not None and (had.refused or permission < Permission.READ):
        # Explain once per day. After that, react with 👎, so that nobody can make us spam the thread.
        return replace(refusal, quiet=True)
    return refusal


def _refusal(permission: Permission, wanted: Permission, use: CommandUse, had: command_uses.UsesToday, settings: Settings) -> Denial | None:
    if permission < wanted:
        what = _DOING.get(use.command, f"use `/council {use.command}`")
        return Denial(f"Only people with {_NAMES[wanted]} access can {what} here.")
    if use.paid and (line := paid_line(settings, had)):
        return Denial(line)
    if not had.allowed and had.given >= (most := settings.commands_a_day):
        return Denial(
            f"You have reached the limit of {plural(most, 'command')} per person and day in this repository. It resets at 00:00 UTC; "
            "an admin of this server can raise it (`COMMANDS_A_DAY`)."
        )
    return None
