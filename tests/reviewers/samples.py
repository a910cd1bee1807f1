"""Shared parts of the council's stories: one small change, scripted models, and a council without real waiting."""

import json
import re
import time
from collections.abc import Callable, Mapping

from reviewers.context.snapshot import ChangedFile, Snapshot
from reviewers.council.deliberation import Council
from reviewers.models.model import ModelRequest
from reviewers.models.scripted import Line, ScriptedModel
from reviewers.seats.model_seat import ModelSeat
from reviewers.values.brief import Brief
from tests.patches import build_patch

BASE = """import time


def refresh(session):
    with session.lock:
        if session.expired():
            session.token = fetch(session.url, timeout=5)
    return session.token
"""
HEAD = """import time


def refresh(session):
    if session.expired():
        with session.lock:
            session.token = fetch(session.url)
    return session.token
"""
BRIEF = Brief(seed="seed")


def changed(path: str, base: str | None, head: str | None, **more: object) -> ChangedFile:
    return ChangedFile.model_validate({"path": path, "base": base, "head": head, "patch": build_patch(base, head), **more})


def snapshot(*files: ChangedFile, **more: object) -> Snapshot:
    given = {
        "repository": "acme/shop",
        "number": 7,
        "url": "https://github.test/acme/shop/pull/7",
        "title": "Retry the token refresh",
        "body": "",
        "author": "ana",
        "base_ref": "main",
        "base_sha": "b" * 40,
        "head_ref": "retry",
        "head_sha": "a" * 40,
        "files": files or (changed("auth/session.py", BASE, HEAD),),
    }
    return Snapshot.model_validate(given | more)


def finding(title: str, quote: str, **more: object) -> dict[str, object]:
    given = {
        "title": title,
        "body": f"{title}: it happens with two requests at once.",
        "severity": "high",
        "category": "concurrency",
        "path": "auth/session.py",
        "quote": quote,
        "line": 0,
        "suggestion": "",
    }
    return given | more


RACE = finding("Two refreshes race after the lock moved below the check", "    if session.expired():\n        with session.lock:")
TIMEOUT = finding(
    "The token request has no timeout", "            session.token = fetch(session.url)", category="errors", severity="medium"
)


def opinion(*findings: Mapping[str, object]) -> str:
    return json.dumps({"findings": findings})


def proposals(request: ModelRequest) -> list[dict[str, str]]:
    block = re.search(r"<proposals>\n(.*)\n</proposals>", request.prompt, re.DOTALL)
    return [json.loads(line) for line in block[1].split("\n")] if block else []


def votes(stance: str, path: str = "auth/session.py", quote: str = "    return session.token") -> Callable[[ModelRequest], str]:
    """A critic with one stance on everything, and one line of the code as evidence."""

    def cast(request: ModelRequest) -> str:
        told = {"stance": stance, "evidence": "line 8 shows it", "path": path, "line": 8, "quote": quote}
        return json.dumps({"votes": [{"label": proposal["label"], **told} for proposal in proposals(request)], "same": []})

    return cast


def member(name: str, said: Line, critic: Callable[[ModelRequest], Line] | None = None, vendor: str = "") -> ScriptedModel:
    """A model that gives one opinion and votes as its critic does."""
    return ScriptedModel(
        name, lambda request: said if request.purpose == "opinion" else (critic or votes("unsure"))(request), vendor=vendor
    )


def council(*models: ScriptedModel, **more: object) -> Council:
    seats = tuple(ModelSeat(model, time.monotonic) for model in models)
    return Council(seats=seats, **more)  # type: ignore[arg-type]
