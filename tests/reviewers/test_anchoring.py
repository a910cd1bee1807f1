"""Anchoring: from a quote to a place, or to none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.anchoring import run
from benchmarks.misquoting import Case, Place
from benchmarks.options import Options
from reviewers.anchoring.anchor import anchor, place_line
from reviewers.anchoring.suggestion import apply_suggestion
from reviewers.context.diff import parse
from reviewers.context.redaction import MASK
from reviewers.context.snapshot import ChangedFile, FileStatus
from reviewers.values.finding import Category, Discarded, Finding, FindingClaim, Location, Severity, Side
from tests.patches import build_patch
from tests.reviewers.samples import changed, snapshot

BASE = """import os

def load(path):
    if not path:
        raise ValueError("no path")
    handle = open(path)
    return handle.read()


def save(path, text):
    handle = open(path)
    handle.write(text)
"""
HEAD = """import os

def load(path):
    handle = open(path)
    return handle.read()


def save(path, text, mode="w"):
    handle = open(path)
    handle.write(
        text.encode("utf-8"),
    )
    handle.close()
"""
PATH = "src/files.py"
FILES = snapshot(changed(PATH, BASE, HEAD), changed("src/new_name.py", "a = 1\n", "a = 2\n", previous_path="src/old.py", status="renamed"))


def claim(quote: str, line: int | None = None, path: str = PATH, suggestion: str | None = None) -> FindingClaim:
    return FindingClaim(
        title="t",
        body="b",
        severity=Severity.HIGH,
        category=Category.CORRECTNESS,
        path=path,
        quote=quote,
        line=line,
        suggestion=suggestion,
    )


def at(line: int | None, start: int | None = None, side: Side = Side.RIGHT, path: str = PATH) -> Location:
    return Location(path=path, line=line, start_line=start, side=side)


@pytest.mark.parametrize(
    ("quote", "line", "place"),
    [
        ('def save(path, text, mode="w"):', None, at(8)),
        ('def save(path, text, mode="w"):', 999, at(8)),
        ('+def save(path, text, mode="w"):', None, at(8)),
        ('     8 + def save(path, text, mode="w"):', None, at(8)),
        ('8: def save(path, text, mode="w"):', None, at(8)),
        ('```python\ndef save(path, text, mode="w"):\n```', None, at(8)),
        ("handle.close()", 13, at(13)),
        ('handle.write( text.encode("utf-8"), )', None, at(12, 10)),
        ('    handle.write(\n        text.encode("utf-8"),\n    )', None, at(12, 10)),
        ('    handle.write(\n    ...\n    handle.close()', None, at(13, 10)),
        ('def save(path, text, mode=…', None, at(8)),
        ("    hnadle.close()", None, at(13)),
        ('mode="w"', None, at(8)),
        ("    handle = open(path)", 4, at(4)),
        ("    handle = open(path)", 9, at(9)),
        ("    handle = open(path)", None, at(None)),
        ("    handle = open(path)", 200, at(None)),
        ('        raise ValueError("no path")', None, at(5, side=Side.LEFT)),
        ("    if not path:\n        raise ValueError(\"no path\")", 4, at(5, 4, Side.LEFT)),
        ("def load(path):\n-    if not path:\n-        raise ValueError(\"no path\")\n     handle = open(path)", 3, at(4, 3)),
    ],
)  # fmt: skip
def test_quotes_are_anchored_at_their_place(quote: str, line: int | None, place: Location) -> None:
    found = anchor("seat", claim(quote, line), FILES)
    assert isinstance(found, Finding)
    assert found.location == place


@pytest.mark.parametrize(
    ("quote", "path", "reason"),
    [
        ("while True: pass", PATH, "the quoted code is not in src/files.py"),
        ("handle.close()", "src/other.py", "no such file in this change"),
        ("", PATH, "no line of src/files.py was quoted"),
        ("  \n ", PATH, "no line of src/files.py was quoted"),
        ("os.remove(path, missing_ok=True)", PATH, "the quoted code is not in src/files.py"),
        ("x", "", "no such file in this change"),
        # A piece of diff whose deleted line was never there.
        ("-    os.remove(path)\n+    handle.close()", PATH, "the quoted code is not in src/files.py"),
    ],
)
def test_quotes_that_fit_nowhere_are_rejected(quote: str, path: str, reason: str) -> None:
    found = anchor("seat", claim(quote, path=path), FILES)
    assert isinstance(found, Discarded)
    assert found.reason == reason


RULES = """import net

