"""Races runs against the ledger: no cap of a run, pull request, day or month is exceeded, and every cent is booked as billed.

Each run asks three seats at once, twice, and a chair, through the real wrappers (retries, fallback, circuits). Providers time out, are
busy, refuse and hang, calls are cancelled, and one process in eight dies during calls. The clock runs through days and months.
"""

import asyncio
import contextlib
import random
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from app.clock import new_id
from app.queue.ledger import LedgerClock, SpendingCaps, SqlLedger
from app.store.engine.database import Database, open_database
from app.store.spending.ledger_calls import CostAccount, book_lost
from benchmarks import server, virtual_time
from benchmarks.bars import Bar, Count, exactly, judged
from benchmarks.market import Bills, Till, Vendor
from benchmarks.options import Options, progress
from reviewers.context.tokens import count
from reviewers.models.circuit_breaker import CircuitBreakerModel, Circuits, FallbackModel
from reviewers.models.model import Model, ModelError, ModelRequest
from reviewers.models.price import Price
from reviewers.models.wrappers import BudgetedModel, RetryingModel
from reviewers.seats.answers import OpinionAnswer

_ROWS = "SELECT id, run_id, repository_id, number, reserved_usd, spent_usd, created_at, settled_at FROM ledger"
# The amount that counts against a cap: the cost, or the reservation while the cost is unknown.
_USD = "sum(coalesce(spent_usd, reserved_usd))"
_BY_RUN = f"SELECT {_USD} FROM ledger WHERE created_at >= :since GROUP BY run_id"
_BY_PULL = f"SELECT {_USD} FROM ledger GROUP BY repository_id, number"
# The epoch began at midnight, so a UTC day is a whole number of days since then.
_BY_DAY = f"SELECT repository_id, CAST(floor(created_at / 86400) AS INTEGER) AS day, {_USD} FROM ledger GROUP BY repository_id, 2"
# Midnight falls into the runs of one repository in the small form too, because only there a month differs from a day.
_START = datetime(2026, 11, 20, 3, tzinfo=UTC).timestamp()
_SECONDS_A_RUN = 600.0
_AT_ONCE = 48
_CONNECTIONS = 3
_RUNS_A_REPOSITORY = 60
# Each is a few times the spending under it, so that each is reached: a run takes some $0.02, a repository some $0.60 in ten hours.
_CAPS = SpendingCaps(run=0.05, pull_request=0.1, day=0.3, month=0.4, calls_at_once=64)
_KINDS = ("run", "pull_request", "day", "month")
_MODELS = (("a/x", 4e-6), ("b/x", 2e-6), ("c/x", 1e-6))
_QUESTION = ModelRequest(
    purpose="opinion", system="s", prefix="p " * 200, prompt="q", answer=OpinionAnswer, max_output_tokens=4_000, seconds=2.0
)


@dataclass
class _Race:
    """The state of the race. `now` advances with every run that begins."""

    databases: list[Database]
    dice: random.Random
    bills: Bills = field(default_factory=Bills)
    now: float = _START
    refused: int = 0
    passed: int = 0
    looks: int = 0
    done: bool = False

    def clock(self) -> float:
        return self.now


