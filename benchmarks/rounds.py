"""Pull requests that are pushed to and rebased: nothing is said twice, nothing new is missed, nothing that moved is lost."""

import asyncio
import random
from dataclasses import dataclass, field
from itertools import combinations

from app.reporters.inline_text import marked_finding
from app.sandbox.github.entities import PullRequest
from app.sandbox.house import SEATS, House, Plan
from app.sandbox.providers.brain import ScriptedMember
from benchmarks.houses import house
from benchmarks.options import Options, progress
from benchmarks.rewordings import DEFECTS, Defect
from reviewers.council.wording import words

PUSHES = 8
MOST_SHARED = 0.5
_MOVES = ("new", "fix", "move", "elsewhere", "rebase", "shift", "touch", "dismiss", "late")


@dataclass
class Round:
    """One pull request under way: where each living defect stands, what was dismissed, and what was commented on already."""

    dice: random.Random
    files: dict[str, list[list[str]]]
    living: dict[str, str] = field(default_factory=dict)
    dismissed: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    base: str = ""
    fillers: int = 0

    def text(self, path: str) -> str:
        return (self.base if path == "shop/a.py" else "") + "\n\n".join("\n".join(block) for block in self.files[path]) + "\n"

    def contents(self) -> dict[str, str]:
        return {path: self.text(path) for path in self.files}


def shared(one: tuple[str, str], two: tuple[str, str]) -> float:
    """The share of content words that two wordings have in common, of the one that has fewer."""
    first, second = (set(words(f"{title} {body}")) for title, body in (one, two))
    return len(first & second) / min(len(first), len(second))


def run(options: Options) -> dict[str, object]:
    n = options.n or (2 if options.small else 24)
    return asyncio.run(_measure(options, n))


async def _measure(options: Options, n: int) -> dict[str, object]:
    counts = {"pull_requests": n, "pushes": 0, "repeats": 0, "missed_new": 0, "lost_moved": 0, "stale_fixed": 0, "late_raised": 0}
    examples: list[str] = []
    plan = Plan(seats=SEATS, settings={"fallback": "off"}, base={"shop/z.py": "z = 1\n"})
    async with house(options, plan) as built:
        built.repository.add_collaborator("ada", "write")
        configure = {".github/council.yml": "review: {pause_after: 0, max_inline: 20}\nlimits: {pull_request_usd: null}\n"}
        built.repository.branches["main"] = built.repository.push_branch("main", configure, "octo-dev", "Configure")
        for number in range(n):
            await _one(built, random.Random(f"{options.seed}:{number}"), counts, examples)
            progress(f"{number + 1} of {n} pull requests, {counts}")
    most = max(shared(*pair) for defect in DEFECTS for pair in combinations(defect.wordings, 2))
    failed = [name for name in ("repeats", "missed_new", "lost_moved") if counts[name]]
    failed += ["shared_words"] if most > MOST_SHARED else []
    return {**counts, "shared_words": round(most, 3), "examples": examples[:10], "failed": failed}


async def _one(built: House, dice: random.Random, counts: dict[str, int], examples: list[str]) -> None:
    start = dice.sample(DEFECTS, 3)
    state = Round(dice, {"shop/a.py": [list(each.code) for each in start]}, {each.name: "shop/a.py" for each in start})
    _say(built, state, 0)
    pull = built.repository.open_pull_request("Shop", state.contents())
    await built.settle()
    for turn in range(1, PUSHES + 1):
        new, move = await _push(built, pull, state)
        _say(built, state, turn)
        await built.settle()
        counts["pushes"] += 1
        for what, name in _wrong(built, pull, state, new):
            counts[what] += 1
            examples.append(f"#{pull.number} push {turn} ({move}): {what} {name}")


