"""Builds a council: selects its seats by the repository's settings and this instance's keys, and wraps each model."""

import asyncio
import gc
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from app.configuration.pack_rules import list_rules
from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings import Settings
from app.councils.model_routes import ModelRoute, UnconfiguredModel, model_of, named_chair, routes_for, seat_names
from app.councils.model_stack import CallContext, wrap_model
from app.councils.seat_selection import looks_of
from app.github import connection
from reviewers.context.repository.looks import RepositoryView
from reviewers.context.tokens import count
from reviewers.council import similarity
from reviewers.council.learned_models import shipped_models
from reviewers.council.rounds import Progress, no_progress
from reviewers.council.selection import Selection
from reviewers.council.session import Council
from reviewers.models.library import library
from reviewers.models.litellm import rehearse
from reviewers.models.model import Model
from reviewers.models.model_map import price
from reviewers.models.vendors import number_repeats, provider_of, short_names, vendor_of
from reviewers.seats.analyzers import ANALYZERS
from reviewers.seats.analyzers.analyzer_seat import AnalyzerSeat
from reviewers.seats.expert import Expert, ModelExpert
from reviewers.seats.model_seat import ModelSeat
from reviewers.seats.seat import Member, Seat
from reviewers.seats.shared_material import SharedMaterial
from reviewers.seats.structured_query import HostRoom, SeatLimits
from reviewers.values.brief import Brief, PathInstruction

M = TypeVar("M", bound=Member)


def review_council(
    settings: Settings,
    config: RepositoryConfig,
    call_context: CallContext,
    selection: Selection,
    progress: Progress = no_progress,
    repository: RepositoryView | None = None,
) -> Council[Seat]:
    """The council of a run: the selected models, and every analyzer. Models may look at the `repository`."""
    reach = ModelRoute(settings, call_context.hosts)
    readers = zip(selection.models, number_repeats(selection.models), strict=True)
    models = [_wrapped(settings, config, name, call_context, reach, reader) for name, reader in readers]
    shared = SharedMaterial(len(models), repository=repository)
    named = zip(short_names(selection.models), models, strict=True)
    seats: list[Seat] = [
        ModelSeat(model, time.monotonic, _limits(settings, config), name=short, shared=shared, room=_room(reach, model.name))
        for short, model in named
    ]
    seats += [AnalyzerSeat(analyzer, time.monotonic, shared=shared) for analyzer in ANALYZERS]
    council = _council(settings, config, (tuple(seats), _chair(settings, config, models, call_context, reach)), progress)
    return replace(council, chosen=selection.reasons, unable=selection.unable, author_vendor=selection.author_vendor)


def expert_council(
    settings: Settings,
    config: RepositoryConfig,
    call_context: CallContext,
    progress: Progress = no_progress,
    repository: RepositoryView | None = None,
) -> Council[Expert]:
    """The models of a repository that answer a question. They may look at the `repository`."""
    names = _allowed(settings, config)
    reach = ModelRoute(settings, call_context.hosts)
    models = [
        _wrapped(settings, config, name, call_context, reach, reader) for name, reader in zip(names, number_repeats(names), strict=True)
    ]
    limits = _limits(settings, config)
    seats: tuple[Expert, ...] = tuple(
        ModelExpert(model, time.monotonic, limits, name=short, room=_room(reach, model.name), repository=repository)
        for short, model in zip(short_names(names), models, strict=True)
    )
    return _council(settings, config, (seats, _chair(settings, config, models, call_context, reach)), progress)


def _limits(settings: Settings, config: RepositoryConfig) -> SeatLimits:
    """A seat ends a little before the council stops waiting, so that the seat itself reports the outcome."""
    seconds = settings.seat_seconds - min(5.0, settings.seat_seconds / 20)
    return SeatLimits(seconds=seconds, looks=looks_of(config))


def _room(reach: ModelRoute, model: str) -> HostRoom:
    return HostRoom(window=partial(reach.windows.tokens, model), slot=reach.slot(model))


def _allowed(settings: Settings, config: RepositoryConfig) -> tuple[str, ...]:
    names = config.seats or seat_names(settings)
    return tuple(name for name in names if config.privacy.allows(vendor_of(name)))


def _council(settings: Settings, config: RepositoryConfig, who: tuple[tuple[M, ...], Model | None], progress: Progress) -> Council[M]:
    seats, chair = who
    return Council(
        seats=seats,
        chair=chair,
        quorum=config.quorum,
        clock=time.monotonic,
        progress=progress,
        seat_seconds=settings.seat_seconds,
        run_seconds=settings.run_seconds,
    )


def models_by_seat(settings: Settings, config: RepositoryConfig, call_context: CallContext) -> dict[str, Model]:
    """Every usable model by its seat's name, for questions to a single one. Models without a key are left out."""
    names = _allowed(settings, config)
    able = {short: name for short, name in zip(short_names(names), names, strict=True) if settings.provider(provider_of(name))}
    reach = ModelRoute(settings, call_context.hosts)
    return {short: _wrapped(settings, config, name, call_context, reach) for short, name in able.items()}


def seat_models(settings: Settings) -> dict[str, str]:
    """The instance's model strings by seat name."""
    names = seat_names(settings)
    return dict(zip(short_names(names), names, strict=True))


async def preload_libraries(settings: Settings) -> None:
    """Preload what would delay the first review: githubkit, litellm with its vendors' code, and the tokenizer."""
    for load in (connection.preload, library, shipped_models, similarity.preload, _load_tokenizer):
        await asyncio.to_thread(load)
    await rehearse(seat_names(settings))
    # Seats read and pack in threads. At the default of 5 ms, each of them would block the event loop that long.
    sys.setswitchinterval(0.001)
    # A full collection scans everything that was just loaded, which blocks the event loop for 0.3 s.
    gc.collect()
    gc.freeze()


def _load_tokenizer() -> None:
    count("")


def build_brief(config: RepositoryConfig, seed: str, focus: str = "") -> Brief:
    """The council's task, with the repository's own rules."""
    review = config.review
    rules = tuple(PathInstruction(paths=rule.paths, text=rule.text) for rule in list_rules(config))
    return Brief(
        seed=seed,
        focus=focus,
        instructions=review.instructions,
        path_instructions=rules,
        paths=review.paths,
        language=review.language,
    )


def _chair(
    settings: Settings, config: RepositoryConfig, models: Sequence[Model], call_context: CallContext, reach: ModelRoute
) -> Model | None:
    if chair := named_chair(config):
        return _wrapped(settings, config, chair, call_context, reach)
    return next((model for model in models if not isinstance(model, UnconfiguredModel)), None)


def _wrapped(
    settings: Settings, config: RepositoryConfig, name: str, call_context: CallContext, reach: ModelRoute, reader: int = 1
) -> Model:
    tried = [model_of(settings, way, reach) for way in routes_for(settings, config, name)]
    payer = replace(call_context, payer=settings.payer)
    return (
        tried[0] if isinstance(tried[0], UnconfiguredModel) else wrap_model([(model, price(model.name)) for model in tried], payer, reader)
    )
