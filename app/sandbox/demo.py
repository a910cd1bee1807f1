"""The demo pull request: real code with real defects, a failing job, and three members who disagree about it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.sandbox.github.world import World
from app.sandbox.providers.response_script import ScriptedMember
from app.sandbox.providers.service import Providers

HERE = Path(__file__).parent / "pull_request"
MEMBERS = ("openai/gpt-5.5", "anthropic/claude-opus-5-5", "gemini/gemini-3.1-pro-preview")
THINKING_MS = (900.0, 1400.0, 600.0)


@dataclass(frozen=True)
class DemoPullRequest:
    """The number of the demo's pull request, and the question about it."""

    repository: str
    number: int
    head_sha: str
    question: str
    asked_by: str


def build_demo(world: World, providers: Providers, members: Sequence[str] = MEMBERS, *, delays: bool = True) -> DemoPullRequest:
    """Open the demo pull request and script its three members, under the names that the council uses."""
    story = json.loads((HERE / "demo.json").read_text("utf-8"))
    head = _tree("head")
    repository = world.create_repository(story["repository"], _tree("base"))
    for login, role in story["collaborators"].items():
        repository.add_collaborator(login, role)
    for name, mind, thinking in zip(members, story["members"], THINKING_MS, strict=False):
        providers.script(name, member(mind, head, story["facets"]), thinking if delays else 0.0)
    pull = repository.open_pull_request(
        story["title"], head, story["author"], body=story["body"], branch=story["branch"], message=story["title"]
    )
    job = story["job"]
    steps = [(step, result) for step, result in job["steps"]]
    log = (HERE / "ci_log.txt").read_text("utf-8")
    repository.add_failing_job(pull.head_sha, job["name"], log, workflow=job["workflow"], steps=steps)
    asked = story["question"]
    return DemoPullRequest(repository.full_name, pull.number, pull.head_sha, asked["text"], asked["by"])


def member(mind: Mapping[str, Any], head: Mapping[str, str], facets: Mapping[str, str]) -> ScriptedMember:
    """A member from its data. A finding's line is that of its quote, 0 if no line contains it.

    `facets` are the parts that specialists require, by name. Every solution has them, and each specialist reads its own.
    """
    findings = [{**each, "line": _line(head.get(each["path"], ""), each["quote"])} for each in mind["findings"]]
    stance = {piece: tuple(vote) for piece, vote in mind["stance"].items()}
    pairs = [(first, second) for first, second in mind["same"]]
    parts = [{"name": name, "text": text} for name, text in facets.items()]
    solutions = [{**solution, "facets": solution["facets"] or parts} for solution in mind["solutions"]]
    more = {"solutions": solutions, "view": mind["view"], "looks": mind.get("looks", {})}
    return ScriptedMember(findings, stance, pairs, mind["summary"], **more)


def _tree(name: str) -> dict[str, str]:
    root = HERE / name
    # Each file ends in .txt on disk, so that no tool of ours takes the defects for our own.
    return {path.relative_to(root).as_posix().removesuffix(".txt"): path.read_text("utf-8") for path in sorted(root.rglob("*.txt"))}


def _line(text: str, quote: str) -> int:
    at = text.find(quote)
    return 0 if at < 0 else text.count("\n", 0, at) + 1