async def _push(built: House, pull: PullRequest, state: Round) -> tuple[str, str]:
    """One push; the name of a defect that is new with it, and what was done."""
    dice, move = state.dice, state.dice.choice(_MOVES)
    alive = sorted(name for name in state.living if name not in state.dismissed | state.late)
    known = set(state.living) | {each.name for each in DEFECTS if each.name in getattr(state, "gone", ())}
    fresh = [each for each in DEFECTS if each.name not in known]
    new = ""
    if move == "dismiss" and alive:
        await _dismiss(built, pull, state, dice.choice(alive))
        move = "dismiss and shift"
    if move in {"new", "late"} and fresh:
        defect = dice.choice(fresh)
        if move == "new":
            new = defect.name
            path = dice.choice(sorted(state.files))
            state.files[path].insert(dice.randrange(len(state.files[path]) + 1), list(defect.code))
            state.living[defect.name] = path
    elif move == "fix" and alive:
        _fix(state, dice.choice(alive))
    elif move == "move" and alive:
        name = dice.choice(alive)
        blocks = state.files[state.living[name]]
        block = next(each for each in blocks if _is(each, name))
        blocks.remove(block)
        blocks.insert(dice.randrange(len(blocks) + 1), block)
    elif move == "elsewhere" and alive:
        name = dice.choice(alive)
        blocks = state.files[state.living[name]]
        block = next(each for each in blocks if _is(each, name))
        blocks.remove(block)
        state.files.setdefault("shop/b.py", []).append(block)
        state.living[name] = "shop/b.py"
    elif move == "touch" and alive:
        name = dice.choice(alive)
        block = next(each for each in state.files[state.living[name]] if _is(each, name))
        block.append(f"    # looked at {state.fillers}")
    state.fillers += 1
    state.files["shop/a.py"].insert(0, [f"LIMIT_{state.fillers} = {state.fillers}"])
    if move == "rebase":
        _rebase(built, pull, state)
    else:
        built.repository.push(pull.number, state.contents())
    return new, move


def _is(block: list[str], name: str) -> bool:
    return block[0].startswith(f"def {name}(")


def _fix(state: Round, name: str) -> None:
    defect = next(each for each in DEFECTS if each.name == name)
    block = next(each for each in state.files[state.living[name]] if _is(each, name))
    block[defect.at] = defect.fixed
    # The code of a fixed defect stays, so that it cannot be planted again.
    state.living.pop(name)
    state.dismissed.discard(name)
    state.__dict__.setdefault("gone", set()).add(name)


def _rebase(built: House, pull: PullRequest, state: Round) -> None:
    """The base branch went on, and the change is laid on top of it in one commit."""
    repository = built.repository
    main = repository.push_branch("main", {f"docs/{state.fillers}-{pull.number}.md": "More.\n", "shop/z.py": f"z = {state.fillers}\n"})
    text = {path: content.encode() for path, content in state.contents().items()}
    files = {**repository.commits[main].files, **text}
    repository.force_push(pull.number, repository.commit(files, (main,), "Shop", "octo-dev").sha)


async def _dismiss(built: House, pull: PullRequest, state: Round, name: str) -> None:
    for comment in _inline(pull):
        if _about(comment) == name and marked_finding(comment):
            found = comment.split("/council dismiss ")[1].split("`")[0]
            built.repository.comment(pull.number, "ada", f"/council dismiss {found} fine here")
            state.dismissed.add(name)
            await built.settle()
            return


def _say(built: House, state: Round, turn: int) -> None:
    """Every seat finds what there is, in the words of this turn; from the third on also what nobody saw before."""
    found = [_claim(_named(name), path, state.dice.randrange(3) if turn else 0) for name, path in sorted(state.living.items())]
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


def _named(name: str) -> Defect:
    return next(each for each in DEFECTS if each.name == name)


def _claim(defect: Defect, path: str, wording: int) -> dict[str, object]:
    title, body = defect.wordings[wording]
    return {
        "title": title,
        "body": body,
        "severity": defect.severity,
        "category": defect.category,
        "path": path,
        "quote": defect.quote,
        "line": 0,
        "suggestion": "",
    }


_TITLES = {title: each.name for each in DEFECTS for title, _ in each.wordings}


def _about(text: str) -> str:
    """The defect that a posted text is about, "" for none."""
    plain = text.replace("\\", "")
    return next((name for title, name in _TITLES.items() if title in plain), "")


def _inline(pull: PullRequest) -> list[str]:
    return [each.body for review in pull.reviews for each in review.comments if not each.in_reply_to]


def _wrong(built: House, pull: PullRequest, state: Round, new: str) -> list[tuple[str, str]]:
    """What GitHub shows now, against what was planted: never what Council thinks of it."""
    summary = next(body for body in built.comments(pull) if "council:summary" in body)
    rows = [row for row in summary.split("<details>")[0].split("\n") if row.startswith("| ") and "`shop/" in row]
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
