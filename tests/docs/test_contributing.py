"""What CONTRIBUTING.md says of adding a job type; tests/app/work/test_command_tables.py holds what it says of commands."""

from typing import get_args

from app.work.job_handlers import JOB_HANDLERS
from webhooks.jobs import Job


def job_types() -> set[type]:
    """The members of the Job union, also of unions within it."""
    found, open_types = set(), [Job]
    while open_types:
        inner = get_args(open_types.pop())
        found |= {kind for kind in inner if isinstance(kind, type)}
        open_types += [kind for kind in inner if not isinstance(kind, type)]
    return found


def test_every_job_type_has_a_handler() -> None:
    assert job_types() == set(JOB_HANDLERS)
