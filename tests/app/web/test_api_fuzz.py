"""The HTTP API against its description: neither valid nor invalid requests cause a server error."""

import asyncio
import multiprocessing
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.generation import GenerationMode

from tests.app.web.browser import Browser
from tests.app.web.test_api import made
from tests.stories.harness import InProcessSystem

EXAMPLES = 40


@pytest.mark.slow
async def test_no_described_request_causes_a_server_error(browser: Callable[[], Browser], system: InProcessSystem) -> None:
    secret = await made(browser(), "will", "acme/shop")
    async with httpx.AsyncClient(trust_env=False) as client:
        described = (await client.get(f"{system.url}/api/v1/openapi.json")).json()
    # The server answers here, so the requests are made in another process. In a thread, Hypothesis's parsing of this
    # project met that of the server's thread: "AST constructor recursion depth mismatch" (CPython 3.11, gh-106905).
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        answers = await asyncio.get_running_loop().run_in_executor(process, fuzz, described, system.url, secret)
    assert len({operation for operation, _ in answers}) == len([*_operations(described)]) == 6
    assert {status for _, status in answers} >= {200, 202, 404, 422}
    assert [answer for answer in answers if answer[1] >= 500] == []


def fuzz(described: dict[str, object], url: str, secret: str) -> Counter[tuple[str, int]]:
    """How often each operation answered with each status."""
    answers: Counter[tuple[str, int]] = Counter()
    for operation in _operations(described):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @seed(7)
            @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy(generation_mode=mode))
            def send(case: schemathesis.Case) -> None:
                answer = case.call(base_url=url, headers={"Authorization": f"Bearer {secret}"})
                answers[case.operation.label, answer.status_code] += 1

            send()
    return answers


def _operations(described: dict[str, object]) -> list[object]:
    return [operation.ok() for operation in schemathesis.openapi.from_dict(described).get_all_operations()]
