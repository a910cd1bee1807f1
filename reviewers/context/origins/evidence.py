"""Change here what shows that a folder of a repository contains third-party code or build output."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from reviewers.context.origins.names import is_lock
from reviewers.context.snapshot import FileOrigin

# Files that a tool leaves in such a folder.
_LEFT_BEHIND = ("modules.txt", "autoload.php", "composer/installed.json", ".cargo-checksum.json", "vendor.json")
_LICENSES = re.compile(r"(?:licen[sc]e|copying|notice|metadata|readme\.chromium|upstream|moz\.yaml)(?:[.-][\w.-]*)?$", re.IGNORECASE)
_VENDOR = re.compile(r"vendor(?:ed)?$", re.IGNORECASE)
_THIRD_PARTY = re.compile(r"(?:third[_-]?party|3rd[_-]?party|external|extern|vendor(?:ed)?|deps|subprojects)$", re.IGNORECASE)
_BUILT = re.compile(r"dist$")
_BUILT_FILE = re.compile(r"\.(?:js|mjs|cjs|css|map|d\.ts)$")


class _Tree(NamedTuple):
    """What the paths of a repository show: all of them, and the folders with a license, a lock file, a package.json, or a `src`."""

    paths: frozenset[str]
    licensed: frozenset[str]
    locked: frozenset[str]
    packages: frozenset[str]
    sources: frozenset[str]


def find_origins(paths: Iterable[str], tree: Collection[str]) -> dict[str, FileOrigin]:
    """The changed paths in folders of third-party code or build output, according to the paths of the whole tree."""
    candidates = [path for path in paths if any(is_known_folder(name) for _, name, _ in _folders(path))]
    if not candidates:
        return {}
    facts = _read_tree(tree)
    found = ((path, _find_origin(path, facts)) for path in candidates)
    return {path: origin for path, origin in found if origin is not FileOrigin.UNKNOWN}


def _read_tree(tree: Collection[str]) -> _Tree:
    named = [(folder, name) for path in tree for folder, _, name in [path.rpartition("/")]]
    return _Tree(
        paths=frozenset(tree),
        licensed=frozenset(folder for folder, name in named if _LICENSES.fullmatch(name)),
        locked=frozenset(folder for folder, name in named if is_lock(name)),
        packages=frozenset(folder for folder, name in named if name == "package.json"),
        sources=frozenset(f"/{path}".rpartition("/src/")[0].removeprefix("/") for path in tree if "/src/" in f"/{path}"),
    )


def _find_origin(path: str, tree: _Tree) -> FileOrigin:
    for parent, name, below in _folders(path):
        folder = f"{parent}/{name}" if parent else name
        is_filled = parent in tree.locked or any(f"{folder}/{left}" in tree.paths for left in _LEFT_BEHIND)
        is_licensed = bool(below) and f"{folder}/{below}" in tree.licensed
        if (_VENDOR.match(name) and is_filled) or (_THIRD_PARTY.match(name) and is_licensed):
            return FileOrigin.VENDORED
        if _BUILT.match(name) and _BUILT_FILE.search(path) and parent in tree.packages and parent in tree.sources:
            return FileOrigin.GENERATED
    return FileOrigin.UNKNOWN


def is_known_folder(name: str) -> bool:
    """Whether a folder of this name may contain third-party code or build output."""
    return any(known.match(name) for known in (_VENDOR, _THIRD_PARTY, _BUILT))


def _folders(path: str) -> Iterable[tuple[str, str, str]]:
    """Each folder above a file: its parent, its name, and the next folder on the way to the file, or ""."""
    parts = path.split("/")[:-1]
    for index, name in enumerate(parts):
        yield "/".join(parts[:index]), name, parts[index + 1] if index + 1 < len(parts) else ""
