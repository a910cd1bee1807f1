"""A snapshot as the prompt prefix that both rounds of a seat share, within a budget of tokens."""

import hashlib
import json
import random
from typing import NamedTuple

from reviewers.brief import Brief
from reviewers.context.diff import parse, render
from reviewers.context.invisible import visible
from reviewers.context.reviewable import selected, skipped, unchanged
from reviewers.context.snapshot import ChangedFile, FailingCheck, Snapshot
from reviewers.context.tokens import count
from reviewers.verdict import Unseen

NO_ROOM = "did not fit into the prompt"
_PROSE, _RULES, _CHECKS = 0.20, 0.15, 0.15
_AROUND = 20


class Packed(NamedTuple):
    """What one seat is shown: `unseen` names every changed file that is not whole in `text`."""

    text: str
    shown: tuple[str, ...]
    unseen: tuple[Unseen, ...]


class Tags(NamedTuple):
    """Blocks that the text inside them cannot close, for their name holds a hash of that text."""

    nonce: str

    def block(self, tag: str, text: str, /, **attributes: str) -> str:
        """The text between an opening and a closing tag."""
        extra = "".join(f" {key}={json.dumps(value)}" for key, value in attributes.items())
        return f"<{tag}-{self.nonce}{extra}>\n{text}\n</{tag}-{self.nonce}>"


def pack(brief: Brief, snapshot: Snapshot, seat: str, budget: int) -> Packed:
    """Prose, rules and failing checks, then diffs in an order drawn from seed and seat, then code around them as room remains."""
    tags = Tags(hashlib.sha256(f"{brief.seed}\0{snapshot.model_dump_json()}".encode()).hexdigest()[:12])
    left_out = skipped(brief, snapshot.files)
    names = {each.path for each in left_out}
    files = [file for file in snapshot.files if file.path not in names]
    random.Random(f"{brief.seed}:{seat}").shuffle(files)
    page = _Page(budget)
    for blocks, share in ((_about(snapshot, tags), _PROSE), (_rules(brief, snapshot, tags), _RULES), (_checks(snapshot, tags), _CHECKS)):
        page.fill(blocks, int(budget * share))
    page.fill([_listing(snapshot, left_out, tags)], int(budget * 0.05))
    fitting = [file for file in files if unchanged(file) or page.add(_diff(file, tags))]
    shown = {file.path for file in fitting}
    dropped = tuple(Unseen(path=file.path, reason=NO_ROOM) for file in files if file.path not in shown)
    for file in fitting:
        if around := _surroundings(file):
            page.add(tags.block("code", around, path=file.path))
    text = page.text()
    if count(text) > budget:
        return Packed("", (), left_out + tuple(Unseen(path=file.path, reason=NO_ROOM) for file in files))
    return Packed(text, tuple(file.path for file in fitting), left_out + dropped)


class _Page:
    """Blocks that fit, in order. Counts are sums of parts, a little above the count of the whole."""

    def __init__(self, budget: int) -> None:
        self._left = budget
        self._blocks: list[str] = []

    def add(self, block: str) -> bool:
        cost = count(block) + 2
        if cost > self._left:
            return False
        self._left -= cost
        self._blocks.append(block)
        return True

    def fill(self, blocks: list[str], share: int) -> None:
        """Blocks in order while they fit into a share of the budget; one too long is left out, not cut in the middle of a tag."""
        for block in blocks:
            cost = count(block) + 2
            if cost <= share and self.add(block):
                share -= cost

    def text(self) -> str:
        return "\n\n".join(self._blocks)


def _about(snapshot: Snapshot, tags: Tags) -> list[str]:
    head = {"repository": snapshot.repository, "number": snapshot.number, "title": snapshot.title, "base": snapshot.base_ref}
    blocks = [tags.block("pull-request", json.dumps(head, ensure_ascii=False))]
    if snapshot.body.strip():
        blocks.append(tags.block("description", json.dumps(_clipped(snapshot.body, 6_000), ensure_ascii=False)))
    if snapshot.commits:
        messages = [_clipped(commit.message, 600) for commit in snapshot.commits[:50]]
        blocks.append(tags.block("commits", json.dumps(messages, ensure_ascii=False, indent=0)))
    for issue in snapshot.linked_issues:
        text = {"number": issue.number, "title": issue.title, "body": _clipped(issue.body, 4_000)}
        blocks.append(tags.block("linked-issue", json.dumps(text, ensure_ascii=False)))
    return blocks


def _rules(brief: Brief, snapshot: Snapshot, tags: Tags) -> list[str]:
    blocks = [tags.block(name, text) for name, text in (("focus", brief.focus), ("instructions", brief.instructions)) if text.strip()]
    for rule in brief.path_instructions:
        paths = [file.path for file in snapshot.files if selected(rule.paths, file.path)]
        if paths:
            blocks.append(tags.block("instructions-for-paths", rule.text, paths=", ".join(paths[:20])))
    return blocks + [tags.block("guideline", _clipped(each.text, 12_000), path=each.path) for each in snapshot.guidelines]


def _checks(snapshot: Snapshot, tags: Tags) -> list[str]:
    return [
        tags.block("failing-check", json.dumps(list(check.lines), ensure_ascii=False, indent=0), **_about_check(check))
        for check in snapshot.failing_checks
    ]


def _about_check(check: FailingCheck) -> dict[str, str]:
    """What is known of a failing check besides its log: the changed places that it names, and whether it was red before the change."""
    named = ", ".join(f"{place.path}:{place.line}" for place in check.places if place.touched)
    before = {"red-before-this-change": "yes"} if check.red_before else {}
    return {"name": check.name, **({"names-changed-lines": named} if named else {}), **before}


def _listing(snapshot: Snapshot, left_out: tuple[Unseen, ...], tags: Tags) -> str:
    reasons = {each.path: each.reason for each in left_out}
    lines = [
        json.dumps({"path": file.path, "status": file.status, "not shown": reasons.get(file.path, "")}) for file in snapshot.files[:200]
    ]
    return tags.block("changed-files", "\n".join(lines))


def _diff(file: ChangedFile, tags: Tags) -> str:
    diff = parse(file.path, file.patch)
    attributes = {"path": file.path, "status": str(file.status)}
    if file.previous_path:
        attributes["previously"] = file.previous_path
    return tags.block("diff", render(diff) if diff else "", **attributes)


def _surroundings(file: ChangedFile) -> str:
    """Lines of the head near the hunks that the hunks do not show themselves."""
    diff = parse(file.path, file.patch)
    if diff is None or file.head is None:
        return ""
    lines = file.head.split("\n")
    shown = {row.new for hunk in diff.hunks for row in hunk.rows}
    near = {number for line in shown if line for number in range(line - _AROUND, line + _AROUND + 1)}
    wanted = sorted(number for number in near - shown if number is not None and 1 <= number <= len(lines))
    parts: list[str] = []
    for index, number in enumerate(wanted):
        if index and number != wanted[index - 1] + 1:
            parts.append("   ...")
        parts.append(f"{number:>6}   {visible(lines[number - 1])}".rstrip())
    return "\n".join(parts)


def _clipped(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[:size]} [cut]"
