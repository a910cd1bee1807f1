"""Collects the material of a question from GitHub in a limited number of reads. What cannot be read is named, and the rest is used."""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from app.errors import GitHubRejected, NotFound, Unavailable
from app.github.blobs import Content, Wanted, contents
from app.github.checks import checks_of, failed_checks
from app.github.installation_client import GitHubModel, InstallationClient
from app.github.job_logs import log_of
from app.github.question import DEFAULT, CommentAuthor, IssueFacts, QuestionContext
from app.github.repository_context import read_repository_context, recent_changes
from reviewers.context.excerpts import excerpts
from reviewers.context.guidelines import ROOT_NAMES
from reviewers.context.mentions import Mentions, locate_mentions, mentions
from reviewers.context.pasted import as_material, take_out
from reviewers.context.project_map import MANIFESTS, survey
from reviewers.context.snapshot import Project, RecentChange
from reviewers.values.question import Dossier, Material, MaterialKind
from reviewers.values.verdict import Unseen

MOST_FILES, MOST_LINKED, MOST_COMMITS, MOST_CHECKS, MOST_PATCHES = 12, 5, 3, 2, 20
LONGEST_CHANGES = 12_000


class _Message(GitHubModel):
    message: str = ""


class _File(GitHubModel):
    filename: str
    patch: str | None = None


class _Commit(GitHubModel):
    sha: str
    html_url: str = ""
    commit: _Message = _Message()
    files: tuple[_File, ...] = ()


async def gather(github: InstallationClient, asked: QuestionContext, question: str, red: Sequence[Material] | None = None) -> Dossier:
    """The conversation, and everything that it names. `red` are the failing checks, if they were read already."""
    gathering = _Gathering(github, asked)
    # Up to 0.2 s for a long issue, and anybody can write one.
    materials, found = await asyncio.to_thread(gathering.conversation, question)
    (code, project), linked, commits, checks, patches = await asyncio.gather(
        gathering.code(found),
        gathering.linked(found),
        gathering.commits(found),
        gathering.checks() if red is None else _ready(red),
        gathering.patches(),
    )
    shown = tuple(material for material in materials if material.text.strip())
    return Dossier(
        repository=asked.full_name,
        number=asked.issue.number,
        title=asked.issue.title,
        sha=asked.sha,
        materials=(*shown, *checks, *patches, *code, *linked, *commits),
        project=project,
        unread=(
            *gathering.older(),
            *(Unseen(path=f"image: {name}", reason="images are not read") for name in found.images),
            *gathering.unread,
        ),
    )


