"""The preferences of a repository, from `.github/council.yml` of its base branch: the keys of docs/reference/council-yml.md."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from app.configuration.rule_packs import check_extended, extended_schema
from app.configuration.settings import MoneyCaps
from reviewers.context.globs import check_glob
from reviewers.council.presets import Preset
from reviewers.models.vendors import names_address
from reviewers.values.finding import Severity


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, (str, dict)) else value


def _no_address(name: str) -> str:
    if names_address(name):
        raise ValueError("use a model's name; addresses and '..' are not allowed")
    return name


# A seat is named, never located: a host, key or command line does not match.
SeatName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$", max_length=120), AfterValidator(_no_address)]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_one_or_many)]
PathPatterns = Annotated[tuple[Annotated[Pattern, AfterValidator(check_glob)], ...], BeforeValidator(_one_or_many)]
Extended = Annotated[str, AfterValidator(check_extended), WithJsonSchema(extended_schema())]
Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Publish(StrEnum):
    """How much is shown on the pull request."""

    FULL = "full"
    SUMMARY = "summary"
    CHECK = "check"
    NONE = "none"


class Trigger(StrEnum):
    OPENED = "opened"
    READY = "ready_for_review"
    SYNCHRONIZE = "synchronize"
    REOPENED = "reopened"


class FirstTimeAuthors(StrEnum):
    """How to treat a fork's pull request whose author has nothing merged and no write access here."""

    REVIEW = "review"
    ASK = "ask"
    SKIP = "skip"


class Walkthrough(StrEnum):
    """Whether the summary says what changes per group of files."""

    OFF = "off"
    FOLDED = "folded"
    OPEN = "open"


class NotificationEvent(StrEnum):
    """The events that can be sent to a channel."""

    CRITICAL = "critical"
    GATE = "gate"
    BUDGET = "budget"
    FAILING = "failing"


class CommandPermission(StrEnum):
    """The permission that a command requires."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class ConfigSection(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SkipConfig(ConfigSection):
    authors: Patterns = Field(default=("*[bot]",), description="Skip pull requests of these authors: login patterns.")
    labels: Patterns = Field(default=("no-council",), description="Skip pull requests with these labels.")
    titles: Patterns = Field(default=(), description="Skip pull requests with these titles: patterns.", examples=[["WIP*"]])
    branches: Patterns = Field(default=(), description="Skip pull requests from or to these branches: patterns.", examples=[["release/*"]])


class PathRule(ConfigSection):
    paths: PathPatterns = Field(description="The files that the instructions apply to: patterns as in .gitignore.")
    text: str = Field(max_length=4_000, description="Instructions for every model about these files.")


class ReviewConfig(ConfigSection):
    on: Annotated[tuple[Trigger, ...], BeforeValidator(_one_or_many)] = Field(
        default=tuple(Trigger), description="The events that start a review."
    )
    drafts: bool = Field(default=False, description="Review draft pull requests.")
    first_time_authors: FirstTimeAuthors = Field(
        default=FirstTimeAuthors.ASK,
        description="First-time authors' pull requests from forks. review; ask: someone with write access starts the review; skip.",
    )
    skip: SkipConfig = SkipConfig()
    paths: PathPatterns = Field(
        default=("**", "!**/*.lock"),
        description="The files to review: patterns as in .gitignore; ! excludes files.",
        examples=[["src/**", "!**/*.lock"]],
    )
    instructions: str = Field(
        default="",
        max_length=8_000,
        description="Instructions for every model about this repository.",
        examples=["Public functions have docstrings."],
    )
    path_instructions: Annotated[tuple[PathRule, ...], BeforeValidator(_one_or_many)] = Field(
        default=(),
        max_length=50,
        description="Instructions for every model about some paths: a list of paths and text.",
        examples=[[{"paths": "db/**", "text": "Every migration must be reversible."}]],
    )
    publish: Publish = Field(
        default=Publish.FULL,
        description="full: everything; summary: no inline comments; check: only the check run; none: only this server's run page.",
    )
    walkthrough: Walkthrough | None = Field(
        default=None,
        description="A description per group of files: off, folded or open. By default folded if more than 5 files change.",
    )
    looks: bool = Field(default=True, description="Let models read other files of the repository before they answer.")
    author_aware: bool = Field(
        default=True, description="Count a model's vote half if a coding agent that uses models of the same vendor wrote the change."
    )
    max_inline: int = Field(default=5, ge=0, le=50, description="The maximum number of comments on the diff per review.")
    pause_after: int = Field(
        default=5, ge=0, le=100, description="Pause reviews after this many pushes that nobody responded to; 0 never pauses."
    )
    language: str = Field(
        default="en",
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        description="The language of reviews, for example en or de.",
        examples=["en", "pt-BR"],
    )


class GateConfig(ConfigSection):
    """When the check run fails."""

    enabled: bool = Field(default=False, description="Let findings fail the check.")
    severity: Severity = Field(default=Severity.HIGH, description="The lowest severity that fails the check.")
    confirmed_by_another_vendor: bool = Field(default=True, description="Fail the check only if a model of a second vendor agrees.")
    incomplete: Literal["neutral", "action_required"] = Field(
        default="neutral", description="The conclusion of the check if too few models answered."
    )


class CiConfig(ConfigSection):
    read_logs: bool = Field(default=True, description="Read the logs of failed jobs.")
    wait_seconds: int = Field(default=0, ge=0, le=90, description="The longest wait for CI before a review, in seconds.")


class CommandsConfig(ConfigSection):
    """`cost`: commands that start paid work; `read`: commands that only read."""

    cost: CommandPermission = Field(
        default=CommandPermission.WRITE, description="The access that commands with a cost need, such as /council review and ask."
    )
    read: CommandPermission = Field(
        default=CommandPermission.READ, description="The access that read-only commands need, such as /council help and status."
    )


class LimitsConfig(ConfigSection):
    """None is no limit."""

    run_usd: Dollars | None = Field(
        default=MoneyCaps().run, description="The maximum cost of a review or a question, in dollars. The strictest level wins."
    )
    pull_request_usd: Dollars | None = Field(
        default=MoneyCaps().pull_request, description="The maximum cost of a pull request, in dollars. The strictest level wins."
    )
    day_usd: Dollars | None = Field(
        default=MoneyCaps().day, description="The maximum cost of this repository per day (UTC), in dollars. The strictest level wins."
    )
    month_usd: Dollars | None = Field(
        default=MoneyCaps().month, description="The maximum cost of this repository per month (UTC), in dollars. The strictest level wins."
    )
    month_consultations: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = Field(
        default=None, description="The maximum number of questions per month. The strictest level wins."
    )


class MirroringConfig(ConfigSection):
    """The copy of the repository that the council may look around in."""

    enabled: bool = Field(
        default=True, description="Keep a copy of the code on this server, in which models can look up more than the diff."
    )
    max_mb: int = Field(
        default=500,
        ge=1,
        le=100_000,
        description="The largest repository to copy, in MB. Larger repositories are reviewed without a copy.",
    )


class NotifyConfig(ConfigSection):
    """Which messages channels get. A channel's target is a secret of the pages, and never in a file."""

    on: Annotated[tuple[NotificationEvent, ...], BeforeValidator(_one_or_many)] = Field(
        default=tuple(NotificationEvent),
        description="Events to notify about: a critical finding, a failed gate, 80 % of the month's budget used, failing reviews.",
        examples=[["critical", "gate"]],
    )
    private_details: bool = Field(
        default=False,
        description="Include findings in messages about private repositories. Otherwise, messages contain only the title and a link.",
    )


