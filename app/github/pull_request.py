"""Reads a pull request into one frozen snapshot, in at most 10 reads for 30 files, 16 for 300."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.configuration.council_yml import CONFIG_PATH, ConfigFile, load_content, read_shared
from app.configuration.council_yml_problems import find_misplaced, misplaced_names
from app.errors import GitHubRejected, NotFound, Unavailable
from app.github.blobs import Wanted, contents
from app.github.changed_files import Ends, ListedFile, at_head, changed_files, most_changed, name_modes
from app.github.installation_client import GitHubModel, InstallationClient
from app.github.nested_files import read_nested
from app.github.repository_context import RepositoryContext, read_repository_context
from reviewers.context.guidelines import ROOT_NAMES
from reviewers.context.notebooks.showing import show_cells
from reviewers.context.origins.attributes import NAME as ATTRIBUTES
from reviewers.context.origins.marking import mark_origins
from reviewers.context.project_map import MANIFESTS, survey
from reviewers.context.snapshot import ChangedFile, EarlierCommit, Guideline, LinkedIssue, Project, Snapshot, UnreadPart

MAX_FILES = 3000
MAX_CONTENTS = 600
MAX_COMMITS = 100
# https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request
MOST_LISTED_COMMITS = 250
MAX_ISSUES = 3

# Closing keywords first, because a body may mention many numbers: https://docs.github.com/en/issues/tracking-your-work-with-issues
_CLOSING = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d{1,9})\b", re.I)
_MENTIONED = re.compile(r"(?<![\w/&#])#(\d{1,9})\b")
# An unclosed comment runs to the end, as in Markdown. Searching its end from every start would take quadratic time.
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|<!--.*?(?:-->|\Z)", re.S)


class _User(GitHubModel):
    login: str = "ghost"


class _Repo(GitHubModel):
    id: int = 0


class _Ref(GitHubModel):
    ref: str
    sha: str
    repo: _Repo | None = None


class _Label(GitHubModel):
    name: str


class _Team(GitHubModel):
    slug: str = ""


class _Pull(GitHubModel):
    number: int
    html_url: str
    title: str
    body: str | None = None
    state: str = "open"
    draft: bool = False
    locked: bool = False
    user: _User | None = None
    author_association: str = "NONE"
    labels: tuple[_Label, ...] = ()
    requested_teams: tuple[_Team, ...] = ()
    base: _Ref
    head: _Ref
    changed_files: int = 0
    commits: int = 0


class _CommitMessage(GitHubModel):
    message: str = ""


class _Commit(GitHubModel):
    sha: str
    commit: _CommitMessage = _CommitMessage()


class _Issue(GitHubModel):
    number: int
    title: str
    body: str | None = None


@dataclass(frozen=True)
class Head:
    """A pull request's current state. `state` is "open" or "closed"."""

    sha: str
    state: str
    draft: bool


@dataclass(frozen=True)
class Fetched:
    """A snapshot (without failing checks), and what only the shell needs, such as the base branch's council.yml.

    `misplaced` has one line per misplaced config file of the base branch; `association` is GitHub's association of the author.
    """

    snapshot: Snapshot
    config: ConfigFile
    head: Head
    labels: tuple[str, ...]
    from_fork: bool
    locked: bool = False
    misplaced: tuple[str, ...] = ()
    association: str = ""
    teams: tuple[str, ...] = ()


async def head_of(github: InstallationClient, full_name: str, number: int) -> Head:
    """The pull request's current head. One read, to decide whether publishing is still useful."""
    pull = await github.get(f"/repos/{full_name}/pulls/{number}", _Pull)
    return Head(pull.head.sha, pull.state, pull.draft)


async def fetch(github: InstallationClient, full_name: str, number: int) -> Fetched:
    """Read the pull request at its head."""
    root = f"/repos/{full_name}/pulls/{number}"
    # The file list and not the `.diff` media type, which answers 406 above 300 files or 20,000 lines.
    pull, files, listed_commits = await asyncio.gather(
        github.get(root, _Pull),
        github.pages(f"{root}/files", ListedFile, MAX_FILES),
        github.newest(f"{root}/commits", _Commit, MAX_COMMITS),
    )
    texts, commits, (issues, unread), around = await asyncio.gather(
        _texts(github, full_name, pull, files),
        _newest_commits(github, full_name, pull, listed_commits.items),
        _issues(github, full_name, pull),
        read_repository_context(github, full_name, pull.head.sha, pull.base.ref, most_changed(files)),
    )
    nested = await read_nested(
        github, full_name, f"refs/heads/{pull.base.ref}", around.paths, tuple(file.filename for file in files[:MAX_CONTENTS])
    )
    shown, project = await asyncio.to_thread(_show, texts, around, nested.attributes)
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
        files=shown,
        commits=tuple(EarlierCommit(sha=commit.sha, message=commit.commit.message) for commit in commits),
        earlier_commits=max(0, pull.commits - len(commits)),
        linked_issues=issues,
        guidelines=(*nested.guidelines, *texts.guidelines),
        unlisted=max(0, pull.changed_files - len(texts.files)),
        project=project,
        unread=(*texts.unread, *nested.unread, *unread, *_unlisted(around)),
    )
    from_fork = pull.head.repo is None or pull.base.repo is None or pull.head.repo.id != pull.base.repo.id
    head = Head(pull.head.sha, pull.state, pull.draft)
    names = find_misplaced((*texts.misplaced, *around.paths), CONFIG_PATH)
    labels = tuple(label.name for label in pull.labels)
    teams = tuple(team.slug for team in pull.requested_teams)
    return Fetched(snapshot, texts.config, head, labels, from_fork, pull.locked, names, pull.author_association, teams)


