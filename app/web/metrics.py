"""The instance's Prometheus metrics. Names and labels are a contract: dashboards and alerts use them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily

from app.store.figures import InstanceFigures
from app.store.spending.daily_spending import Calls
from app.telemetry.telemetry import OTHER

MOST_MODELS = 50


@dataclass(frozen=True, eq=False)
class Scrape:
    """A Prometheus collector of one set of figures."""

    figures: InstanceFigures

    def collect(self) -> Iterator[Metric]:
        """One metric family per question that an operator has at night."""
        instance_figures = self.figures
        jobs = GaugeMetricFamily("council_jobs", "Jobs by kind and state", labels=["kind", "state"])
        for (kind, state), count in sorted(instance_figures.jobs.items()):
            jobs.add_metric([kind, state], count)
        yield jobs
        yield GaugeMetricFamily(
            "council_queue_age_seconds", "Age of the oldest due job in the queue, in seconds", instance_figures.waiting_seconds
        )
        runs = CounterMetricFamily("council_runs", "Runs by state", labels=["state"])
        for state, count in sorted(instance_figures.runs.items()):
            runs.add_metric([state], count)
        yield runs
        sent = GaugeMetricFamily(
            "council_notifications", "Notifications of the last two months by channel and state", labels=["channel", "state"]
        )
        for (channel, state), count in sorted(instance_figures.notifications.items()):
            sent.add_metric([channel, state], count)
        yield sent
        yield from self._models()

    def _models(self) -> Iterator[Metric]:
        calls = SummaryMetricFamily("council_model_call_seconds", "Count and duration of model calls", labels=["model", "fault"])
        spent = CounterMetricFamily("council_spent_usd", "Cost of model calls in US dollars", labels=["model"])
        usd: dict[str, float] = {}
        for each in bound_models(self.figures.models):
            calls.add_metric([each.model, each.fault or "none"], count_value=each.calls, sum_value=each.seconds)
            usd[each.model] = usd.get(each.model, 0.0) + each.usd
        for model, total in sorted(usd.items()):
            spent.add_metric([model], total)
        yield calls
        yield spent


def bound_models(models: Iterable[Calls]) -> list[Calls]:
    """The calls of the 50 most called models; the others are summed as "other", because a council.yml can name any model."""
    counts: Counter[str] = Counter()
    for each in models:
        counts[each.model] += each.calls
    named = {model for model, _ in counts.most_common(MOST_MODELS)}
    sums: dict[tuple[str, str], Calls] = {}
    for each in models:
        key = (each.model if each.model in named else OTHER, each.fault)
        had = sums.get(key, Calls(*key, 0, 0.0, 0.0))
        sums[key] = Calls(*key, had.calls + each.calls, had.seconds + each.seconds, had.usd + each.usd)
    return list(sums.values())


def registry_of(figures: InstanceFigures) -> CollectorRegistry:
    """A registry with only these figures."""
    registry = CollectorRegistry()
    registry.register(Scrape(figures))
    return registry
