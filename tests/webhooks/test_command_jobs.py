"""The job that each command becomes, in each place where it may be written, and how its arguments are read."""

import pytest
from syrupy.assertion import SnapshotAssertion

from webhooks.commands import COMMANDS
from webhooks.commands.arguments import Misread, read_arguments
from webhooks.commands.command import Request
from webhooks.job_base import RepositoryRef
from webhooks.jobs import Arguments, Job

PLACES = {
    "pull request": {"number": 3, "on_pull_request": True},
    "issue": {"number": 4, "on_pull_request": False},
    "thread": {"number": 5, "on_pull_request": True, "thread_id": 70},
    "review": {"number": 6, "on_pull_request": True, "in_review": True},
}
ARGUMENTS = ("", "#7F3A, because the caller locks", "7f3a 8B2c, 7f3a", "7f3a,8b2c", "`all`", "--budget 1 the locks", "--budgt 1")
# All jobs have these, or should: the table shows the rest.
_SHARED = {"installation_id", "repository", "number", "comment_id", "login", "thread_id", "kind"}


def request_in(place: str) -> Request:
    given = {"thread_id": 0, "in_review": False, **PLACES[place]}
    return Request(installation_id=1, repository=RepositoryRef(id=2, full_name="acme/shop"), comment_id=60, login="ada", **given)


def shown(job: Job) -> str:
    fields = job.model_dump(mode="json", exclude=_SHARED, exclude_defaults=True)
    return f"{type(job).__name__} {' '.join(f'{name}={value!r}' for name, value in fields.items())}".strip()


def test_each_command_becomes_its_job(snapshot: SnapshotAssertion) -> None:
    lines = []
    for command in COMMANDS.values():
        lines.append(f"/council {command.name} ({command.group}, {command.right})")
        places: dict[tuple[str, ...], list[str]] = {}
        for place in PLACES:
            jobs = tuple(shown(command.to_job(request_in(place), argument)) for argument in ARGUMENTS)
            places.setdefault(jobs, []).append(place)
        for jobs, names in places.items():
            said = [f"    {argument!r}: {job}" for argument, job in zip(ARGUMENTS, jobs, strict=True)]
            lines += [f"  {', '.join(names)}", *(said if len(set(jobs)) > 1 else [f"    always: {jobs[0]}"])]
    assert "\n".join(lines) == snapshot


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", COMMANDS)
def test_each_job_names_the_comment_that_asked(name: str, place: str) -> None:
    for argument in ARGUMENTS:
        job, request = COMMANDS[name].to_job(request_in(place), argument).model_dump(), request_in(place)
        assert (job["installation_id"], job["repository"]["id"], job["number"]) == (1, 2, request.number)
        assert (job["comment_id"], job["login"], job.get("thread_id", request.thread_id)) == (60, "ada", request.thread_id)


@pytest.mark.parametrize(
    ("argument", "focus", "arguments"),
    [
        ("", "", Arguments()),
        ("the  locks", "the locks", Arguments()),
        ("--full", "", Arguments(full=True)),
        ("--full. the locks", "the locks", Arguments(full=True)),
        ("`--full` the locks", "the locks", Arguments(full=True)),
        ("the -- locks", "the -- locks", Arguments()),
        ("the `lock` of 'it'", "the `lock` of 'it'", Arguments()),
        ("—full", "", Arguments(full=True)),
        ("--models a,b the locks", "the locks", Arguments(models=("a", "b"))),
        ("--models=a,,b,a", "", Arguments(models=("a", "b"))),
        ("--models 1,2,3,4,5,6,7,8", "", Arguments(models=tuple("12345678"))),
        ("--preset deep.", "", Arguments(preset="deep")),
        ("--preset `fast`", "", Arguments(preset="fast")),
        ("--preset=balanced --preset cheap", "", Arguments(preset="cheap")),
        ("--budget $0.50 now", "now", Arguments(budget_usd=0.5)),
        ("--budget=0", "", Arguments(budget_usd=0.0)),
        ("--budget 0.5, the --full locks", "the locks", Arguments(budget_usd=0.5, full=True)),
        ("x" * 600, "x" * 500, Arguments()),
    ],
)
def test_arguments_are_read(argument: str, focus: str, arguments: Arguments) -> None:
    assert read_arguments(argument) == (focus, arguments)


_NAMES = "--models, --preset, --budget, --full"


@pytest.mark.parametrize(
    ("argument", "answer"),
    [
        ("--models", "`--models` takes 1 to 8 names, separated by commas."),
        ("--models ,", "`--models` takes 1 to 8 names, separated by commas."),
        ("--models 1,2,3,4,5,6,7,8,9", "`--models` takes 1 to 8 names, separated by commas."),
        ("--preset", "`--preset` is one of fast, balanced, deep, cheap."),
        ("--preset quick", "`--preset` is one of fast, balanced, deep, cheap."),
        ("--budget", "`--budget` takes an amount in US dollars, such as 0.50."),
        ("--budget much", "`--budget` takes an amount in US dollars, such as 0.50."),
        ("--budget -1", "`--budget` takes an amount in US dollars, such as 0.50."),
        ("--budget inf", "`--budget` takes an amount in US dollars, such as 0.50."),
        ("--budget nan", "`--budget` takes an amount in US dollars, such as 0.50."),
        ("--budgt 1", 'Unknown option "--budgt". Did you mean "--budget"?'),
        ("the locks --FULL", f'Unknown option "--FULL". It knows {_NAMES}.'),
        ("--<b>@all</b>", f'Unknown option "--ballb". It knows {_NAMES}.'),
        (f"--{'y' * 60}", f'Unknown option "--{"y" * 38}". It knows {_NAMES}.'),
    ],
)
def test_an_option_that_cannot_be_understood_is_answered(argument: str, answer: str) -> None:
    with pytest.raises(Misread) as raised:
        read_arguments(argument)
    assert raised.value.message == answer
