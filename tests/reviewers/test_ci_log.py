"""The extraction of a failure's cause from a log: its promises, and its treatment of lines."""

import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers.context.ci_log.cleaning import clean
from reviewers.context.ci_log.extraction import extract, extracts
from reviewers.context.ci_log.lines import WINDOW, LogLines
from reviewers.context.ci_log.references import references, same_file
from reviewers.context.ci_log.shortening import HEAD_LINES, MOST_LINES, shorten_log
from reviewers.context.ci_log.signals import weigh
from reviewers.context.ci_log.steps import failed_steps
from reviewers.context.ci_log.touching import references_to_changes
from reviewers.context.snapshot import ChangedFile
from reviewers.context.tokens import count

WORDS = [
    "error: x",
    "FAILED a.py::b",
    "ok",
    "\x1b[31mred\x1b[0m",
    "    at foo (a.js:1:2)",
    "",
    "100%\rdone",
    "##[error]exit code 1",
    "…",
    "€" * 90,
]
ROWS = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=200)), max_size=60)


@given(rows=ROWS, green=st.one_of(st.none(), ROWS), budget=st.integers(1, 400))
@settings(max_examples=150, deadline=None)
def test_the_budget_is_never_exceeded_and_lines_are_verbatim(rows: list[str], green: list[str] | None, budget: int) -> None:
    log = "\n".join(rows).encode("utf-8", "surrogatepass")
    taken = extract(log, None if green is None else "\n".join(green).encode("utf-8", "surrogatepass"), budget)
    assert count(taken.text) == taken.tokens <= budget
    lines = LogLines(log)
    assert all(lines.text(line.number - 1).startswith(line.text.split("…")[0].rstrip()) for line in taken.lines)
    assert extract(log, None if green is None else "\n".join(green).encode("utf-8", "surrogatepass"), budget) == taken


@given(rows=ROWS, green=st.one_of(st.none(), ROWS), budgets=st.tuples(st.integers(1, 400), st.integers(1, 400)))
@settings(max_examples=150, deadline=None)
def test_a_larger_budget_shows_everything_of_a_smaller_one(rows: list[str], green: list[str] | None, budgets: tuple[int, int]) -> None:
    log, passed = ("\n".join(each or ()).encode("utf-8", "surrogatepass") for each in (rows, green))
    small, large = extracts(log, None if green is None else passed, sorted(budgets))
    assert {line.number for line in small.lines} <= {line.number for line in large.lines}
    assert extract(log, None if green is None else passed, min(budgets)) == small


PASSING = [f"--- PASS: TestPart{n} (0.0{n % 9}s)" for n in range(12_000)]
BROKEN = ["    basket_test.go:41: total = 39, want 42", "--- FAIL: TestBasketTotal (0.00s)"]


def _step(rows: list[str]) -> bytes:
    return "\n".join(["##[group]Run go test", *rows, "##[error]Process completed with exit code 1."]).encode()


def test_a_cause_in_the_middle_of_a_long_step_comes_first() -> None:
    taken = extract(_step([*PASSING[:6_000], *BROKEN, *PASSING[6_000:]]), None, 500)
    assert "--- FAIL: TestBasketTotal (0.00s)" in [line.text for line in taken.blocks[0].lines]
    rest = [block.first for block in taken.blocks[1:]]
    assert rest == sorted(rest)


def test_weak_literals_never_displace_a_strong_one() -> None:
    named = [f"compiled {n * 7919:x}/error_page_{n:x}_{'x' * (n % 50)}.go" for n in range(60_000)]
    taken = extract(_step([*named[:30_000], *BROKEN, *named[30_000:]]), None, 1_000)
    assert "--- FAIL: TestBasketTotal (0.00s)" in taken.text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_log_in_another_encoding_is_read(encoding: str) -> None:
    rows = [*PASSING[:500], *BROKEN, *PASSING[500:1_000]]
    assert "--- FAIL: TestBasketTotal (0.00s)" in extract("\r\n".join(rows).encode(encoding), None, 500).text


@pytest.mark.parametrize(
    "prefix",
    ["check\tRun tests\t2026-03-02T09:30:{s}Z ", "[2026-03-02T09:30:{s}Z] ", "[task 2026-03-02T09:30:{s}Z] ", "#14 {n}.34 ", "web-1  | ",
     "@acme/web:test: ", "[0] ", "09:30:{s}  ", "2026-03-02T09:30:{s}Z 01O ", "\x1b_bk;t=17724438{s}\x07", "Mar  2 09:30:{s} host ci[8]: "],
)  # fmt: skip
def test_a_wrapper_s_prefix_is_learned_and_not_shown(prefix: str) -> None:
    rows = [*PASSING[:300], "FAIL: test_total", *PASSING[300:600]]
    log = "\n".join(prefix.format(n=n, s=f"{n % 60:02}") + row for n, row in enumerate(rows)).encode()
    assert "FAIL: test_total" in [line.text for line in extract(log, None, 500).blocks[0].lines]


