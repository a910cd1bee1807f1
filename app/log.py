"""Structured logs: JSON lines with delivery, repository, pull request and run; never bodies, never keys."""

import logging
import sys
from collections.abc import Iterable, MutableMapping

import structlog
from structlog.typing import Processor

from app.secret_filter import Secrets

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_LONGEST = 2_000


def set_up(*, as_json: bool, secrets: Iterable[str], quiet: bool = False) -> None:
    """Send structlog and the standard library's warnings to standard error; `quiet` leaves errors only."""
    # Plain tracebacks: the pretty ones print local variables, keys among them.
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
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR if quiet else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(CleanFormatter(ours))
    # arq logs job arguments, uvicorn every request: neither is ours to publish.
    for name in ("arq", "uvicorn", "LiteLLM", "httpx", "githubkit"):
        logging.getLogger(name).setLevel(logging.ERROR)


def hide(secrets: Secrets) -> None:
    """Keep these out of the log too, whatever was known when it was set up: keys that are kept in the database come later."""
    for processor in structlog.get_config()["processors"]:
        if isinstance(processor, Clean):
            processor.more = secrets
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, CleanFormatter):
            handler.formatter.more = secrets


class Clean:
    """A processor: control characters escaped, so that no log line can be forged; our own secrets removed; values bounded."""

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
    """What libraries log, with the same care: their warnings and tracebacks may hold an address with its password."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__("%(levelname)s %(name)s %(message)s")
        self._secrets = secrets
        self.more = Secrets(())

    def format(self, record: logging.LogRecord) -> str:
        text = self.more.removed(self._secrets.removed(super().format(record)[-10 * _LONGEST :]))
        return "\n".join(line.translate(_CONTROL) for line in text.split("\n"))