class _Gathering:
    """One question's reads. `unread` names what could not be read."""

    def __init__(self, github: InstallationClient, asked: QuestionContext) -> None:
        self._github = github
        self._asked = asked
        self._root = f"/repos/{asked.full_name}"
        self.unread: list[Unseen] = []

    def conversation(self, question: str) -> tuple[list[Material], Mentions]:
        """The messages, without pasted text, which is separate material, and what they name. Our own answers are shown elsewhere."""
        issue = self._asked.issue
        said, materials = [question], [*take_out(question, "the question").materials]
        body = take_out(issue.body or "", f"#{issue.number}")
        said += [issue.title, issue.body or ""]
        author = _login(issue.user)
        kind = "the pull request" if issue.pull_request is not None else "the issue"
        text = f"{issue.title}\n\n{body.text}"
        materials.append(
            Material(kind=MaterialKind.ISSUE, name=f"#{issue.number}", text=text, why=f"{kind} it was asked in", author=author)
        )
        materials += body.materials
        for comment in self._asked.comments:
            ours = "<!-- council:" in (comment.body or "") and not comment.begins_thread
            if comment.id == self._asked.comment.id or ours:
                continue
            author = _login(comment.user)
            pasted = take_out(comment.said, f"a comment by {author}")
            said.append(comment.said)
            materials.append(
                Material(
                    kind=MaterialKind.COMMENT, name=f"comment {comment.id}", text=pasted.text, why="", author=author, url=comment.html_url
                )
            )
            materials += pasted.materials
        return materials, mentions("\n".join(said), self._asked.full_name)

    def older(self) -> list[Unseen]:
        """The comments before the newest ones, counted."""
        count = self._asked.earlier
        return [Unseen(path="the conversation", reason=f"its {count:,} earliest comments were not read")] if count else []

    async def linked(self, found: Mentions) -> list[Material]:
        """Issues and pull requests that are named."""
        numbers = [number for number in found.numbers if number != self._asked.issue.number]
        if len(numbers) > MOST_LINKED:
            self.unread += [
                Unseen(path=f"#{number}", reason=f"at most {MOST_LINKED} linked ones are read") for number in numbers[MOST_LINKED:]
            ]
        read = await asyncio.gather(*(self._issue(number) for number in numbers[:MOST_LINKED]))
        return [material for material in read if material]

    async def _issue(self, number: int) -> Material | None:
        try:
            issue = await self._github.get(f"{self._root}/issues/{number}", IssueFacts)
        except (NotFound, GitHubRejected, Unavailable):
            self.unread.append(Unseen(path=f"#{number}", reason="it could not be read"))
            return None
        text = f"{issue.title} ({issue.state})\n\n{(issue.body or '')[:6_000]}"
        if issue.pull_request is not None:
            text = f"{text}\n\n{await self._changes(number)}".rstrip()
        return Material(
            kind=MaterialKind.LINKED,
            name=f"#{number}",
            text=text,
            why="the conversation names it",
            author=_login(issue.user),
            url=issue.html_url,
        )

    async def _changes(self, number: int) -> str:
        """The diff of a named pull request, as long as it is short."""
        try:
            files = await self._github.pages(f"{self._root}/pulls/{number}/files", _File, MOST_PATCHES)
        except (NotFound, GitHubRejected, Unavailable):
            self.unread.append(Unseen(path=f"the changes of #{number}", reason="they could not be read"))
            return ""
        return _patches(files)[:LONGEST_CHANGES]

    async def commits(self, found: Mentions) -> list[Material]:
        """Named commits, with their changes."""
        read = await asyncio.gather(*(self._commit(sha) for sha in found.commits[:MOST_COMMITS]))
        return [material for material in read if material]

    async def _commit(self, sha: str) -> Material | None:
        try:
            commit = await self._github.get(f"{self._root}/commits/{quote(sha)}", _Commit)
        except Unavailable:
            self.unread.append(Unseen(path=f"commit {sha[:9]}", reason="it could not be read"))
            return None
        except (NotFound, GitHubRejected):
            # Seven hex digits may be anything. Only an existing commit counts.
            return None
        text = f"{commit.commit.message}\n\n{_patches(commit.files)[:LONGEST_CHANGES]}"
        return Material(
            kind=MaterialKind.COMMIT, name=f"commit {commit.sha[:9]}", text=text, why="the conversation names it", url=commit.html_url
        )

    async def checks(self) -> list[Material]:
        """The failing checks of the pull request's head, or of the default branch, with the cause from each log."""
        try:
            failed = failed_checks(await checks_of(self._github, self._asked.full_name, self._asked.sha), 0)[:MOST_CHECKS]
        except (NotFound, GitHubRejected, Unavailable):
            self.unread.append(Unseen(path="the checks", reason="they could not be read"))
            return []
        logs = await asyncio.gather(*(log_of(self._github, self._asked.full_name, check.job) for check in failed if check.of_actions))
        return [
            as_material(MaterialKind.LOG, f"log of {check.name}", log.decode("utf-8", "replace"), "it fails now").model_copy(
                update={"kind": MaterialKind.CHECK, "url": check.html_url or ""}
            )
            for check, log in zip([state for state in failed if state.of_actions], logs, strict=True)
            if log
        ]

    async def patches(self) -> list[Material]:
        """The changes of the pull request with the question."""
        if self._asked.issue.pull_request is None:
            return []
        try:
            files = await self._github.pages(f"{self._root}/pulls/{self._asked.issue.number}/files", _File, 100)
        except (NotFound, GitHubRejected, Unavailable):
            self.unread.append(Unseen(path="the pull request's changes", reason="they could not be read"))
            return []
        self.unread += [Unseen(path=file.filename, reason=f"at most {MOST_PATCHES} diffs are read") for file in files[MOST_PATCHES:]]
        return [
            Material(kind=MaterialKind.DIFF, name=f"diff of {file.filename}", text=file.patch, why="the pull request changes it")
            for file in files[:MOST_PATCHES]
            if file.patch
        ]

    async def code(self, found: Mentions) -> tuple[list[Material], Project]:
        """The files in question, at their commit or at their permalink's, with their latest changes, and the project."""
        sha, full_name = self._asked.sha, self._asked.full_name
        rules = {path: Wanted(sha, path, is_text=True) for path in (*ROOT_NAMES, *MANIFESTS)}
        # A full path needs no tree, so such files are read concurrently with it.
        likely = list(dict.fromkeys(spot.path for spot in found.spots))[:MOST_FILES]
        around, (read, changed) = await asyncio.gather(
            read_repository_context(self._github, full_name, sha or DEFAULT, "", ()), self._files(likely, tuple(rules.values()))
        )
        named = locate_mentions(found.spots, around.paths)
        wanted = {path: Wanted(sha, path) for path in list(named)[:MOST_FILES]}
        self.unread += [Unseen(path=path, reason=f"at most {MOST_FILES} files are read") for path in list(named)[MOST_FILES:]]
        gone = [spot for spot in found.spots if spot.ref and spot.path not in named][:3]
        old = {spot: Wanted(spot.ref, spot.path) for spot in gone}
        if (later := [path for path in wanted if path not in likely]) or old:
            more, changed_too = await self._files(later, tuple(old.values()))
            read, changed = {**read, **more}, (*changed, *changed_too)
        recent = tuple(change for path in wanted for change in changed if change.path == path)
        materials: list[Material] = []
        for path, each in wanted.items():
            content = read[each]
            if content.text is None:
                self.unread.append(Unseen(path=path, reason=content.why or "it is not there"))
            else:
                materials += excerpts(path, content.text, named[path], found.symbols, "the conversation names it", self._url(sha, path))
        for spot, each in old.items():
            if (text := read[each].text) is not None:
                materials += excerpts(spot.path, text, (spot,), (), "a link names it", self._url(spot.ref, spot.path))
            elif read[each].why:
                self.unread.append(Unseen(path=spot.path, reason=read[each].why))
        history = [f"{each.date} {each.sha[:9]} {each.path}: {each.subject}" for each in recent]
        if history:
            materials.append(
                Material(kind=MaterialKind.HISTORY, name="recent changes", text="\n".join(history), why="of the files that are named")
            )
        materials += [
            Material(kind=MaterialKind.GUIDELINE, name=path, text=text[:6_000], why="a guideline of the repository")
            for path in ROOT_NAMES
            if (text := read[rules[path]].text)
        ]
        self.unread += [Unseen(path=path, reason=why) for path, rule in rules.items() if (why := read[rule].why)]
        manifests = {path: text for path in MANIFESTS if (text := read[rules[path]].text) is not None}
        return materials, survey(around.paths, manifests, recent, partial=around.partial)

    async def _files(self, paths: Sequence[str], besides: tuple[Wanted, ...]) -> tuple[Mapping[Wanted, Content], tuple[RecentChange, ...]]:
        """Files at the question's commit with their latest changes, and their contents, in two reads."""
        wanted = tuple(Wanted(self._asked.sha, path) for path in paths)
        return await asyncio.gather(
            contents(self._github, self._asked.full_name, (*wanted, *besides)),
            recent_changes(self._github, self._asked.full_name, DEFAULT, paths),
        )

    def _url(self, sha: str, path: str) -> str:
        return f"{self._asked.web_url}/blob/{sha}/{quote(path)}"


async def _ready(materials: Sequence[Material]) -> list[Material]:
    return list(materials)


def _patches(files: Sequence[_File]) -> str:
    return "\n".join(f"--- {file.filename}\n{file.patch}" for file in files if file.patch)


def _login(user: CommentAuthor | None) -> str:
    return user.login if user else "ghost"
