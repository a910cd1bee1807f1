"""The measured durations, each with its labels and buckets: add one here, and to the dashboard in deploy/grafana."""

from dataclasses import dataclass

_SHORT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LONG = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 1_800.0)


@dataclass(frozen=True)
class DurationMetric:
    """A histogram of seconds. `buckets` are upper bounds."""

    name: str
    help: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...]


ACK = DurationMetric("council_ack_seconds", "Deliveries: from the request to the answer", ("status",), _SHORT)
PAGE = DurationMetric("council_page_seconds", "Pages and API: from request to first byte of the answer", ("route", "status"), _SHORT)
QUEUE_WAIT = DurationMetric("council_queue_wait_seconds", "Jobs: from due to taken by a worker", ("kind",), (0.1, *_LONG))
JOB = DurationMetric("council_job_seconds", "Jobs: one try, by how it ended", ("kind", "result"), (0.1, *_LONG))
RUN = DurationMetric("council_run_seconds", "Reviews: from the request to their end", ("outcome",), _LONG)
CALL = DurationMetric("council_seat_call_seconds", "Calls of a seat's model, by why they failed", ("provider", "purpose", "fault"), _LONG)

TIMINGS = (ACK, PAGE, QUEUE_WAIT, JOB, RUN, CALL)
