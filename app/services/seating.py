"""Seat a council: who sits by the repository's wish and this instance's keys, each model behind its wrappers."""

import asyncio
import gc
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.github import wire
from app.github.repository_config import RepositoryConfig
from app.settings import Settings
from reviewers.brief import Brief, PathInstruction
from reviewers.context.tokens import count
from reviewers.council import likeness
from reviewers.council.deliberation import Council
from reviewers.council.learned import shipped
from reviewers.council.rounds import Progress, silent
from reviewers.models.fallback import Breaking, Circuits, Fallback
from reviewers.models.litellm import LiteLLMModel, library, price, rehearse
from reviewers.models.model import Fault, Model, ModelError, ModelRequest, ModelResponse
from reviewers.models.vendors import defaults, provider, vendor, ways
from reviewers.models.wrappers import AnswerBook, Budgeted, Ledger, Recording, Retrying
from reviewers.seats.analyzers import ANALYZERS
from reviewers.seats.analyzers.analyzer_seat import AnalyzerSeat
from reviewers.seats.model_seat import ModelSeat
from reviewers.seats.seat import Seat


@dataclass(frozen=True)
class Purse:
    """Where answers are kept and calls are paid; `seed` decides the jitter of retries, `circuits` are those of the process."""

    book: AnswerBook
    ledger: Ledger
    seed: str
    circuits: Circuits = field(default_factory=lambda: Circuits(time.monotonic))


class Unconfigured:
    """A seat the repository asked for and this instance has no key for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.vendor = vendor(name)

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """Say what is missing."""
        wanted = provider(self.name) or self.name
        raise ModelError(Fault.MISCONFIGURED, f"this server has no key for {wanted}: set {wanted.upper()}_API_KEY")


def seat(settings: Settings, config: RepositoryConfig, purse: Purse, progress: Progress = silent) -> Council:
    """The council of a run: the repository's seats, else the instance's, else the defaults of the configured providers."""
    names = config.seats or names_of(settings)
    names = tuple(name for name in names if config.privacy.vendors == "all" or vendor(name) in config.privacy.vendors)
    models = [_wrapped(settings, config, model_of(settings, name), purse) for name in names]
    turn = asyncio.Lock()
    named = zip(models, short_names(names), strict=True)
    seats: list[Seat] = [ModelSeat(model, time.monotonic, name=short, turn=turn) for model, short in named]
    seats += [AnalyzerSeat(analyzer, time.monotonic, turn=turn) for analyzer in ANALYZERS]
    chair = _chair(settings, config, models, purse)
    return Council(
        seats=tuple(seats),
        chair=chair,
        quorum=config.quorum,
        clock=time.monotonic,
        progress=progress,
        seat_seconds=settings.seat_seconds,
        run_seconds=settings.run_seconds,
    )


def models(settings: Settings, config: RepositoryConfig, purse: Purse) -> dict[str, Model]:
    """Every model that may sit here, by its seat's name, for questions to one alone; those without a key are left out."""
    names = config.seats or names_of(settings)
    names = tuple(name for name in names if config.privacy.vendors == "all" or vendor(name) in config.privacy.vendors)
    bare = {short: model_of(settings, name) for short, name in zip(short_names(names), names, strict=True)}
    return {short: _wrapped(settings, config, model, purse) for short, model in bare.items() if not isinstance(model, Unconfigured)}


async def warm(settings: Settings) -> None:
    """Load what the first review would otherwise stand still for: githubkit, litellm with its vendors' code, and the tokenizer."""
    for load in (wire.preload, library, shipped, likeness.preload, _load_tokenizer):
        await asyncio.to_thread(load)
    await rehearse(names_of(settings))
    # Seats read and pack in threads; at the default of 5 ms each of them holds up the event loop that long.
    sys.setswitchinterval(0.001)
    # A full collection walks all that was just loaded: 0.3 s in which the event loop stands still.
    gc.collect()
    gc.freeze()


def _load_tokenizer() -> None:
    count("")


def brief(config: RepositoryConfig, seed: str, focus: str = "") -> Brief:
    """What the council is asked to do, in the repository's own terms."""
    review = config.review
    rules = tuple(PathInstruction(paths=rule.paths, text=rule.text) for rule in review.path_instructions)
    return Brief(
        seed=seed,
        focus=focus,
        instructions=review.instructions,
        path_instructions=rules,
        paths=review.paths,
        language=review.language,
    )


def short_names(names: Sequence[str]) -> list[str]:
    """What people read: the last part of a model string where that tells them apart."""
    last = [name.rsplit("/", 1)[-1] for name in names]
    return [short if last.count(short) == 1 else name for short, name in zip(last, names, strict=True)]


def _chair(settings: Settings, config: RepositoryConfig, models: Sequence[Model], purse: Purse) -> Model | None:
    if config.chair != "auto":
        return _wrapped(settings, config, model_of(settings, config.chair), purse)
    return next((model for model in models if not isinstance(model, Unconfigured)), None)


def names_of(settings: Settings) -> tuple[str, ...]:
    """The instance's seats: those it names, else the defaults of its providers."""
    return settings.seats or defaults({found.name for found in settings.providers})


def model_of(settings: Settings, name: str) -> Model:
    """The bare model of that name, or one that says which key is missing."""
    wanted = provider(name)
    found = settings.provider("ollama" if wanted == "ollama_chat" else wanted)
    if found is None:
        return Unconfigured(name)
    return LiteLLMModel(name, found.key or None, found.base_url or None)


def _wrapped(settings: Settings, config: RepositoryConfig, model: Model, purse: Purse) -> Model:
    """The model behind its wrappers: each way to it with its own circuit, price and retries, the answer kept under its own name."""
    if isinstance(model, Unconfigured):
        return model
    known = {found.name for found in settings.providers}
    names = (model.name,) if settings.fallback == "off" else ways(model.name, known, settings.fallback)
    # A way of unknown price would only be refused by the budget; one of a vendor that the repository did not allow is none.
    allowed = config.privacy.vendors
    others = [model_of(settings, name) for name in names[1:] if price(name) and (allowed == "all" or vendor(name) in allowed)]
    tried = [Retrying(_guarded(each, purse), purse.seed, time.monotonic) for each in (model, *others)]
    return Recording(Fallback(tried, time.monotonic) if others else tried[0], purse.book)


def _guarded(model: Model, purse: Purse) -> Model:
    return Breaking(Budgeted(model, purse.ledger, price(model.name)), purse.circuits.of(model.name))
