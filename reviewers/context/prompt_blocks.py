"""The context blocks of a prompt in addition to the diffs, each with its name and the reason why it is there."""

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

from reviewers.context.globs import selects
from reviewers.context.hidden_characters import show_hidden
from reviewers.context.log_forms import shorter_logs
from reviewers.context.project_map import render
from reviewers.context.snapshot import FailingCheck, Snapshot
from reviewers.values.brief import Brief


class PromptBlock(NamedTuple):
    """A text with its kind (a field of `Blocks`, or "pull-request", "instructions", "diff", "changed-files"), its name and its reason.

    `shorter` are alternative forms, each shorter than the one before, for when the text does not fit.
    """

    kind: str
    name: str
    text: str
    why: str
    shorter: tuple[str, ...] = ()


class FenceTags(NamedTuple):
    """Tags that the text inside cannot close, because their name contains a hash of that text."""

    nonce: str

    def block(self, tag: str, text: str, /, **attributes: str) -> str:
        """The text between an opening and a closing tag. Paths stay unescaped because models repeat what they read."""
        extra = "".join(f" {key}={show_hidden(json.dumps(value, ensure_ascii=False))}" for key, value in attributes.items())
        return f"<{tag}-{self.nonce}{extra}>\n{text}\n</{tag}-{self.nonce}>"


_MOST_MESSAGES = 50


def sections(brief: Brief, snapshot: Snapshot, tags: FenceTags) -> tuple[tuple[list[PromptBlock], float], ...]:
    """The blocks of each section, best first, and the share of the budget that the section may take."""
    makers: tuple[tuple[Callable[[Brief, Snapshot, FenceTags], Iterator[PromptBlock]], float], ...] = (
        (_about, 0.20),
        (_rules, 0.15),
        (_checks, 0.15),
        (_project, 0.05),
    )
    wanted = {name for name, on in brief.blocks if on} | {"pull-request", "instructions"}
    return tuple(([block for block in make(brief, snapshot, tags) if block.kind in wanted], share) for make, share in makers)


def _about(_: Brief, snapshot: Snapshot, tags: FenceTags) -> Iterator[PromptBlock]:
    head = {"repository": snapshot.repository, "number": snapshot.number, "title": snapshot.title, "base": snapshot.base_ref}
    yield PromptBlock("pull-request", "title", tags.block("pull-request", json.dumps(head, ensure_ascii=False)), "what is reviewed")
    if snapshot.body.strip():
        text = json.dumps(_clipped(snapshot.body, 6_000), ensure_ascii=False)
        yield PromptBlock("description", "description", tags.block("description", text), "what the author says it is for")
    if snapshot.commits:
        messages = [_clipped(commit.message, 600) for commit in snapshot.commits[-_MOST_MESSAGES:]]
        if earlier := snapshot.earlier_commits + len(snapshot.commits) - len(messages):
            messages.insert(0, f"({earlier} earlier commits are not shown)")
        text = json.dumps(messages, ensure_ascii=False, indent=0)
        yield PromptBlock("commits", "commit messages", tags.block("commits", text), "what the author says was done")
    for issue in snapshot.linked_issues:
        said = {"number": issue.number, "title": issue.title, "body": _clipped(issue.body, 4_000)}
        text = json.dumps(said, ensure_ascii=False)
        yield PromptBlock("linked_issues", f"issue {issue.number}", tags.block("linked-issue", text), "the description names it")


def _rules(brief: Brief, snapshot: Snapshot, tags: FenceTags) -> Iterator[PromptBlock]:
    for name, text in (("focus", brief.focus), ("instructions", brief.instructions)):
        if text.strip():
            yield PromptBlock("instructions", name, tags.block(name, text), "whoever asked, or the repository's settings, said so")
    for rule in brief.path_instructions:
        paths = [file.path for file in snapshot.files if selects(rule.paths, file.path)]
        if paths:
            text = tags.block("instructions-for-paths", rule.text, paths=", ".join(paths[:20]))
            yield PromptBlock("instructions", f"instructions for {', '.join(rule.paths)}", text, "a changed file is among these paths")
    for guideline in snapshot.guidelines:
        text = tags.block("guideline", _clipped(guideline.text, 12_000), path=guideline.path)
        yield PromptBlock("guidelines", guideline.path, text, "a guideline of the base branch")


def _checks(_: Brief, snapshot: Snapshot, tags: FenceTags) -> Iterator[PromptBlock]:
    for check in snapshot.failing_checks:
        forms = [check.lines, *shorter_logs(check)]
        texts = [json.dumps(list(lines), ensure_ascii=False, indent=0) for lines in forms]
        first, *others = (tags.block("failing-check", text, **_about_check(check)) for text in texts)
        yield PromptBlock("failing_checks", f"failing check {check.name}", first, "it fails on this head", tuple(others))


def _about_check(check: FailingCheck) -> dict[str, str]:
    """What is known about a failing check besides its log: the changed places that it names, and whether it failed before the change."""
    named = ", ".join(f"{place.path}:{place.line}" for place in check.places if place.touched)
    before = {"red-before-this-change": "yes"} if check.red_before else {}
    return {"name": check.name, **({"names-changed-lines": named} if named else {}), **before}


def _project(_: Brief, snapshot: Snapshot, tags: FenceTags) -> Iterator[PromptBlock]:
    if text := render(snapshot.project, [file.path for file in snapshot.files]):
        yield PromptBlock("project", "project map", tags.block("project", text), "where the change stands in the project")


def _clipped(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[:size]} [cut]"
