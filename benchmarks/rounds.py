"""Pushes to and rebases pull requests: nothing is repeated, no new defect is missed, and no moved one is lost."""

import asyncio
import random
import re
from itertools import combinations

from app.reporters.text.inline_text import marked_finding
from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.providers.response_script import ScriptedMember
from benchmarks.bars import Bar, Count, at_most, exactly, judged
from benchmarks.options import Options, progress
from benchmarks.pushes import CHANGES, Round, claim, plant, plant_beside
from benchmarks.rewordings import DEFECTS, LOGGED
from benchmarks.systems import system
from reviewers.council.text_features import content_words
from tests.system import SEATS, InProcessSystem, SystemOptions

PUSHES = 8
MOST_SHARED = 0.5
_MOVES = ("new", "fix", "move", "elsewhere", "rebase", "shift", "touch", "rewrite", "rewrite", "beside", "dismiss", "redo")


def shared(one: tuple[str, str], two: tuple[str, str]) -> float:
    """The share of content words that two wordings have in common, relative to the shorter one."""
    first, second = (set(content_words(f"{title} {body}")) for title, body in (one, two))
    return len(first & second) / min(len(first), len(second))


def run(options: Options) -> dict[str, object]:
    n = options.n or (2 if options.small else 20)
    return asyncio.run(_measure(options, n))


