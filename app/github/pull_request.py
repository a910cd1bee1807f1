"""A pull request, read in few calls into one frozen snapshot: at most 10 reads for 30 files, 16 for 300."""

import asyncio
import re
from dataclasses import dataclass

from app.errors import NotFound, Refused, Unavailable
from app.github.blobs import Wanted, contents
from app.github.changed_files import Ends, Listed, at_head, changed_files, most_changed
from app.github.client import GitHub, Shape
from app.github.config_file import ConfigFile, load_content
from app.github.project import place
from reviewers.context.project_map import MANIFESTS, survey
from reviewers.context.snapshot import ChangedFile, Commit, Guideline, LinkedIssue, Snapshot

CONFIG_PATH = ".github/council.yml"
GUIDELINES = ("AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md", ".github/copilot-instructions.md")
MAX_FILES = 3000
MAX_CONTENTS = 600
MAX_COMMITS = 100
MAX_ISSUES = 3

# Closing keywords first, for a body may mention many numbers: https://docs.github.com/en/issues/tracking-your-work-with-issues
_CLOSING = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d{1,9})\b", re.I)
_MENTIONED = re.compile(r"(?<![\w/&#])#(\d{1,9})\b")
# What is not closed runs to the end, as in Markdown; looking for its end from every beginning would take time in the square of the length.
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|<!--.*?(?:-->|\Z)", re.S)


class _User(Shape):
    login: str = "ghost"


class _Repo(Shape):
    full_name: str = ""


class _Ref(Shape):
    ref: str
    sha: str
    repo: _Repo | None = None


class _Label(Shape):
    name: str


class _Pull(Shape):
    number: int
    html_url: str
    title: str
    body: str | None = None
    state: str = "open"
    draft: bool = False
    locked: bool = False
    user: _User | None = None
    labels: tuple[_Label, ...] = ()
    base: _Ref
    head: _Ref
    changed_files: int = 0


class _CommitMessage(Shape):
    message: str = ""


class _Commit(Shape):
    sha: str
    commit: _CommitMessage = _CommitMessage()


class _Issue(Shape):
    number: int
    title: str
    body: str | None = None


@dataclass(frozen=True)
class Head:
    """Where a pull request stands now; `state` is "open" or "closed"."""

    sha: str
    state: str
    draft: bool


@dataclass(frozen=True)
class Fetched:
    """A snapshot (without failing checks), and what only the shell needs, such as the base branch's council.yml."""

    snapshot: Snapshot
    config: ConfigFile
    head: Head
    labels: tuple[str, ...]
    from_fork: bool
    locked: bool = False


async def head_of(github: GitHub, full_name: str, number: int) -> Head:
    """One read: is it still worth publishing?"""
    pull = await github.get(f"/repos/{full_name}/pulls/{number}", _Pull)
    return Head(pull.head.sha, pull.state, pull.draft)


async def fetch(github: GitHub, full_name: str, number: int) -> Fetched:
    """Read the pull request at its head."""
    root = f"/repos/{full_name}/pulls/{number}"
    # The file list and not the `.diff` media type, which answers 406 above 300 files or 20,000 lines.
    pull, listed, commits = await asyncio.gather(
        github.get(root, _Pull),
        github.pages(f"{root}/files", Listed, MAX_FILES),
        github.pages(f"{root}/commits", _Commit, MAX_COMMITS),
    )
    (files, guidelines, config, manifests), issues, around = await asyncio.gather(
        _files(github, full_name, pull, listed),
        _issues(github, full_name, pull),
        place(github, full_name, pull.head.sha, pull.base.ref, most_changed(listed)),
    )
    snapshot = Snapshot(
        repository=full_name,
        number=number,
        url=pull.html_url,
        title=pull.title,
        body=pull.body or "",
        author=(pull.user or _User()).login,
        base_ref=pull.base.ref,
        base_sha=pull.base.sha,
        head_ref=pull.head.ref,
        head_sha=pull.head.sha,
        files=files,
        commits=tuple(Commit(sha=commit.sha, message=commit.commit.message) for commit in commits),
        linked_issues=issues,
        guidelines=guidelines,
        unlisted=max(0, pull.changed_files - len(files)),
        project=survey(around.paths, manifests, around.recent, partial=around.partial),
    )
    from_fork = pull.head.repo is None or pull.head.repo.full_name.lower() != full_name.lower()
    head = Head(pull.head.sha, pull.state, pull.draft)
    return Fetched(snapshot, config, head, tuple(label.name for label in pull.labels), from_fork, pull.locked)


async def _files(
    github: GitHub, full_name: str, pull: _Pull, listed: tuple[Listed, ...]
) -> tuple[tuple[ChangedFile, ...], tuple[Guideline, ...], ConfigFile, dict[str, str]]:
    ends = Ends(full_name, pull.base.sha, pull.head.sha)
    heads = at_head(ends, listed[:MAX_CONTENTS])
    # The branch's tip, not `base.sha`: that one is as old as the last push, and may miss a limit that was lowered since.
    policies = {path: Wanted(f"refs/heads/{pull.base.ref}", path) for path in (*GUIDELINES, CONFIG_PATH, *MANIFESTS)}
    read = await contents(github, full_name, (*policies.values(), *heads.values()))
    files = await changed_files(github, ends, listed, {path: read[wanted] for path, wanted in heads.items()})
    guidelines = tuple(Guideline(path=path, text=text) for path in GUIDELINES if (text := read[policies[path]].text) is not None)
    manifests = {path: text for path in MANIFESTS if (text := read[policies[path]].text) is not None}
    return files, guidelines, load_content(read[policies[CONFIG_PATH]]), manifests


async def _issues(github: GitHub, full_name: str, pull: _Pull) -> tuple[LinkedIssue, ...]:
    text = _CODE.sub(" ", f"{pull.title}\n{pull.body or ''}")
    numbers = [int(found) for found in (*_CLOSING.findall(text), *_MENTIONED.findall(text)) if int(found) != pull.number]

    async def one(number: int) -> LinkedIssue | None:
        try:
            issue = await github.get(f"/repos/{full_name}/issues/{number}", _Issue)
        except (NotFound, Refused, Unavailable):
            return None
        return LinkedIssue(number=issue.number, title=issue.title, body=issue.body or "")

    found = await asyncio.gather(*(one(number) for number in list(dict.fromkeys(numbers))[:MAX_ISSUES]))
    return tuple(issue for issue in found if issue)
