"""The benchmark of mirroring: a real fetch from another process, checked file by file."""

from pathlib import Path

import pytest

from benchmarks.mirroring import measure_mirroring
from tests.app.git.repositories import git


@pytest.mark.slow
def test_the_measured_mirror_is_complete(tmp_path: Path) -> None:
    files = {f"src/{number}.py": f"n = {number}\n".encode() for number in range(50)}
    figures = measure_mirroring(files, {"src/0.py": b"n = -1\n"}, tmp_path / "kept")
    assert figures.objects_wrong == 0 and figures.incremental_fetch_s > 0 and figures.warm_open_s < figures.first_fetch_s
    assert len(git(tmp_path / "kept", "for-each-ref").splitlines()) == 2
