"""The reference of metrics: change here what a metric says to an operator; names, kinds and labels come from the code."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from app.store.figures import InstanceFigures
from app.store.spending.daily_spending import Calls
from app.telemetry.telemetry import MOST_VALUES, OTHER, Telemetry
from app.telemetry.timings import TIMINGS
from app.web.metrics import MOST_MODELS, registry_of
from tests.docs.markdown import code, prose, table

_HEAD = prose("""
# Metrics

`/metrics` of a web process answers for the whole instance and for that process; `/metrics` of a worker answers for that
worker. [Watching Council](../how-to/observability.md) says how to open and scrape them, and has a dashboard and alerts.
""")


def _instance_metrics() -> Iterator[Metric]:
    """The figures of the whole instance, each with one sample."""
    call = Calls("model", "fault", 1, 1.0, 1.0)
    figures = InstanceFigures({("kind", "state"): 1}, 1.0, {"state": 1}, (call,), {("channel", "state"): 1})
    return iter(registry_of(figures).collect())


def _process_metrics() -> Iterator[Metric]:
    """Those of one process that are no histogram, each with one sample."""
    telemetry = Telemetry()
    telemetry.count_delivery("event", "result")
    telemetry.count_running("kind", 1)
    return (metric for metric in telemetry.registry.collect() if metric.type != "histogram")


def _row(metric: Metric) -> tuple[str, str, str, str]:
    labels = dict.fromkeys(name for sample in metric.samples for name in sample.labels)
    shown = f"{metric.name}_total" if metric.type == "counter" else metric.name
    return code(shown), metric.type, ", ".join(map(code, labels)), metric.documentation


def write() -> str:
    """The page."""
    columns = ("metric", "kind", "labels", "what it counts")
    histograms = [
        (code(timing.name), "histogram", ", ".join(map(code, timing.labels)), f"{timing.help}. Buckets to {timing.buckets[-1]:,g} s")
        for timing in TIMINGS
    ]
    instance, process = map(_row, _instance_metrics()), map(_row, _process_metrics())
    first = f"Models beyond the {MOST_MODELS} most called are counted together as `{OTHER}`."
    second = f"A label has at most {MOST_VALUES} values; what is beyond is `{OTHER}`. No label holds a repository, a person or a path."
    return "\n".join(
        (
            f"{_HEAD}## Of the whole instance\n",
            f"Every web process answers the same, so take the `max` of several, not the sum. {first}\n",
            table(columns, instance),
            "## Of one process\n",
            f"Take the sum. {second}\n",
            table(columns, [*process, *histograms]),
        )
    )
