"""What a repository prefers, from `.github/council.yml` of its base branch: exactly the keys of docs/design.md, section 6."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.settings import Caps
from reviewers.context.globs import check_glob
from reviewers.council.presets import Preset
from reviewers.finding import Severity
from reviewers.models.vendors import names_address


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, (str, dict)) else value


def _no_address(name: str) -> str:
    if names_address(name):
        raise ValueError("a model is named, never located: no address and no '..' fit here")
    return name


# A seat is named, never located: no host, no key, no command line fits here.
SeatName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$", max_length=120), AfterValidator(_no_address)]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_one_or_many)]
PathPatterns = Annotated[tuple[Annotated[Pattern, AfterValidator(check_glob)], ...], BeforeValidator(_one_or_many)]
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
    """What becomes of a fork's pull request whose author has nothing merged here, and may not write here."""

    REVIEW = "review"
    ASK = "ask"
    SKIP = "skip"


class Walkthrough(StrEnum):
    """Whether the summary says what changes per group of files."""

    OFF = "off"
    FOLDED = "folded"
    OPEN = "open"


class Level(StrEnum):
    """The permission a command asks for."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Skip(Section):
    authors: Patterns = ("*[bot]",)
    labels: Patterns = ("no-council",)
    titles: Patterns = ()
    branches: Patterns = ()


class PathRule(Section):
    paths: PathPatterns
    text: str = Field(max_length=4_000)


class Review(Section):
    on: Annotated[tuple[Trigger, ...], BeforeValidator(_one_or_many)] = tuple(Trigger)
    drafts: bool = False
    first_time_authors: FirstTimeAuthors = FirstTimeAuthors.ASK
    skip: Skip = Skip()
    paths: PathPatterns = ("**", "!**/*.lock")
    instructions: str = Field(default="", max_length=8_000)
    path_instructions: Annotated[tuple[PathRule, ...], BeforeValidator(_one_or_many)] = Field(default=(), max_length=50)
    publish: Publish = Publish.FULL
    walkthrough: Walkthrough | None = None
    looks: bool = True
    max_inline: int = Field(default=5, ge=0, le=50)
    pause_after: int = Field(default=5, ge=0, le=100)
    language: str = Field(default="en", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")


class Gate(Section):
    """When the check run fails."""

    enabled: bool = False
    severity: Severity = Severity.HIGH
    confirmed_by_another_vendor: bool = True
    incomplete: Literal["neutral", "action_required"] = "neutral"


class Ci(Section):
    read_logs: bool = True
    wait_seconds: int = Field(default=0, ge=0, le=90)


class Commands(Section):
    """`cost`: what starts paid work; `read`: what only looks."""

    cost: Level = Level.WRITE
    read: Level = Level.READ


class Limits(Section):
    """None is no limit."""

    run_usd: Dollars | None = Caps().run
    pull_request_usd: Dollars | None = Caps().pull_request
    day_usd: Dollars | None = Caps().day
    month_usd: Dollars | None = Caps().month
    month_consultations: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


class Mirroring(Section):
    """The copy of the repository that the council may look around in."""

    enabled: bool = True
    max_mb: int = Field(default=500, ge=1, le=100_000)


class Privacy(Section):
    store_transcripts: bool = True
    encrypt_transcripts: bool = False
    retention_days: int = Field(default=90, ge=1, le=3650)
    vendors: Literal["all"] | tuple[SeatName, ...] = "all"


class RepositoryConfig(Section):
    """The effective preferences of a repository; no seats and no preset means the server's default."""

    seats: Annotated[tuple[SeatName, ...], BeforeValidator(_one_or_many)] = Field(default=(), max_length=16)
    preset: Preset | None = None
    chair: SeatName = "auto"
    quorum: int | None = Field(default=None, ge=1, le=16)
    review: Review = Review()
    gate: Gate = Gate()
    ci: Ci = Ci()
    commands: Commands = Commands()
    limits: Limits = Limits()
    mirror: Mirroring = Mirroring()
    privacy: Privacy = Privacy()


def of_instance(caps: Caps) -> RepositoryConfig:
    """What every repository starts from: the built-in preferences under this instance's caps."""
    limits = Limits(run_usd=caps.run, pull_request_usd=caps.pull_request, day_usd=caps.day, month_usd=caps.month)
    return RepositoryConfig(limits=limits)


def _places(section: Section, prefix: str) -> tuple[str, ...]:
    places: list[str] = []
    for name in type(section).model_fields:
        value = getattr(section, name)
        places += _places(value, f"{prefix}{name}.") if isinstance(value, Section) else [prefix + name]
    return tuple(places)


def places() -> tuple[str, ...]:
    """Every key a file may set, dotted: "review.skip.labels"."""
    return _places(RepositoryConfig(), "")
