"""The only user of OpenTelemetry: change here how traces and durations are sent. Imported only if a collector is set."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.telemetry.timings import TIMINGS, DurationMetric
from app.telemetry.tracer import Attribute, TraceStep

_ROLES = {"internal": SpanKind.INTERNAL, "server": SpanKind.SERVER, "client": SpanKind.CLIENT, "consumer": SpanKind.CONSUMER}
_PROPAGATOR = TraceContextTextMapPropagator()
_SEND_SECONDS = 5.0


@dataclass(frozen=True)
class Collector:
    """An OTLP/HTTP collector. `headers` may contain its key. `keeps_content` sends prompts and answers too.

    `close_seconds` is how long the end of a process may wait for it.
    """

    endpoint: str
    headers: tuple[tuple[str, str], ...] = ()
    service: str = "council"
    process: str = ""
    keeps_content: bool = False
    close_seconds: float = 2.0


class OpenTelemetryStep:
    """A span."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._failed = False

    @property
    def context(self) -> str:
        """The W3C traceparent of this step."""
        return _context_of(self._span)

    def describe(self, attributes: Mapping[str, Attribute]) -> None:
        """Add attributes."""
        self._span.set_attributes(attributes)

    def rename(self, name: str) -> None:
        """Rename the step."""
        self._span.update_name(name)

    def fail(self, reason: str) -> None:
        """Mark the step as failed. The first reason counts, because it is nearer to the cause."""
        if self._failed:
            return
        self._failed = True
        self._span.set_attribute("error.type", reason)
        self._span.set_status(Status(StatusCode.ERROR))


class OpenTelemetryTracer:
    """Keeps traces and durations with separate providers. Nothing global is set, so no library sends through them."""

    def __init__(self, collector: Collector, processor: SpanProcessor, reader: MetricReader) -> None:
        resource = Resource.create({"service.name": collector.service, "council.process": collector.process})
        self.keeps_content = collector.keeps_content
        self._close_seconds = collector.close_seconds
        self._spans = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._spans.add_span_processor(processor)
        self._tracer = self._spans.get_tracer("council")
        self._metrics = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        meter = self._metrics.get_meter("council")
        self._tokens = meter.create_histogram("gen_ai.client.token.usage", unit="{token}", description="Tokens of a call, by their type")
        self._spent = meter.create_counter("council.spent", unit="USD", description="What calls of models cost")
        self._histograms = {
            timing.name: meter.create_histogram(
                # A collector that exports to Prometheus adds the unit: the same names as /metrics has.
                timing.name.removesuffix("_seconds").replace("council_", "council."),
                unit="s",
                description=timing.help,
                explicit_bucket_boundaries_advisory=list(timing.buckets),
            )
            for timing in TIMINGS
        }

    @contextlib.contextmanager
    def span(
        self, name: str, attributes: Mapping[str, Attribute] | None = None, *, parent: str = "", role: str = "internal"
    ) -> Iterator[TraceStep]:
        """A step of the current trace, or of the one that `parent` names. An error marks it by its kind, without its text."""
        context = _PROPAGATOR.extract({"traceparent": parent}) if parent else None
        started = self._tracer.start_as_current_span(
            name, context, _ROLES[role], attributes, record_exception=False, set_status_on_exception=False
        )
        with started as span:
            step = OpenTelemetryStep(span)
            try:
                yield step
            except BaseException as error:
                step.fail(type(error).__name__)
                raise

    def record_wait(self, name: str, seconds: float, attributes: Mapping[str, Attribute], parent: str = "") -> None:
        """Record a step that took `seconds` and ends now."""
        end = time.time_ns()
        context = _PROPAGATOR.extract({"traceparent": parent}) if parent else None
        span = self._tracer.start_span(name, context, attributes=attributes, start_time=end - int(max(0.0, seconds) * 1e9))
        span.end(end)

    def record(self, timing: DurationMetric, seconds: float, labels: Mapping[str, str]) -> None:
        """Record a duration."""
        self._histograms[timing.name].record(seconds, labels)

    def record_usage(self, labels: Mapping[str, str], input_tokens: int, output_tokens: int, usd: float) -> None:
        """Record the usage of a model's call, in the conventions for GenAI."""
        for kind, tokens in (("input", input_tokens), ("output", output_tokens)):
            self._tokens.record(tokens, {**labels, "gen_ai.token.type": kind})
        self._spent.add(usd, labels)

    @property
    def context(self) -> str:
        """The W3C traceparent of the current step."""
        return _context_of(trace.get_current_span())

    def close(self) -> None:
        """Send what was not sent yet. Returns after `close_seconds` if the collector does not answer."""
        ends: tuple[Callable[[], None], ...] = (self._spans.shutdown, self._metrics.shutdown)
        threads = [threading.Thread(target=end, daemon=True) for end in ends]
        for thread in threads:
            thread.start()
        until = time.monotonic() + self._close_seconds
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))


def open_otlp(collector: Collector) -> OpenTelemetryTracer:
    """A tracer that sends to a collector over OTLP/HTTP, from separate threads."""
    headers = dict(collector.headers)
    spans = OTLPSpanExporter(f"{collector.endpoint}/v1/traces", headers=headers, timeout=_SEND_SECONDS)
    metrics = OTLPMetricExporter(f"{collector.endpoint}/v1/metrics", headers=headers, timeout=_SEND_SECONDS)
    reader = PeriodicExportingMetricReader(metrics, export_timeout_millis=_SEND_SECONDS * 1_000)
    return OpenTelemetryTracer(collector, BatchSpanProcessor(spans), reader)


def _context_of(span: Span) -> str:
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, trace.set_span_in_context(span))
    return carrier.get("traceparent", "")
