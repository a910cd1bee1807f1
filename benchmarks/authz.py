"""Who may what, through the whole house: role × origin of the change × command × kind of comment, against a table of its own."""

import asyncio
import itertools
import random
from dataclasses import dataclass

from app.sandbox.github import reviewing
from app.sandbox.github.entities import PullRequest, Reaction
from app.sandbox.github.repository import Repository
from app.sandbox.house import House, Plan
from benchmarks.houses import house
from benchmarks.options import Options, progress

ROLES = ("none", "read", "triage", "write", "maintain", "admin", "bot", "gone")
ORIGINS = ("own", "fork")
KINDS = ("comment", "mention", "edit", "thread")
COMMANDS = (
    "help",
    "summary",
    "explain abcd",
    "why",
    "config",
    "cost",
    "pause",
    "resume",
    "cancel",
    "dismiss abcd",
    "restore abcd",
    "review",
    "retry",
    "ci",
    "fix abcd",
)
OWNERS = 24
# Written down once more, and by hand: what the product does is not asked what it should do.
_RANK = {"none": 0, "gone": 0, "read": 1, "triage": 1, "write": 2, "maintain": 2, "admin": 3}
_LOOKS = {"help", "summary", "explain", "why"}
_TELLS = {"config", "cost"}
_CODE = "def f():\n    return undefined_name\n"


@dataclass(frozen=True)
class Cell:
    """Who commands what, where and how."""

    role: str
    origin: str
    command: str
    kind: str

    @property
    def expected(self) -> str:
        """ "silent" for a bot, "done" for who may, "refused" for all others."""
        if self.role == "bot":
            return "silent"
        name = self.command.split()[0]
        needed = 1 if name in _LOOKS or (name in _TELLS and self.origin == "own") else 2
        return "done" if _RANK[self.role] >= needed else "refused"


def run(options: Options) -> dict[str, object]:
    cells = [Cell(*each) for each in itertools.product(ROLES, ORIGINS, COMMANDS, KINDS)]
    random.Random(options.seed).shuffle(cells)
    return asyncio.run(_measure(options, cells[: options.n or (40 if options.small else len(cells))]))


async def _measure(options: Options, cells: list[Cell]) -> dict[str, object]:
    wrong: list[object] = []
    limits = {"commands_a_day": 100_000, "paid_commands_a_day": 100_000, "providers": ()}
    async with house(options, Plan(seats=(), settings=limits, base={"app/a.py": "x = 1\n"})) as built:
        # GitHub's pace holds for an installation; several of them are several owners.
        places = [await _place(built, number) for number in range(2 if len(cells) < 100 else OWNERS)]
        for number, cell in enumerate(cells):
            repository, pulls = places[number % len(places)]
            found = await _try(built, repository, pulls[cell.origin], cell)
            if found != cell.expected:
                wrong.append([cell.role, cell.origin, cell.command, cell.kind, cell.expected, found])
            if number % 100 == 99:
                progress(f"{number + 1} of {len(cells)} cells, {len(wrong)} wrong")
    failed = (["wrong"] if wrong else []) + (["cells"] if len(cells) < 500 and not options.small and not options.n else [])
    return {"cells": len(cells), "wrong": len(wrong), "examples": wrong[:10], "failed": failed}


async def _place(built: House, number: int) -> tuple[Repository, dict[str, PullRequest]]:
    """A private repository with somebody of each role, and two reviewed pull requests with somebody's thread on each diff."""
    repository = built.sandbox.world.create_repository(f"owner{number}/shop", {"app/a.py": "x = 1\n"}, private=True)
    for role in ROLES[1:6]:
        repository.add_collaborator(f"{role}-er", role)
    built.sandbox.world.user("none-er")
    pulls = {}
    for origin in ORIGINS:
        author = f"dev{number}"
        pull = repository.open_pull_request("Look", {"app/a.py": _CODE}, author, branch=f"b-{origin}", fork=origin == "fork")
        await built.settle()
        note = {"path": "app/a.py", "line": 1, "side": "RIGHT", "body": "Hm"}
        reviewing.create(repository, pull, built.sandbox.world.user("octo-dev"), {"event": "COMMENT", "body": "x", "comments": [note]})
        await built.settle()
        pulls[origin] = pull
    return repository, pulls


async def _try(built: House, repository: Repository, pull: PullRequest, cell: Cell) -> str:
    """What came of it, as GitHub shows it."""
    login = "helper[bot]" if cell.role == "bot" else f"{cell.role}-er"
    text = f"{'@council-sandbox' if cell.kind == 'mention' else '/council'} {cell.command}"
    had, checks = set(_ours(pull)), len(repository.check_runs)
    reactions = await _say(built, repository, pull, cell, login, text)
    await built.settle()
    told = [body for number, body in _ours(pull).items() if number not in had]
    if any(each.startswith("Only people with") for each in told) or "-1" in [each.content for each in reactions]:
        return "refused"
    return "done" if told or len(repository.check_runs) > checks else "silent"


async def _say(built: House, repository: Repository, pull: PullRequest, cell: Cell, login: str, text: str) -> list[Reaction]:
    """Comment, and return the reactions that the comment will get."""
    world = built.sandbox.world
    who = world.user(login)
    if cell.kind == "thread":
        root = next(each for review in pull.reviews for each in review.comments if each.author.login == "octo-dev")
        reactions = reviewing.reply(repository, pull, root.id, who, text).reactions
    else:
        comment = repository.comment(pull.number, login, "Looking" if cell.kind == "edit" else text)
        reactions = comment.reactions
        if cell.kind == "edit":
            await built.settle()
            repository.edit_comment(comment.id, text, login)
    if cell.role == "gone":
        # Who deleted their account is unknown to the permission route.
        await built.sandbox.settled()
        world.users.pop(login, None)
    return reactions


def _ours(pull: PullRequest) -> dict[int, str]:
    every = [*pull.issue.comments, *(each for review in pull.reviews for each in review.comments)]
    return {each.id: each.body for each in every if each.author.login == "council-sandbox[bot]"}
