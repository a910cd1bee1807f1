"""Models and presets show the cost of a review once a worker has calculated it."""

from collections.abc import Callable
from datetime import date

import pytest

from app.configuration.providers import ConfiguredProvider
from app.configuration.settings import MoneyCaps, Settings
from app.store.spending import typical_costs as store
from app.store.spending.typical_costs import TypicalCost
from app.web.pages import templates
from app.work.maintenance.typical_costs import store_typical_costs, typical_costs
from tests.app.web.browser import Browser
from tests.stories.harness import InProcessSystem

Open = Callable[[], Browser]
PAGE = "/repos/acme/shop/settings"
KEYS = tuple(ConfiguredProvider(name=name, key="key", base_url="") for name in ("openai", "anthropic", "gemini"))


async def test_prices_stand_beside_seats_and_presets(browser: Open, system: InProcessSystem) -> None:
    ada = browser()
    await ada.sign_in("ada")
    assert "tokens context" not in (await ada.get(PAGE)).text
    await store_typical_costs(system.services)
    organisation = f"/installations/{next(iter(system.sandbox.world.installations))}/settings"
    for path in (PAGE, organisation):
        page = (await ada.get(path)).text
        assert "<code>openai/gpt-5.5</code> about $0." in page and "<code>xai/grok-4.7</code>" in page and "tokens context" in page
        assert "<b>cheap</b>: 2 models, about $0." in page


async def test_new_prices_replace_old_ones(system: InProcessSystem) -> None:
    gone, kept = (
        TypicalCost("model", "openai/gone", 1, 0.1),
        TypicalCost("model", "openai/kept", 1, None, "2026-01-02", False, 1.5, 12.0, 200_000, True),
    )
    database = system.services.database
    for at, costs in enumerate(((gone, kept), (kept,), (kept,))):
        async with database.write() as connection:
            await store.save_typical_costs(connection, costs, float(at))
    async with database.read() as connection:
        assert await store.list_typical_costs(connection) == (kept,)
    days = [(date.fromisoformat(day) - date(1970, 1, 1)).days * 86_400.0 for day in ("2026-01-01", "2026-01-02")]
    assert [kept.retired(day) for day in days] == [False, True] and not gone.retired(9e9)


def test_a_preset_costs_what_its_council_does() -> None:
    costs = {(each.kind, each.name): each for each in typical_costs(Settings(providers=KEYS))}
    presets = {name: cost for (kind, name), cost in costs.items() if kind == "preset"}
    assert set(presets) == {"", "fast", "balanced", "deep", "cheap"}
    assert (presets[""].seats, presets[""].usd) == (presets["balanced"].seats, presets["balanced"].usd)
    assert (presets["cheap"].usd or 9) < (presets["balanced"].usd or 0) < 0.5
    assert all(
        costs["model", name].able == (name.split("/")[0] in {"openai", "anthropic", "gemini"}) for kind, name in costs if kind == "model"
    )


def test_presets_show_only_what_pool_and_cap_allow() -> None:
    settings = Settings(providers=KEYS, seats=("openai/gpt-5.5", "anthropic/claude-opus-5-5"))
    for cap, seats in ((None, {2}), (0.5, {1}), (0.01, set())):
        costs = typical_costs(settings.model_copy(update={"caps": MoneyCaps(run=cap)}))
        assert {cost.seats for cost in costs if cost.kind == "preset"} == seats


@pytest.mark.parametrize(
    ("usd", "said"), [(None, "of unknown price"), (0.0, "free"), (0.00304, "about $0.003"), (0.1651, "about $0.17"), (12.0, "about $12.00")]
)
def test_an_estimate_is_said_with_two_digits(usd: float | None, said: str) -> None:
    assert templates().filters["about"](usd) == said
