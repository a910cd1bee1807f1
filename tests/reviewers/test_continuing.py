"""What is new since the last review, and what became of a finding, decided by content."""

import pytest

from reviewers.context.snapshot import ChangedFile, Snapshot
from reviewers.incremental.delta import find_delta, narrow_snapshot
from reviewers.incremental.matching import EarlierFinding, NewFinding, match_findings
from reviewers.incremental.tracking import trace_findings
from reviewers.values.changes_since import FindingStatus
from reviewers.values.finding import Category, Finding, Location, Severity
from tests.patches import build_patch

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


def test_the_same_change_on_another_base_has_nothing_new() -> None:
    moved = "# Licence.\n" * 20 + BASE
    now = snapshot(a=(moved, moved + FUNCTION))
    new = find_delta(BEFORE, now)
    assert new.is_empty
    assert narrow_snapshot(now, new).files == ()


def test_only_hunks_with_something_new_are_shown() -> None:
    tail = "\n".join(f"x{number} = {number}" for number in range(30))
    before = snapshot(a=(f"{BASE}{tail}\n", f"{HEAD}{tail}\n"))
    now = snapshot(a=(f"{BASE}{tail}\n", f"{HEAD}{tail}\nprint(x1, x2)\n"))
    (file,) = narrow_snapshot(now, find_delta(before, now)).files
    assert file.patch is not None
    assert "print(x1, x2)" in file.patch and "def mean" not in file.patch


@pytest.mark.parametrize(
    ("now", "fate", "line"),
    [
        (HEAD, FindingStatus.OPEN, 10),
        ("VERSION = 2\n" + HEAD, FindingStatus.OPEN, 11),
        (HEAD.replace("total / len(values)", "total / max(1, len(values))"), FindingStatus.FIXED, 10),
        (BASE, FindingStatus.FIXED, 10),
        (FUNCTION + "\n\n" + BASE, FindingStatus.MOVED, 5),
    ],
)
def test_the_fate_of_a_finding_in_its_file(now: str, fate: FindingStatus, line: int) -> None:
    after = snapshot(a=(BASE, now)) if now != BASE else snapshot(a=("", BASE))
    found = trace_findings(finding(), BEFORE, after, find_delta(BEFORE, after))
    assert (found.fate, found.location.line) == (fate, line)


def test_a_finding_follows_its_code_into_another_file() -> None:
    """It is outdated once that file loses the code."""
    elsewhere = snapshot(b=("", FUNCTION))
    found = trace_findings(finding(), BEFORE, elsewhere, find_delta(BEFORE, elsewhere))
    assert (found.fate, found.location.path) == (FindingStatus.MOVED, "b.py")
    nowhere = snapshot(c=("", "x = 1\n"))
    assert trace_findings(finding(), BEFORE, nowhere, find_delta(BEFORE, nowhere)).fate is FindingStatus.OUTDATED


def test_other_words_on_the_same_code_are_the_same() -> None:
    """Another defect next to it is not."""
    said = [EarlierFinding(finding(), Location(path="a.py", line=10), "f" * 64)]
    reworded = finding(title="mean() crashes on nothing", body="Guard the denominator.", category=Category.ERRORS)
    beside = finding(11, "    log(password)", title="The password is logged", body="Leave it out.", category=Category.SECURITY)
    graver = finding(title="It runs user input", body="As code.", severity=Severity.CRITICAL, category=Category.SECURITY)
    assert match_findings([NewFinding(reworded, "a"), NewFinding(beside, "b")], said, {"a.py": frozenset({11})}) == [(0,), ()]
    assert match_findings([NewFinding(graver, "c")], said) == [()]


def test_a_finding_next_to_a_dismissed_line_is_separate() -> None:
    """The lines that both cover decide."""
    quote = "    pages = len(rows) // size\n    logger.info(password)"
    said = finding(31, quote, title="The password is written to the log").model_copy(
        update={"location": Location(path="a.py", line=31, start_line=30)}
    )
    dismissed = EarlierFinding(
        finding(30, "    pages = len(rows) // size", title="The last page is empty"), Location(path="a.py", line=30), "x", (30,)
    )
    logged = EarlierFinding(said, said.location, "y", (30, 31))
    again = said.model_copy(update={"title": "Secret disclosed by a debugging statement", "body": "Operators see it."})
    assert match_findings([NewFinding(again, "z")], [dismissed, logged], {"a.py": frozenset({30})}, several=True) == [(1,)]


def test_undefined_names_are_separate_however_similar_the_words() -> None:
    one = finding(4, "    seed = random.random()", title="Undefined name `random`", body="It raises NameError. (ruff F821)")
    other = finding(29, "    logger.info(x)", title="Undefined name `logger`", body="It raises NameError. (ruff F821)")
    assert match_findings([NewFinding(other, "b")], [EarlierFinding(one, one.location, "a")], {"a.py": frozenset({29})}) == [()]


def test_a_defect_on_a_new_line_is_new() -> None:
    """Even if its quote reaches over the lines of an earlier one."""
    one = finding(19, '    query = f"SELECT {name}"', title="SQL injection through the name", body="Bind it.", category=Category.SECURITY)
    other = finding(
        20, '    query = f"SELECT {name}"\n    logger.info(password)', title="The password is written to the log", body="Leave it out."
    )
    other = other.model_copy(update={"location": Location(path="a.py", line=20, start_line=19), "category": Category.SECURITY})
    assert match_findings([NewFinding(other, "b")], [EarlierFinding(one, one.location, "a")], {"a.py": frozenset({20})}) == [()]


