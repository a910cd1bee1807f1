"""Reads the effects on a pull request from the sandbox GitHub, never from our database: complete, missing or duplicate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.sandbox.control.client import PullState
from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from benchmarks.bars import Bar, Count, exactly

OURS = "Council"


@dataclass(frozen=True)
class Seen:
    """Our visible effects on one pull request: bodies of comments; (state, commit) of reviews; (commit, status, conclusion) of checks."""

    head_sha: str
    comments: tuple[str, ...]
    reviews: tuple[tuple[str, str], ...]
    checks: tuple[tuple[str, str, str], ...]

    @property
    def published(self) -> bool:
        """Whether the head's summary, its review and its check run exist."""
        return (
            any(f"`{self.head_sha[:7]}`" in body for body in self.comments)
            and ("COMMENTED", self.head_sha) in self.reviews
            and any(sha == self.head_sha and conclusion in {"success", "failure"} for sha, _, conclusion in self.checks)
        )

    @property
    def twice(self) -> int:
        """How many effects are duplicates: one summary per pull request, one review and one check run per head are allowed."""
        reviewed = [sha for state, sha in self.reviews if state == "COMMENTED"]
        checked = [sha for sha, _, _ in self.checks]
        return max(0, len(self.comments) - 1) + len(reviewed) - len(set(reviewed)) + len(checked) - len(set(checked))

    @property
    def left_open(self) -> int:
        """Drafts and check runs that will never be completed."""
        return sum(state == "PENDING" for state, _ in self.reviews) + sum(status != "completed" for _, status, _ in self.checks)


def seen(repository: SandboxRepository, pull: PullRequest) -> Seen:
    """From a sandbox in this process."""
    own = [comment.body for comment in pull.issue.comments if comment.author.login.endswith("[bot]")]
    commits = _own_commits(repository, pull)
    checks = [run for run in repository.check_runs.values() if run.name == OURS and run.head_sha in commits]
    return Seen(
        pull.head_sha,
        tuple(own),
        tuple((review.state, review.commit_sha) for review in pull.reviews),
        tuple((run.head_sha, run.status, run.conclusion or "") for run in checks),
    )


def _own_commits(repository: SandboxRepository, pull: PullRequest) -> set[str]:
    base, commits, sha = repository.branches[pull.base_ref], set[str](), pull.head_sha
    while sha and sha != base:
        commits.add(sha)
        parents = repository.commits[sha].parents
        sha = parents[0] if parents else ""
    return commits


def seen_from_afar(state: PullState) -> Seen:
    """From a sandbox in another process."""
    bot = [comment for comment in state.comments if str(comment["user"]["login"]).endswith("[bot]")]
    checks = [run for run in state.check_runs if run["name"] == OURS]
    return Seen(
        state.pull_request["head"]["sha"],
        tuple(each["body"] for each in bot),
        tuple((review["state"], review["commit_id"]) for review in state.reviews),
        tuple((check["head_sha"], check["status"], check["conclusion"] or "") for check in checks),
    )


def tally(found: Sequence[Seen]) -> dict[str, Any]:
    """`published` of `expected`, what is lost, what is duplicate and what was left open."""
    return {
        "expected": len(found),
        "published": sum(each.published for each in found),
        "lost": sum(not each.published for each in found),
        "duplicates": sum(each.twice for each in found),
        "left_open": sum(each.left_open for each in found),
    }


def zeros(measured: Mapping[str, Any], counts: Sequence[Count], *more: str) -> list[Bar]:
    """The bars of a tally: nothing is lost, duplicate or left open, and the other given keys are 0; something must have been published."""
    least = (*counts, Count("published", measured["published"], 1))
    return [Bar(name, measured[name], exactly(0), least) for name in ("lost", "duplicates", "left_open", *more)]
