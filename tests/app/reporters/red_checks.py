"""Failed checks for tests, extracted from logs. Add an entry for each text that a review can show."""

from pathlib import Path

import app.sandbox
from app.github.ci_logs import BUDGET, EXCERPT
from reviewers.context.ci_log.extraction import extracts
from reviewers.context.ci_log.touching import references_to_changes
from reviewers.context.snapshot import ChangedFile, FailingCheck, Snapshot
from tests.app.reporters.editions import snapshot

DEMO = (Path(app.sandbox.__file__).parent / "pull_request" / "ci_log.txt").read_bytes()
_JEST = """{stamp}##[group]Run npm test
{passing}{stamp}FAIL src/cart.test.ts
{stamp}  ● basket › adds the prices
{stamp}
{stamp}    expect(received).toBe(expected) // Object.is equality
{stamp}
{stamp}    Expected: 42
{stamp}    Received: 41
{stamp}
{stamp}      at Object.<anonymous> (src/cart.ts:6:9)
{stamp}Tests: 1 failed, 900 passed
{stamp}##[error]Process completed with exit code 1.
"""
_STAMP = "2026-03-02T09:30:00.0000000Z "
JEST = _JEST.format(stamp=_STAMP, passing="".join(f"{_STAMP}PASS src/part_{n}.test.ts\n" for n in range(900))).encode()
_FEHLER = "src/pay.c:2:12: Fehler: »amout« nicht deklariert\nmake: *** [Makefile:3: all] Fehler 1\n"
GERMAN = ("$ make check\n" + "ok\n" * 900 + _FEHLER).encode("utf-16")
LOGS = {"python": DEMO, "jest": JEST, "german": GERMAN, "empty": b""}


def check(name: str, files: tuple[ChangedFile, ...] = (), *, red_before: bool = False) -> FailingCheck:
    """The failing check that a review extracts from one of these logs."""
    full, short = extracts(LOGS[name], None, (BUDGET, EXCERPT))
    texts = {line.number: line.text for line in full.lines}
    return FailingCheck(
        name=name,
        url="https://github.com/acme/shop/runs/1",
        lines=tuple(full.text.split("\n")) if full.blocks else (),
        excerpt=tuple(short.text.split("\n")) if short.blocks else (),
        places=references_to_changes(full.references, texts, files),
        red_before=red_before,
        left_out=short.left_out if short.blocks else "",
    )


def red(*names: str, red_before: bool = False) -> Snapshot:
    """A pull request on which these checks failed."""
    patch = "@@ -4,3 +4,3 @@\n let sum = 0\n-sum += 1\n+sum += price\n return sum"
    files = (ChangedFile(path="src/cart.ts", patch=patch, head="\n" * 3 + "let sum = 0\nsum += price\nreturn sum\n"),)
    checks = tuple(check(name, files, red_before=red_before) for name in names)
    return snapshot().model_copy(update={"files": files, "failing_checks": checks})


RED = {
    "caused by this change": red("jest"),
    "red before": red("python", red_before=True),
    "two jobs": red("jest", "german"),
    "not readable": red("empty"),
}
