"""What a trace is to the rest of Council, and the tracer that keeps none."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from app.telemetry.timings import DurationMetric

Attribute = str | int | float | bool | Sequence[str]


class TraceStep(Protocol):
    """A step that takes time."""

    @property
    def context(self) -> str:
        """The W3C traceparent of this step, "" where it is not kept."""
        ...

    def rename(self, name: str) -> None:
        """Give the step the name that became known while it ran."""
        ...

    def describe(self, attributes: Mapping[str, Attribute]) -> None:
        """Add what is known about the step."""
        ...

    def fail(self, reason: str) -> None:
        """Mark the step as failed; `reason` is a kind of error, never a text from outside."""
        ...


class Tracer(Protocol):
    """Keeps traces and durations for a collector."""

    keeps_content: bool

    def span(
        self, name: str, attributes: Mapping[str, Attribute] | None = None, *, parent: str = "", role: str = "internal"
    ) -> AbstractContextManager[TraceStep]:
        """A step of the trace that is under way, or of the one that `parent` names (a W3C traceparent).

        `role` is "internal", "server", "client" or "consumer".
        """
        ...

    def record_wait(self, name: str, seconds: float, attributes: Mapping[str, Attribute], parent: str = "") -> None:
        """Note a step that took `seconds` and ends now, of the trace under way or of the one that `parent` names."""
        ...

    def record(self, timing: DurationMetric, seconds: float, labels: Mapping[str, str]) -> None:
        """Note a duration."""
        ...

    def record_usage(self, labels: Mapping[str, str], input_tokens: int, output_tokens: int, usd: float) -> None:
        """Note what a call of a model took."""
        ...

    @property
    def context(self) -> str:
        """The W3C traceparent of the step under way, "" where there is none."""
        ...

    def close(self) -> None:
        """Send what was not sent yet; may block for some seconds."""
        ...


class NoTraceStep:
    """A step that nobody keeps."""

    context = ""

    def rename(self, name: str) -> None:
        """Nothing."""

    def describe(self, attributes: Mapping[str, Attribute]) -> None:
        """Nothing."""

    def fail(self, reason: str) -> None:
        """Nothing."""


class NoTracer:
    """Keeps nothing: what runs where no collector is set."""

    keeps_content = False
    context = ""

    @contextlib.contextmanager
    def span(
        self, name: str, attributes: Mapping[str, Attribute] | None = None, *, parent: str = "", role: str = "internal"
    ) -> Iterator[TraceStep]:
        """A step that nobody keeps."""
        yield NoTraceStep()

    def record_wait(self, name: str, seconds: float, attributes: Mapping[str, Attribute], parent: str = "") -> None:
        """Nothing."""

    def record(self, timing: DurationMetric, seconds: float, labels: Mapping[str, str]) -> None:
        """Nothing."""

    def record_usage(self, labels: Mapping[str, str], input_tokens: int, output_tokens: int, usd: float) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""
