"""Every benchmark in its small form, on every database it knows: none misses a bar that its size lets it judge."""

import json
import subprocess
import sys

import pytest

from benchmarks.options import NAMES

ON_POSTGRES = ("crash", "fair", "ingest", "publish_faults", "reconcile", "redis", "supersede")
CASES = [(name, "sqlite") for name in NAMES if name != "scale"] + [(name, "postgres") for name in (*ON_POSTGRES, "scale")]


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(("name", "database"), CASES)
def test_the_small_form_misses_nothing(name: str, database: str) -> None:
    command = [sys.executable, "-m", "benchmarks", name, "--small", "--database", database]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=380)
    last = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
    assert (done.returncode, last.get("failed"), last.get("bar")) == (0, [], None), (last, done.stderr[-2000:])
