"""What is new since the last look, and what became of a finding, told by content."""

import pytest

from reviewers.context.diff import build_patch
from reviewers.context.snapshot import ChangedFile, Snapshot
from reviewers.continuing.delta import delta, narrowed
from reviewers.continuing.fates import trace
from reviewers.continuing.sameness import Earlier, match
from reviewers.finding import Category, Finding, Location, Severity
from reviewers.since import Fate

BASE = "import os\n\n\ndef first():\n    return 1\n"
FUNCTION = "\n\ndef mean(values):\n    total = sum(values)\n    return total / len(values)\n"
HEAD = BASE + FUNCTION


def snapshot(**files: tuple[str, str]) -> Snapshot:
    changed = tuple(
        ChangedFile(path=f"{name}.py", base=base or None, head=head, patch=build_patch(base, head)) for name, (base, head) in files.items()
    )
    return Snapshot(
        repository="acme/shop",
        number=1,
        url="",
        title="",
        body="",
        author="",
        base_ref="main",
        base_sha="0" * 40,
        head_ref="x",
        head_sha="1" * 40,
        files=changed,
    )


def finding(line: int = 10, quote: str = "    return total / len(values)", **changes: object) -> Finding:
    made = Finding(
        seat="one",
        title="An empty list divides by zero",
        body="With no values it raises.",
        severity=Severity.HIGH,
        category=Category.CORRECTNESS,
        location=Location(path="a.py", line=line),
        quote=quote,
    )
    return made.model_copy(update=changes)


BEFORE = snapshot(a=(BASE, HEAD))


def test_the_same_change_on_another_base_is_nothing_new() -> None:
    moved = "# Licence.\n" * 20 + BASE
    now = snapshot(a=(moved, moved + FUNCTION))
    new = delta(BEFORE, now)
    assert new.is_empty
    assert narrowed(now, new).files == ()


def test_only_the_hunk_that_holds_something_new_is_shown() -> None:
    tail = "\n".join(f"x{number} = {number}" for number in range(30))
    before = snapshot(a=(f"{BASE}{tail}\n", f"{HEAD}{tail}\n"))
    now = snapshot(a=(f"{BASE}{tail}\n", f"{HEAD}{tail}\nprint(x1, x2)\n"))
    (file,) = narrowed(now, delta(before, now)).files
    assert file.patch is not None
    assert "print(x1, x2)" in file.patch and "def mean" not in file.patch


@pytest.mark.parametrize(
    ("now", "fate", "line"),
    [
        (HEAD, Fate.OPEN, 10),
        ("VERSION = 2\n" + HEAD, Fate.OPEN, 11),
        (HEAD.replace("total / len(values)", "total / max(1, len(values))"), Fate.FIXED, 10),
        (BASE, Fate.FIXED, 10),
        (FUNCTION + "\n\n" + BASE, Fate.MOVED, 5),
    ],
)
def test_what_became_of_a_finding_in_its_file(now: str, fate: Fate, line: int) -> None:
    after = snapshot(a=(BASE, now)) if now != BASE else snapshot(a=("", BASE))
    found = trace(finding(), BEFORE, after, delta(BEFORE, after))
    assert (found.fate, found.location.line) == (fate, line)


def test_a_finding_follows_its_code_into_another_file_and_is_outdated_with_it() -> None:
    elsewhere = snapshot(b=("", FUNCTION))
    found = trace(finding(), BEFORE, elsewhere, delta(BEFORE, elsewhere))
    assert (found.fate, found.location.path) == (Fate.MOVED, "b.py")
    nowhere = snapshot(c=("", "x = 1\n"))
    assert trace(finding(), BEFORE, nowhere, delta(BEFORE, nowhere)).fate is Fate.OUTDATED


def test_other_words_on_the_same_code_are_the_same_and_another_defect_beside_it_is_not() -> None:
    said = [Earlier(finding(), Location(path="a.py", line=10), "f" * 64)]
    reworded = finding(title="mean() crashes on nothing", body="Guard the denominator.", category=Category.ERRORS)
    beside = finding(11, "    log(password)", title="The password is logged", body="Leave it out.", category=Category.SECURITY)
    graver = finding(title="It runs user input", body="As code.", severity=Severity.CRITICAL, category=Category.SECURITY)
    assert match([(reworded, "a"), (beside, "b")], said, {"a.py": frozenset({11})}) == [0, None]
    assert match([(graver, "c")], said) == [None]
