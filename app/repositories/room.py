"""Keeps mirrors within the disk that they may take: the least recently used goes first, and never one that is in use."""

from pathlib import Path

from app.repositories.mirror_place import MirrorPlace, places_in


def make_room(root: Path, place: MirrorPlace, needed: int, most: int) -> bool:
    """Delete mirrors other than `place` until all of them, and `needed` bytes, fit into `most`; whether they do.

    Only for the one who holds `lock_of(root)`, for two that make room at once would count each other's.
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