async def _measure(options: Options, n: int) -> dict[str, object]:
    counts = {"pull_requests": n, "pushes": 0, "repeats": 0, "missed_new": 0, "lost_moved": 0, "stale_fixed": 0, "late_raised": 0}
    counts |= {"inline": 0, "new": 0, "dismissed": 0}
    examples: list[str] = []
    plan = SystemOptions(seats=SEATS, settings={"fallback": "off"}, base={"shop/z.py": "z = 1\n"})
    async with system(options, plan) as built:
        for number in range(n):
            # A repository each: budgets and dismissals apply per repository. An owner each: GitHub takes 500 writes per hour and owner.
            files = {"shop/z.py": "z = 1\n", ".github/council.yml": "review: {pause_after: 0, max_inline: 20}\n"}
            place = built.sandbox.world.create_repository(f"owner{number}/shop", files)
            place.add_collaborator("ada", "write")
            await _one(built, place, random.Random(f"{options.seed}:{number}"), counts, examples)
            progress(f"{number + 1} of {n} pull requests, {counts}")
    most = max(shared(*pair) for defect in DEFECTS for pair in combinations(defect.wordings, 2))
    least = (
        Count("pushes", counts["pushes"], 40, small=16, asked=True),
        Count("inline", counts["inline"], 3 * n, small=3 * n),
        Count("new", counts["new"], counts["pushes"] // 20 + 1),
        Count("dismissed", counts["dismissed"], counts["pushes"] // 40 + 1),
    )
    bars = [Bar(name, counts[name], exactly(0), least) for name in ("repeats", "missed_new", "lost_moved")]
    bars.append(Bar("shared_words", most, at_most(MOST_SHARED), (Count("wordings", sum(len(each.wordings) for each in DEFECTS), 30),)))
    return judged(options, {**counts, "shared_words": round(most, 3), "examples": examples[:10]}, bars)


async def _one(built: InProcessSystem, place: SandboxRepository, dice: random.Random, counts: dict[str, int], examples: list[str]) -> None:
    start = dice.sample(DEFECTS, 3)
    state = Round(place, dice, {"shop/a.py": [list(each.code) for each in start]}, {each.name: "shop/a.py" for each in start})
    _say(built, state, 0)
    pull = place.open_pull_request("Shop", state.contents())
    await built.settle()
    for turn in range(1, PUSHES + 1):
        new, move = await _push(built, pull, state)
        _say(built, state, turn)
        await built.settle()
        counts["pushes"] += 1
        counts["new"] += bool(new)
        for what, name in _wrong(built, pull, state, new):
            counts[what] += 1
            examples.append(f"{place.full_name} push {turn} ({move}): {what} {name}")
    counts["inline"] += len(_inline(pull))
    counts["dismissed"] += len(state.dismissed)


async def _push(built: InProcessSystem, pull: PullRequest, state: Round) -> tuple[str, str]:
    """One push; the name of a defect that is new with it, and the action."""
    dice, move = state.dice, state.dice.choice(_MOVES)
    alive = sorted(name for name in state.living if name not in state.dismissed and name != LOGGED.name)
    name = dice.choice(alive) if alive else ""
    new = ""
    if move in {"dismiss", "redo"} and name:
        await _dismiss(built, pull, state, name)
    if move == "new":
        new = plant(state)
    elif move == "beside" and name and LOGGED.name not in state.living:
        new = plant_beside(state, name)
    elif name and move in CHANGES:
        CHANGES[move](state, name)
    state.fillers += 1
    state.files["shop/a.py"].insert(0, [f"LIMIT_{state.fillers} = {state.fillers}"])
    if move == "rebase":
        _rebase(pull, state)
    else:
        state.place.push(pull.number, state.contents())
    return new, move


def _rebase(pull: PullRequest, state: Round) -> None:
    """Rebase the change onto an advanced base branch, as one commit."""
    repository = state.place
    main = repository.push_branch("main", {f"docs/{state.fillers}-{pull.number}.md": "More.\n", "shop/z.py": f"z = {state.fillers}\n"})
    text = {path: content.encode() for path, content in state.contents().items()}
    files = {**repository.commits[main].files, **text}
    repository.force_push(pull.number, repository.commit(files, (main,), "Shop", "octo-dev").sha)


async def _dismiss(built: InProcessSystem, pull: PullRequest, state: Round, name: str) -> None:
    for comment in _inline(pull):
        if _about(comment) == name and marked_finding(comment):
            found = comment.split("<!-- council:finding ")[1][:4]
            state.place.comment(pull.number, "ada", f"/council dismiss {found} fine here")
            state.dismissed.add(name)
            await built.settle()
            return


def _say(built: InProcessSystem, state: Round, turn: int) -> None:
    """Every seat reports the present defects in the words of this turn; from the third on, also old ones that nobody saw before."""
    found = [claim(state, name, turn) for name in sorted(state.living)]
    if turn >= 3:
        found.append(
            {
                "title": "The constant has no comment on what it limits",
                "body": "Nobody can tell what happens above it.",
                "severity": "medium",
                "category": "maintainability",
                "path": "shop/a.py",
                "quote": "LIMIT_1 = 1",
                "line": 0,
                "suggestion": "",
            }
        )
    for seat in built.seats:
        built.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember(findings=found))


# A listed finding: its severity and title, and its place in the line below.
_ROW = re.compile(r"^- \S+ \*\*(?:critical|high|medium|low|disputed)[^*\n]*\*\* · [^\n]*\n  \[`shop/[^\n]*", re.MULTILINE)
_TITLES = {title: each.name for each in (*DEFECTS, LOGGED) for title, _ in each.wordings}


def _about(text: str) -> str:
    """The defect that a posted text is about, "" for none."""
    plain = text.replace("\\", "")
    return next((name for title, name in _TITLES.items() if title in plain), "")


def _inline(pull: PullRequest) -> list[str]:
    return [comment.body for review in pull.reviews for comment in review.comments if not comment.in_reply_to]


def _wrong(built: InProcessSystem, pull: PullRequest, state: Round, new: str) -> list[tuple[str, str]]:
    """Compare GitHub's state with the planted defects, without Council's own data."""
    summary = next(body for body in built.comments(pull) if "council:summary" in body)
    rows = _ROW.findall(summary)
    shown = [_about(row) for row in rows]
    inline = [_about(body) for body in _inline(pull)]
    wrong = [("repeats", name) for name in set(inline) if name and inline.count(name) > 1]
    wrong += [("repeats", name) for name in set(shown) if shown.count(name) > 1 and name]
    wrong += [("repeats", name) for name in state.dismissed if name in shown]
    wrong += [("late_raised", "constant") for row in rows if "constant" in row]
    alive = set(state.living) - state.dismissed
    wrong += [("missed_new" if name == new else "lost_moved", name) for name in alive if name not in shown]
    wrong += [("stale_fixed", name) for name in shown if name and name not in state.living]
    return wrong
