"""Selects the seats for a change from the pool of the repository and of this instance, with the facts about each model."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings import Settings
from app.councils.context_windows import Windows
from app.councils.model_routes import missing_key, named_chair, pool_of, routes_for
from app.queue.ledger import Cap, SqlLedger
from reviewers.coding_agents import find_agent_author
from reviewers.context.packing import split
from reviewers.context.redaction import redact
from reviewers.context.snapshot import Snapshot
from reviewers.context.tokens import count
from reviewers.council.demand import measure_demand
from reviewers.council.presets import LOOK_TURNS, Preset
from reviewers.council.selection import Candidate, Selection, Wish, select
from reviewers.learning.feedback import Record, record_of, reliability
from reviewers.models.model_map import model_facts, price
from reviewers.models.vendors import provider_of, vendor_of
from reviewers.seats.structured_query import LookAllowance, SeatLimits
from reviewers.values.brief import Brief


@dataclass(frozen=True)
class SelectionFacts:
    """What is known in addition to the settings: the urgency, the seats' track records, and each model's seconds and context window."""

    urgent: str = ""
    records: tuple[Record, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    windows: Mapping[str, int | None] = field(default_factory=dict)


async def choose_seats(
    settings: Settings, config: RepositoryConfig, brief: Brief, snapshot: Snapshot, ledger: SqlLedger, known: SelectionFacts
) -> Selection:
    """The seats for a change, within what its caps leave and their context windows allow."""
    names = _pool(settings, config)
    windows = Windows(settings)
    tokens = dict(zip(names, await asyncio.gather(*(windows.tokens(name) for name in names)), strict=True))
    known = replace(known, seconds=await ledger.usual_seconds(), windows=tokens)
    return await asyncio.to_thread(select_seats, settings, config, brief, snapshot, known, await ledger.tightest())


def select_seats(
    settings: Settings, config: RepositoryConfig, brief: Brief, snapshot: Snapshot, known: SelectionFacts, cap: Cap | None
) -> Selection:
    """The seats for a change, from known facts. It reads the snapshot and takes a moment."""
    limits = SeatLimits(looks=looks_of(config))
    packed = _Packed(brief, redact(snapshot), limits)
    named = bool(config.seats or settings.seats)
    candidates = [packed.fitted(describe_candidate(settings, config, name, known)) for name in _pool(settings, config)]
    author = find_agent_author(snapshot) if config.review.author_aware else None
    wish = Wish(
        preset=config.preset,
        named=named,
        budget=cap.left if cap else None,
        cap=str(cap or ""),
        chair=describe_candidate(settings, config, chair, known) if (chair := named_chair(config)) else None,
        author_vendor=author.vendor if author else "",
    )
    selection = select(candidates, measure_demand(brief, snapshot, packed.prompts(limits.context_tokens), known.urgent), wish, limits)
    if chair or config.chair == "auto":
        return selection
    why = f"{config.chair} does not write the summary: {_not_allowed(config.chair)}"
    return selection.model_copy(update={"reasons": (*selection.reasons, why)})


def may_ask_models(settings: Settings, config: RepositoryConfig) -> bool:
    """Whether any model may be a seat."""
    return bool(_pool(settings, config))


def _pool(settings: Settings, config: RepositoryConfig) -> tuple[str, ...]:
    return config.seats or pool_of(settings)


@dataclass(frozen=True)
class _Packed:
    """A change packed for different context sizes. Each size is packed once, because a large change takes a second."""

    brief: Brief
    snapshot: Snapshot
    limits: SeatLimits
    _known: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def prompts(self, context_tokens: int) -> tuple[int, ...]:
        """The tokens of each part."""
        if context_tokens not in self._known:
            parts = split(self.brief, self.snapshot, "", context_tokens, self.limits.parts)
            self._known[context_tokens] = tuple(count(packed.text) for packed in parts)
        return self._known[context_tokens]

    def fitted(self, candidate: Candidate) -> Candidate:
        """The candidate with separate parts, if its window is too small for the common ones."""
        room = self.limits.within(candidate.window).context_tokens
        if candidate.bar or room == self.limits.context_tokens:
            return candidate
        return candidate.model_copy(update={"prompts": self.prompts(room)})


def _not_allowed(name: str) -> str:
    return f"this repository does not allow the vendor {vendor_of(name)}"


def looks_of(config: RepositoryConfig) -> LookAllowance:
    """How the seats of a repository may look around, by its preset."""
    return LookAllowance(turns=LOOK_TURNS[config.preset or Preset.BALANCED] if config.review.looks else 0)


def describe_candidate(settings: Settings, config: RepositoryConfig, name: str, known: SelectionFacts) -> Candidate:
    """A model as the selection sees it, with the reason that excludes it."""
    found = model_facts(name)
    bar = ""
    if not config.privacy.allows(vendor_of(name)):
        bar = _not_allowed(name)
    elif settings.provider(provider_of(name)) is None:
        bar = missing_key(name)
    elif found and not found.chats:
        bar = "it is not a chat model"
    return Candidate(
        model=name,
        vendor=vendor_of(name),
        prices=tuple(price(way) for way in routes_for(settings, config, name)),
        window=known.windows.get(name) or (found.window if found else None),
        record=reliability(record_of(known.records, name)),
        seconds=known.seconds.get(name),
        bar=bar,
    )
