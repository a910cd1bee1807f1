"""Random walks over pull requests' lives, with faults, as seen on the wire; change here how long they are."""

from dataclasses import dataclass

from app.sandbox.github.webhook_sender import DeliveryAttempt
from benchmarks import virtual_time
from benchmarks.life import PLAN, walk_lives
from benchmarks.options import Options
from benchmarks.systems import system
from tests.conformance.recording import Recorder, Seen

WALKS = 1


@dataclass(frozen=True)
class RecordedLives:
    """The exchanges, GitHub's deliveries, the requested operations, and the permissions that they needed."""

    exchanges: tuple[Seen, ...]
    deliveries: tuple[DeliveryAttempt, ...]
    operations: frozenset[str]
    needed: frozenset[str]


def record_lives(seed: int = 1) -> RecordedLives:
    """Walk on a virtual clock; must not be called from a running loop."""
    return virtual_time.run(_record(seed), step=2.0)


async def _record(seed: int) -> RecordedLives:
    recorder = Recorder()
    async with system(Options(), PLAN) as built:
        built.sandbox.github.witness = recorder
        await walk_lives(built, seed, WALKS)
        operations = frozenset(exchange.operation for exchange in built.sandbox.log.exchanges)
        github = built.sandbox.github
        return RecordedLives(
            tuple(recorder.seen), tuple(github.webhook_sender.deliveries.values()), operations, frozenset(github.authenticator.needed)
        )
