"""A cache of results whose arguments contain long texts. Change here how it measures its memory.

`functools.lru_cache` counts entries: 512 files of 1 MB each would stay in a worker for as long as it runs.
"""

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import ParamSpec, TypeVar

# The fixed cost of an entry with short texts: 3,500 small files of a change are 3,500 diffs.
_ENTRY = 1_000
P = ParamSpec("P")
R = TypeVar("R")


def text_cache(characters: int, weigh: Callable[P, int]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Cache the latest results of a pure function; the arguments weigh at most that many characters together, plus 1,000 each."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        kept: OrderedDict[Hashable, tuple[R, int]] = OrderedDict()
        lock, weight = threading.Lock(), 0

        @functools.wraps(function)
        def remembered(*args: P.args, **named: P.kwargs) -> R:
            nonlocal weight
            key = (args, tuple(sorted(named.items())))
            with lock:
                if key in kept:
                    kept.move_to_end(key)
                    return kept[key][0]
            result, own = function(*args, **named), weigh(*args, **named) + _ENTRY
            with lock:
                if own <= characters and key not in kept:
                    kept[key] = (result, own)
                    weight += own
                while weight > characters:
                    weight -= kept.popitem(last=False)[1][1]
            return result

        return remembered

    return decorate
