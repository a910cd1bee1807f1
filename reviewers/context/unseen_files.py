"""Lists many file names in few tokens: by reason and folder or, if even that is too long, as folders with file counts."""

import json
from collections.abc import Iterable, Sequence

from reviewers.context.tokens import count
from reviewers.values.verdict import Unseen


def list_unseen(unseen: Sequence[Unseen], room: int) -> str:
    """Every file by name if that takes at most `room` tokens, else by folder, else only their number."""
    reasons = dict.fromkeys(each.reason for each in unseen)
    groups = {reason: [each.path for each in unseen if each.reason == reason] for reason in reasons}
    for words in (_by_name, _by_folder):
        text = "\n".join(f"not shown, {reason}: {words(paths)}" for reason, paths in groups.items())
        if count(text) <= room:
            return text
    return "\n".join(f"not shown, {reason}: {len(paths)} files" for reason, paths in groups.items())


def left_out(names: Sequence[tuple[str, str]], room: int) -> str:
    """(kind, name) of blocks that were left out: by name if that takes at most `room` tokens, else their number by kind."""
    kinds = {kind: [name for each, name in names if each == kind] for kind in dict.fromkeys(kind for kind, _ in names)}
    text = json.dumps(kinds, ensure_ascii=False)
    if count(text) <= room:
        return text
    return json.dumps({kind: len(found) for kind, found in kinds.items()})


def _by_name(paths: Iterable[str]) -> str:
    return json.dumps(_folders(paths), ensure_ascii=False)


def _by_folder(paths: Iterable[str]) -> str:
    return json.dumps({folder: len(names) for folder, names in _folders(paths).items()}, ensure_ascii=False)


def _folders(paths: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder, slash, name = path.rpartition("/")
        found.setdefault(folder + slash, []).append(name)
    return found
