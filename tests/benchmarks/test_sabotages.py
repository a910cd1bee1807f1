"""Every benchmark can fail: its sabotage makes it miss a bar, and its bars follow the rules of bars."""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import bars
from benchmarks.bars import Bar, Count, at_least, at_most, exactly, judged
from benchmarks.options import NAMES, Options
from tests.benchmarks.sabotages import MORE_SABOTAGES, SABOTAGES
from tests.reviewers.evals.rows import placed, ranged, rows, text

ROOT = Path(__file__).parents[2]
SABOTEUR = Path(__file__).parent / "saboteur"
RECORDED = ("calibration", "cluster", "consensus", "council4", "critics", "losses", "singles")
WITHOUT_DATA = (*RECORDED, "ci_logs")


def test_every_benchmark_has_an_applicable_sabotage() -> None:
    import importlib

    assert set(SABOTAGES) == set(NAMES)
    for sabotage in (*SABOTAGES.values(), *MORE_SABOTAGES.values()):
        for module, path in sabotage.places.items():
            found: object = importlib.import_module(module)
            for name in path.split("."):
                found = getattr(found, name)
            assert sabotage.misses and not module.startswith(("benchmarks", "tests"))


@pytest.mark.parametrize("name", NAMES)
def test_no_benchmark_judges_itself(name: str) -> None:
    import importlib

    module = importlib.import_module(f"benchmarks.{name}")
    source = inspect.getsource(module)
    assert module.judged is judged
    assert '"failed":' not in source and '"bar":' not in source


def test_a_bar_needs_a_minimum_count() -> None:
    with pytest.raises(ValueError, match="must name its minimum"):
        Bar("lost", 0, exactly(0), ())
    with pytest.raises(ValueError, match="must name its minimum"):
        Bar("lost", 0, exactly(0), (Count("cases", 3, 0),))
    with pytest.raises(ValueError, match="without a bar"):
        judged(Options(), {}, [])


@pytest.mark.parametrize(
    ("options", "lost", "cases", "struck", "bar", "failed"),
    [
        (Options(), 0, 100, 100, True, []),
        (Options(), 1, 100, 100, False, ["lost"]),
        (Options(), 0, 100, 0, False, ["struck"]),
        # The caller did not choose so few: the benchmark itself is broken.
        (Options(), 0, 9, 100, False, ["cases"]),
        # The caller chose it: too little to judge, unless it shows a fault anyway.
        (Options(n=9), 0, 9, 100, None, []),
        (Options(n=9), 1, 9, 100, False, ["lost"]),
        (Options(n=9), 0, 9, 0, False, ["struck"]),
        (Options(small=True), 0, 5, 5, None, []),
        (Options(small=True), 0, 5, 0, None, ["struck"]),
        (Options(small=True), 2, 5, 5, None, ["lost"]),
    ],
)
def test_the_result_of_a_bar(options: Options, lost: int, cases: int, struck: int, bar: bool | None, failed: list[str]) -> None:
    counts = (Count("cases", cases, 100, small=5, asked=True), Count("struck", struck, 20))
    found = judged(options, {"lost": lost}, [Bar("lost", lost, exactly(0), counts)])
    assert (found["bar"], found["failed"]) == (bar, failed)
    assert ("skipped" in found) is (bar is None)
    assert found["lost"] == lost


def test_a_figure_that_was_not_measured_misses_its_bar() -> None:
    counts = (Count("cases", 10, 10),)
    assert judged(Options(), {}, [Bar("recall", None, at_least(0.5), counts)])["failed"] == ["recall"]
    assert judged(Options(), {}, [Bar("wrong", float("nan"), at_most(0.5), counts)])["failed"] == ["wrong"]


@pytest.mark.parametrize("name", WITHOUT_DATA)
def test_without_data_nothing_is_claimed(name: str) -> None:
    import importlib

    found = importlib.import_module(f"benchmarks.{name}").run(Options())
    assert (found["bar"], found["failed"]) == (None, [])
    assert str(found["skipped"]).startswith("no ")


@pytest.mark.parametrize("name", ["anchoring", "diff", "packing", "sight"])
def test_without_a_history_nothing_is_claimed(name: str, tmp_path: Path) -> None:
    import importlib

    found = importlib.import_module(f"benchmarks.{name}").run(Options(repo=str(tmp_path)))
    assert found["bar"] is None and "no git history" in str(found["skipped"])


def test_only_bars_decide_what_was_missed() -> None:
    assert list(inspect.signature(bars.judged).parameters) == ["options", "keys", "bars"]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [*NAMES, *MORE_SABOTAGES])
def test_a_sabotage_is_detected(name: str, tmp_path: Path) -> None:
    sabotage = (SABOTAGES | MORE_SABOTAGES)[name]
    command = [sys.executable, "-m", "benchmarks", name.partition(":")[0], *sabotage.options, *_data(name, tmp_path)]
    environment = {**os.environ, "PYTHONPATH": f"{SABOTEUR}{os.pathsep}{ROOT}", "COUNCIL_SABOTAGE": name}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280, cwd=ROOT, env=environment)
    assert done.stdout, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1
    assert found["bar"] is not True
    assert sabotage.misses & set(found["failed"]), found


def _data(name: str, folder: Path) -> list[str]:
    if name in RECORDED:
        file = folder / "rows.jsonl"
        at_lines = {"losses": placed, "singles": ranged}
        file.write_text(text(at_lines[name](rows()) if name in at_lines else rows()), encoding="utf-8")
        return ["--data", str(file)]
    return ["--logs", str(_logs(folder))] if name == "ci_logs" else []


def _logs(folder: Path) -> Path:
    """Labeled logs: a failing line among a thousand passing ones."""
    import gzip

    file = folder / "own.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as out:
        for number in range(20):
            lines = [f"test_{each} ok" for each in range(1_000)] + [f"ERROR: assertion {number} failed: expected 1, got 2", "exit 1"]
            row = {"id": str(number), "project": f"p{number}", "source": "own", "log": "\n".join(lines), "line_sep": "\\n"}
            out.write(json.dumps({**row, "labels": [[1_001, 1_001]], "mode": "union"}) + "\n")
    return file
