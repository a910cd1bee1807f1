"""The facts of a notification, before a channel words it. Change here which facts the channels may show."""

from reviewers.values.value import FrozenValue

TEST = "test"


class Notification(FrozenValue):
    """One message about a run, or about a repository's budget.

    `event` is one of `notify.on`, or "test" for the message that a button sends. `headline` is in our own words; `title` is the pull
    request's, "" if there is none. `details` are lines with the words of models. `url` is a page of ours or of GitHub's.
    """

    event: str
    repository: str
    number: int = 0
    headline: str
    title: str = ""
    details: tuple[str, ...] = ()
    url: str
    run_id: str = ""

    @property
    def place(self) -> str:
        """ "acme/shop #7", or only the repository."""
        return f"{self.repository} #{self.number}" if self.number else self.repository

    def without_details(self) -> "Notification":
        """The same without any text about the code, for the channels of a private repository."""
        return self.model_copy(update={"details": ()})
