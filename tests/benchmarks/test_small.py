"""Every benchmark in its small form, on every supported database: none misses a bar that its size can judge."""

import json
import subprocess
import sys
from typing import Any

import pytest

from benchmarks.options import NAMES

ON_POSTGRES = ("budget", "crash", "fair", "ingest", "memory", "publish_faults", "reconcile", "redis", "supersede", "web")
# Their counts do not depend on time, so they run in parallel; the others measure times, or kill by the clock.
UNTIMED = frozenset(
    {
        *("anchoring", "authz", "budget", "calibration", "canary", "ci_kinds", "commands", "consensus", "council4", "critics", "inject"),
        *("invented", "learning", "losses", "markdown", "quiet", "quorum", "reviewable", "rounds", "secrets", "seeded_logs", "selection"),
        *("sight", "signature", "singles", "ssrf", "supersede"),
    }
)
ON = [(name, "sqlite") for name in NAMES if name != "scale"] + [(name, "postgres") for name in (*ON_POSTGRES, "scale")]
CASES = [pytest.param(name, database, marks=[] if name in UNTIMED else pytest.mark.alone) for name, database in ON]


# They start processes on ports that were just free, and kill them by the clock: a busy machine may spoil one try.
REAL_PROCESSES = ("crash", "drain", "machines", "recover", "redis", "scale")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "database"), CASES)
def test_the_small_form_misses_no_bar(name: str, database: str) -> None:
    tries = [measured(name, database)]
    if tries[0][:3] != (0, [], None) and name in REAL_PROCESSES:
        tries.append(measured(name, database))
    assert tries[-1][:3] == (0, [], None), tries
    # Either it reports missing data, or it counted at least what its bars need.
    last = tries[-1][3]
    assert str(last["skipped"]).startswith("small form" if last["bars"] else "no "), last
    assert all(counted >= needed for counted, needed in last["least"].values()), last


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["crash", "ingest", "recover"])
def test_the_small_form_through_a_pooler_misses_no_bar(name: str) -> None:
    tries = [measured(name, "postgres", "--pooler")]
    if tries[0][:3] != (0, [], None):
        tries.append(measured(name, "postgres", "--pooler"))
    assert tries[-1][:3] == (0, [], None), tries
    assert not tries[-1][3]["bars"] or "pooler_ratio" in tries[-1][3]["bars"]


def measured(name: str, database: str, *more: str) -> tuple[int, object, object, dict[str, Any]]:
    """Exit code, missed bars, bar, and its last line, with the end of its output."""
    command = [sys.executable, "-m", "benchmarks", name, "--small", "--database", database, *more]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    except subprocess.TimeoutExpired as late:
        return (1, "no end within 280 s", None, {"said": str(late.stderr or b"")[-1000:]})
    last = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
    return (done.returncode, last.get("failed"), last.get("bar"), last | {"said": done.stderr[-1000:]})
