"""Durations of a process: counted at their source, and never with more label values than a scraper can handle."""

import time
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from app.configuration.settings import Settings
from app.councils.observed_model import ObservedModel
from app.store.queue.jobs import FailureRecord, LeasedJob
from app.store.spending.daily_spending import Calls
from app.telemetry.telemetry import MOST_VALUES, Telemetry
from app.telemetry.timings import PAGE
from app.web.metrics import MOST_MODELS, bound_models
from app.web.observing import Observer
from app.web.worker_port import WorkerPort, open_worker_port
from app.work.job_handlers import JOB_HANDLERS
from app.work.job_telemetry import JobWatch
from reviewers.models.model import CallFault, ModelError, ModelRequest, ModelResponse
from reviewers.values.verdict import Usage
from tests.app.web.test_every_route import ROUTES
from tests.stories.harness import DIVISION, InProcessSystem
from webhooks.upkeep_jobs import Reconcile


def counts(text: str | bytes, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    """The counts of a histogram by their labels."""
    told = text.decode() if isinstance(text, bytes) else text
    families = text_string_to_metric_families(told)
    return {
        tuple(sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
        if sample.name == f"{name}_count"
    }


def test_a_label_never_has_more_values_than_its_bound() -> None:
    telemetry = Telemetry()
    for number in range(MOST_VALUES * 3):
        telemetry.observe(PAGE, 0.1, route=f"/{number}", status="2xx")
    found = counts(telemetry.scrape(), PAGE.name)
    assert len(found) == MOST_VALUES + 1
    assert found[(("route", "other"), ("status", "2xx"))] == MOST_VALUES * 2


def test_models_beyond_the_most_called_are_one_series() -> None:
    calls = [Calls(f"m{number}", fault, number + 1, 1.0, 0.5) for number in range(MOST_MODELS * 2) for fault in ("", "timeout")]
    kept = bound_models(calls)
    assert len({each.model for each in kept}) == MOST_MODELS + 1
    assert sum(each.calls for each in kept) == sum(call.calls for call in calls)
    assert sum(each.usd for each in kept) == pytest.approx(sum(call.usd for call in calls))


async def test_unknown_paths_share_one_label() -> None:
    telemetry, app = Telemetry(), FastAPI()

    @app.get("/runs/{run_id}")
    async def show(run_id: str) -> str:
        if run_id == "broken":
            raise RuntimeError
        return run_id

    app.add_middleware(Observer, telemetry=telemetry)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://x") as client:
        for path in ("/runs/1", "/runs/2", "/runs/broken", "/a", "/b", "/healthz"):
            await client.get(path)
    found = counts(telemetry.scrape(), PAGE.name)
    assert found == {
        (("route", "/runs/{run_id}"), ("status", "2xx")): 2.0,
        (("route", "/runs/{run_id}"), ("status", "5xx")): 1.0,
        (("route", "unmatched"), ("status", "4xx")): 2.0,
    }


class Member:
    """A model with an answer, or with a fault."""

    vendor = "x"

    def __init__(self, name: str, fault: CallFault | None) -> None:
        self.name = name
        self._fault = fault

    async def complete(self, request: ModelRequest) -> ModelResponse:
        if self._fault:
            raise ModelError(self._fault, "no")
        return ModelResponse(text="{}", finish="stop", usage=Usage(calls=1), model=self.name)


async def test_a_call_is_counted_by_provider_purpose_and_fault() -> None:
    telemetry = Telemetry()
    request = ModelRequest(purpose="opinion", system="", prefix="", prompt="", answer=Usage)
    await ObservedModel(Member("openai/gpt-5.5", None), telemetry, time.monotonic).complete(request)
    for model in ("openai/gpt-5.5", "made-up/model"):
        with pytest.raises(ModelError):
            await ObservedModel(Member(model, CallFault.TIMEOUT), telemetry, time.monotonic).complete(request)
    found = counts(telemetry.scrape(), "council_seat_call_seconds")
    assert found == {
        (("fault", "none"), ("provider", "openai"), ("purpose", "opinion")): 1.0,
        (("fault", "timeout"), ("provider", "openai"), ("purpose", "opinion")): 1.0,
        (("fault", "timeout"), ("provider", "other"), ("purpose", "opinion")): 1.0,
    }


async def test_a_review_leaves_its_durations_in_both_processes(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.open()
    await system.settle()
    async with httpx.AsyncClient(trust_env=False) as client:
        header = {"authorization": f"Bearer {system.settings.metrics_token}"}
        web = (await client.get(f"{system.url}/metrics", headers=header)).text
    assert counts(web, "council_ack_seconds")[(("status", "2xx"),)] >= 1
    worker = system.services.telemetry.scrape()
    assert counts(worker, "council_queue_wait_seconds")[(("kind", "review"),)] == 1
    assert counts(worker, "council_job_seconds")[(("kind", "review"), ("result", "done"))] == 1
    assert counts(worker, "council_run_seconds") == {(("outcome", "published"),): 1}
    calls = counts(worker, "council_seat_call_seconds")
    assert sum(calls.values()) == system.bought()
    assert b'council_worker_jobs{kind="review"} 0.0' in worker


async def test_a_worker_answers_probes_and_the_scraper(system: InProcessSystem, unused_tcp_port: int) -> None:
    settings = Settings(worker_port=unused_tcp_port)
    async with open_worker_port(settings, system.services.telemetry) as port, httpx.AsyncClient(trust_env=False) as client:
        place = f"http://127.0.0.1:{unused_tcp_port}"
        assert (await client.get(f"{place}/healthz")).text == "ok\n"
        waiting = await client.get(f"{place}/readyz")
        assert waiting.status_code == 503 and "has not started" in waiting.json()["problems"][0]
        port.note_open(system.services)
        ready = await client.get(f"{place}/readyz")
        assert (ready.status_code, ready.json()) == (200, {"ready": True, "problems": []})
        assert "council_job_seconds" in (await client.get(f"{place}/metrics")).text
        assert (await client.get(f"{place}/")).status_code == 404


async def test_a_worker_does_not_listen_by_default() -> None:
    async with open_worker_port(Settings(), Telemetry()) as port:
        assert isinstance(port, WorkerPort)


@pytest.mark.parametrize(("crashes", "waits"), [(0, {10.0}), (1, set())])
async def test_a_job_of_a_dead_worker_was_not_waiting(system: InProcessSystem, crashes: int, waits: set[float]) -> None:
    job = Reconcile(slot="1")
    claim = LeasedJob("j", job, 1, FailureRecord(crashes=crashes), since=0.0, begun=110.0, due=100.0)
    services = replace(system.services, telemetry=Telemetry(), clock=lambda: 125.0)
    with pytest.raises(RuntimeError), JobWatch(services, claim):
        raise RuntimeError
    text = services.telemetry.scrape().decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    assert {sample.value for sample in samples if sample.name == "council_queue_wait_seconds_sum"} == waits
    assert [(sample.value, sample.labels["result"]) for sample in samples if sample.name == "council_job_seconds_sum"] == [(15.0, "failed")]


def test_every_route_and_kind_has_a_separate_label_value() -> None:
    assert len({path for _, path in ROUTES}) + 2 < MOST_VALUES and len(JOB_HANDLERS) < MOST_VALUES
