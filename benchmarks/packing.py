"""Packs real changes: never over budget, every dropped file and block named, fast, and a map of a project of 500 files."""

import json
import random
import re
import time

from benchmarks.bars import Bar, Count, below, exactly, judged, skipped
from benchmarks.history import History
from benchmarks.offline import no_sockets
from benchmarks.options import Options, progress
from reviewers.context.diff_index import index
from reviewers.context.packing import Packed, split
from reviewers.context.project_map import MANIFESTS, survey
from reviewers.context.snapshot import ChangedFile, EarlierCommit, FailingCheck, FileStatus, Guideline, Snapshot
from reviewers.context.tokens import count
from reviewers.context.units import read_units
from reviewers.values.brief import Brief

BUDGETS = (1_000, 4_000, 8_000, 24_000)
PARTS = (1, 4)


def run(options: Options) -> dict[str, object]:
    if reason := History(options.repo).missing:
        return skipped(reason)
    with no_sockets():
        return _run(options)


def _run(options: Options) -> dict[str, object]:
    count("warm")
    history = History(options.repo)
    pairs = history.changes(options.commits or (6 if options.small else 60))
    packs = over = unnamed = lost = dropped = shown = 0
    for number, (base, head) in enumerate(pairs):
        snapshot = _snapshot(history, base, head)
        for budget in BUDGETS:
            for parts in PARTS:
                brief = Brief(seed=f"{options.seed}:{head}")
                made = split(brief, snapshot, "seat", budget, parts)
                packs += len(made)
                dropped += sum(len(packed.dropped) + len(snapshot.files) - len(packed.files) for packed in made)
                shown += sum(bool(packed.files) for packed in made)
                over += sum(count(packed.text) > budget for packed in made) + (len(made) > parts)
                unnamed += sum(_unnamed(snapshot, packed) for packed in made)
                lost += made != split(brief, snapshot, "seat", budget, parts)
        if number % 10 == 9:
            progress(f"{number + 1} of {len(pairs)} commits, {packs} packs, {over} over, {unnamed} unnamed")
    (warm, warm_files), (whole, definitions) = _warm(options), _map(options)
    measured: dict[str, object] = {
        "commits": len(pairs),
        "packs": packs,
        "over_budget": over,
        "unnamed_drops": unnamed,
        "undetermined": lost,
        "warm_ms_30": round(warm * 1000, 1),
        "map_s_500": round(whole, 3),
    }
    counts = (
        Count("packs", packs, 100, small=20, asked=True),
        Count("dropped", dropped, 50, small=5, asked=True),
        Count("shown_changes", shown, len(pairs), asked=True),
    )
    bars = (
        Bar("over_budget", over, exactly(0), counts),
        Bar("unnamed_drops", unnamed, exactly(0), counts),
        Bar("undetermined", lost, exactly(0), counts),
        Bar("warm_ms_30", warm * 1000, below(300, small=3_000), (Count("files_packed", warm_files, 20),)),
        Bar("map_s_500", whole, below(2, small=10), (Count("definitions", definitions, 20_000, small=4_000),)),
    )
    return judged(options, measured | {"dropped": dropped, "definitions": definitions}, bars)


def _unnamed(snapshot: Snapshot, packed: Packed) -> int:
    """Files and blocks left out and not named in both the pack's text and its fields: by name, else by folder or kind with their number."""
    told = {each.path for each in packed.unseen} | set(packed.shown)
    missing = sum(file.path not in told for file in snapshot.files)
    if not packed.text:
        return missing
    away = [file.path for file in snapshot.files if file.path not in packed.files]
    missing += max(0, len(away) - _listed(packed.text, "changed-files"))
    return missing + max(0, len(packed.dropped) - _listed(packed.text, "left-out"))


def _listed(text: str, tag: str) -> int:
    """How many names a block lists, or says that it covers."""
    block = re.search(rf"<{tag}-(\w+)>\n(.*?)\n</{tag}-\1>", text, re.S)
    total = 0
    for line in block[2].split("\n") if block else ():
        value = re.search(r"(\{.*\}|\d+ files)$", line)
        if value is not None and value[1].endswith(" files"):
            total += int(value[1].split()[0])
        elif value is not None:
            total += sum(load if isinstance(load, int) else len(load) for load in json.loads(value[1]).values())
    return total


def _snapshot(history: History, base: str, head: str) -> Snapshot:
    found = index(history.diff(base, head).decode("utf-8", "replace"))
    few = len(found.files) <= 400
    files = tuple(
        ChangedFile(
            path=file.path,
            previous_path=file.previous_path,
            status=file.status,
            additions=file.additions,
            deletions=file.deletions,
            patch=found.patch(file),
            head=history.content(head, file.path) if few and file.status is not FileStatus.REMOVED and not file.binary else None,
            base=history.content(base, file.previous_path or file.path)
            if few and file.status is not FileStatus.ADDED and not file.binary
            else None,
        )
        for file in found.files
    )
    return _made(files)


def _made(files: tuple[ChangedFile, ...]) -> Snapshot:
    return Snapshot(
        repository="a/b",
        number=1,
        url="",
        title="A change",
        body="What it is for. " * 200,
        author="a",
        base_ref="main",
        base_sha="b",
        head_ref="x",
        head_sha="h",
        files=files,
        commits=tuple(EarlierCommit(sha=str(number), message="Say why. " * 20) for number in range(30)),
        guidelines=(Guideline(path="AGENTS.md", text="Keep it simple. " * 400),),
        failing_checks=(FailingCheck(name="tests", url="", lines=("E assert 1 == 2",) * 40),),
    )


def _code(dice: random.Random, functions: int) -> str:
    body = "    if other:\n        value += other\n    return value\n"
    return "\n".join(
        f"def function_{number}(argument, other=None):\n    value = argument * {dice.randrange(1000)}\n{body}"
        for number in range(functions)
    )


def _thirty(seed: int) -> Snapshot:
    """30 Python files of some 400 lines, with 6 hunks each."""
    from tests.patches import build_patch

    dice = random.Random(seed)
    files = []
    for number in range(30):
        base = _code(dice, 70)
        lines = base.split("\n")
        for at in range(10, len(lines), 60):
            lines[at] = f"    changed = {dice.randrange(1000)}"
        head = "\n".join(lines)
        files.append(ChangedFile(path=f"src/p{number % 5}/m{number}.py", base=base, head=head, patch=build_patch(base, head)))
    return _made(tuple(files))


def _warm(options: Options) -> tuple[float, int]:
    """CPU seconds of this process for the second seat's pack: files are read already, the order and the choice are its own.

    Also returns how many of the 30 files it contains.
    """
    snapshot = _thirty(options.seed)
    brief = Brief(seed="s")
    split(brief, snapshot, "first", 24_000, 4)
    best, files = 9.0, 0
    for seat in ("second", "third", "fourth"):
        started = time.process_time()
        made = split(brief, snapshot, seat, 24_000, 4)
        best = min(best, time.process_time() - started)
        files = len({path for packed in made for path in packed.files})
    return best, files


def _map(options: Options) -> tuple[float, int]:
    """CPU seconds of this process, cold, to find the definitions of 500 files and to survey their tree; and the number of definitions."""
    dice = random.Random(options.seed)
    texts = {f"src/p{number % 20}/m{number}.py": _code(dice, 40 + number % 40) for number in range(100 if options.small else 500)}
    definitions, started = 0, time.process_time()
    for path, text in texts.items():
        definitions += len(read_units(path, text))
    survey(list(texts), dict.fromkeys(MANIFESTS, ""))
    return time.process_time() - started, definitions
