"""What a question names and pastes becomes material, within a budget and with every omission named."""

import pytest

from reviewers.anchoring.citations import ClaimedCitation, check_citations
from reviewers.context.dossier_packing import CUT, pack
from reviewers.context.excerpts import excerpts
from reviewers.context.mentions import Spot, locate_mentions, mentions
from reviewers.context.pasted import kind_of, take_out
from reviewers.context.prompt_builder import NO_ROOM
from reviewers.context.redaction import redact_question
from reviewers.context.tokens import count
from reviewers.values.finding import Discarded
from reviewers.values.question import Dossier, Inquiry, Material, MaterialKind
from reviewers.values.solution import Citation

TRACE = (
    'Traceback (most recent call last):\n  File "/srv/app/cart.py", line 6, in average\n    return total(items) / len(items)\n'
    "ZeroDivisionError: division by zero"
)
LOG = "\n".join(f"2026-11-24 14:0{n}:01 INFO worker {n} took job" for n in range(9))
METRICS = 'http_requests_total{code="200"} 1027\nhttp_requests_total{code="500"} 3\nprocess_cpu_seconds_total 12.5\npool_in_use 20'
PROFILE = (
    "   ncalls  tottime  percall  cumtime  percall filename:lineno(function)\n"
    "  100000    4.120    0.000    4.120    0.000 cart.py:2(total)\n"
    "       1    0.310    0.310    4.430    4.430 cart.py:6(average)"
)


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        (TRACE, MaterialKind.TRACE),
        (LOG, MaterialKind.LOG),
        (METRICS, MaterialKind.METRICS),
        (PROFILE, MaterialKind.PROFILE),
        ("main;serve;total 120\nmain;serve;average 30\nmain;idle;wait 10", MaterialKind.PROFILE),
        ("def total(items):\n    return sum(items)\n\n\ntotal([])", None),
        ("The pool runs out.\nThen nobody gets a connection.\nWe restarted it twice.", None),
        ("goroutine 1 [running]:\nmain.main()\n\t/app/main.go:12 +0x1d", MaterialKind.TRACE),
        (
            "java.lang.NullPointerException\n\tat com.acme.Cart.total(Cart.java:12)\n\tat com.acme.Main.main(Main.java:4)",
            MaterialKind.TRACE,
        ),
    ],
)
def test_kinds_of_pasted_blocks(block: str, kind: MaterialKind | None) -> None:
    assert kind_of(block) is kind


def test_a_pasted_block_is_replaced_by_its_name() -> None:
    text, materials = take_out(f"It fails:\n\n```\n{TRACE}\n```\n\nWhy?", "the question")
    assert [material.kind for material in materials] == [MaterialKind.TRACE]
    assert text == "It fails:\n\n[stack-trace 1 of the question]\n\n\nWhy?"


def test_a_long_log_is_cut_to_its_cause() -> None:
    lines = [f"2026-11-24 14:00:01 INFO step {n} ok" for n in range(4_000)]
    lines[2_000] = "2026-11-24 14:00:01 ERROR AssertionError: expected 3 connections, got 20"
    _, (material,) = take_out("```\n" + "\n".join(lines) + "\n```", "the question")
    assert "expected 3 connections, got 20" in material.text
    assert count(material.text) <= 3_000
    assert "lines left out" in material.why


def test_names_in_a_text_are_found() -> None:
    found = mentions(
        "See https://github.com/acme/shop/blob/0123abc/app/cart.py#L4-L9 and https://github.com/other/repo/blob/main/x.py#L1, "
        "app/db.py:12, `Cart.total`, #17, https://github.com/acme/shop/pull/18, commit 9fceb02d0 and ![the graph](https://x.test/a.png)",
        "acme/shop",
    )
    assert Spot(path="app/cart.py", first=4, last=9, ref="0123abc") in found.spots
    assert Spot(path="app/db.py", first=12, last=12) in found.spots
    assert not any(spot.path == "x.py" for spot in found.spots)
    assert set(found.numbers) == {17, 18}
    assert found.commits == ("9fceb02d0",)
    assert found.images == ("the graph",)
    assert "cart.total" in found.symbols


