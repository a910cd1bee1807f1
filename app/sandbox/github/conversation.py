"""The conversations of a repository: issues and pull requests, comments and reactions."""

from abc import abstractmethod
from typing import TYPE_CHECKING

from app.sandbox.github.entities import Comment, Issue, Reaction, User
from app.sandbox.github.history import History
from app.sandbox.github.refusal import GitHubError, not_found

if TYPE_CHECKING:
    from app.sandbox.github.world import World


class Conversation(History):
    """Issues by number, each with its comments. A pull request is an issue too."""

    def __init__(self, world: "World", default_branch: str) -> None:
        super().__init__(world.now, default_branch)
        self.world = world
        self.issues: dict[int, Issue] = {}

    @abstractmethod
    def tell(self, event: str, action: str | None, sender: User, **about: object) -> None:
        """Send an event of this repository to the world."""

    def issue(self, number: int) -> Issue:
        if number not in self.issues:
            raise not_found()
        return self.issues[number]

    def open_issue(self, title: str, body: str = "", author: str = "octo-dev") -> Issue:
        issue = self._new_issue(title, body, author)
        self.tell("issues", "opened", issue.author, issue=issue)
        return issue

    def comment(self, number: int, login: str, body: str) -> Comment:
        """Add a comment."""
        issue, now = self.issue(number), self.world.now()
        made = Comment(self.world.next_id(), number, self.world.user(login), body, now, now)
        issue.comments.append(made)
        self._touch(issue)
        self.tell("issue_comment", "created", made.author, issue=issue, comment=made)
        return made

    def issue_comment(self, comment_id: int) -> Comment:
        found = next((comment for issue in self.issues.values() for comment in issue.comments if comment.id == comment_id), None)
        if found is None:
            raise not_found()
        return found

    def edit_comment(self, comment_id: int, body: str, by: str = "") -> Comment:
        """Change a comment's text. `by` need not be its author."""
        comment = self.issue_comment(comment_id)
        was, comment.body, comment.updated_at = comment.body, body, self.world.now()
        sender = self.world.user(by) if by else comment.author
        self._on_comment("edited", comment, sender, changes={"body": {"from": was}})
        return comment

    def delete_comment(self, comment_id: int, by: str = "") -> None:
        comment = self.issue_comment(comment_id)
        self.issues[comment.number].comments.remove(comment)
        self._on_comment("deleted", comment, self.world.user(by) if by else comment.author)

    def react(self, reactions: list[Reaction], login: str, content: str) -> tuple[Reaction, bool]:
        """React once. Returns whether the reaction is new. Reactions send no webhook."""
        author = self.world.user(login)
        for reaction in reactions:
            if reaction.author == author and reaction.content == content:
                return reaction, False
        made = Reaction(self.world.next_id(), author, content, self.world.now())
        reactions.append(made)
        return made, True

    def _on_comment(self, action: str, comment: Comment, sender: User, **more: object) -> None:
        issue = self.issues[comment.number]
        self._touch(issue)
        self.tell("issue_comment", action, sender, issue=issue, comment=comment, **more)

    def _touch(self, issue: Issue) -> None:
        issue.updated_at = self.world.now()

    def _new_issue(self, title: str, body: str, author: str) -> Issue:
        if not title:
            raise GitHubError(422, "Validation Failed")
        now, number = self.world.now(), len(self.issues) + 1
        self.issues[number] = Issue(self.world.next_id(), number, title, body, self.world.user(author), now, now)
        return self.issues[number]
