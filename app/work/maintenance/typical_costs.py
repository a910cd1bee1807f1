"""Computes what a review of usual size likely costs, for each model alone and for the council that each preset selects."""

import asyncio

from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings import Settings
from app.councils.model_routes import pool_of, seat_names
from app.councils.seat_selection import SelectionFacts, describe_candidate
from app.services.worker import WorkerServices
from app.store.spending.typical_costs import TypicalCost, save_typical_costs
from reviewers.council.demand import Demand
from reviewers.council.estimate import Payer, estimate
from reviewers.council.presets import EffortLevel, Preset
from reviewers.council.selection import Wish, select
from reviewers.models.model_map import model_facts, price
from reviewers.models.vendors import pool, provider_of, suggested_models

# An ordinary change of some hundred lines, with its surroundings, in one prompt.
TYPICAL_TOKENS = 12_000
_MILLION = 1_000_000


async def store_typical_costs(services: WorkerServices) -> None:
    """Store the costs for the pages. Their process has no prices, because litellm would need more memory than everything else together."""
    costs = await asyncio.to_thread(typical_costs, services.settings)
    async with services.database.write() as connection:
        await save_typical_costs(connection, costs, services.clock())


def typical_costs(settings: Settings) -> tuple[TypicalCost, ...]:
    """Every possible model, those with a key on this server first, then each preset, and none."""
    names = dict.fromkeys([*seat_names(settings), *pool({found.name for found in settings.providers}), *suggested_models()])
    models = sorted((_model(settings, name) for name in names), key=lambda each: not each.able)
    councils = (_council(settings, preset) for preset in (None, *Preset))
    return (*models, *(council for council in councils if council.seats))


def _model(settings: Settings, name: str) -> TypicalCost:
    paid, found = price(name), model_facts(name)
    payer = Payer(prices=(paid,)) if paid else None
    usd = estimate((TYPICAL_TOKENS,), (payer,), payer).likely if payer else None
    return TypicalCost(
        "model",
        name,
        1,
        usd,
        retires=found.retires if found else "",
        able=settings.provider(provider_of(name)) is not None,
        input_usd=paid.input * _MILLION if paid else None,
        output_usd=paid.output * _MILLION if paid else None,
        context=found.window if found else None,
        pooled=name in pool_of(settings),
    )


def _council(settings: Settings, preset: Preset | None) -> TypicalCost:
    """The council of a repository without its own seats, before anything was spent."""
    names = settings.seats or pool({found.name for found in settings.providers})
    candidates = [describe_candidate(settings, RepositoryConfig(), name, SelectionFacts()) for name in names]
    wish = Wish(preset=preset, named=bool(settings.seats), budget=settings.caps.run)
    selection = select(candidates, Demand(level=EffortLevel.ORDINARY, prompts=(TYPICAL_TOKENS,)), wish)
    many = len(selection.models)
    return TypicalCost("preset", str(preset or ""), many, selection.cost.likely if many else None)