def send(order, items):
    if not order.paid and -order.total < LIMIT:
        return await net.post(URL, order, retries=3)
    lines = [item for item in items if item.price != 0]
    label = f"order {order.id} of 2024"
    return lines, label

def wait():
    raise net.Busy(30000)
"""
ADDED = snapshot(changed("send.py", "import net\n", RULES))


@pytest.mark.parametrize(
    "quote",
    [
        "return await net.post(URL, order, retries=3, verify=False)",
        "return await net.post(URL, order)",
        "return await net.post(URL, retries=3)",
        "return await net.post(order, URL, retries=3)",
        "return await net.post(URL, order, retries=4)",
        "return net.post(URL, order, retries=3)",
        "net.post(URL, order, retries=3)",
        "return await net.post(URL, order",
        "return await net.po",
        "if order.paid and -order.total < LIMIT:",
        "order.paid and -order.total < LIMIT",
        "order.total < LIMIT",
        "if not order.paid and -order.total <= LIMIT:",
        "if not order.paid or -order.total < LIMIT:",
        "if not order.paid and not -order.total < LIMIT:",
        "lines = [item for item in items if item.price == 0]",
        "lines = [item for item in item if items.price != 0]",
        "item.price !",
        'label = f"order {order.id} of 2025"',
        'label = f"order {order.name} of 2024"',
        "return lines.label()",
        "return label, lines",
        "returnlines, label",
        "-    return lines, label",
        "7: 1 for item in items",
        "+ item.price != 0",
        # Two edits, a short word and a number are no misspelling, and a part of three characters is no evidence.
        "return await net.post(URL, order, retrys=3)",
        "return await net.post(URI, order, retries=3)",
        "raise net.Busy(30001)",
        "URL",
    ],
)
def test_no_token_is_added_dropped_or_replaced(quote: str) -> None:
    assert isinstance(anchor("seat", claim(quote, path="send.py"), ADDED), Discarded)


@pytest.mark.parametrize(
    ("quote", "line"),
    [
        ("not order.paid and -order.total < LIMIT", 4),
        ("order.total<LIMIT...", 4),
        ("return await net.post(URL, …, retries=3)", 5),
        ("return await net.post(...)", 5),
        ("return await net.post(URL, order, retires=3)", 5),
        ("await net.post(URL, order, retries=3)", 5),
        ("label = f'order {order.id} of 2024'", 7),
        ("lines = [item for item in items\n   if item.price != 0]", 6),
        ("item.price != 0", 6),
        ("     8 +     return lines, label", 8),
        ("RETURN LINES, LABEL", 8),
    ],
)
def test_a_quote_with_unchanged_tokens_is_accepted(quote: str, line: int) -> None:
    found = anchor("seat", claim(quote, path="send.py"), ADDED)
    assert isinstance(found, Discarded) if quote.startswith("order.total") else isinstance(found, Finding)
    if isinstance(found, Finding):
        assert found.location.line == line


def test_a_word_in_the_changed_files_is_never_a_misspelling() -> None:
    files = snapshot(changed("x.py", "", "limits = 3\nretry(limit, delays)\n"), changed("y.py", "", "delay = 1\n"))
    for quote in ("retry(limits, delays)", "retry(limit, delay)", "Limits = 3 ", "retry(Limit, delays)"):
        kept = anchor("seat", claim(quote, path="x.py"), files)
        assert isinstance(kept, Discarded) == (quote in ("retry(limits, delays)", "retry(limit, delay)")), quote


def test_a_quote_of_unchanged_lines_is_context() -> None:
    found = anchor("seat", claim("import os"), FILES)
    assert isinstance(found, Finding) and found.context
    assert isinstance(changes := anchor("seat", claim("handle.close()"), FILES), Finding) and not changes.context
    assert isinstance(gone := anchor("seat", claim('raise ValueError("no path")'), FILES), Finding) and not gone.context


def test_code_of_a_new_file_without_a_diff_is_no_context() -> None:
    new = snapshot(ChangedFile(path="x.py", status=FileStatus.ADDED, head="check(user)\n", unseen="too large"))
    found = anchor("seat", claim("check(user)", path="x.py"), new)
    assert isinstance(found, Finding)
    assert (found.location, found.context) == (at(None, path="x.py"), False)


@pytest.mark.parametrize("body", ["", "The handle.", "The handle is wrong here.", "    handle.close()", "This is a problem: handle close."])
def test_a_body_that_repeats_title_or_quote_is_no_finding(body: str) -> None:
    said = claim("handle.close()").model_copy(update={"title": "The handle is closed", "body": body})
    found = anchor("seat", said, FILES)
    assert isinstance(found, Discarded)
    assert found.reason == "its text only repeats its title or its quote"


@pytest.mark.parametrize(
    ("path", "suggestion", "offered"),
    [
        ("x.py", "b = compute(1", False),
        ("x.py", "b = compute(1)", True),
        ("x.py", "Use a context manager instead of this", False),
        ("x.py", "# Use a context manager instead of this", False),
        ("x.py", "You should call `compute(1)` with the lock held", False),
        ("x.sh", "Use the quoted form of this variable", False),
        ("x.unknown", "Please add the missing check before this line", False),
        ("x.unknown", "b := compute(1)", True),
        ("x.md", "Use the new form of this call", True),
    ],
)
def test_prose_and_unparsable_suggestions_are_shown_as_text(path: str, suggestion: str, offered: bool) -> None:
    found = anchor("seat", claim("c=1", path=path, suggestion=suggestion), snapshot(changed(path, "a=1\n", "a=1\nc=1\n")))
    assert isinstance(found, Finding)
    assert (found.suggestion is not None) == offered
    assert offered or found.sketch == suggestion


@pytest.mark.parametrize("path", ["src/new_name.py", "src/old.py", "b/src/new_name.py", "./src/new_name.py", "new_name.py"])
def test_a_file_is_found_under_the_names_models_use(path: str) -> None:
    found = anchor("seat", claim("a = 2", path=path), FILES)
    assert isinstance(found, Finding)
    assert found.location == at(1, path="src/new_name.py")


def test_code_outside_the_diff_is_a_note_on_the_file() -> None:
    lines = [f"line_{number} = {number}" for number in range(50)]
    base, head = "\n".join(lines), "\n".join(lines).replace("line_40 = 40", "line_40 = 41")
    found = anchor("seat", claim("line_3 = 3", path="x.py"), snapshot(changed("x.py", base, head)))
    assert isinstance(found, Finding)
    assert found.location == at(None, path="x.py")


def test_a_file_without_any_content_cannot_be_checked() -> None:
    found = anchor("seat", claim("a = 1", path="x.bin"), snapshot(ChangedFile(path="x.bin", unseen="binary")))
    assert isinstance(found, Discarded)
    assert "could not be had" in found.reason


def test_a_deleted_file_is_commented_on_the_left() -> None:
    gone = snapshot(changed("x.py", "check(user)\nrun(user)\n", None, status=FileStatus.REMOVED))
    found = anchor("seat", claim("check(user)", path="x.py", suggestion="check(user, now)"), gone)
    assert isinstance(found, Finding)
    assert found.location == at(1, side=Side.LEFT, path="x.py")
    assert (found.suggestion, found.sketch) == (None, "check(user, now)")


def test_an_invisible_character_is_quoted_in_its_shown_form() -> None:
    tricky = snapshot(changed("x.py", "a = 1\n", "a = 1\nif role != 'user\u202e':\n    grant()\n"))
    found = anchor("seat", claim("if role != 'user\\u{202e}':", path="x.py", suggestion="if role != 'user':"), tricky)
    assert isinstance(found, Finding)
    assert found.location == at(2, path="x.py")
    assert found.suggestion is None


@pytest.mark.parametrize(
    ("quote", "line", "suggestion", "kept"),
    [
        ("    handle.close()", None, "    handle.flush()\n    handle.close()", "    handle.flush()\n    handle.close()"),
        ("handle.close()", None, "handle.flush()\nhandle.close()", "    handle.flush()\n    handle.close()"),
        ("    handle.close()", None, "```python\nhandle.flush()\n```", "    handle.flush()"),
        ("    handle.close()", None, "    handle.close()  ", None),
        ("    handle.close()", None, "", None),
        ("    hnadle.close()", None, "    handle.flush()", None),
        ('mode="w"', None, 'mode="x"', None),
        ("    handle.write(\n    ...\n    handle.close()", None, "    pass", None),
        ('        raise ValueError("no path")', None, "        return", None),
        ("    handle = open(path)", None, "    handle = open(path, mode)", None),
        ("    handle = open(path)", 9, "    handle = open(path, mode)", "    handle = open(path, mode)"),
    ],
)
def test_a_suggestion_is_kept_only_for_exactly_the_quoted_lines(quote: str, line: int | None, suggestion: str, kept: str | None) -> None:
    found = anchor("seat", claim(quote, line, suggestion=suggestion), FILES)
    assert isinstance(found, Finding)
    assert found.suggestion == kept


def test_a_suggestion_that_does_not_apply_becomes_a_sketch() -> None:
    found = anchor("seat", claim('mode="w"', suggestion='mode="x"'), FILES)
    assert isinstance(found, Finding)
    assert (found.suggestion, found.sketch) == (None, 'mode="x"')
    taken = anchor("seat", claim("    handle.close()", suggestion="    handle.flush()"), FILES)
    assert isinstance(taken, Finding)
    assert (taken.suggestion, taken.sketch) == ("    handle.flush()", None)
    same = anchor("seat", claim("    handle.close()", suggestion="    handle.close()"), FILES)
    assert isinstance(same, Finding)
    assert (same.suggestion, same.sketch) == (None, None)


@pytest.mark.parametrize(
    ("base", "head", "quote", "suggestion", "after"),
    [
        ("a\r\nb\r\n", "a\r\n  c\r\n", "c", "d\ne", "a\r\n  d\r\n  e\r\n"),
        ("\tif a:\n\t\tb\n", "\tif a:\n\t\tc\n", "\t\tc", "if c:\n    d", "\tif a:\n\t\tif c:\n\t\t\td\n"),
        ("a\nb", "a\nc", "c", "d", "a\nd"),
        ("a\n\x0cb\n", "a\n\x0cc\u2028d\n", "c\\u{2028}d", "e", None),
    ],
)
def test_a_suggestion_gets_the_file_s_indentation_and_line_ends(
    base: str, head: str, quote: str, suggestion: str, after: str | None
) -> None:
    found = anchor("seat", claim(quote, path="x.py", suggestion=suggestion), snapshot(changed("x.py", base, head)))
    assert isinstance(found, Finding)
    assert (apply_suggestion(head, found.location, found.suggestion) if found.suggestion else None) == after


def test_a_suggestion_is_dropped_if_the_head_has_moved_on() -> None:
    moved = FILES.model_copy(update={"files": (FILES.files[0].model_copy(update={"head": "# one more\n" + HEAD}),)})
    found = anchor("seat", claim("    handle.close()", suggestion="    handle.flush()"), moved)
    assert isinstance(found, Finding)
    assert (found.suggestion, found.sketch) == (None, "    handle.flush()")


def test_a_suggestion_replaces_no_other_line_than_the_one_that_was_quoted() -> None:
    moved = snapshot(ChangedFile(path="x.py", patch=build_patch("a = 1\n", "a = 2\n"), head="b = 3\n"))
    found = anchor("seat", claim("a = 2", path="x.py", suggestion="a = 4"), moved)
    assert isinstance(found, Finding)
    assert (found.suggestion, found.sketch) == (None, "a = 4")


@pytest.mark.parametrize(
    ("quote", "line", "place"),
    [
        ("    Handle.Close()", None, at(13)),
        ("def save(path, text, mode='w'):", None, at(8)),
        ("    hadnle.close()", None, at(13)),
        ("handle = open(path) return handle.read()", None, at(5, 4)),
        ("    handle = open(path)\n", 4, at(4)),
        ("    handle = op…", 9, at(9)),
        ("    handle = op...", 6, at(None)),
        ("    return handle.read()\n    ...\n    handle.close()", None, at(13, 5)),
    ],
)
def test_misquoted(quote: str, line: int | None, place: Location) -> None:
    found = anchor("seat", claim(quote, line), FILES)
    assert isinstance(found, Finding)
    assert found.location == place


TWINS = "\n".join(
    [
        *("def first(self):", "    return None", "", "def second(self):", "    if self.none:", "        return None", "    return 1"),
        *("titles = {", '    "one": "The first of many",', '    "one and only": "x",', "}", "", "x = Total", 'x = "total"'),
        *("def third(self):", "    yield 1", "    yield 2", "def fourth(self):", "    yield 1", "    yield 2", ""),
    ]
)


@pytest.mark.parametrize(
    ("quote", "line", "place"),
    [
        # Verbatim at its indentation, although the same text is nearer with another one.
        ("    return None", 6, at(2)),
        ("        return None", 2, at(6)),
        ("        return None", None, at(6)),
        # Of two lines that begin alike, the one of which more was quoted, if the distance does not decide.
        ('    "one and only":', 9, at(10)),
        ("x = Total", 14, at(13)),
        ("    retrun 1", 2, at(7)),
        # From the nearest beginning to the end, unless the number points to the other one.
        ("    yield 1\n    ...\ndef fourth(self):", None, at(18, 16)),
        ("    yield 1", 16, at(16)),
        ("    yield 1", 17, at(16)),
        ("    yield 1", 60, at(None)),
    ],
)
def test_the_likeliest_of_several_similar_places_is_chosen(quote: str, line: int | None, place: Location) -> None:
    found = anchor("seat", claim(quote, line), snapshot(changed(PATH, "", TWINS)))
    assert isinstance(found, Finding)
    assert found.location == place


NESTED = "\n".join(
    [
        *("rows = fill(", "    [", "        one(", "            1,", "        ),", "        two(2),", "    ]", ")", ""),
        *("if True:", "    rows = drain(", "        one(", "            3,", "        )", "    )", ""),
        *("def count(rows):", '    """Count the rows.', "", "    All of them.", '    """', ""),
    ]
)


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        # The bracket at the indentation of the line that opened it, and not the first one.
        ("rows = fill(\n    ...\n)", at(8, 1)),
        ("    [\n        one(\n    ...\n    ]", at(7, 2)),
        ("    rows = drain(\n    ...\n    )", at(15, 11)),
        # The quote marks alone in their line, and not the beginning of a longer line.
        ('def count(rows):\n    ...\n    """', at(21, 17)),
        # The quote moved to the left as a whole.
        ("rows = drain(\n    ...\n    )", at(14, 11)),
        # Without any indentation, or with one that the code does not have, the nearest one.
        ("rows = drain(\n...\n)", at(14, 11)),
        ("    rows = drain(\n    ...\n  )", at(14, 11)),
    ],
)
def test_the_end_of_an_elided_block_stands_at_its_indentation(quote: str, place: Location) -> None:
    found = anchor("seat", claim(quote), snapshot(changed(PATH, "", NESTED)))
    assert isinstance(found, Finding)
    assert found.location == place


