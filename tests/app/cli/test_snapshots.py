"""What the terminal shows, word for word."""

import pytest
from syrupy.assertion import SnapshotAssertion

from app.reporters.terminal import render
from tests.app.cli.printed import printed
from tests.app.reporters.editions import snapshot as change
from tests.app.reporters.test_snapshots import EDITIONS
from tests.snapshots import TextSnapshot


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextSnapshot)


@pytest.mark.parametrize("width", [100, 40])
@pytest.mark.parametrize("name", EDITIONS)
def test_review(name: str, width: int, golden: SnapshotAssertion) -> None:
    lines = printed(render(EDITIONS[name].verdict, change()), width).split("\n")
    assert "\n".join(line.rstrip() for line in lines) == golden
