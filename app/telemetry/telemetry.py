"""One process's measurements: change here how many label values a histogram may have, and what is sent to a collector."""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from app.telemetry.timings import TIMINGS, DurationMetric
from app.telemetry.tracer import NoTracer, Tracer

# A label with more values would cost Prometheus a series per value and bucket.
MOST_VALUES = 100
OTHER = "other"


@dataclass(frozen=True)
class Telemetry:
    """The histograms of a process, and its tracer. `registry` may hold other collectors of the same process."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    tracer: Tracer = field(default_factory=NoTracer)
    _histograms: dict[str, Histogram] = field(default_factory=dict)
    _running: list[Gauge] = field(default_factory=list)
    _deliveries: list[Counter] = field(default_factory=list)
    _values: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for timing in TIMINGS:
            made = Histogram(timing.name, timing.help, timing.labels, buckets=timing.buckets, registry=self.registry)
            self._histograms[timing.name] = made
        words = "Webhook deliveries by event and result"
        self._deliveries.append(Counter("council_deliveries", words, ["event", "result"], registry=self.registry))
        self._running.append(Gauge("council_worker_jobs", "Jobs that this worker runs now", ["kind"], registry=self.registry))

    def observe(self, timing: DurationMetric, seconds: float, **labels: str) -> None:
        """Record a duration. A label value beyond the first 100 of its label is counted as "other"."""
        bounded = {name: self._bound(timing.name, name, labels[name]) for name in timing.labels}
        self._histograms[timing.name].labels(**bounded).observe(max(0.0, seconds))
        self.tracer.record(timing, max(0.0, seconds), bounded)

    def count_usage(self, provider: str, model: str, input_tokens: int, output_tokens: int, usd: float) -> None:
        """Record a call's usage for a collector: input and output tokens, US dollars. Prometheus gets it from the ledger instead."""
        labels = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": provider}
        labels["gen_ai.request.model"] = self._bound("usage", "model", model)
        self.tracer.record_usage(labels, input_tokens, output_tokens, usd)

    def count_delivery(self, event: str, result: str) -> None:
        """Count a delivery by its event and its result."""
        self._deliveries[0].labels(event=self._bound("council_deliveries", "event", event), result=result).inc()

    def count_running(self, kind: str, change: int) -> None:
        """Record that a job of this kind began (1) or ended (-1) in this process."""
        self._running[0].labels(kind=kind).inc(change)

    def _bound(self, timing: str, label: str, value: str) -> str:
        known = self._values.setdefault((timing, label), set())
        if value not in known and len(known) >= MOST_VALUES:
            return OTHER
        known.add(value)
        return value

    def scrape(self) -> bytes:
        """This process's measurements, in Prometheus' text format."""
        return generate_latest(self.registry)
