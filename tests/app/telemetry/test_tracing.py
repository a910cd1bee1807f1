"""A trace leads from a delivery over the queue to every publication, and has no content unless that is turned on."""

import asyncio
import contextlib
import re
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.configuration.settings import Settings, read_settings
from app.councils.observed_model import ObservedModel
from app.errors import SettingsError
from app.operations.telemetry import build_telemetry
from app.telemetry.opentelemetry import Collector, OpenTelemetryTracer, open_otlp
from app.telemetry.telemetry import Telemetry
from app.telemetry.timings import ACK
from app.telemetry.tracer import NoTracer
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from reviewers.models.model import CallFault, ModelError, ModelRequest, ModelResponse
from reviewers.values.verdict import Usage
from tests.app.telemetry.otlp import ReceivedSpan, Receiver, receiving
from tests.stories import questions
from tests.stories.harness import BASE, DIVISION, HEAD
from tests.system import InProcessSystem, SystemOptions, start_system

ROOT = Path(__file__).parents[3]
REQUEST = ModelRequest(purpose="opinion", system="Be strict.", prefix="the diff ", prompt="the task", answer=Usage)


class Member:
    """A model with an answer, or with a fault."""

    vendor = "openai"
    name = "openai/gpt-5.5"

    def __init__(self, fault: CallFault | None = None) -> None:
        self._fault = fault

    async def complete(self, request: ModelRequest) -> ModelResponse:
        if self._fault:
            raise ModelError(self._fault, "the key sk-1 is wrong")
        usage = Usage(calls=1, input_tokens=10, cached_tokens=4, output_tokens=3, cost_usd=0.25)
        return ModelResponse(text="the answer", finish="stop", usage=usage, model="gpt-5.5-2026")


class Kept:
    """A tracer whose spans stay in memory."""

    def __init__(self, *, content: bool = False) -> None:
        self.exporter = InMemorySpanExporter()
        collector = Collector("", keeps_content=content, process="worker")
        self.reader = InMemoryMetricReader()
        self.tracer = OpenTelemetryTracer(collector, SimpleSpanProcessor(self.exporter), self.reader)
        self.telemetry = Telemetry(tracer=self.tracer)


async def test_a_call_is_described_by_the_conventions_for_genai() -> None:
    kept = Kept()
    await ObservedModel(Member(), kept.telemetry, lambda: 0.0).complete(REQUEST)
    (span,) = kept.exporter.get_finished_spans()
    assert span.name == "chat gpt-5.5" and span.kind.name == "CLIENT"
    assert dict(span.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5.5",
        "gen_ai.request.max_tokens": 8_000,
        "gen_ai.response.model": "gpt-5.5-2026",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.cache_read.input_tokens": 4,
        "gen_ai.usage.output_tokens": 3,
        "council.cost_usd": 0.25,
        "council.model": "openai/gpt-5.5",
        "council.purpose": "opinion",
    }


async def test_tokens_and_dollars_are_metrics_too() -> None:
    kept = Kept()
    for _ in range(2):
        await ObservedModel(Member(), kept.telemetry, lambda: 0.0).complete(REQUEST)
    data = kept.reader.get_metrics_data()
    assert data is not None
    metrics = {metric.name: metric for metric in data.resource_metrics[0].scope_metrics[0].metrics}
    points = {point.attributes["gen_ai.token.type"]: point.sum for point in metrics["gen_ai.client.token.usage"].data.data_points}
    assert points == {"input": 20, "output": 6}
    (spent,) = metrics["council.spent"].data.data_points
    assert spent.value == 0.5 and spent.attributes["gen_ai.request.model"] == "gpt-5.5"
    (calls,) = metrics["council.seat_call"].data.data_points
    assert calls.count == 2 and metrics["council.seat_call"].unit == "s"


async def test_content_is_recorded_only_if_turned_on() -> None:
    kept = Kept(content=True)
    await ObservedModel(Member(), kept.telemetry, lambda: 0.0).complete(REQUEST)
    (span,) = kept.exporter.get_finished_spans()
    said = dict(span.attributes or {})
    assert "the diff the task" in str(said["gen_ai.input.messages"]) and "the answer" in str(said["gen_ai.output.messages"])
    assert "Be strict." in str(said["gen_ai.system_instructions"])


async def test_a_failed_call_has_its_fault_and_not_its_text() -> None:
    kept = Kept()
    with pytest.raises(ModelError):
        await ObservedModel(Member(CallFault.TIMEOUT), kept.telemetry, lambda: 0.0).complete(REQUEST)
    (span,) = kept.exporter.get_finished_spans()
    assert (span.attributes or {})["error.type"] == "timeout" and not span.status.is_ok
    assert span.events == () and "sk-1" not in span.to_json()


@contextlib.asynccontextmanager
async def traced_system(data: Path, receiver: Receiver, **settings: object) -> AsyncIterator[InProcessSystem]:
    """A system whose web and worker send to the collector. Everything is sent when the block ends."""
    chosen = {"otel_endpoint": receiver.url, "fallback": "off", "mirrors": False, **settings}
    async with start_system(data, SystemOptions(settings=chosen, base=BASE, head=HEAD)) as system:
        telemetry = build_telemetry(system.settings, "worker")
        system.services = replace(system.services, telemetry=telemetry)
        system.worker = Worker(system.services, JOB_HANDLERS)
        yield system
        await asyncio.to_thread(telemetry.tracer.close)