def run(options: Options) -> dict[str, object]:
    """`overspend` counts exceeded caps, in any look at the ledger during the race or in the final bills."""
    runs = options.n or (150 if options.small else 10_000)
    with tempfile.TemporaryDirectory() as data, server.database(options.database) as url:
        # On a busy machine, deadlines of two seconds would cut off most calls, and nothing would race.
        measured = virtual_time.run(_measure(options, runs, url, Path(data)), step=0.05, servers=server.daemons(url))
    calls, fullest = int(str(measured["calls"])), measured["fullest_by_cap"]
    assert isinstance(fullest, dict)
    # A race that never reached a cap proves nothing, and neither do calls that were all booked whole.
    counts = (
        Count("runs", runs, 2_000, small=100, asked=True),
        Count("calls", calls, runs, small=runs),
        Count("booked_below_the_reservation", int(str(measured["booked_below_the_reservation"])), calls // 3, small=calls // 4),
        Count("refunded", int(str(measured["refunded"])), calls // 50),
        Count("refused_by_a_cap", int(str(measured["refused_by_a_cap"])), max(1, runs // 200)),
        *(Count(f"fullest_{kind}_percent", round(100 * fullest[kind]), 90, small=60) for kind in _KINDS),
        Count("looks", int(str(measured["looks"])), 5, small=2),
    )
    bars = [Bar(name, float(str(measured[name])), exactly(0), counts) for name in ("overspend", "ledger_error")]
    return judged(options, {"database": options.database, "runs": runs} | measured, bars)


async def _measure(options: Options, runs: int, url: str, data: Path) -> dict[str, object]:
    race = _Race([open_database(url, data) for _ in range(_CONNECTIONS)], random.Random(options.seed))
    await race.databases[0].migrate()
    count("")
    started = time.perf_counter()
    looking = asyncio.create_task(_look(race))
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> None:
        async with gate:
            await _run(race, number, random.Random(f"{options.seed}:{number}"))
            if number % 1_000 == 999:
                progress(f"{number + 1} of {runs} runs, {len(race.bills.reserved)} calls, {race.refused} refused")

    await asyncio.gather(*(one(number) for number in range(runs)))
    race.done = True
    await looking
    found = await _final(race)
    for database in race.databases:
        await database.close()
    calls = len(race.bills.reserved)
    return found | {
        "calls": calls,
        "refused_by_a_cap": race.refused,
        "looks": race.looks,
        "endings": dict(sorted(race.bills.endings.items())),
        "calls_per_s": round(calls / (time.perf_counter() - started)),
    }


async def _run(race: _Race, number: int, dice: random.Random) -> None:
    """Two rounds of three seats and a chair; some are cancelled in the middle, some die with their process."""
    race.now += _SECONDS_A_RUN * dice.random() * 2
    repository = number // _RUNS_A_REPOSITORY
    account = CostAccount(f"r{number:06d}", repository, dice.randrange(8))
    database = race.databases[number % len(race.databases)]

    async def wait(_: float) -> None:
        await asyncio.sleep(0.2)

    till = Till(SqlLedger(database, account, _CAPS, "sha", LedgerClock(race.clock, new_id, wait)), race.bills)
    seats = _seats(race, till, dice)
    rounds = asyncio.create_task(_rounds(race, seats))
    ends = dice.random()
    if ends < 0.25:
        await asyncio.sleep(dice.random() * 0.02)
        till.dead = ends < 0.125
        rounds.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await rounds
    async with database.write() as connection:
        # What a worker does when it takes a run over.
        await book_lost(connection, account.run_id, race.now)


async def _rounds(race: _Race, seats: list[Model]) -> None:
    for asked in (seats, seats, seats[:1]):
        await asyncio.gather(*(_ask(race, seat) for seat in asked))


async def _ask(race: _Race, seat: Model) -> None:
    try:
        async with asyncio.timeout(_QUESTION.seconds):
            await seat.complete(_QUESTION)
    except TimeoutError:
        pass
    except ModelError as error:
        race.refused += "is used" in str(error)


def _seats(race: _Race, till: Till, dice: random.Random) -> list[Model]:
    circuits = Circuits(time.monotonic)

    async def no_wait(_: float) -> None:
        await asyncio.sleep(0)

    def way(name: str, output: float) -> Model:
        price = Price(input=output / 5, output=output)
        paid = BudgetedModel(Vendor(name, price, race.bills, dice), till, price)
        return RetryingModel(CircuitBreakerModel(paid, circuits.of(name), name), name, time.monotonic, no_wait)

    return [FallbackModel([way(name, usd), way(f"openrouter/{name}", usd * 1.1)], time.monotonic) for name, usd in _MODELS]


async def _look(race: _Race) -> None:
    """Add up the ledger during the race: reservations count as spent."""
    while not race.done:
        race.looks += 1
        race.passed += sum(usd > cap + 1e-9 for usd, cap in await _standing(race))
        await asyncio.sleep(0.5)


async def _standing(race: _Race) -> list[tuple[float, float]]:
    """The total of each recent run, and of each pull request, day and month, with its cap; added up by the database.

    Reading every row each time took most of a long race; `_final` reads them once.
    """
    async with race.databases[0].read() as connection:
        runs = await connection.execute(text(_BY_RUN), {"since": race.now - 2 * 86_400})
        pulls = await connection.execute(text(_BY_PULL))
        days = (await connection.execute(text(_BY_DAY))).all()
        found = [(float(row[0]), float(_CAPS.run or 0)) for row in runs]
        found += [(float(row[0]), float(_CAPS.pull_request or 0)) for row in pulls]
    months: defaultdict[tuple[int, int, int], float] = defaultdict(float)
    for repository, number, spent in days:
        when = datetime.fromtimestamp(number * 86_400, UTC)
        months[repository, when.year, when.month] += spent
    found += [(float(row[2]), float(_CAPS.day or 0)) for row in days]
    return found + [(spent, float(_CAPS.month or 0)) for spent in months.values()]


async def _totals(race: _Race, billed: dict[str, float]) -> list[tuple[str, float, float]]:
    """The total of each run, pull request, day and month, with its cap; by the ledger, or by the bills if they are given."""
    async with race.databases[0].read() as connection:
        rows = (await connection.execute(text(_ROWS))).all()
    sums: defaultdict[tuple[object, ...], float] = defaultdict(float)
    for row in rows:
        usd = billed.get(row.id, row.reserved_usd if row.spent_usd is None else row.spent_usd)
        day = datetime.fromtimestamp(row.created_at, UTC)
        sums["run", row.run_id] += usd
        sums["pull_request", row.repository_id, row.number] += usd
        sums["day", row.repository_id, day.date()] += usd
        sums["month", row.repository_id, day.year, day.month] += usd
    return [(str(key[0]), usd, float(getattr(_CAPS, str(key[0])))) for key, usd in sums.items()]


async def _final(race: _Race) -> dict[str, object]:
    """Compare the ledger with the bills: no row missing or open, each booked as billed, or whole if the bill is unknown."""
    async with race.databases[0].read() as connection:
        rows = {row.id: row for row in (await connection.execute(text(_ROWS))).all()}
    bills = race.bills
    # A call that is cancelled while its reservation is written does not know it; its row is booked whole.
    wrong, below, refunded = len(bills.reserved.keys() - rows.keys()), 0, 0
    for call, row in rows.items():
        due, spent = bills.due(call, row.reserved_usd), row.spent_usd or 0.0
        below += spent < row.reserved_usd - 1e-9
        refunded += due == spent == 0.0
        wrong += row.settled_at is None or row.spent_usd is None
        wrong += abs(row.reserved_usd - bills.reserved.get(call, row.reserved_usd)) > 1e-9
        # A cancelled call may be booked whole, and its bill is less. Every other call is booked to the cent.
        wrong += abs(spent - due) > 1e-9 and not (call in bills.cut and abs(spent - row.reserved_usd) <= 1e-9)
        wrong += bills.billed.get(call, 0.0) > spent + 1e-9
    by_ledger = await _totals(race, {})
    passed = sum(usd > cap + 1e-9 for _, usd, cap in [*await _totals(race, bills.billed), *by_ledger])
    full = {kind: round(max((usd / cap for name, usd, cap in by_ledger if name == kind), default=0.0), 4) for kind in _KINDS}
    return {
        "overspend": race.passed + passed,
        "ledger_error": wrong,
        "fullest": max(full.values()),
        "fullest_by_cap": full,
        "booked_below_the_reservation": below,
        "refunded": refunded,
        "cut": len(bills.cut),
    }