def test_names_and_results_of_tests_are_no_prefix() -> None:
    for rows in (PASSING[:300], [f"ok {n} - adds prices" for n in range(300)], [f"src/a.c:{n}: warning: unused" for n in range(300)]):
        lines = LogLines("\n".join(rows).encode())
        assert lines.text(150) == rows[150]


def test_the_end_of_a_long_line_is_shown_if_it_names_the_failure() -> None:
    command = "python -m compileall shop " * 30
    taken = extract(_step([*PASSING[:900], f'process "/bin/sh -c {command}" did not complete successfully: exit code: 37']), None, 500)
    assert "exit code: 37" in taken.text and "process" in taken.text


@pytest.mark.parametrize("word", ["Fehler: Verbindung", "erreur: connexion", "エラー: 接続", "错误: 无法连接", "ошибка: нет связи"])
def test_failures_in_other_languages_are_found_without_a_place(word: str) -> None:
    assert word in extract(_step([*PASSING[:6_000], word, *PASSING[6_000:]]), None, 500).text


def test_printed_settings_weigh_less_than_the_failure() -> None:
    printed = ['  "timeout": 1000,', "+ export ON_ERROR=abort", "FAIL_FAST=true", "max_failures: 3"]
    assert all((signal := weigh(text)) is None or signal.weight <= 2 for text in printed)


@given(data=st.binary(max_size=2_000))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_a_log(data: bytes) -> None:
    taken = extract(data, data[::-1], 100)
    assert taken.tokens <= 100
    assert all(line.text.isprintable() for line in taken.lines)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"2026-11-24T00:00:01.1234567Z \x1b[31mFAILED\x1b[0m x\r", "FAILED x"),
        (b"\xef\xbb\xbf2026-11-24T00:00:01Z first", "first"),
        (b"\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        (b" 10%\r 50%\r100% done", "100% done"),
        (b"error: lost\r\x1b[0m", "error: lost"),
        (b"error: lost\r 50%\r100% done", "error: lost  100% done"),
        (b"2026-11-24T00:00:01.12Z 01O late", "late"),
        (b"travis_fold:start:x\r\x1b[0K$ make", "$ make"),
        (b"^[[31mFAILED^[[0m x", "FAILED x"),
        (b"a\tb\x00\x07", "a    b"),
        (b"safe\xe2\x80\xaeevil", "safeevil"),
        (b"\xff broken", "\ufffd broken"),
    ],
)
def test_a_line_is_what_a_terminal_would_show(raw: bytes, text: str) -> None:
    assert clean(raw) == text


def test_lines_are_found_by_number_and_by_byte_across_windows() -> None:
    rows = [b"x" * (number % 97) for number in range(60_000)]
    data = b"\n".join(rows)
    assert len(data) > 2 * WINDOW
    lines = LogLines(data)
    assert len(lines) == len(rows)
    assert all(lines.raw(number) == rows[number] for number in range(0, 60_000, 1_009))
    assert lines.at(lines.start(43_210)) == 43_210
    assert len(LogLines(b"")) == 0


def test_the_failed_step_is_between_its_command_and_its_mark() -> None:
    log = b"##[group]Run a\nfine\n##[group]Run b\nbad\n##[error]Process completed with exit code 1.\nPost job cleanup.\n"
    assert failed_steps(LogLines(log)) == ((2, 4),)
    travis = b'travis_time:start:1\r$ make\nbad\n\nThe command "make\n  test" exited with 2.\nDone. Your build exited with 1.\n'
    assert failed_steps(LogLines(travis)) == ((0, 4),)
    assert failed_steps(LogLines(b"no mark\n")) == ()


def test_lines_of_the_passing_run_are_left_out() -> None:
    passing = [f"2026-01-01T00:00:{n % 60:02}Z compiled part {n} in {n * 3} ms, id {n * 7919:08x}beef" for n in range(500)]
    green = "\n".join(passing).encode()
    failing = [row.replace("2026-01-01", "2026-02-02").replace(" ms", "1 ms") for row in passing]
    log = "\n".join([*failing[:250], "pkg/cart.go:12:3: undefined: Prices", *failing[250:]]).encode()
    taken = extract(log, green, 1_000)
    assert [line.text for line in taken.lines if "compiled" not in line.text] == ["pkg/cart.go:12:3: undefined: Prices"]
    assert taken.unseen == 1


def test_a_step_that_fits_is_shown_whole() -> None:
    log = "\n".join(["setup"] * 3_000 + ["##[group]Run x", "one", "two", "three", "##[error]Process completed with exit code 1."]).encode()
    shown = [line.text for line in extract(log, None, 2_000).lines]
    assert shown[-5:] == ["##[group]Run x", "one", "two", "three", "##[error]Process completed with exit code 1."]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("src/cart.py:12: error", [("src/cart.py", 12)]),
        ('  File "/app/src/cart.py", line 7, in x', [("/app/src/cart.py", 7)]),
        ("[ERROR] /b/Main.java:[147,78] incompatible", [("/b/Main.java", 147)]),
        ("src/total.ts(5,14): error TS2322", [("src/total.ts", 5)]),
        ("   --> src/lib.rs:2:5", [("src/lib.rs", 2)]),
        ("    at total (cart.js:4:30)", [("cart.js", 4)]),
        ("see https://example.com/a.py:80 and 10:30:22", []),
    ],
)
def test_places_are_read_in_the_formats_of_tools(text: str, places: list[tuple[str, int]]) -> None:
    assert [(place.path, place.line) for place in references([(1, text)])] == places


