"""Choose who sits on a change: the pool of the repository and of this instance, with what is known of each model."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.github.repository_config import RepositoryConfig
from app.queue.ledger import SqlLedger
from app.services.ways import missing_key, ways_of
from app.settings import Settings
from reviewers.brief import Brief
from reviewers.context.packing import split
from reviewers.context.redaction import redact
from reviewers.context.snapshot import Snapshot
from reviewers.context.tokens import count
from reviewers.council.demand import demand
from reviewers.council.presets import LOOK_TURNS, Preset
from reviewers.council.selection import Candidate, Selection, Wish, select
from reviewers.feedback import Record, record_of, reliability
from reviewers.models.litellm import facts, price
from reviewers.models.vendors import account, pool, vendor
from reviewers.seats.questioning import Limits, LookAllowance


@dataclass(frozen=True)
class Known:
    """What is known beside the settings: why it is urgent, the records of seats, and how many seconds a model takes."""

    urgent: str = ""
    records: tuple[Record, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


async def choose(settings: Settings, config: RepositoryConfig, asked: tuple[Brief, Snapshot], ledger: SqlLedger, known: Known) -> Selection:
    """The seats for a change, within what its caps leave."""
    known = replace(known, seconds=await ledger.usual_seconds())
    return await asyncio.to_thread(chosen, settings, config, asked, known, await ledger.room())


def chosen(settings: Settings, config: RepositoryConfig, asked: tuple[Brief, Snapshot], known: Known, budget: float | None) -> Selection:
    """The same, from what is known; it reads the snapshot and takes a moment."""
    brief, snapshot = asked
    prompts = [count(packed.text) for packed in split(brief, redact(snapshot), "", (Limits().context_tokens, Limits().parts))]
    named = bool(config.seats or settings.seats)
    names = config.seats or settings.seats or pool({found.name for found in settings.providers})
    candidates = [candidate(settings, config, name, known) for name in names]
    wish = Wish(
        preset=config.preset,
        named=named,
        budget=budget,
        chair=None if config.chair == "auto" else candidate(settings, config, config.chair, known),
    )
    return select(candidates, demand(brief, snapshot, prompts, known.urgent), wish, Limits(looks=looks_of(config)))


def looks_of(config: RepositoryConfig) -> LookAllowance:
    """How the seats of a repository may look around, by its preset."""
    return LookAllowance(turns=LOOK_TURNS[config.preset or Preset.BALANCED] if config.review.looks else 0)


def candidate(settings: Settings, config: RepositoryConfig, name: str, known: Known) -> Candidate:
    """A model as the choice sees it, with what keeps it out."""
    found, allowed = facts(name), config.privacy.vendors
    bar = ""
    if allowed != "all" and vendor(name) not in allowed:
        bar = f"this repository does not allow the vendor {vendor(name)}"
    elif settings.provider(account(name)) is None:
        bar = missing_key(name)
    elif found and not found.chats:
        bar = "it is no chat model"
    return Candidate(
        model=name,
        vendor=vendor(name),
        prices=tuple(price(way) for way in ways_of(settings, config, name)),
        window=found.window if found else None,
        record=reliability(record_of(known.records, name)),
        seconds=known.seconds.get(name),
        bar=bar,
    )