def location_of(quote: str, line: int | None, base: str, head: str) -> Location | None:
    """Where a quote stands in a change of x.py; None where it is not believed."""
    found = anchor("seat", claim(quote, line, path="x.py"), snapshot(changed("x.py", base, head)))
    return found.location if isinstance(found, Finding) else None


def test_a_finding_is_about_the_changed_line_of_two_that_are_as_near() -> None:
    assert location_of("run(x)", 2, "run(x)\nb = 1\n", "run(x)\nb = 1\nrun(x)\n") == at(3, path="x.py")


def test_without_a_line_number_two_places_that_fit_nearly_as_well_are_not_told_apart() -> None:
    assert location_of("run(x)", None, "", "run(x)\nif x:\n    run(x)\n") == at(None, path="x.py")


@pytest.mark.parametrize(
    ("quote", "line", "place"),
    [
        ("retyr()", None, None),
        ("retyr()", 2, at(2, path="x.py")),
        ("retyr()", 12, at(2, path="x.py")),
        ("retyr()", 13, None),
        # Longer ones are seldom something else.
        ("retyr(now)", 40, at(3, path="x.py")),
    ],
)
def test_a_short_quote_with_a_misspelling_is_believed_near_its_line_number(quote: str, line: int | None, place: Location | None) -> None:
    assert location_of(quote, line, "", "import x\nretry()\nretry(now)\n" + "y = 1\n" * 40) == place


