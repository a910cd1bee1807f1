"""The interface of a trace for the rest of Council, and the tracer that records nothing."""

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
        """The W3C traceparent of this step, "" if it is not recorded."""
        ...

    def rename(self, name: str) -> None:
        """Give the step a name that became known while it ran."""
        ...

    def describe(self, attributes: Mapping[str, Attribute]) -> None:
        """Add facts about the step."""
        ...

    def fail(self, reason: str) -> None:
        """Mark the step as failed. `reason` is a kind of error, never a text from outside."""
        ...


class Tracer(Protocol):
    """Records traces and durations for a collector."""

    keeps_content: bool

    def span(
        self, name: str, attributes: Mapping[str, Attribute] | None = None, *, parent: str = "", role: str = "internal"
    ) -> AbstractContextManager[TraceStep]:
        """A step of the current trace, or of the one that `parent` names (a W3C traceparent).

        `role` is "internal", "server", "client" or "consumer".
        """
        ...

    def record_wait(self, name: str, seconds: float, attributes: Mapping[str, Attribute], parent: str = "") -> None:
        """Record a step that took `seconds` and ends now, in the current trace or in the one that `parent` names."""
        ...

    def record(self, timing: DurationMetric, seconds: float, labels: Mapping[str, str]) -> None:
        """Record a duration."""
        ...

    def record_usage(self, labels: Mapping[str, str], input_tokens: int, output_tokens: int, usd: float) -> None:
        """Record the usage of a model's call."""
        ...

    @property
    def context(self) -> str:
        """The W3C traceparent of the current step, "" if there is none."""
        ...

    def close(self) -> None:
        """Send what was not sent yet. May block for some seconds."""
        ...


class NoTraceStep:
    """A step that is not recorded."""

    context = ""

    def rename(self, name: str) -> None:
        """Do nothing."""

    def describe(self, attributes: Mapping[str, Attribute]) -> None:
        """Do nothing."""

    def fail(self, reason: str) -> None:
        """Do nothing."""


class NoTracer:
    """Records nothing. Used if no collector is set."""

    keeps_content = False
    context = ""

    @contextlib.contextmanager
    def span(
        self, name: str, attributes: Mapping[str, Attribute] | None = None, *, parent: str = "", role: str = "internal"
    ) -> Iterator[TraceStep]:
        """A step that is not recorded."""
        yield NoTraceStep()

    def record_wait(self, name: str, seconds: float, attributes: Mapping[str, Attribute], parent: str = "") -> None:
        """Do nothing."""

    def record(self, timing: DurationMetric, seconds: float, labels: Mapping[str, str]) -> None:
        """Do nothing."""

    def record_usage(self, labels: Mapping[str, str], input_tokens: int, output_tokens: int, usd: float) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
