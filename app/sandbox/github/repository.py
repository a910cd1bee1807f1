"""A repository: people, branches, pull requests and checks. Every change is reported to the world."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from app.sandbox.github import checks, merging
from app.sandbox.github.conversation import Conversation
from app.sandbox.github.entities import (
    CheckRun,
    Issue,
    Job,
    MergeGroup,
    PullRequest,
    Review,
    Status,
    User,
    WorkflowRun,
    WorldEvent,
)
from app.sandbox.github.refusal import not_found

if TYPE_CHECKING:
    from app.sandbox.github.world import World

ROLES = ("read", "triage", "write", "maintain", "admin")


class PullOptions(TypedDict, total=False):
    """How a pull request may differ from an ordinary one."""

    body: str
    base: str
    branch: str
    fork: bool
    draft: bool
    message: str
    same_as: int


class SandboxRepository(Conversation):
    """Branches, and the conversations about them."""

    def __init__(self, world: "World", full_name: str, owner: User, *, private: bool, default_branch: str) -> None:
        super().__init__(world, default_branch)
        self.id = world.next_id()
        self.full_name = full_name
        self.owner = owner
        self.name = full_name.partition("/")[2]
        self.private = private
        self.created_at = world.now()
        self.parent: SandboxRepository | None = None
        self.collaborators: dict[str, str] = {}
        self.contributors: dict[str, str] = {}
        self.pulls: dict[int, PullRequest] = {}
        self.check_runs: dict[int, CheckRun] = {}
        self.workflow_runs: dict[int, WorkflowRun] = {}
        self.statuses: list[Status] = []
        self.merge_groups: list[MergeGroup] = []

    # People.

    def add_collaborator(self, login: str, role: str = "write") -> User:
        """Give a person a role: read, triage, write, maintain or admin."""
        if role not in ROLES:
            raise ValueError(f"no such role: {role}")
        self.collaborators[login] = role
        return self.world.user(login)

    def add_contributor(self, login: str, association: str = "CONTRIBUTOR") -> User:
        """Give a person an association, such as FIRST_TIME_CONTRIBUTOR, or NONE as private members have."""
        self.contributors[login] = association
        return self.world.user(login)

    def role_of(self, login: str) -> str:
        """A person's role here, "none" for a stranger to a private repository."""
        if login == self.owner.login:
            return "admin"
        return self.collaborators.get(login, "none" if self.private else "read")

    def association(self, user: User) -> str:
        """GitHub's name for a person's association with this repository."""
        if user == self.owner:
            return "OWNER"
        return self.contributors.get(user.login) or ("COLLABORATOR" if self.role_of(user.login) in ROLES[1:] else "NONE")

    # Pull requests.

    def open_pull_request(
        self,
        title: str,
        head_files: Mapping[str, str | bytes | None],
        author: str = "octo-dev",
        **options: Unpack[PullOptions],
    ) -> PullRequest:
        """Open a pull request with these files changed, or (`same_as`) for another one's head commit."""
        base = options.get("base") or self.default_branch
        branch = options.get("branch") or f"change-{len(self.issues) + 1}"
        origin = self.fork(author) if options.get("fork") else self
        origin.branches[branch] = self.branches[base]
        if same := options.get("same_as"):
            head = origin.branches[branch] = self.pull(same).head_sha
        else:
            head = origin.push_branch(branch, head_files, author, options.get("message") or title)
        issue = self._new_issue(title, options.get("body") or "", author)
        pull = PullRequest(self.world.next_id(), issue, base, self.branches[base], origin.full_name, branch, head)
        pull.draft = bool(options.get("draft"))
        self.pulls[issue.number] = pull
        self.tell("pull_request", "opened", issue.author, pull=pull)
        return pull

    def fork(self, login: str) -> "SandboxRepository":
        """A person's fork, which shares this repository's objects."""
        name = f"{login}/{self.name}"
        if name not in self.world.repositories:
            repository = SandboxRepository(
                self.world, name, self.world.user(login), private=self.private, default_branch=self.default_branch
            )
            repository.parent, repository.commits, repository.branches = self, self.commits, dict(self.branches)
            self.world.repositories[name] = repository
        return self.world.repositories[name]

    def pull(self, number: int) -> PullRequest:
        if number not in self.pulls:
            raise not_found()
        return self.pulls[number]

    def push(self, number: int, files: Mapping[str, str | bytes | None], author: str = "", message: str = "") -> str:
        """Push a commit to a pull request's branch. Returns the new head SHA."""
        pull = self.pull(number)
        before, who = pull.head_sha, author or pull.issue.author.login
        pull.base_sha = self.branches[pull.base_ref]
        pull.head_sha = self.world.repository(pull.head_repository).push_branch(pull.head_ref, files, who, message)
        self._touch(pull.issue)
        if pull.issue.state == "open":
            self.tell("pull_request", "synchronize", self.world.user(who), pull=pull, before=before, after=pull.head_sha)
        return pull.head_sha

    def force_push(self, number: int, sha: str, author: str = "") -> None:
        """Point a pull request's branch at an existing commit."""
        pull = self.pull(number)
        before, pull.head_sha = pull.head_sha, self.commits[sha].sha
        # GitHub's `base.sha` is the tip of the base branch at the last push.
        pull.base_sha = self.branches[pull.base_ref]
        self.world.repository(pull.head_repository).branches[pull.head_ref] = sha
        self._touch(pull.issue)
        who = self.world.user(author or pull.issue.author.login)
        self.tell("pull_request", "synchronize", who, pull=pull, before=before, after=sha)

    def close(self, number: int, by: str = "", *, merge: bool = False) -> None:
        """Close an issue or a pull request, optionally by merging it."""
        issue = self.issue(number)
        issue.state, issue.closed_at = "closed", self.world.now()
        sender, pull = self.world.user(by or issue.author.login), self.pulls.get(number)
        if pull and merge:
            pull.merged_at, pull.merged_by = self.world.now(), sender
            tip, head = self.branches[pull.base_ref], self.commits[pull.head_sha]
            files = {**self.commits[tip].files, **head.files}
            message = f"Merge pull request #{number} from {pull.head_ref}"
            self.branches[pull.base_ref] = self.commit(files, (tip, head.sha), message, sender.login).sha
        self._tell_about(issue, "closed", sender)

    def reopen(self, number: int, by: str = "") -> None:
        issue = self.issue(number)
        issue.state, issue.closed_at = "open", None
        self._tell_about(issue, "reopened", self.world.user(by or issue.author.login))

    def mark_ready(self, number: int, ready: bool = True) -> None:
        """Mark a pull request as ready, or convert it to a draft."""
        pull = self.pull(number)
        pull.draft = not ready
        pull.issue.updated_at = self.world.now()
        self.tell("pull_request", "ready_for_review" if ready else "converted_to_draft", pull.issue.author, pull=pull)

    def edit(self, number: int, by: str = "", **changes: str) -> None:
        """Change a title, a body or (pull requests) the base."""
        issue, pull = self.issue(number), self.pulls.get(number)
        was: dict[str, Any] = {}
        for key in ("title", "body"):
            if key in changes:
                was[key] = {"from": getattr(issue, key)}
                setattr(issue, key, changes[key])
        if pull and "base" in changes:
            was["base"] = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}
            pull.base_ref, pull.base_sha = changes["base"], self.branches[changes["base"]]
        self._tell_about(issue, "edited", self.world.user(by or issue.author.login), changes=was)

    def label(self, number: int, name: str, by: str = "") -> None:
        issue = self.issue(number)
        issue.labels.append(name)
        self._tell_about(issue, "labeled", self.world.user(by or issue.author.login), label=name)

    def unlabel(self, number: int, name: str, by: str = "") -> None:
        issue = self.issue(number)
        issue.labels.remove(name)
        self._tell_about(issue, "unlabeled", self.world.user(by or issue.author.login), label=name)

    def transfer(self, number: int, full_name: str) -> Issue:
        """Move an issue to another repository. Its old address redirects."""
        issue, other = self.issue(number), self.world.repository(full_name)
        made = other.open_issue(issue.title, issue.body, issue.author.login)
        made.comments, issue.comments = issue.comments, []
        issue.moved_to = (other.full_name, made.number)
        self.tell("issues", "transferred", issue.author, issue=issue)
        return made

    # Checks.

    def add_failing_job(self, sha: str, name: str, log: str, **options: Unpack[checks.JobOptions]) -> Job:
        """Add a failed job of GitHub Actions on a commit."""
        failed: checks.JobOptions = {"conclusion": "failure"}
        failed.update(options)
        return checks.add_job(self, sha, name, log, **failed)

    def add_job(self, sha: str, name: str, log: str, **options: Unpack[checks.JobOptions]) -> Job:
        """Add a job of GitHub Actions on a commit. It passes by default."""
        return checks.add_job(self, sha, name, log, **options)

    def add_status(self, sha: str, context: str, state: str, description: str = "", by: str = "octo-dev") -> Status:
        """Add a commit status: error, failure, pending or success."""
        return checks.add_status(self, sha, {"context": context, "state": state, "description": description or None}, by)

    def rerequest(self, check_run_id: int, by: str = "octo-dev") -> None:
        """Press the re-run button of a check run."""
        if check_run_id not in self.check_runs:
            raise not_found()
        self.tell("check_run", "rerequested", self.world.user(by), check_run=self.check_runs[check_run_id])

    def rerequest_suite(self, sha: str, by: str = "octo-dev") -> None:
        """Press "Re-run all checks" of our App on a commit."""
        ours = (run for run in self.check_runs.values() if run.head_sha == sha and run.app_slug == self.world.app.slug)
        if (run := next(ours, None)) is None:
            raise not_found()
        self.tell("check_suite", "rerequested", self.world.user(by), check_suite=run)

    def queue(self, *numbers: int, squash: bool = False) -> MergeGroup:
        """Put pull requests into the merge queue: one group, whose head waits for checks."""
        return merging.queue(self, numbers, squash=squash)

    def press(self, check_run_id: int, identifier: str, by: str = "octo-dev") -> None:
        """Press a button that an App put on its check run."""
        run = self.check_runs.get(check_run_id)
        if run is None or identifier not in [each["identifier"] for each in run.actions]:
            raise not_found()
        action = {"identifier": identifier}
        self.tell("check_run", "requested_action", self.world.user(by), check_run=run, requested_action=action)

    # Events.

    def tell(self, event: str, action: str | None, sender: User, **about: object) -> None:
        """Send an event of this repository to the world."""
        installation = self.world.installation_of(self)
        known = installation.id if installation and not installation.suspended_at else None
        self.world.emit(WorldEvent(event, action, sender, self.full_name, known, about))

    def review_of(self, pull: PullRequest, review_id: int, viewer: User) -> Review:
        """A review that the viewer may see."""
        for review in pull.reviews:
            if review.id == review_id and (review.state != "PENDING" or review.author == viewer):
                return review
        raise not_found()

    def _tell_about(self, issue: Issue, action: str, sender: User, **more: object) -> None:
        self._touch(issue)
        pull = self.pulls.get(issue.number)
        if pull:
            self.tell("pull_request", action, sender, pull=pull, **more)
        else:
            self.tell("issues", action, sender, issue=issue, **more)