def test_deleted_lines_far_from_each_other_are_no_place() -> None:
    base, head = "a = 1\nkeep(1)\nc = 2\n", "keep(1)\n"
    assert location_of("a = 1", None, base, head) == at(1, side=Side.LEFT, path="x.py")
    assert location_of("a = 1\nc = 2", None, base, head) is None


def test_a_deleted_line_is_named_by_the_function_that_it_was_in() -> None:
    files = snapshot(changed("x.py", "def a():\n    x(1)\n    y(2)\n\ndef c():\n    z(3)\n", "def c():\n    z(4)\n"))
    symbols = [found.symbol for quote in ("y(2)", "z(4)") if isinstance(found := anchor("seat", claim(quote, path="x.py"), files), Finding)]
    assert symbols == ["a", "c"]


MASKED = f"{MASK}api key]"


@pytest.mark.parametrize(
    ("head", "suggestion", "sketch"),
    [
        # It would write the mask into the file, or stand for a line that nobody has seen whole.
        ("key = load()\n", f'key = "{MASKED}"', None),
        (f'key = "{MASKED}"\n', "key = load()", "key = load()"),
    ],
)
def test_no_suggestion_is_offered_where_a_secret_is_masked(head: str, suggestion: str, sketch: str | None) -> None:
    found = anchor("seat", claim(head.strip(), path="x.py", suggestion=suggestion), snapshot(changed("x.py", "", head)))
    assert isinstance(found, Finding)
    assert (found.suggestion, found.sketch) == (None, sketch)