class PrivacyConfig(ConfigSection):
    store_transcripts: bool = Field(default=True, description="Keep transcripts (what models were shown and answered) after a run.")
    encrypt_transcripts: bool = Field(
        default=False,
        description="Encrypt transcripts, starting with the next run. Encrypted transcripts cannot be searched.",
    )
    retention_days: int = Field(default=90, ge=1, le=3650, description="Delete transcripts after this many days.")
    vendors: Literal["all"] | tuple[SeatName, ...] = Field(
        default="all",
        description="The vendors whose models may be used, for example openai; all allows every vendor.",
        examples=[["openai", "anthropic"]],
    )

    def allows(self, vendor: str) -> bool:
        """Whether models of a vendor may get the repository's code."""
        return self.vendors == "all" or vendor in self.vendors


class RepositoryConfig(ConfigSection):
    """The effective preferences of a repository. No seats and no preset means the server's default."""

    extends: Annotated[tuple[Extended, ...], BeforeValidator(_one_or_many)] = Field(
        default=(),
        max_length=12,
        description="Rule packs that ship with Council, and OWNER/.github for a council.yml that an owner's repositories share.",
        examples=[["python", "security"]],
    )
    seats: Annotated[tuple[SeatName, ...], BeforeValidator(_one_or_many)] = Field(
        default=(),
        max_length=16,
        description="The models to use, for example openai/gpt-5.5. If empty, the preset decides.",
        examples=[["openai/gpt-5.5", "anthropic/claude-opus-5-5"]],
    )
    preset: Preset | None = Field(default=None, description="How many models review and how strong they are.")
    chair: SeatName = Field(
        default="auto", description="The model that writes the summary; auto uses the first model.", examples=["openai/gpt-5.5"]
    )
    quorum: int | None = Field(default=None, ge=1, le=16, description="How many models must answer. If not set, half of them.")
    review: ReviewConfig = ReviewConfig()
    gate: GateConfig = GateConfig()
    ci: CiConfig = CiConfig()
    commands: CommandsConfig = CommandsConfig()
    limits: LimitsConfig = LimitsConfig()
    mirror: MirroringConfig = MirroringConfig()
    notify: NotifyConfig = NotifyConfig()
    privacy: PrivacyConfig = PrivacyConfig()


def of_instance(caps: MoneyCaps) -> RepositoryConfig:
    """What every repository starts from: the built-in preferences under this instance's caps."""
    limits = LimitsConfig(run_usd=caps.run, pull_request_usd=caps.pull_request, day_usd=caps.day, month_usd=caps.month)
    return RepositoryConfig(limits=limits)


def _places(section: ConfigSection, prefix: str) -> tuple[str, ...]:
    places: list[str] = []
    for name in type(section).model_fields:
        value = getattr(section, name)
        places += _places(value, f"{prefix}{name}.") if isinstance(value, ConfigSection) else [prefix + name]
    return tuple(places)


def list_keys_of_file() -> tuple[str, ...]:
    """Every key a file may set, dotted: "review.skip.labels"."""
    return _places(RepositoryConfig(), "")
