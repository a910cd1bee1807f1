"""The parts of GitHub's payloads that several handlers read; all other fields are ignored."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from webhooks.jobs import RepositoryRef


class GitHubPayload(BaseModel):
    """A tolerant model: unknown fields are dropped, so a new field of GitHub's or an old GHES changes nothing.

    A null field counts as missing: GitHub sends null for a deleted account, an empty text, or an old one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:  # noqa: ANN401 - whatever GitHub sent
        return {key: each for key, each in value.items() if each is not None} if isinstance(value, dict) else value


class PayloadAccount(GitHubPayload):
    login: str = ""
    type: str = "User"

    @property
    def is_bot(self) -> bool:
        return self.type == "Bot" or self.login.endswith("[bot]")


class PayloadRepository(GitHubPayload):
    id: int
    full_name: str

    @property
    def ref(self) -> RepositoryRef:
        return RepositoryRef(id=self.id, full_name=self.full_name)


class PayloadInstallation(GitHubPayload):
    id: int = 0


class RepositoryEvent(GitHubPayload):
    """The fields of nearly every payload; `installation` is absent from repository hooks."""

    action: str = ""
    repository: PayloadRepository
    sender: PayloadAccount = PayloadAccount()
    installation: PayloadInstallation = Field(default_factory=PayloadInstallation)


def author_of(event: RepositoryEvent, wrote: PayloadAccount | None, *, new: bool) -> str:
    """The author of the text: the sender; without a sender, the writer of a new text, and nobody known for an edit."""
    return event.sender.login or (wrote.login if new and wrote is not None else "")


class PreviousText(GitHubPayload):
    """The text before an edit."""

    was: str = Field(default="", alias="from")


class BodyChanges(GitHubPayload):
    """An edit's changes to a text that people write."""

    body: PreviousText | None = None