def test_a_sketch_is_bounded() -> None:
    found = anchor("seat", claim('mode="w"', suggestion="x = 1\n" * 2_000), FILES)
    assert isinstance(found, Finding)
    assert found.sketch is not None and len(found.sketch) == 4_000


def test_what_path_quote_and_line_cannot_decide() -> None:
    case = Case("x", Place(20, 20), (10, 20, 40))
    assert [case.decidable(line) for line in (20, 16, 15, 14, 30, 31, None)] == [True, True, False, False, False, False, True]
    assert Case("x", Place(20, 20), (20,)).decidable(9_000)


def test_the_small_benchmark_puts_nothing_outside_the_diff() -> None:
    measured = run(Options(small=True, n=20, commits=4))
    assert measured["outside"] == 0
    assert measured["suggestions_bad"] == 0
    assert 0.9 < float(str(measured["ceiling"])) <= 1
    # A few cases from the last commits; only the full form has the bar.
    assert float(str(measured["right"])) > 0.75


def test_analyzer_findings_are_on_added_lines_only() -> None:
    file = FILES.files[0]
    assert place_line(file, 8) == at(8)
    assert place_line(file, 10, 12) == at(12, 10)
    assert place_line(file, 9) is None
    assert place_line(file, 8, 9000) == at(8)


