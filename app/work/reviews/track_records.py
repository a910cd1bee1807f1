"""Change here what a council knows of earlier outcomes: each seat's track record, and how often a score was right."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from app.councils.council_factory import seat_models
from app.services.worker import WorkerServices
from app.store.reviews import outcomes
from reviewers.council.session import Council
from reviewers.learning.feedback import Record, record_of, reliability, reliability_by_area
from reviewers.learning.outcome_history import OutcomeHistory, read_history
from reviewers.models.vendors import short_names
from reviewers.seats.seat import Member
from webhooks.jobs import AnswerCommentQuestion, AnswerPageQuestion, ReviewPullRequest

M = TypeVar("M", bound=Member)


async def load_history(services: WorkerServices, job: ReviewPullRequest | AnswerCommentQuestion | AnswerPageQuestion) -> OutcomeHistory:
    """The history of this repository and of the others of the installation."""
    async with services.database.read() as connection:
        signs = await outcomes.list_signs(connection, job.repository.id, job.installation_id)
    return await asyncio.to_thread(read_history, signs, job.repository.id)


async def council_with_track_records(
    services: WorkerServices, council: Council[M], job: AnswerCommentQuestion | AnswerPageQuestion, configured: Sequence[str]
) -> Council[M]:
    """The council of a question, with its seats' track records."""
    models = dict(zip(short_names(configured), configured, strict=True)) or seat_models(await services.settings_of(job.installation_id))
    # The calibration table is about findings of reviews. Solutions are ranked by other rules.
    return with_track_records(council, (await load_history(services, job)).records, models)


def with_track_records(council: Council[M], found: Sequence[Record], models: Mapping[str, str]) -> Council[M]:
    """The council with each seat's track record. `models` are the seats' model strings by seat name."""
    by_seat = {each.name: record_of(found, models.get(each.name, each.name)) for each in council.seats}
    names = {models.get(each.name, each.name): each.name for each in council.seats}
    errors = {seat: {names[other]: shared for other, shared in record.errors.items() if other in names} for seat, record in by_seat.items()}
    return replace(
        council,
        errors=errors,
        records=tuple((seat, reliability(record)) for seat, record in by_seat.items()),
        narrow={seat: reliability_by_area(record) for seat, record in by_seat.items()},
    )
