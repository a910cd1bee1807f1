"""Structured logs: JSON lines with delivery, repository, pull request and run; never bodies, never keys."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from datetime import UTC, datetime

import structlog
from structlog.typing import Processor

from app.secret_filter import Secrets

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_LONGEST = 2_000


def set_up(*, as_json: bool, secrets: Iterable[str], quiet: bool = False, level: str = "info") -> None:
    """Send our events and the logs of libraries to standard error, in one format. With `quiet`, only errors.

    `level` is the lowest level logged: "debug", "info", "warning" or "error". Libraries log at most warnings, because lower levels include
    request bodies.
    """
    least = logging.ERROR if quiet else logging.getLevelNamesMapping()[level.upper()]
    # Plain tracebacks: the pretty ones print local variables, including keys.
    console = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    render: Processor = structlog.processors.JSONRenderer() if as_json else console
    ours = Secrets(secrets)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            Clean(ours),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(least, logging.WARNING), stream=sys.stderr, force=True)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(CleanFormatter(ours, render))
    # arq logs job arguments, and uvicorn every request: neither may be logged. OpenTelemetry warns about each failed try.
    for name in ("arq", "uvicorn", "LiteLLM", "httpx", "githubkit", "opentelemetry"):
        logging.getLogger(name).setLevel(logging.ERROR)


def take_warnings() -> None:
    """Log Python's warnings too, in the same format."""
    logging.captureWarnings(True)


def hide(secrets: Secrets) -> None:
    """Hide these in the log too, in addition to the secrets known at start: keys stored in the database are read later."""
    for processor in structlog.get_config()["processors"]:
        if isinstance(processor, Clean):
            processor.more = secrets
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, CleanFormatter):
            handler.formatter.clean.more = secrets


class Clean:
    """A processor that escapes control characters, so that no log line can be forged, removes our own secrets, and limits values."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self.more = Secrets(())

    def __call__(self, _: object, __: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
        for key, value in event.items():
            if isinstance(value, str):
                event[key] = self._clean(value, keep_lines=key == "exception")
        return event

    def _clean(self, text: str, *, keep_lines: bool) -> str:
        text = self.more.removed(self._secrets.removed(text))
        if keep_lines:
            return "\n".join(line.translate(_CONTROL) for line in text.split("\n"))[-10 * _LONGEST :]
        return text.translate(_CONTROL)[:_LONGEST]


class CleanFormatter(logging.Formatter):
    """Formats library logs as events like ours, with the same care: a traceback may contain an address with its password."""

    def __init__(self, secrets: Secrets, render: Processor) -> None:
        super().__init__()
        self.clean = Clean(secrets)
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        event: MutableMapping[str, object] = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return str(self._render(None, "", self.clean(None, "", event)))