def test_a_place_is_in_the_change_or_near_it() -> None:
    files = (
        ChangedFile(path="src/cart.py", patch="@@ -1,1 +1,2 @@\n a\n+b"),
        ChangedFile(path="lib/x.go", patch="@@ -1,1 +1,1 @@\n-a\n+b"),
    )
    named = references([(1, "/runner/shop/src/cart.py:2: bad"), (2, "cart.py:9: bad"), (3, "other/x.go:1: bad"), (4, "x.go:1: bad")])
    found = references_to_changes(named, {1: "first"}, files)
    assert [(place.path, place.line, place.touched, place.text) for place in found] == [
        ("src/cart.py", 2, True, "first"),
        ("lib/x.go", 1, True, ""),
        ("src/cart.py", 9, False, ""),
    ]
    assert not same_file("bart.py", "src/cart.py")


@pytest.mark.parametrize("text", ["a" * 300, "E" * 300, "_" * 300, "x." * 150, ": " * 150, "0 " * 150, "(1," * 100, "A-Z$" * 75])
def test_no_line_is_slow_to_weigh(text: str) -> None:
    started = time.process_time()
    for _ in range(20):
        weigh(text)
    assert time.process_time() - started < 1.0


def test_memory_stays_near_the_log_itself() -> None:
    log = b"\n".join(b"2026-01-01T00:00:00Z line %d of a long log that says little" % n for n in range(150_000))
    # The tokenizer's vocabulary is loaded once per process and does not belong to the log.
    extract(b"warm", None, 100)
    tracemalloc.start()
    extract(log, log, 1_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak + 2 * len(log) < 3 * 2 * len(log)


def test_the_first_failure_under_a_heading_is_followed() -> None:
    fine = [f"step {n} of many" for n in range(9_000)]
    code = [f"line_{n} = {n}" for n in range(60)]
    names = [f"{first}{second}" for first in "abcdefgh" for second in "klmnopqr"]
    others = [row for name in names for row in (f"____ test_{name} ____", f"E   {name.title()}Error: {name} refused {name}")]
    log = "\n".join([*fine, "==== FAILURES ====", "____ test_total ____", *code, "E   AssertionError: 41", *others, *fine])
    assert "line_50 = 50" in extract(log.encode(), None, 700).text


def test_passing_lines_take_no_room_in_the_budget() -> None:
    log = "PASS src/a.test.ts\n" * 500 + "FAIL src/cart.test.ts\n  expected 42\n" + "ok\n" * 30
    taken = extract(log.encode(), None, 2_000)
    assert taken.blocks[0].lines[0].number >= 480
    assert taken.tokens < 200


def test_more_words_make_a_line_rare_among_similar_ones() -> None:
    around = [f"basket_{n}: checked in 0.0{n % 9} s" for n in range(3_000)]
    log = "\n".join([*around, "merge: basket - not something we can merge", *around, "Process exited with code 1"])
    assert "not something we can merge" in "\n".join(line.text for line in extract(log.encode(), None, 500).blocks[0].lines)


@pytest.mark.parametrize("ending", [b"", b"the end"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_log_with_too_many_lines_keeps_its_first_and_last(ending: bytes, encoding: str) -> None:
    rows = [f"{number}" for number in range(MOST_LINES + 1)]
    log = "\n".join([*rows, ending.decode()]).encode(encoding)
    assert shorten_log("\n".join(rows).encode(encoding)) == "\n".join(rows).encode()
    kept = shorten_log(log).decode().split("\n")
    assert kept[: HEAD_LINES + 1] == [*rows[:HEAD_LINES], "[the middle of the log was not read]"]
    assert kept[HEAD_LINES + 1 :] == [*rows[HEAD_LINES + 1 :], ending.decode()]


def test_lines_without_text_take_little_memory() -> None:
    tracemalloc.start()
    extract(shorten_log(b"\n" * 5_000_000 + b"##[error]it failed\n"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize("size", [100_000, 4 * 65_536, 4 * 65_536 + 500, 3_000_000])
@pytest.mark.parametrize("unit", ["{} ", "error {}%\r"])
def test_a_long_line_keeps_both_ends(size: int, unit: str) -> None:
    line = "fatal: it failed " + "".join(unit.format(number) for number in range(size))[:size] + " the end"
    log = f"first\n{line}\nlast\n".encode()
    short = shorten_log(log)
    assert len(short) < 300_000 and short.count(b"\n") == 3
    assert [clean(row) for row in short.split(b"\n")] == [clean(row) for row in log.split(b"\n")]
