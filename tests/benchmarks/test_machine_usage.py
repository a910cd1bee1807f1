"""What limits a site is named from what its processes used."""

import os
import subprocess
import sys

import pytest

from benchmarks.machine_usage import Usage, cpu_seconds, machine_seconds, name_limit

_PLENTY = {"worker 0": 30.0, "worker 1": 20.0, "postgres": 10.0, "sandbox of GitHub": 5.0}


@pytest.mark.parametrize(
    ("cores", "spent", "machine", "in_flight", "said"),
    [
        (2, _PLENTY, 180.0, 5, "the 2 cores of this machine (worker 0.50, postgres 0.10, sandbox 0.05, other programs 1.15)"),
        (8, _PLENTY, 180.0, 5, "none of these: 1.80 of 8 cores, 5.0 of 20 reviews at once"),
        (8, _PLENTY | {"sandbox of GitHub": 90.0}, 180.0, 5, "one core, which sandbox of GitHub uses up"),
        (8, _PLENTY | {"worker 1": 86.0}, 180.0, 20, "one core, which worker 1 uses up"),
        (8, _PLENTY, 180.0, 18, "the 20 reviews that run at once"),
    ],
)
def test_the_limit_is_what_is_used_up(cores: int, spent: dict[str, float], machine: float, in_flight: float, said: str) -> None:
    assert name_limit(Usage(100.0, cores, spent, machine, 20, in_flight)) == said


def test_the_time_of_an_ended_child_counts() -> None:
    """A worker starts analyzers, which end before anybody measures."""
    before, all_before = cpu_seconds(os.getpid()), machine_seconds()
    subprocess.run([sys.executable, "-c", "sum(range(8_000_000))"], check=True)
    assert cpu_seconds(os.getpid()) - before > 0.05 and machine_seconds() - all_before > 0.05


def test_a_process_that_is_gone_counts_nothing() -> None:
    assert cpu_seconds(2**22 + 1) == 0.0