CODE = st.lists(
    st.sampled_from(["a = f(x)", "    return a", "", "}", "if a:", "    b = g(a, x)", "\tb = g(a, x)", "# a = f(x)"]), max_size=14
)


@settings(max_examples=120, deadline=None)
@given(CODE, CODE, st.data())
def test_every_anchor_is_a_commentable_range_of_one_hunk(old: list[str], new: list[str], data: st.DataObject) -> None:
    base, head = "\n".join(old), "\n".join(new)
    quote = "\n".join(data.draw(st.lists(st.sampled_from([*old, *new, "...", "a = f(y)"]), min_size=1, max_size=3)))
    found = anchor(
        "seat",
        claim(quote, data.draw(st.integers(0, 20)), path="x"),
        snapshot(ChangedFile(path="x", patch=build_patch(base, head), head=head)),
    )
    if isinstance(found, Discarded) or found.location.line is None:
        return
    diff = parse("x", build_patch(base, head))
    assert diff is not None
    where = found.location
    start, end = where.start_line or where.line, where.line
    assert start is not None
    assert end is not None
    assert start <= end
    holding = [hunk for hunk in diff.hunks if {start, end} <= {row.new if where.side is Side.RIGHT else row.old for row in hunk.rows}]
    assert len(holding) == 1