@pytest.mark.slow
async def test_one_trace_leads_from_the_delivery_to_each_publication(tmp_path: Path) -> None:
    with receiving() as receiver:
        async with traced_system(tmp_path, receiver, otel_headers=(("authorization", "Bearer collector-key"),)) as system:
            system.script([DIVISION], [DIVISION], [])
            system.open()
            await system.settle()
    (job,) = (span for span in receiver.spans if span.name == "job review")
    mine = [span for span in receiver.spans if span.trace == job.trace]
    by_id = {span.id: span for span in mine}
    delivery = by_id[job.parent]
    assert (delivery.name, delivery.process, delivery.parent) == ("POST /webhooks/github", "web", "")
    assert delivery.attributes["council.event"] == "pull_request" and delivery.attributes["http.response.status_code"] == 202
    assert job.process == "worker" and job.attributes["council.repository"] == "acme/shop"
    under = {span.name for span in mine if under_job(span, job, by_id)}
    assert under >= {"snapshot", "council", "publish summary", "publish review", "publish check"}
    (queue,) = (span for span in mine if span.name == "queue")
    assert queue.parent == delivery.id and queue.ended <= job.ended
    calls = [span for span in mine if span.name.startswith("chat ")]
    assert len(calls) == system.bought() and all(under_job(span, job, by_id) for span in calls)
    assert {span.attributes["gen_ai.provider.name"] for span in calls} == {"openai", "anthropic", "gcp.gemini"}
    assert sum(span.attributes["gen_ai.usage.output_tokens"] for span in calls) > 0
    # Nothing about the change, or about what was said of it.
    assert not any("cart" in str(value) or "divides" in str(value) for span in receiver.spans for value in span.attributes.values())
    assert {headers["authorization"] for headers in receiver.headers} == {"Bearer collector-key"}
    assert receiver.counts["web", "council.ack"] >= 1 and receiver.counts["worker", "council.run"] == 1
    assert receiver.counts["worker", "council.seat_call"] == system.bought()


async def test_a_question_is_traced_to_its_answer(tmp_path: Path) -> None:
    with receiving() as receiver:
        async with traced_system(tmp_path, receiver) as system:
            questions.script(system, [questions.POOL], [questions.POOL], [])
            made = questions.issue(system)
            assert await questions.ask(system, made.number, "/council ask why?")
    (job,) = (span for span in receiver.spans if span.name == "job consult")
    mine = [span for span in receiver.spans if span.trace == job.trace]
    by_id = {span.id: span for span in mine}
    assert by_id[job.parent].attributes["council.event"] == "issue_comment"
    names = {span.name for span in mine if under_job(span, job, by_id)}
    assert names >= {"snapshot", "council", "publish progress", "publish answer"} and any(name.startswith("chat ") for name in names)


def under_job(span: ReceivedSpan, job: ReceivedSpan, by_id: dict[str, ReceivedSpan]) -> bool:
    """Whether the job is an ancestor of the span, which ends within it."""
    step = span
    while step.parent in by_id:
        step = by_id[step.parent]
        if step.id == job.id:
            return span.ended <= job.ended
    return False


def test_a_silent_collector_delays_no_shutdown() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        tracer = open_otlp(Collector(f"http://127.0.0.1:{silent.getsockname()[1]}", close_seconds=0.3))
        with tracer.span("a step"):
            tracer.record(ACK, 1.0, {"status": "2xx"})
        began = time.monotonic()
        tracer.close()
        assert time.monotonic() - began < 2.5


def test_a_collector_is_set_by_the_usual_variables() -> None:
    found = read_settings(
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318/", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=k%2C1234567890, X-Scope=a"}
    )
    assert found.otel_endpoint == "http://collector:4318"
    assert found.otel_headers == (("api-key", "k,1234567890"), ("x-scope", "a"))
    assert "k,1234567890" in found.secrets and not found.otel_content
    with pytest.raises(SettingsError, match="OTEL_EXPORTER_OTLP_HEADERS"):
        read_settings({"OTEL_EXPORTER_OTLP_HEADERS": "Bearer x"})


@pytest.mark.slow
def test_without_a_collector_opentelemetry_is_not_imported() -> None:
    assert isinstance(build_telemetry(Settings(), "web").tracer, NoTracer)
    code = "import sys, app.web.application, app.work.process; from app.operations.telemetry import build_telemetry"
    code += "; from app.configuration.settings import Settings; build_telemetry(Settings(), 'web')"
    code += (
        "; sys.stdout.write(' '.join(name for name in sys.modules if name.startswith('opentelemetry.sdk') or 'app.telemetry.open' in name))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == ""


def test_a_collector_without_the_extra_is_one_clear_line() -> None:
    code = "import sys; sys.modules['opentelemetry.sdk'] = None; from app.operations.telemetry import build_telemetry"
    code += "; from app.configuration.settings import Settings; build_telemetry(Settings(otel_endpoint='http://127.0.0.1:1'), 'web')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "pip install 'council[otel]'" in done.stderr and done.returncode == 1


def test_the_extras_lock_file_covers_only_the_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [line for line in (ROOT / "deploy/otel.in").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert wanted == project["optional-dependencies"]["otel"]
    locked = (ROOT / "requirements-otel.txt").read_text("utf-8")
    assert all(f"\n{line.partition('>=')[0]}==" in locked for line in wanted)
    runtime = (ROOT / "requirements.txt").read_text("utf-8")
    assert "opentelemetry-sdk" not in runtime
    # What both hold is the same, so that the image may take both.
    pins = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", runtime, re.MULTILINE))
    assert [name for name, pin in re.findall(r"^([a-z0-9-]+)==(\S+)", locked, re.MULTILINE) if pins.get(name, pin) != pin] == []
