"""The parts of GitHub's payloads that several handlers read; everything they do not name is ignored."""

from pydantic import BaseModel, ConfigDict, Field

from webhooks.jobs import RepositoryRef


class Payload(BaseModel):
    """A tolerant model: unknown fields are dropped, so a new field of GitHub's or an old GHES changes nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Account(Payload):
    login: str = ""
    type: str = "User"

    @property
    def is_bot(self) -> bool:
        return self.type == "Bot" or self.login.endswith("[bot]")


class Repository(Payload):
    id: int
    full_name: str

    @property
    def ref(self) -> RepositoryRef:
        return RepositoryRef(id=self.id, full_name=self.full_name)


class Installation(Payload):
    id: int = 0


class InRepository(Payload):
    """What nearly every payload has; `installation` is absent from repository hooks."""

    action: str = ""
    repository: Repository
    sender: Account = Account()
    installation: Installation = Field(default_factory=Installation)


class Was(Payload):
    """What a text was before an edit."""

    was: str = Field(default="", alias="from")


class BodyChanges(Payload):
    """What an edit changed of a text that people write."""

    body: Was | None = None