GATE = "\n".join(
    [
        *("def run(ready, done):", "    if not (ready and done):", "        return -(ready + done)", "    total = done - (ready + 1)"),
        *("    if not ((ready or total)):", "        wait(ready, total)", "    handle = connect(database, retries)"),
        *("    if not connected_already(handle):", "        load(handle)", "    digest = sha256_hex(handle, other)"),
        *("    connection", "    return other(connect, retries, database, total)", "(total or retries)", "~(handle ^ digest)", ""),
    ]
)


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        # A part says the opposite of its line where a negation or a sign stands before it, in whatever number of brackets.
        ("ready and done", None),
        ("ready + done", None),
        ("ready or total", None),
        ("handle ^ digest", None),
        ("ready + 1", at(4)),
        ("total or retries", at(13)),
        # One edit in one word, in the whole line or in a part of it, at its beginning, in its middle or at its end.
        ("    handle = conect(database, retries)", at(7)),
        ("    hadnle = connect(database, retries)", at(7)),
        ("conect(database, retries)", at(7)),
        ("connect(database, retreis)", at(7)),
        ("= connect(databse, retries)", at(7)),
        ("conection", at(11)),
        ("    totl = done - (ready + 1)", at(4)),
        # Two words, another token as well, a short word, a digit, a word that exists, or a part after a negation.
        ("conect(databse, retries)", None),
        ("conect(database, total)", None),
        ("handle, conect(database, retries)", None),
        ("        laod(handle)", None),
        ("    digest = sha265_hex(handle, other)", None),
        ("    handle = connection(database, retries)", None),
        ("conected_already(handle)", None),
        ("return other(connect, retreis", None),
    ],
)
def test_the_gate(quote: str, place: Location | None) -> None:
    found = anchor("seat", claim(quote), snapshot(changed(PATH, "", GATE)))
    assert (found.location if isinstance(found, Finding) else None) == place


@pytest.mark.parametrize(
    ("base", "head", "quote", "context"),
    [
        # Of a line that the diff does not show, only the former content says whether the change wrote it.
        ("a = 1\nfar = away\n", "a = 2\nfar = away\n", "far = away", True),
        ("a = 1\n", "a = 2\nfar = away\n", "far = away", False),
        (None, "a = 2\nfar = away\n", "far = away", True),
        ("a = 1\r\nfar = away\r\nnear = by\r\n", "a = 2\r\nfar = away\r\nnear = by\r\n", "far = away\nnear = by", True),
    ],
)
def test_a_quote_beyond_the_diff(base: str | None, head: str, quote: str, context: bool) -> None:
    patch = build_patch("a = 1\n", "a = 2\n")
    found = anchor("seat", claim(quote, path="x.py"), snapshot(ChangedFile(path="x.py", patch=patch, base=base, head=head)))
    assert isinstance(found, Finding)
    assert (found.location, found.quote, found.context) == (Location(path="x.py"), quote, context)


def test_a_quote_with_the_marks_of_a_diff() -> None:
    old, new = "def f(x):\n    y = x - 1 + x\n    return -y\n", "def f(x):\n    y = x + 1 - x\n    return +y\n"
    files = snapshot(changed(PATH, old, new))
    removed = anchor("seat", claim("-    y = x - 1 + x\n-    return -y"), files)
    added = anchor("seat", claim("  +    y = x + 1 - x\n  +    return +y"), files)
    both = anchor("seat", claim(" def f(x):\n-    y = x - 1 + x\n+    y = x + 1 - x"), files)
    assert isinstance(removed, Finding) and isinstance(added, Finding) and isinstance(both, Finding)
    assert (removed.location.side, removed.location.start_line, removed.location.line) == (Side.LEFT, 2, 3)
    assert (added.location.side, added.location.start_line, added.location.line) == (Side.RIGHT, 2, 3)
    assert (both.location.side, both.location.line) == (Side.RIGHT, 2)
