"""Who may what, through the whole house: role × origin of the change × command × kind of comment, against a table of its own."""

import asyncio
import itertools
import random
from dataclasses import dataclass

from app.sandbox.github import reviewing
from app.sandbox.github.entities import PullRequest, User
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
        built.repository.private = True
        pulls = {origin: await _pull(built, origin) for origin in ORIGINS}
        for role in ROLES[1:6]:
            built.repository.add_collaborator(f"{role}-er", role)
        built.sandbox.world.user("none-er")
        for number, cell in enumerate(cells):
            found = await _try(built, pulls[cell.origin], cell, number)
            if found != cell.expected:
                wrong.append([cell.role, cell.origin, cell.command, cell.kind, cell.expected, found])
            if number % 100 == 99:
                progress(f"{number + 1} of {len(cells)} cells, {len(wrong)} wrong")
    failed = (["wrong"] if wrong else []) + (["cells"] if len(cells) < 500 and not options.small and not options.n else [])
    return {"cells": len(cells), "wrong": len(wrong), "examples": wrong[:10], "failed": failed}


async def _pull(built: House, origin: str) -> PullRequest:
    """A reviewed pull request, with somebody's thread on its diff."""
    pull = built.repository.open_pull_request("Look", {"app/a.py": _CODE}, branch=f"b-{origin}", fork=origin == "fork")
    await built.settle()
    note = {"path": "app/a.py", "line": 1, "side": "RIGHT", "body": "Hm"}
    reviewing.create(built.repository, pull, built.sandbox.world.user("octo-dev"), {"event": "COMMENT", "body": "x", "comments": [note]})
    await built.settle()
    return pull


async def _try(built: House, pull: PullRequest, cell: Cell, number: int) -> str:
    """What came of it, as GitHub shows it."""
    login = "helper[bot]" if cell.role == "bot" else f"{cell.role}-er"
    text = f"{'@council-sandbox' if cell.kind == 'mention' else '/council'} {cell.command}"
    built.sandbox.log.clear()
    comments, before = _ours(pull), len(built.checks())
    reactions = await _say(built, pull, cell, (login, text, f"try {number}"))
    await built.settle()
    told = _ours(pull)[len(comments) :] if cell.kind != "thread" else [each for each in _ours(pull) if each not in comments]
    if any(each.startswith("Only people with") for each in told) or "-1" in [each.content for each in reactions]:
        return "refused"
    return "done" if told or len(built.checks()) > before else "silent"


async def _say(built: House, pull: PullRequest, cell: Cell, said: tuple[str, str, str]) -> list:  # type: ignore[type-arg]
    login, text, filler = said
    repository, who = built.repository, built.sandbox.world.users.get(said[0]) or User(login, 99_999, "Bot" if "[bot]" in login else "User")
    if cell.role == "bot":
        who = built.sandbox.world.user(login)
    if cell.role != "gone":
        built.sandbox.world.user(login)
    if cell.kind == "thread":
        root = next(each for review in pull.reviews for each in review.comments if each.author.login == "octo-dev")
        return reviewing.reply(repository, pull, root.id, who, text).reactions
    first = filler if cell.kind == "edit" else text
    comment = repository.comment(pull.number, login, first)
    if cell.kind == "edit":
        await built.settle()
        repository.edit_comment(comment.id, text, login)
    if cell.role == "gone":
        # Who deleted their account is unknown to the permission route.
        built.sandbox.world.users.pop(login, None)
    return comment.reactions


def _ours(pull: PullRequest) -> list[str]:
    every = [*pull.issue.comments, *(each for review in pull.reviews for each in review.comments)]
    return [each.body for each in sorted(every, key=lambda each: each.id) if each.author.login == "council-sandbox[bot]"]