def test_a_stack_frame_is_found_unless_its_name_is_ambiguous() -> None:
    paths = ("app/cart.py", "web/cart.py", "lib/util.py")
    spots = mentions(TRACE, "acme/shop").spots
    assert locate_mentions(spots, paths) == {"app/cart.py": (Spot(path="/srv/app/cart.py", first=6, last=6),)}
    assert locate_mentions((Spot(path="cart.py"), Spot(path="util.py")), paths) == {"lib/util.py": (Spot(path="util.py"),)}


def test_a_long_file_is_shown_around_the_named_lines() -> None:
    text = "\n".join(f"def f{n}(x):\n    return x + {n}\n" for n in range(200))
    (first, *_) = excerpts("app/long.py", text, (Spot(path="app/long.py", first=302, last=302),), ("f3",), "why")
    shown = excerpts("app/long.py", text, (Spot(path="app/long.py", first=302, last=302),), ("f3",), "why")
    assert any("return x + 3\n" in f"{each.text}\n" for each in shown)
    assert any(each.first_line <= 302 < each.first_line + each.text.count("\n") + 1 for each in shown)
    assert sum(each.text.count("\n") for each in shown) < 120 and first.path == "app/long.py"


def test_a_pack_is_within_budget_and_names_what_it_drops() -> None:
    materials = tuple(
        Material(kind=kind, name=f"{kind} {n}", text=f"line {n} of it\n" * 3_000, why="x") for kind in MaterialKind for n in range(4)
    )
    dossier = Dossier(repository="acme/shop", materials=materials)
    packed = pack(Inquiry(seed="s", question="why? " * 20_000), dossier, "gpt", 8_000)
    assert count(packed.text) <= 8_000
    dropped = {each.path: each.reason for each in packed.dropped}
    assert dropped["the question"] == CUT
    shown = [material.name for material in materials if material.name not in dropped]
    assert all(reason in {CUT, NO_ROOM} for reason in dropped.values())
    assert not shown, "every one of them was cut or dropped, and says so"


def test_a_secret_in_a_question_never_reaches_a_model() -> None:
    key = "sk-proj-" + "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z" * 2
    inquiry, dossier = redact_question(
        Inquiry(seed="s", question=f"why does {key} fail?"),
        Dossier(repository="a/b", materials=(Material(kind=MaterialKind.LOG, name="log", text=f"token={key}", why=""),)),
    )
    assert key not in pack(inquiry, dossier, "gpt", 8_000).text


def test_a_citation_must_be_in_its_material() -> None:
    code = Material(
        kind=MaterialKind.CODE, name="app/cart.py", path="app/cart.py", first_line=41, text="a = 1\nb = 2\nc = 3", why="", url="u"
    )
    dossier = Dossier(repository="a/b", materials=(code, Material(kind=MaterialKind.LOG, name="log 1", text="x\nboom at 3", why="")))
    assert check_citations("s", "t", ClaimedCitation("cart.py", 0, "b = 2"), dossier) == Citation(
        source="app/cart.py", line=42, end_line=42, quote="b = 2", url="u#L42"
    )
    found = check_citations("s", "t", ClaimedCitation("log 1", 0, "boom at 3"), dossier)
    assert isinstance(found, Citation) and (found.source, found.line) == ("log 1", 2)
    gone = check_citations("s", "t", ClaimedCitation("app/cart.py", 42, "d = 4"), dossier)
    assert isinstance(gone, Discarded) and gone.reason == "the quoted lines are not in app/cart.py"


def test_an_excerpt_of_a_key_shows_no_line_of_it() -> None:
    body = [f"MIIEow{number}BAAKCAQEAxGZ9b3l0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0" for number in range(300)]
    text = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *body, "-----END RSA PRIVATE KEY-----", ""])
    shown = excerpts("key.pem", text, (Spot(path="key.pem", first=150, last=150),), (), "why")
    assert shown and not any(row in material.text for material in shown for row in body)
