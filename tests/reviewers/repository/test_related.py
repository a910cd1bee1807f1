"""The related code shown with a change: uses, definitions, implementations and tests, within its budget."""

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers.context.packing import pack, split
from reviewers.context.redaction import redact
from reviewers.context.repository.related import RelatedSearch
from reviewers.context.snapshot import RelatedCode
from reviewers.context.tokens import count
from reviewers.values.brief import Blocks, Brief
from tests.reviewers.repository.house import indexed
from tests.reviewers.samples import changed, snapshot

BASE = "from lib.tax import tax_of\n\n\nclass Biller:\n    def charge(self, cart, rate):\n        return cart.total\n"
HEAD = BASE.replace("cart, rate", "cart").replace("cart.total", "cart.total + tax_of(cart)")
FILES = {
    "billing/charge.py": HEAD,
    "lib/tax.py": "RATE = 3\n\n\ndef tax_of(cart):\n    return cart.total * RATE\n",
    "jobs/nightly.py": "from billing.charge import Biller\n\n\ndef nightly(cart):\n    return Biller().charge(cart, 7)\n",
    "billing/refund.py": "class Refund(Biller):\n    pass\n",
    "tests/test_charge.py": "def test_it():\n    assert Biller().charge(1, 2)\n",
    "vendor/copy.py": "def charge(cart, rate):\n    return Biller\n",
    **{f"other/m{number}.py": f"def work_{number}():\n    return {number}\n" for number in range(60)},
}
INDEX = indexed(FILES)
CHANGE = changed("billing/charge.py", BASE, HEAD)


def related(tokens: int = 2_000) -> tuple[RelatedCode, ...]:
    search = RelatedSearch(INDEX, [CHANGE])
    return search.related({path: FILES[path] for path in search.paths}, tokens)


def test_related_code_is_shown_with_its_reasons() -> None:
    """Callers, definitions, implementations and tests."""
    reasons = {block.path: block.reason for block in related()}
    assert reasons["jobs/nightly.py"] == "uses `charge`, which the change defines or changes, in `nightly`"
    assert reasons["lib/tax.py"] == "defines `tax_of`, which the changed lines name"
    assert reasons["billing/refund.py"] == "`Refund` extends or implements `Biller`, which the changed lines name"
    assert reasons["tests/test_charge.py"].startswith("a test that names `charge`")
    assert not {"billing/charge.py"} & set(reasons)
    assert not any(path.startswith("other/") for path in reasons)
    order = [block.path for block in related()]
    assert order.index("jobs/nightly.py") < order.index("tests/test_charge.py") < order.index("vendor/copy.py")


def test_the_line_of_the_caller_is_shown_with_its_number() -> None:
    [block] = [block for block in related() if block.path == "jobs/nightly.py"]
    assert "5\t    return Biller().charge(cart, 7)" in block.text
    assert block.tokens == count(block.text)


@settings(max_examples=30)
@given(st.integers(0, 1_500))
def test_the_choice_is_within_budget_and_deterministic(tokens: int) -> None:
    blocks = related(tokens)
    assert sum(block.tokens for block in blocks) <= tokens
    assert blocks == related(tokens)


def test_related_code_is_a_block() -> None:
    """It can be switched off, and is named when it is dropped."""
    shown = snapshot(CHANGE, related=related())
    packed = pack(Brief(seed="s"), shown, "seat", 8_000)
    assert "Biller().charge(cart, 7)" in packed.text
    names = {f"{block.path}:{block.first}" for block in shown.related}
    assert {block.name for block in packed.blocks if block.kind == "related"} == names
    without = pack(Brief(seed="s", blocks=Blocks(related=False)), shown, "seat", 8_000)
    assert "nightly" not in without.text
    small = pack(Brief(seed="s"), shown, "seat", 600)
    shown_names = {block.name for block in small.blocks if block.kind == "related"}
    dropped = {each.path for each in small.dropped} & names
    assert dropped
    assert shown_names | dropped == names


def test_related_code_adds_at_most_half_a_prompt() -> None:
    """Each part shows the code that is related to it."""
    long = tuple(block.model_copy(update={"text": block.text * 40, "path": f"p{number}.py"}) for number, block in enumerate(related() * 9))
    plain = pack(Brief(seed="s"), snapshot(CHANGE), "seat", 60_000)
    more = pack(Brief(seed="s"), snapshot(CHANGE, related=long), "seat", 60_000)
    assert count(more.text) <= count(plain.text) * 1.5 + 1_000
    other = snapshot(CHANGE, related=tuple(block.model_copy(update={"about": "elsewhere.py"}) for block in related()))
    assert "nightly" not in split(Brief(seed="s"), other, "seat", 8_000, 1)[0].text


def test_secrets_in_related_code_are_masked() -> None:
    leak = RelatedCode(path="a.py", first=1, text='1\tKEY = "ghp_' + "a1B2c3D4e5" * 4 + '"', reason="r", about="a.py", tokens=9)
    assert "ghp_" not in redact(snapshot(related=(leak,))).related[0].text


def test_a_change_without_names_has_no_related_code() -> None:
    assert RelatedSearch(indexed({}), [CHANGE]).paths == ()
    assert RelatedSearch(INDEX, []).related({}, 1_000) == ()
