"""The real clock and ids, passed as arguments to the code that needs them."""

import time
import uuid


def now() -> float:
    """Seconds since the epoch, UTC."""
    return time.time()


def new_id() -> str:
    """A new identifier: 32 hex digits, ordered by time in the first 12."""
    return f"{int(time.time() * 1000):012x}{uuid.uuid4().hex[:20]}"
