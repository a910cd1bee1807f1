"""The view of notification channels on settings pages. Change here how the result of a message is worded."""

from dataclasses import dataclass
from typing import Protocol

from app.notifications.channel import ChannelKind
from app.notifications.channel_store import Channels, ChannelSlot
from app.services.web import WebServices

_ASKED = {
    ChannelKind.SLACK: "URL of an incoming webhook",
    ChannelKind.TEAMS: "URL of a webhook of the Workflows app",
    ChannelKind.WEBHOOK: "URL that takes a signed POST request",
    ChannelKind.EMAIL: "Addresses, one per line",
}
_DONE = {
    "set": "The channel is saved. Send a test message to check that it works.",
    "removed": "The channel is removed.",
    "test": "The test message is queued. Reload this page in a few seconds to see whether it arrived.",
}


class ChannelOwner(Protocol):
    """The scope that a page changes, and the scope above it."""

    @property
    def scope(self) -> str: ...
    @property
    def above(self) -> str: ...
    @property
    def may_change(self) -> bool: ...


@dataclass(frozen=True)
class ChannelRow:
    """A channel on the page."""

    slot: ChannelSlot
    asked: str
    went: str
    is_well: bool


def channels_of(services: WebServices, place: ChannelOwner) -> Channels:
    """The channels that a settings page changes."""
    above = f"{place.above}/channels" if place.above else ""
    return Channels(services.settings, services.database, lambda: services.vault, f"{place.scope}/channels", above)


async def channel_facts(services: WebServices, place: ChannelOwner, done: str = "") -> dict[str, object]:
    """The values of the page's Channels section; empty for people who cannot change channels."""
    slots = await channels_of(services, place).slots() if place.may_change else ()
    return {"channels": [_row(slot) for slot in slots], "channel_done": _DONE.get(done, ""), "channel_problem": "", "channel_secret": ""}


def _row(slot: ChannelSlot) -> ChannelRow:
    last = slot.last
    if last is None:
        return ChannelRow(slot, _ASKED[slot.kind], "Nothing has been sent yet.", is_well=True)
    words = {"sent": "The last message arrived", "failed": "The last message did not arrive", "unknown": "The last message may be lost"}
    said = words.get(last.state, "A message is queued")
    return ChannelRow(slot, _ASKED[slot.kind], f"{said}{f': {last.error}' if last.error else ''}", is_well=not last.error)
