"""Who may run which command: one table, checked with GitHub's current permissions when the command runs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.errors import Paused
from app.github.client import GitHub
from app.github.config_file import read_config
from app.github.origin import DEFAULT_BRANCH, Origin, origin_of
from app.github.permissions import Permission, standing_of
from app.github.repository_config import Commands, Level, RepositoryConfig
from app.reporters.markdown import plural
from app.services.levels import stored_levels
from app.services.person_limit import day_of, paid_line
from app.services.workshop import Workshop
from app.settings import Settings
from app.store import command_uses, instance
from app.store.command_uses import Use
from app.store.jobs import Claim
from webhooks.job import FromComment
from webhooks.jobs import AskAbout

_LEVELS = {Level.READ: Permission.READ, Level.WRITE: Permission.WRITE, Level.ADMIN: Permission.ADMIN}
_DOING = {"review": "start a review", "ask": "ask the council"}
_NAMES = {Permission.READ: "read", Permission.WRITE: "write", Permission.ADMIN: "admin"}


@dataclass(frozen=True)
class Right:
    """What a command requires at least: in the repository itself, and for a change from a fork. `paid` if it costs money."""

    at_home: Level
    on_a_fork: Level
    paid: bool = False


_LOOKS = Right(Level.READ, Level.READ)
# Fork contributors must not see costs or server settings.
_TELLS = Right(Level.READ, Level.WRITE)
_CHANGES = Right(Level.WRITE, Level.WRITE)
_COSTS = Right(Level.WRITE, Level.WRITE, paid=True)

RIGHTS: Mapping[str, Right] = {
    "help": _LOOKS,
    "status": _LOOKS,
    "summary": _LOOKS,
    "explain": _LOOKS,
    "why": _LOOKS,
    "config": _TELLS,
    "cost": _TELLS,
    "pause": _CHANGES,
    "resume": _CHANGES,
    "cancel": _CHANGES,
    "dismiss": _CHANGES,
    "restore": _CHANGES,
    "review": _COSTS,
    "retry": _COSTS,
    "ci": _COSTS,
    "fix": _COSTS,
    # A reply in the thread of a finding, which seats answer.
    "reply": _COSTS,
    # A question, whichever specialist it is for.
    "ask": _COSTS,
    "helpful": _CHANGES,
    "not-helpful": _CHANGES,
    "resolved": _CHANGES,
    "history": _LOOKS,
}


@dataclass(frozen=True)
class Person:
    """Who gave which command, and where. `asked` if the command is about the answer to their own question."""

    login: str
    command: str
    asked: bool = False

    @property
    def right(self) -> Right:
        return _LOOKS if self.asked else RIGHTS.get(self.command, _COSTS)


@dataclass(frozen=True)
class Refusal:
    """Why a command is refused, in one line. `quiet` if a 👎 is enough."""

    line: str
    quiet: bool = False


@dataclass(frozen=True)
class Grounds:
    """The facts for a decision: the config of the base branch, where the change comes from, and the person's permission on GitHub.

    `unreadable` says in one line why the config cannot be read, or is "".
    """

    config: RepositoryConfig
    origin: Origin
    permission: Permission
    unreadable: str = ""
    account_id: int = 0


def needed(right: Right, from_fork: bool, configured: Commands) -> Permission:
    """The permission that a right requires. A repository may require more, never less."""
    own = right.on_a_fork if from_fork else right.at_home
    wished = configured.read if right in (_LOOKS, _TELLS) else configured.cost
    return max(_LEVELS[own], _LEVELS[wished])


async def grounds(workshop: Workshop, github: GitHub, job: FromComment | AskAbout) -> Grounds:
    """Read the facts for a decision: three concurrent reads, and a fourth if the base is not the default branch."""
    name, number = job.repository.full_name, job.number if isinstance(job, FromComment) else 0
    origin, rules, standing, stored = await asyncio.gather(
        origin_of(github, name, number),
        # Most changes go to the default branch, so read its config before it is known whether this one does.
        read_config(github, name, DEFAULT_BRANCH.base),
        standing_of(github, name, job.login),
        stored_levels(workshop, job.installation_id, job.repository.id),
    )
    if origin.base != DEFAULT_BRANCH.base:
        rules = await read_config(github, name, origin.base)
    config, _ = rules.apply(stored)
    return Grounds(config, origin, standing.permission, rules.unreadable, standing.account_id)


async def decide(workshop: Workshop, claim: Claim, person: Person, at: Grounds) -> Refusal | None:
    """None if the person may run the command. The decision is recorded and counts toward the daily limit."""
    wanted = needed(person.right, at.origin.from_fork, at.config.commands)
    job, permission = claim.job, at.permission
    use = Use(claim.job_id, job.repository.id, person.login, person.command, person.right.paid, at.account_id)  # type: ignore[union-attr]
    now = workshop.clock()
    async with workshop.database.write() as connection:
        had = await command_uses.today(connection, use, day_of(now))
        refusal = _refusal(permission, wanted, use, had, workshop.settings)
        if refusal is None and use.paid and not had.allowed and (await instance.read(connection)).paused:
            refusal = Refusal(str(Paused()))
        await command_uses.note(connection, use, refusal is not None, now)
    if refusal is None and at.unreadable and person.command != "help":
        # The unreadable config may require more rights or allow less money than its defaults. Answer every command: the person did nothing
        # wrong.
        return Refusal(f"{at.unreadable}. Commands do not run until this is fixed.")
    if refusal is not None and (had.refused or permission < Permission.READ):
        # Explain once per day. After that, react with 👎, so that nobody can make us spam the thread.
        return replace(refusal, quiet=True)
    return refusal


def _refusal(permission: Permission, wanted: Permission, use: Use, had: command_uses.Today, settings: Settings) -> Refusal | None:
    if permission < wanted:
        what = _DOING.get(use.command, f"use `/council {use.command}`")
        return Refusal(f"Only people with {_NAMES[wanted]} access can {what} here.")
    if use.paid and (line := paid_line(settings, had)):
        return Refusal(line)
    if not had.allowed and had.given >= (most := settings.commands_a_day):
        return Refusal(
            f"You have reached the limit of {plural(most, 'command')} per person and day in this repository. It resets at 00:00 UTC; "
            "an admin of this server can raise it (`COMMANDS_A_DAY`)."
        )
    return None
