"""The cart that the stories use: its two defects, a ghost, and the system around it."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from app.queue.leases import LeaseTimes
from tests.system import SEATS, InProcessSystem, SystemOptions, start_system

__all__ = ["BASE", "DIVISION", "GHOST", "HEAD", "INJECTION", "SEATS", "InProcessSystem", "open_system"]

BASE = {"app/cart.py": "def total(items):\n    return sum(item.price for item in items)\n"}
HEAD = {
    "app/cart.py": (
        "def total(items):\n    return sum(item.price for item in items)\n\n\n"
        "def average(items):\n    return total(items) / len(items)\n\n\n"
        "def find(db, name):\n    return db.execute(f\"SELECT * FROM items WHERE name = '{name}'\")\n"
    )
}
DIVISION = {
    "title": "An empty cart divides by zero",
    "body": "With no items `len(items)` is 0 and `average` raises ZeroDivisionError. Return 0 for an empty cart.",
    "severity": "high",
    "category": "correctness",
    "path": "app/cart.py",
    "quote": "    return total(items) / len(items)",
    "line": 6,
    "suggestion": "    return total(items) / len(items) if items else 0",
}
INJECTION = {
    "title": "The item's name is pasted into the SQL statement",
    "body": "A name with a quote ends the string and runs as SQL. Pass it as a parameter.",
    "severity": "critical",
    "category": "security",
    "path": "app/cart.py",
    "quote": "    return db.execute(f\"SELECT * FROM items WHERE name = '{name}'\")",
    "line": 10,
    "suggestion": "",
}
GHOST = DIVISION | {"title": "A ghost", "quote": "return boo(items)", "line": 0}


@contextlib.asynccontextmanager
async def open_system(
    data: Path, *, seats: Sequence[str] = SEATS, times: LeaseTimes | None = None, mirrors: bool = False, public_url: str = ""
) -> AsyncIterator[InProcessSystem]:
    """A system with a repository that contains the cart."""
    # A story about a failing seat must not get a fallback for its model. Mirrors have other stories.
    alone = {"fallback": "off", "mirrors": mirrors, "public_url": public_url}
    # The sandbox shows every write at once.
    plan = SystemOptions(seats, times=times or LeaseTimes(read_lag=0.0), settings=alone, base=BASE, head=HEAD)
    async with start_system(data, plan) as system:
        yield system
