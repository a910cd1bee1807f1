"""The dashboard and the alerts name metrics that the code exposes, and Prometheus' own tool accepts the rules."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from app.store.figures import InstanceFigures
from app.store.spending.daily_spending import Calls
from app.telemetry.telemetry import Telemetry
from app.telemetry.timings import TIMINGS
from app.web.metrics import registry_of

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
BOARD = ROOT / "deploy/grafana/council.json"
_NAME = re.compile(r"\bcouncil_\w+")
_LABELS = re.compile(r"\b(council_\w+)\{([^}]*)\}")


def scrape() -> str:
    """The combined metrics of a web process and a worker."""
    telemetry = Telemetry()
    for timing in TIMINGS:
        telemetry.observe(timing, 1.0, **dict.fromkeys(timing.labels, "x"))
    telemetry.count_running("x", 1)
    telemetry.count_delivery("x", "x")
    figures = InstanceFigures(
        jobs={("review", "done"): 1},
        waiting_seconds=0.0,
        runs={"published": 1},
        models=(Calls("m", "", 1, 1.0, 1.0),),
        notifications={("slack", "sent"): 1},
    )
    return telemetry.scrape().decode() + generate_latest(registry_of(figures)).decode()


def exposed() -> dict[str, set[str]]:
    """Every sample that a scrape may contain, with its labels."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(scrape()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def expressions() -> list[str]:
    """The expressions of the alerts and the panels."""
    rules = [rule["expr"] for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"] for rule in group["rules"]]
    board: dict[str, Any] = json.loads(BOARD.read_text("utf-8"))
    return [*rules, *(target["expr"] for panel in board["panels"] for target in panel["targets"])]


def test_every_queried_metric_exists() -> None:
    known = exposed()
    named = {name for expression in expressions() for name in _NAME.findall(expression)}
    assert named <= set(known), named - set(known)
    assert len(named) > 10


def test_every_queried_label_exists() -> None:
    known = exposed()
    # Prometheus itself adds these.
    added = {"job", "instance"}
    for expression in expressions():
        for name, inside in _LABELS.findall(expression):
            labels = set(re.findall(r"(\w+)\s*(?:=|!)", inside))
            assert labels <= known[name] | added, (name, labels)
        for grouped in re.findall(r"by \(([^)]*)\)", expression):
            names = _NAME.findall(expression)
            labels = {each.strip() for each in grouped.split(",")}
            assert labels <= set().union(added, *(known[name] for name in names)), (expression, labels)


def test_every_duration_is_on_the_dashboard() -> None:
    shown = BOARD.read_text("utf-8")
    assert [timing.name for timing in TIMINGS if timing.name not in shown] == []


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not here: apt-get install prometheus")
def test_promtool_accepts_and_runs_the_rules(tmp_path: Path) -> None:
    shutil.copy(ALERTS, tmp_path / "alerts.yml")
    shutil.copy(Path(__file__).with_name("alerts_test.yml"), tmp_path / "test.yml")
    for words in (["check", "rules", "alerts.yml"], ["test", "rules", "test.yml"]):
        done = subprocess.run(["promtool", *words], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    # Also, the metrics are named as Prometheus advises.
    done = subprocess.run(["promtool", "check", "metrics"], input=scrape(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
