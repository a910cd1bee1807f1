"""The choice of seats: the demands of a change, the meaning of a preset, the limits of money, and a reason for every decision."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers.context.snapshot import ChangedFile, Project, RecentChange
from reviewers.council.demand import Demand, measure_demand
from reviewers.council.domains import Domain, domains_of
from reviewers.council.presets import EffortLevel, Preset
from reviewers.council.selection import MOST, Candidate, Wish, select
from reviewers.council.urgency import find_urgency
from reviewers.learning.reliability import Outcomes, shrunk_reliability
from reviewers.models.price import Price
from reviewers.values.brief import Brief
from tests.reviewers.samples import snapshot

SMALL = Demand(level=EffortLevel.ORDINARY, lines=30, files=2, changed=2, prompts=(3_000,))


def candidate(model: str, output: float = 10.0, **more: object) -> Candidate:
    price = Price(input=output / 5e6, output=output / 1e6)
    return Candidate.model_validate({"model": model, "vendor": model.split("/", maxsplit=1)[0], "prices": (price,), **more})


STRONG = [candidate(name, output) for name, output in (("a/big", 30), ("b/big", 20), ("c/big", 12))]
POOL = [*STRONG, candidate("a/small", 0.5), candidate("b/small", 0.5), candidate("c/small", 4), candidate("d/only", 6)]


def changed(path: str, added: str = "x = 1\n", lines: int = 1) -> ChangedFile:
    patch = f"@@ -0,0 +1,{lines} @@\n" + "".join(f"+{added}" for _ in range(lines))
    return ChangedFile(path=path, additions=lines, patch=patch.rstrip("\n"))


@pytest.mark.parametrize(
    ("file", "domain"),
    [
        (changed("app/auth/session.py"), Domain.SECURITY),
        (changed("db/migrations/0003_x.py"), Domain.DATA),
        (changed("shop/cart.py", "rows = db.execute('SELECT a FROM b')\n"), Domain.DATA),
        (changed("shop/cart.py", "lock = threading.Lock()\n"), Domain.CONCURRENCY),
        (changed("shop/cart.py", "eval(given)\n"), Domain.SECURITY),
        (changed("api/routes/users.ts"), Domain.API),
        (changed("Dockerfile"), Domain.BUILD),
        (changed("requirements-dev.txt"), Domain.BUILD),
        (changed("web/components/Button.tsx"), Domain.UI),
        (changed("tests/test_login.py", "password = 'x'\n"), Domain.TESTS),
        (changed("docs/auth.md"), Domain.DOCS),
        (changed("shop/cart.py"), Domain.CODE),
    ],
)
def test_the_domain_of_a_file(file: ChangedFile, domain: Domain) -> None:
    assert domain in domains_of(file)


def test_prose_and_tests_demand_little_and_risk_demands_more() -> None:
    def level(*files: ChangedFile) -> EffortLevel:
        return measure_demand(Brief(seed="s"), snapshot(*files)).level

    assert level(changed("README.md", lines=900)) is EffortLevel.TRIVIAL
    assert level(changed("tests/test_a.py", lines=900)) is EffortLevel.ORDINARY
    assert level(changed("shop/cart.py", lines=3)) is EffortLevel.TRIVIAL
    assert level(changed("shop/cart.py", lines=60)) is EffortLevel.ORDINARY
    assert level(changed("auth/login.py", lines=60)) > level(changed("shop/cart.py", lines=60))
    assert level(*(changed(f"src/{n}/part.py", lines=60) for n in range(20))) is EffortLevel.DEMANDING


def test_a_file_that_changes_often_demands_more() -> None:
    calm = snapshot(changed("shop/cart.py", lines=200))
    recent = tuple(RecentChange(path="shop/cart.py", sha=str(n), date="2026-11-01", subject="x") for n in range(3))
    restless = calm.model_copy(update={"project": Project(recent=recent)})
    assert measure_demand(Brief(seed="s"), calm).level == EffortLevel.ORDINARY
    assert measure_demand(Brief(seed="s"), restless).level == EffortLevel.LARGE


@pytest.mark.parametrize(
    ("labels", "branch", "focus", "why"),
    [
        (["bug", "P0"], "x", "", "label P0"),
        ([], "hotfix/login", "", "branch hotfix/login"),
        ([], "hotfixes-page", "", ""),
        ([], "x", "urgent: the login", "the command says so"),
        (["not urgent"], "main", "", ""),
    ],
)
def test_urgency(labels: list[str], branch: str, focus: str, why: str) -> None:
    assert find_urgency(labels, branch, focus) == why


def test_vendors_come_first_and_two_of_one_are_the_maximum() -> None:
    assert select(POOL, SMALL, Wish(preset=Preset.BALANCED)).models == ("a/big", "b/big", "c/big")
    alone = select([candidate(f"a/{n}") for n in range(5)], SMALL, Wish())
    assert alone.models == ("a/0", "a/1")
    assert "one vendor only" in alone.reasons[-1]


def test_presets_are_obeyed() -> None:
    at = SMALL.model_copy(update={"level": EffortLevel.DEMANDING})
    chosen = {preset: select(POOL, at, Wish(preset=preset)).models for preset in Preset}
    assert chosen[Preset.FAST] == ("a/small", "b/small")
    assert chosen[Preset.CHEAP] == ("a/small", "b/small", "c/small")
    assert chosen[Preset.BALANCED] == ("a/big", "b/big", "c/big", "d/only")
    assert chosen[Preset.DEEP] == ("a/big", "b/big", "c/big", "c/small", "d/only")


def test_named_seats_are_chosen_up_to_the_limit() -> None:
    named = [candidate(f"{letter}/m") for letter in "abcdefg"]
    chosen = select(named, SMALL, Wish(named=True))
    assert chosen.models == tuple(each.model for each in named[:MOST])
    assert any("g/m is left out: at most 5" in reason for reason in chosen.reasons)


def test_a_cheaper_model_comes_before_losing_the_vendor() -> None:
    chosen = select(POOL, SMALL, Wish(preset=Preset.BALANCED, budget=0.2))
    assert {model.split("/", maxsplit=1)[0] for model in chosen.models} == {"a", "b", "c"}
    assert chosen.cost.needed <= 0.2
    assert any("a/small replaces a/big" in reason for reason in chosen.reasons)


def test_without_money_there_is_no_seat_and_a_reason() -> None:
    chosen = select(STRONG, SMALL, Wish(named=True, budget=0.01))
    assert chosen.models == ()
    assert "no seat fits into the budget" in chosen.unable and "$0.01 may be spent" in chosen.unable


def test_a_model_without_key_price_or_room_is_left_out() -> None:
    pool = [
        STRONG[0],
        candidate("x/nokey", bar="this server has no key for x: set X_API_KEY"),
        candidate("y/noprice", prices=(None,)),
        candidate("z/tiny", window=4_000),
    ]
    chosen = select(pool, SMALL, Wish(named=True))
    assert chosen.models == ("a/big",)
    assert [reason.split(" is left out: ")[0] for reason in chosen.reasons[1:]] == ["x/nokey", "y/noprice", "z/tiny"]


def test_a_seat_s_record_moves_it_and_is_named_with_its_n() -> None:
    good, bad = (shrunk_reliability(Outcomes(right=right, wrong=60 - right), Outcomes()) for right in (50, 3))
    pool = [candidate("a/one", record=bad), candidate("b/two"), candidate("c/three", record=good)]
    chosen = select(pool, SMALL.model_copy(update={"level": EffortLevel.TRIVIAL}), Wish(preset=Preset.BALANCED))
    assert chosen.models == ("b/two", "c/three")
    assert "c/three" in chosen.reasons[-1] and "(n = 60)" in chosen.reasons[-1]


def test_urgent_changes_get_fast_models() -> None:
    pool = [candidate(f"{letter}/m", seconds=seconds) for letter, seconds in zip("abcd", (90, 10, 20, 15), strict=True)]
    urgent = SMALL.model_copy(update={"level": EffortLevel.DEMANDING, "urgent": "branch hotfix/x"})
    chosen = select(pool, urgent, Wish(preset=Preset.BALANCED))
    assert chosen.models == ("b/m", "c/m", "d/m")
    assert "urgent: branch hotfix/x" in chosen.reasons[0]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 2))
def test_the_choice_is_within_budget_and_ties_follow_the_pool(seed: int, budget: float) -> None:
    dice = random.Random(seed)
    pool = [candidate(f"{dice.choice('abcd')}/{n}", dice.choice((0.5, 4, 12, 30))) for n in range(dice.randrange(1, 9))]
    asked = SMALL.model_copy(
        update={"level": EffortLevel(dice.randrange(4)), "prompts": tuple([dice.randrange(500, 24_000)] * dice.randrange(1, 5))}
    )
    wish = Wish(preset=dice.choice([None, *Preset]), named=dice.random() < 0.5, budget=budget)
    chosen = select(pool, asked, wish)
    assert chosen.cost.needed <= budget + 1e-9 and chosen.cost.likely <= chosen.cost.at_most
    assert bool(chosen.models) != bool(chosen.unable)
    assert chosen == select(pool, asked, wish)


NOBODY_ELSE = "no model of another vendor than a, whose models wrote the change, "


@pytest.mark.parametrize(
    ("pool", "budget", "seats", "reason"),
    [
        (POOL[:2], None, ("a/big", "b/big"), ""),
        ([STRONG[0], POOL[3], STRONG[1]], None, ("a/small", "b/big"), ""),
        ([STRONG[0], POOL[3]], None, ("a/big", "a/small"), f"{NOBODY_ELSE}can be asked"),
        ([POOL[3], STRONG[1]], 0.1, ("a/small",), f"{NOBODY_ELSE}fits into the budget"),
        ([STRONG[1], STRONG[2]], None, ("b/big", "c/big"), ""),
    ],
)
def test_an_author_s_vendor_gets_company_or_a_note(
    pool: list[Candidate], budget: float | None, seats: tuple[str, ...], reason: str
) -> None:
    trivial = SMALL.model_copy(update={"level": EffortLevel.TRIVIAL})
    chosen = select(pool, trivial, Wish(author_vendor="a", budget=budget))
    assert (chosen.models, chosen.author_vendor) == (seats, "a")
    assert [each for each in chosen.reasons if each.startswith(NOBODY_ELSE)] == [reason] * bool(reason)


@pytest.mark.parametrize("seed", range(100))
def test_naming_an_author_s_vendor_changes_no_seat(seed: int) -> None:
    dice = random.Random(seed)
    pool = [candidate(f"{dice.choice('abc')}/m{number}", dice.choice([0.3, 1, 4, 15, 30])) for number in range(dice.randint(1, 6))]
    wish = Wish(named=dice.random() < 0.5, preset=dice.choice([None, *Preset]), budget=dice.choice([None, 0.02, 0.05, 0.1, 0.3]))
    chosen = select(pool, SMALL, wish.model_copy(update={"author_vendor": "a"}))
    assert chosen.models == select(pool, SMALL, wish).models
    alone = bool(chosen.models) and all(model.startswith("a/") for model in chosen.models)
    assert any(reason.startswith(NOBODY_ELSE) for reason in chosen.reasons) == alone
    # If one vendor is alone, no pair with another vendor could be paid.
    pairs = [(one, other) for one in pool for other in pool if one.vendor == "a" != other.vendor] if alone else []
    free = Wish(budget=None, capped=False)
    assert not [pair for pair in pairs if select(pair, SMALL, free).cost.within(wish.budget)]
