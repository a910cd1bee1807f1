"""Any text of a model can be stored: half a surrogate pair, a NUL, words in any script."""

import json
import time

import pytest

from app.store.engine.database import Database
from app.store.reviews.local_runs import LocalRun, keep_local
from app.store.reviews.model_answers import SqlAnswerBook
from app.store.reviews.runs import stored_verdict
from reviewers.council.deliberation import deliberate
from reviewers.council.session import Council
from reviewers.models.litellm import LiteLLMModel
from reviewers.models.wrappers import RecordingModel
from reviewers.seats.model_seat import ModelSeat
from reviewers.values.verdict import Verdict
from tests.reviewers.samples import BRIEF, RACE, opinion, snapshot
from tests.reviewers.test_litellm_door import Provider, completion, provider  # noqa: F401 - a fixture
from webhooks.job_base import RepositoryRef

TEXTS = [
    opinion(RACE | {"title": "Half a pair \ud83d and a NUL \x00"}),
    opinion(RACE | {"title": "x"}).replace('"x"', '"Escaped \\\\ud83d\\\\u0000"'),
    "\ud83d\x00 no JSON at all",
    json.dumps({"findings": [RACE | {"body": "\ud83d" * 5, "path": "auth/\x00session.py"}, "\x00"]}),
]


@pytest.mark.parametrize("text", TEXTS)
async def test_a_review_of_hostile_text_is_stored_and_read(database: Database, provider: Provider, text: str) -> None:  # noqa: F811
    provider.reply = lambda: (200, {}, completion(text))
    model = RecordingModel(LiteLLMModel("hosted_vllm/qwen", None, provider.url), SqlAnswerBook(database, "run", time.time))
    verdict = await deliberate(BRIEF, snapshot(), Council(seats=(ModelSeat(model, time.monotonic),), chair=model))
    async with database.write() as connection:
        run = LocalRun("run", RepositoryRef(id=1, full_name="acme/shop"), "sha")
        await keep_local(connection, run, verdict.model_dump_json(), 1.0, sealed=False)
    async with database.read() as connection:
        kept = Verdict.model_validate_json(await stored_verdict(connection, "run"))
    assert kept.model_dump_json() == verdict.model_dump_json()
    assert "\x00" not in kept.model_dump_json()
