"""Decisions about findings: the last one on each counts, in its repository alone, whatever was decided and withdrawn before."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from app.store.reviews import dispositions
from reviewers.learning.feedback import Decision, Disposition
from tests.app.store.test_dispositions import FINDING
from tests.machines.database_machine import SETTINGS, DatabaseMachine

REPOSITORIES, NUMBERS, PRINTS = (7, 8), (1, 2), ("f" * 64, "e" * 64)
Key = tuple[int, int, str]


class Dispositions(DatabaseMachine):
    """Two repositories with two pull requests each, and the same two findings in all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[Key, Disposition] = {}

    @rule(
        key=st.tuples(st.sampled_from(REPOSITORIES), st.sampled_from(NUMBERS), st.sampled_from(PRINTS)),
        kind=st.sampled_from(list(Decision)),
        reason=st.text(max_size=8),
    )
    def decide(self, key: Key, kind: Decision, reason: str) -> None:
        repository, number, fingerprint = key
        made = Disposition(number=number, fingerprint=fingerprint, short_id="ab", kind=kind, login="ada", reason=reason, finding=FINDING)
        self.now += 1

        async def work() -> None:
            async with self.database.write() as connection:
                await dispositions.save_decision(connection, repository, made, self.now, sealed=False)

        self.run(work())
        # The latest comes last.
        self.known.pop(key, None)
        self.known[key] = made

    @rule(key=st.tuples(st.sampled_from(REPOSITORIES), st.sampled_from(NUMBERS), st.sampled_from(PRINTS)))
    def take_back(self, key: Key) -> None:
        async def work() -> None:
            async with self.database.write() as connection:
                await dispositions.withdraw_decision(connection, *key)

        self.run(work())
        self.known.pop(key, None)

    @invariant()
    def agrees(self) -> None:
        async def work() -> dict[tuple[int, int], tuple[Disposition, ...]]:
            async with self.database.read() as connection:
                return {(r, n): await dispositions.decisions_about(connection, r, n) for r in REPOSITORIES for n in NUMBERS}

        for (repository, number), found in self.run(work()).items():
            expected = [made for key, made in self.known.items() if key[:2] == (repository, number)]
            assert [_plain(made) for made in found] == [_plain(made) for made in expected]


def _plain(made: Disposition) -> tuple[str, Decision, str]:
    return made.fingerprint, made.kind, made.reason.replace("\x00", "\N{REPLACEMENT CHARACTER}")


@pytest.mark.slow
class TestDispositions(Dispositions.TestCase):  # type: ignore[name-defined,misc]
    settings = SETTINGS