def _show(texts: "_Texts", around: RepositoryContext, nested: Mapping[str, str]) -> tuple[tuple[ChangedFile, ...], Project]:
    """The files as seats see them, and the map of the project. A notebook of 1 MB takes 0.2 s."""
    files = mark_origins(name_modes(texts.files, around.modes), texts.attributes | dict(nested), around.paths)
    return show_cells(files), survey(around.paths, texts.manifests, around.recent, partial=around.partial)


def _unlisted(around: RepositoryContext) -> tuple[UnreadPart, ...]:
    """A head without a single path has a tree that could not be read."""
    return () if around.paths else (UnreadPart(path="the list of this repository's files", reason="it could not be read"),)


async def _newest_commits(github: InstallationClient, full_name: str, pull: _Pull, listed: tuple[_Commit, ...]) -> tuple[_Commit, ...]:
    """The newest commits, oldest first. For a pull request GitHub lists the oldest 250, for a commit its newest ancestors."""
    if pull.commits <= MOST_LISTED_COMMITS:
        return listed
    try:
        return tuple(reversed(await github.pages(f"/repos/{full_name}/commits", _Commit, MAX_COMMITS, {"sha": pull.head.sha})))
    except (NotFound, GitHubRejected, Unavailable):
        return listed


@dataclass(frozen=True)
class _Texts:
    """The contents of the files. `unread` names those without a readable text, `misplaced` those that look like the config file.

    `attributes` are the texts of `.gitattributes` files of the base branch, by path.
    """

    files: tuple[ChangedFile, ...]
    guidelines: tuple[Guideline, ...]
    config: ConfigFile
    manifests: dict[str, str]
    unread: tuple[UnreadPart, ...]
    misplaced: tuple[str, ...]
    attributes: dict[str, str]


async def _texts(github: InstallationClient, full_name: str, pull: _Pull, listed: tuple[ListedFile, ...]) -> _Texts:
    ends = Ends(full_name, pull.base.sha, pull.head.sha)
    heads = at_head(ends, listed[:MAX_CONTENTS])
    # The branch's tip, not `base.sha`, which is as old as the last push and may miss a limit that was lowered since.
    named = (CONFIG_PATH, *ROOT_NAMES, *MANIFESTS, *misplaced_names(CONFIG_PATH), ATTRIBUTES)
    policies = {path: Wanted(f"refs/heads/{pull.base.ref}", path, is_text=True) for path in named}
    read = await contents(github, full_name, (*policies.values(), *heads.values()))
    config = await read_shared(github, full_name, load_content(read[policies[CONFIG_PATH]]))
    files = await changed_files(github, ends, listed, {path: read[wanted] for path, wanted in heads.items()})
    guidelines = tuple(Guideline(path=path, text=text) for path in ROOT_NAMES if (text := read[policies[path]].text) is not None)
    manifests = {path: text for path in MANIFESTS if (text := read[policies[path]].text) is not None}
    unread = [UnreadPart(path=path, reason=why) for path in (*ROOT_NAMES, *MANIFESTS) if (why := read[policies[path]].why)]
    unread += [
        UnreadPart(path=file.path, reason="only the diff could be read, not the lines around it")
        for file in files
        if file.patch is not None and file.path in heads and read[heads[file.path]].is_passing
    ]
    astray = tuple(path for path in misplaced_names(CONFIG_PATH) if read[policies[path]].text is not None)
    said = {ATTRIBUTES: text} if (text := read[policies[ATTRIBUTES]].text) is not None else {}
    return _Texts(files, guidelines, config, manifests, tuple(unread), astray, said)


async def _issues(github: InstallationClient, full_name: str, pull: _Pull) -> tuple[tuple[LinkedIssue, ...], tuple[UnreadPart, ...]]:
    """The issues that the pull request names, and those that could not be read. A number without an issue is in neither list."""
    text = _CODE.sub(" ", f"{pull.title}\n{pull.body or ''}")
    closing = {int(found) for found in _CLOSING.findall(text)}
    numbers = [int(found) for found in (*_CLOSING.findall(text), *_MENTIONED.findall(text)) if int(found) != pull.number]

    async def one(number: int) -> LinkedIssue | UnreadPart | None:
        try:
            issue = await github.get(f"/repos/{full_name}/issues/{number}", _Issue)
        except NotFound:
            return None
        except (GitHubRejected, Unavailable):
            return UnreadPart(path=f"#{number}", reason="it could not be read")
        return LinkedIssue(number=issue.number, title=issue.title, body=issue.body or "", closes=number in closing)

    found = await asyncio.gather(*(one(number) for number in list(dict.fromkeys(numbers))[:MAX_ISSUES]))
    issues = tuple(each for each in found if isinstance(each, LinkedIssue))
    return issues, tuple(part for part in found if isinstance(part, UnreadPart))
