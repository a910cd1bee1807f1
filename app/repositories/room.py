"""Keeps mirrors within their disk space: deletes the least recently used first, and never one in use."""

from pathlib import Path

from app.repositories.mirror_place import MirrorPlace, places_in


def make_room(root: Path, place: MirrorPlace, needed: int, most: int) -> bool:
    """Delete mirrors other than `place` until all of them, and `needed` bytes, fit into `most`. Returns whether they do.

    Only for the holder of `lock_of(root)`: two processes that make room at once would count each other's.
    """
    sizes = {other: other.size() for other in places_in(root) if other != place}
    total = sum(sizes.values()) + needed
    for other in sorted(sizes, key=MirrorPlace.last_use):
        if total <= most:
            break
        if sizes[other] and other.remove_if_unused():
            total -= sizes[other]
    return total <= most


def lock_of(root: Path) -> Path:
    """The file that is locked while mirrors are added or deleted."""
    return root / "room.lock"