def test_a_corrected_line_can_get_a_new_finding() -> None:
    old = finding(
        4, "    rows = [[o for o in orders if o.user == u.id] for u in users]", title="Quadratic scan over all orders", body="Slow."
    )
    new = finding(
        4, "    rows = [orders_by_user(orders).get(u.id, []) for u in users]", title="Undefined name `orders_by_user`", body="NameError."
    )
    assert match_findings([NewFinding(new, "b")], [EarlierFinding(old, old.location, "a", (4,))], {"a.py": frozenset({4})}) == [()]


def test_a_partly_changed_finding_is_found_at_its_other_line() -> None:
    said = finding(10, "    total = sum(values)\n    return total / len(values)")
    said = said.model_copy(update={"location": Location(path="a.py", line=10, start_line=9)})
    now = snapshot(a=(BASE, HEAD.replace("total = sum(values)", "total = sum(values)  # all")))
    found = trace_findings(said, BEFORE, now, find_delta(BEFORE, now))
    assert (found.fate, found.around) == (FindingStatus.FIXED, (9, 10))


def test_two_findings_on_one_line_keep_their_twins() -> None:
    line = "    return date(int(year), int(day), int(month))  # 0"
    place = {"line": 13, "quote": line}
    undefined = finding(**place, title="Undefined name `date`", body="Reaching this line raises NameError. Define or import the name.")
    swapped = finding(**place, title="Day and month are swapped", body="`date` takes year, month, day, so April becomes March.")
    reworded = finding(
        **place, title="Wrong argument order for date()", body="Values above twelve raise ValueError, lower ones give another moment."
    )
    earlier = [EarlierFinding(each, each.location, print_, (13,)) for each, print_ in ((undefined, "a" * 64), (swapped, "b" * 64))]
    assert match_findings([NewFinding(reworded, "c" * 64), NewFinding(undefined, "d" * 64)], earlier) == [(1,), (0,)]
    assert match_findings([NewFinding(undefined, "d" * 64), NewFinding(undefined, "e" * 64)], earlier[:1]) == [(0,), (0,)]


def test_by_place_alone_each_takes_an_unmatched_one() -> None:
    place = {"line": 13, "quote": "    return date(int(year), int(day), int(month))  # 0"}
    undefined = finding(**place, title="Undefined name `date`", body="Reaching this line raises NameError.")
    swapped = finding(**place, title="Day and month are swapped", body="`date` takes year, month, day.")
    reworded = finding(**place, title="Calendar fields are mixed up", body="European input is read the American way around.")
    earlier = [
        EarlierFinding(undefined, undefined.location, "a" * 64, (12, 13), frozenset({"ruff"})),
        EarlierFinding(swapped, swapped.location, "b" * 64, (13,), frozenset({"gpt", "opus"})),
    ]
    fresh = [NewFinding(reworded, "c" * 64, frozenset({"gpt", "opus"})), NewFinding(undefined, "d" * 64, frozenset({"ruff"}))]
    assert match_findings(fresh, earlier) == [(1,), (0,)]


@pytest.mark.parametrize(("raised_by", "twins"), [({"gpt"}, [(0,), (0,)]), ({"newcomer"}, [(0,), ()])])
def test_another_category_by_the_same_seats_is_the_same(raised_by: set[str], twins: list[tuple[int, ...]]) -> None:
    """If these seats raised that finding before, and now only this one."""
    said = finding(line=4, title="SQL injection through the name", body="It is put into the query.", category=Category.SECURITY)
    same = said.model_copy(update={"title": "Possible SQL injection by a query put together", "body": "A name is put into the query."})
    other = said.model_copy(
        update={"title": "Unescaped interpolation", "body": "Apostrophes break out of quotes.", "category": Category.DATA}
    )
    earlier = [EarlierFinding(said, said.location, "a" * 64, (4,), frozenset({"ruff", "gpt"}))]
    assert (
        match_findings([NewFinding(same, "b" * 64, frozenset({"ruff"})), NewFinding(other, "c" * 64, frozenset(raised_by))], earlier)
        == twins
    )


def test_one_finding_can_repeat_two_earlier_ones() -> None:
    place = {"line": 4, "quote": "    query = f\"SELECT * FROM users WHERE name = '{name}'\"", "category": Category.SECURITY}
    tool = finding(**place, title="Possible SQL injection by a query put together", body="A name is put into the query.")
    model = finding(**place, title="Unescaped interpolation", body="Apostrophes break out of quotes.")
    earlier = [
        EarlierFinding(tool, tool.location, "a" * 64, (4,), frozenset({"ruff"})),
        EarlierFinding(model, model.location, "b" * 64, (4,), frozenset({"gpt", "opus"})),
    ]
    said = finding(**place, title="SQL injection through the name", body="It is put into the query.")
    assert match_findings([NewFinding(said, "c" * 64, frozenset({"ruff", "gpt", "opus"}))], earlier) == [(0, 1)]
    assert match_findings([NewFinding(said, "c" * 64, frozenset({"ruff", "gpt"}))], earlier) == [(0,)]
