"""Checks permissions in the whole system: role × place × command × kind of comment, against an independent table."""

import asyncio
import itertools
import random
from collections import Counter
from dataclasses import dataclass

from app.sandbox.github import reviewing
from app.sandbox.github.entities import Issue, PullRequest, Reaction
from app.sandbox.github.repository import SandboxRepository
from benchmarks.bars import Bar, Count, exactly, judged
from benchmarks.options import Options, progress
from benchmarks.systems import system
from tests.system import InProcessSystem, SystemOptions

ROLES = ("none", "read", "triage", "write", "maintain", "admin", "bot", "gone")
ORIGINS = ("own", "fork")
ENDS = ("done", "refused", "silent")
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
QUESTIONS = ("ask why?", "debug it", "explain this to me", "helpful", "not-helpful", "resolved 1", "history cart")

OWNERS = 24
# Written down again by hand, so that the product does not judge itself.
_RANK = {"none": 0, "gone": 0, "read": 1, "triage": 1, "write": 2, "maintain": 2, "admin": 3}
_LOOKS = {"help", "summary", "explain abcd", "why", "history"}
_TELLS = {"config", "cost"}
_CODE = "def f():\n    return undefined_name\n"


@dataclass(frozen=True)
class Cell:
    """One case: who gives which command, and in which kind of comment."""

    role: str
    place: str
    command: str
    kind: str

    @property
    def expected(self) -> str:
        """ "silent" for a bot, "done" for an authorized person, "refused" for all others."""
        if self.role == "bot":
            return "silent"
        name = self.command.split()[0]
        needed = 1 if name in _LOOKS or self.command in _LOOKS or (name in _TELLS and self.place == "own") else 2
        return "done" if _RANK[self.role] >= needed else "refused"


@dataclass(frozen=True)
class Asked:
    """The place of a command: an issue, or a pull request with its issue."""

    issue: Issue
    pull: PullRequest | None = None


def run(options: Options) -> dict[str, object]:
    cells = [Cell(*each) for each in itertools.product(ROLES, ORIGINS, (*COMMANDS, *QUESTIONS), KINDS)]
    # Questions are asked in issues too, whose comments are not on a diff.
    cells += [Cell(*each) for each in itertools.product(ROLES, ("issue",), QUESTIONS, KINDS[:3])]
    random.Random(options.seed).shuffle(cells)
    return asyncio.run(_measure(options, cells[: options.n or (40 if options.small else len(cells))]))


async def _measure(options: Options, cells: list[Cell]) -> dict[str, object]:
    wrong: list[object] = []
    ends: Counter[str] = Counter()
    limits = {"commands_a_day": 100_000, "paid_commands_a_day": 100_000, "providers": ()}
    async with system(options, SystemOptions(seats=(), settings=limits, base={"app/a.py": "x = 1\n"})) as built:
        # GitHub's pace applies per installation, so there are several owners.
        places = [await _place(built, number) for number in range(2 if len(cells) < 100 else OWNERS)]
        for number, cell in enumerate(cells):
            repository, there = places[number % len(places)]
            found = await _try(built, repository, there[cell.place], cell)
            ends[found] += 1
            if found != cell.expected:
                wrong.append([cell.role, cell.place, cell.command, cell.kind, cell.expected, found])
            if number % 100 == 99:
                progress(f"{number + 1} of {len(cells)} cells, {len(wrong)} wrong")
    counts = (Count("cells", len(cells), 500, small=40, asked=True), *(Count(f"{end}_cells", ends[end], 40) for end in ENDS))
    keys = {"cells": len(cells), "wrong": len(wrong), "ends": dict(ends), "examples": wrong[:10]}
    return judged(options, keys, [Bar("wrong", len(wrong), exactly(0), counts)])


async def _place(built: InProcessSystem, number: int) -> tuple[SandboxRepository, dict[str, Asked]]:
    """A private repository with a person of each role, an issue, and two reviewed pull requests with a thread on each diff."""
    repository = built.sandbox.world.create_repository(f"owner{number}/shop", {"app/a.py": "x = 1\n"}, private=True)
    for role in ROLES[1:6]:
        repository.add_collaborator(f"{role}-er", role)
    built.sandbox.world.user("none-er")
    places: dict[str, Asked] = {"issue": Asked(repository.open_issue("Carts are slow", "Very.", f"dev{number}"))}
    for origin in ORIGINS:
        author = f"dev{number}"
        pull = repository.open_pull_request("Look", {"app/a.py": _CODE}, author, branch=f"b-{origin}", fork=origin == "fork")
        await built.settle()
        note = {"path": "app/a.py", "line": 1, "side": "RIGHT", "body": "Hm"}
        reviewing.create(repository, pull, built.sandbox.world.user("octo-dev"), {"event": "COMMENT", "body": "x", "comments": [note]})
        await built.settle()
        places[origin] = Asked(pull.issue, pull)
    return repository, places


async def _try(built: InProcessSystem, repository: SandboxRepository, at: Asked, cell: Cell) -> str:
    """The outcome, as GitHub shows it."""
    login = "helper[bot]" if cell.role == "bot" else f"{cell.role}-er"
    text = f"{'@council-sandbox' if cell.kind == 'mention' else '/council'} {cell.command}"
    had, checks = set(_ours(at)), _check_writes(built)
    reactions = await _say(built, repository, at, (cell, login, text))
    await built.settle()
    told = [body for number, body in _ours(at).items() if number not in had]
    if any(each.startswith("Only people with") for each in told) or "-1" in [reaction.content for reaction in reactions]:
        return "refused"
    return "done" if told or _check_writes(built) > checks else "silent"


def _check_writes(built: InProcessSystem) -> int:
    """How often a check run was written: a head that is reviewed again keeps its only one."""
    return sum(exchange.operation in {"create_check_run", "update_check_run"} for exchange in built.sandbox.log.exchanges)


async def _say(built: InProcessSystem, repository: SandboxRepository, at: Asked, what: tuple[Cell, str, str]) -> list[Reaction]:
    """Comment, and return the reactions that the comment will get."""
    cell, login, text = what
    world = built.sandbox.world
    who = world.user(login)
    if cell.kind == "thread" and at.pull is not None:
        root = next(each for review in at.pull.reviews for each in review.comments if each.author.login == "octo-dev")
        reactions = reviewing.reply(repository, at.pull, root.id, who, text).reactions
    else:
        comment = repository.comment(at.issue.number, login, "Looking" if cell.kind == "edit" else text)
        reactions = comment.reactions
        if cell.kind == "edit":
            await built.settle()
            repository.edit_comment(comment.id, text, login)
    if cell.role == "gone":
        # The permission route does not know deleted accounts.
        await built.sandbox.settled()
        world.users.pop(login, None)
    return reactions


def _ours(at: Asked) -> dict[int, str]:
    every = [*at.issue.comments, *(comment for review in (at.pull.reviews if at.pull else ()) for comment in review.comments)]
    return {each.id: each.body for each in every if each.author.login == "council-sandbox[bot]"}
