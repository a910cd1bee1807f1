"""Who may what: one table, asked when a command runs, of GitHub's own word on the person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.errors import Unavailable
from app.github.blobs import Wanted, contents
from app.github.client import GitHub
from app.github.config_file import parse
from app.github.origin import origin_of
from app.github.permissions import Permission, permission_of
from app.github.pull_request import CONFIG_PATH
from app.github.repository_config import Commands, Level, RepositoryConfig
from app.services.levels import stored_levels
from app.services.workshop import Workshop
from app.store import command_uses
from app.store.command_uses import Use
from app.store.jobs import Claim
from app.work.answering import Asked

_LEVELS = {Level.READ: Permission.READ, Level.WRITE: Permission.WRITE, Level.ADMIN: Permission.ADMIN}
_NAMES = {Permission.READ: "read", Permission.WRITE: "write", Permission.ADMIN: "admin"}


@dataclass(frozen=True)
class Right:
    """What a command needs at least: at home, and where the change comes from a fork; `paid` where it costs money."""

    at_home: Level
    on_a_fork: Level
    paid: bool = False


_LOOKS = Right(Level.READ, Level.READ)
# What the server spends and how it is set up is nobody's business who only sent a change from a fork.
_TELLS = Right(Level.READ, Level.WRITE)
_CHANGES = Right(Level.WRITE, Level.WRITE)
_COSTS = Right(Level.WRITE, Level.WRITE, paid=True)

RIGHTS: Mapping[str, Right] = {
    "help": _LOOKS,
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
}


@dataclass(frozen=True)
class Person:
    """Who gave which command, and where."""

    login: str
    command: str
    full_name: str
    number: int
    on_issue: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why not: `line` is what is said, "" where a 👎 is enough."""

    line: str


@dataclass(frozen=True)
class Grounds:
    """What a decision was made on: the config of the base branch, and whether the change comes from a fork."""

    config: RepositoryConfig
    from_fork: bool


def needed(command: str, from_fork: bool, configured: Commands) -> Permission:
    """The permission a command asks for; a repository may ask for more, never for less."""
    right = RIGHTS.get(command, _COSTS)
    own = right.on_a_fork if from_fork else right.at_home
    wished = configured.read if right in (_LOOKS, _TELLS) else configured.cost
    return max(_LEVELS[own], _LEVELS[wished])


async def grounds(workshop: Workshop, github: GitHub, job: Asked) -> Grounds:
    """Read what a decision needs: two reads."""
    full_name = job.repository.full_name
    origin = await origin_of(github, full_name, job.number)
    wanted = Wanted(origin.base, CONFIG_PATH)
    found = (await contents(github, full_name, (wanted,))).get(wanted)
    if found is not None and found.why:
        # A rule that asks for more must not be missed.
        raise Unavailable(f"{CONFIG_PATH} could not be read: {found.why}")
    config, _ = parse((found.text if found else "") or "", await stored_levels(workshop, job.installation_id, job.repository.id))
    return Grounds(config, origin.from_fork)


async def decide(workshop: Workshop, claim: Claim, github: GitHub, person: Person, at: Grounds) -> Refusal | None:
    """None where the person may; the decision is noted, and counts towards the limit of the day."""
    permission = await permission_of(github, person.full_name, person.login)
    wanted = needed(person.command, at.from_fork, at.config.commands)
    job = claim.job
    use = Use(claim.job_id, job.repository.id, person.login, person.command, RIGHTS.get(person.command, _COSTS).paid)  # type: ignore[union-attr]
    now = workshop.clock()
    async with workshop.database.write() as connection:
        had = await command_uses.today(connection, use, _day(now))
        refusal = _refusal(permission, wanted, use, had, (workshop.settings.commands_a_day, workshop.settings.paid_commands_a_day))
        await command_uses.note(connection, use, refusal is not None, now)
    if refusal is not None and (had.refused or permission < Permission.READ):
        # Said once a day; who goes on gets a thumb, and cannot make us fill the conversation.
        return Refusal("")
    return refusal


def _refusal(permission: Permission, wanted: Permission, use: Use, had: command_uses.Today, most: tuple[int, int]) -> Refusal | None:
    if permission < wanted:
        what = "start a review here" if use.command == "review" else f"use `/council {use.command}` here"
        return Refusal(f"Only people with {_NAMES[wanted]} access can {what}.")
    if had.given >= most[0] or (use.paid and had.paid >= most[1]):
        count = most[1] if use.paid and had.paid >= most[1] else most[0]
        return Refusal(f"{count} commands were given today, which is the limit for one person. Tomorrow (UTC) it goes on.")
    return None


def _day(now: float) -> float:
    return datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
