"""One log: our events, libraries, warnings and requests, in one format and without secrets."""

import json
import subprocess
import sys
from functools import cache

import pytest

from app.configuration.settings import read_settings
from app.errors import SettingsError

CODE = """
import asyncio, logging, sys, warnings
import httpx, structlog
from fastapi import FastAPI
from app import log
from app.telemetry.telemetry import Telemetry
from app.web.observing import Observer
as_json, level = sys.argv[1] == "json", sys.argv[2]
log.set_up(as_json=as_json, secrets=["hunter2hunter2"], level=level)
log.take_warnings()
logging.getLogger("sqlalchemy").info("too much")
try:
    raise RuntimeError("password hunter2hunter2")
except RuntimeError:
    logging.getLogger("uvicorn.error").error("it failed: %s", "a\\nb", exc_info=True)
warnings.warn("old")
structlog.get_logger("ours").info("published", run="r1")
structlog.get_logger("ours").debug("detail")
app = FastAPI()
app.add_middleware(Observer, telemetry=Telemetry())
async def ask():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        await client.get("/setup?token=abc")
asyncio.run(ask())
"""


@cache
def lines(form: str, level: str) -> tuple[str, ...]:
    done = subprocess.run([sys.executable, "-c", CODE, form, level], capture_output=True, text=True, timeout=60, check=True)
    assert "hunter2" not in done.stderr and "token=abc" not in done.stderr and done.stdout == ""
    return tuple(done.stderr.splitlines())


def test_every_line_is_one_json_event() -> None:
    events = [json.loads(line) for line in lines("json", "info")]
    failed, warned, published, request = events
    assert {"event", "level", "timestamp"} <= set.intersection(*(set(event) for event in events))
    assert (failed["logger"], failed["level"], failed["event"]) == ("uvicorn.error", "error", "it failed: a\\x0ab")
    assert "RuntimeError" in failed["exception"]
    assert warned["logger"] == "py.warnings" and "old" in warned["event"]
    assert published["run"] == "r1"
    assert request["event"] == "request" and request["ms"] >= 0
    assert (request["method"], request["path"], request["route"], request["status"]) == ("GET", "/setup", "unmatched", 404)
    assert {event["timestamp"][-1] for event in events} == {"Z"}


@pytest.mark.parametrize(
    ("level", "said"),
    [("debug", {"published", "detail", "request"}), ("info", {"published", "request"}), ("warning", set()), ("error", set())],
)
def test_the_level_filters_our_events(level: str, said: set[str]) -> None:
    events = [json.loads(line) for line in lines("json", level)]
    assert {event["event"] for event in events if "logger" not in event} == said
    # Libraries never log more than warnings: their details contain bodies.
    assert all(event["event"] != "too much" for event in events)
    assert any(event["level"] == "warning" for event in events) == (level != "error")


def test_the_text_format_is_uniform_too() -> None:
    told = [line for line in lines("text", "info") if "[" in line]
    assert any("published" in line and "run" in line for line in told) and any("it failed" in line and "error" in line for line in told)


def test_an_unknown_level_is_one_clear_line() -> None:
    assert read_settings({"LOG_LEVEL": "WARNING"}).log_level == "warning"
    with pytest.raises(SettingsError, match="LOG_LEVEL is 'loud'; use one of info, debug, warning, error"):
        read_settings({"LOG_LEVEL": "loud"})
