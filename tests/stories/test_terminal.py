"""What a person at the server's terminal sees of a pull request, and dismisses."""

import pytest

from app.cli.findings import _decide, _listing, _read
from app.errors import UserError
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem


async def test_findings_are_listed_dismissed_and_restored(system: InProcessSystem) -> None:
    system.script([DIVISION, INJECTION], [DIVISION, INJECTION | {"title": "SQL\x1b[31m injection"}], [])
    pull = system.open()
    await system.settle()
    reviewed = await _read(system.settings, "acme/shop#1")
    listed = _listing(reviewed.verdict)
    assert listed.startswith("Council: do not merge yet · 1 critical, 1 high\n") and "\x1b" not in listed
    found = next(row.split()[0] for row in listed.splitlines() if "divides by zero" in row)
    await _decide(system.settings, reviewed, reviewed.find(found), "never empty")
    summary = system.comments(pull)[0]
    assert summary.startswith("### Council: do not merge yet · 1 critical\n")
    assert "dismissed by command line: never empty" in summary and f"- [x] dismiss `{found}`" in summary
    reviewed = await _read(system.settings, "acme/shop#1")
    assert "high, dismissed" in _listing(reviewed.verdict)
    await _decide(system.settings, reviewed, reviewed.find(found), None)
    assert system.comments(pull)[0].startswith("### Council: do not merge yet · 1 critical, 1 high\n")


async def test_missing_things_are_reported(system: InProcessSystem) -> None:
    for place in ("acme/shop#9", "acme/other#1"):
        with pytest.raises(UserError, match="no finished review"):
            await _read(system.settings, place)
    with pytest.raises(UserError, match="write owner/repo#12"):
        await _read(system.settings, "acme")
