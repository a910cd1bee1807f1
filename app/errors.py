"""The kinds of errors, and what becomes of each.

CouncilError
├── UserError          the user's: answered on the pull request, or in one clear line with the fix
│   ├── SettingsError  a missing or wrong setting: exit 2
│   ├── LimitReached   a person reached the daily limit of commands
│   ├── UnreadableSettings   a repository's council.yml has no readable settings: nothing is done that they may forbid
│   └── Paused         paid work waits until the server's admin resumes it
├── WorldError         the world's: retried, bounded; `retry_after` in seconds if it was given
│   ├── Unavailable    a time-out, a reset, a 5xx
│   │   └── DraftPending   GitHub accepts no reply in a thread while we have a draft review
│   ├── RateLimited    a primary or secondary limit
│   └── AppRefused     GitHub does not accept us as the App: a wrong key or id, the fault of this instance, not of a job
├── NotFound           gone, or never visible to us: the work is superseded
├── Suspended          one installation is suspended or gone: its jobs end, all others continue
├── Refused            401, 403 or 422 that a repetition would not change
├── Postponed          the job went back to the queue and waits for somebody else's work: this try ends
└── Superseded         the head moved, the pull request closed, or the lease was lost: stop, post nothing
    └── Locked         the conversation is locked, and GitHub accepts no comment of an App

Anything else is ours: logged, counted, and a neutral check.
"""


class CouncilError(Exception):
    """The root of the errors that Council raises on purpose."""


class UserError(CouncilError):
    """The message is written for the person who caused it."""


class SettingsError(UserError):
    """A missing or wrong setting. The message names it and the fix."""


class LimitReached(UserError):
    """A person's limit of paid commands. The message says which, and who can raise it."""


class UnreadableSettings(UserError):
    """A repository's council.yml could not be read, so what it requires is unknown. The message names the line."""


class Paused(UserError):
    """Paid work is paused on the whole instance."""

    def __init__(self) -> None:
        super().__init__(
            "Council is paused on this server: no paid work starts until an admin of the server resumes it "
            "(`council resume --all`, or the button on /admin)."
        )


class WorldError(CouncilError):
    """Worth a later try."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(WorldError):
    """No answer, or a 5xx. A write may have been applied."""


class DraftPending(Unavailable):
    """GitHub allows one pending review per user and pull request, and a reply in a thread counts as a review."""

    def __init__(self) -> None:
        super().__init__("GitHub accepts no replies while Council publishes a review", retry_after=3.0)


class RateLimited(WorldError):
    """GitHub's primary or secondary limit."""


class AppRefused(WorldError):
    """GitHub refuses us as the App, for any request."""

    def __init__(self, answer: str) -> None:
        super().__init__(
            f"GitHub rejected the App's credentials ({answer}): check APP_ID, PRIVATE_KEY and this machine's clock",
            retry_after=15.0,
        )


class Suspended(CouncilError):
    """GitHub gives no token for one installation."""


class NotFound(CouncilError):
    """404, or 410."""


class GitHubRejected(CouncilError):
    """A 4xx that a repetition would not change. `status` is the HTTP status.

    `permission` is what GitHub says is missing ("checks: write"), "" if it does not say.
    """

    def __init__(self, message: str, status: int, permission: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.permission = permission

    @property
    def is_of_installation(self) -> bool:
        """Whether the token itself was refused, for any request: the installation was suspended, or the token revoked."""
        return self.status == 401 or (self.status == 403 and "installation has been suspended" in str(self))

    @property
    def is_missing_permission(self) -> bool:
        """Whether the account that installed the App has to do something first."""
        return self.status == 403

    @property
    def permission_line(self) -> str:
        """What to do about a missing permission, in a sentence. "" for other refusals."""
        if not self.is_missing_permission:
            return ""
        if not self.permission:
            return "GitHub answers 403: the App lacks a permission here, or is suspended."
        return f"the App lacks the permission `{self.permission}` here. An owner accepts it on the page of the installation."


class Postponed(CouncilError):
    """The job went back to the queue before it did anything that would have to be taken back."""


class Superseded(CouncilError):
    """Another process, or a newer head, has this job now."""


class Locked(Superseded):
    """Only people with write access may comment."""

    def __init__(self) -> None:
        super().__init__("the conversation is locked")
