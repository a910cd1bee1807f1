"""Finds what a text names: files and lines, permalinks, issues, commits, images, and names of code."""

import re
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import unquote

from reviewers.context.ci_log.references import references, same_file
from reviewers.council.text_features import code_names
from reviewers.values.value import FrozenValue

_MOST = 40
T = TypeVar("T")
_READ = 200_000
_LINK = re.compile(
    r"https?://[\w.:-]+/(?P<repository>[\w.-]+/[\w.-]+)/blob/(?P<ref>[^/\s]+)/(?P<path>[^\s#?)\]>\"']+)"
    r"(?:\?[^\s#]*)?(?:#L(?P<first>\d{1,6})(?:C\d+)?(?:-L?(?P<last>\d{1,6}))?)?"
)
_ITEM = re.compile(r"https?://[\w.:-]+/(?P<repository>[\w.-]+/[\w.-]+)/(?:issues|pull)/(?P<number>\d{1,9})\b")
_COMMIT = re.compile(r"https?://[\w.:-]+/(?P<repository>[\w.-]+/[\w.-]+)/commit/(?P<sha>[0-9a-f]{7,40})\b")
_NUMBER = re.compile(r"(?<![\w/&#])#(\d{1,9})\b")
_SHA = re.compile(r"(?<![\w/#-])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,40}(?![\w-])")
# No run may include the beginning of the next attempt: a stranger's text must be read in linear time.
_IMAGE = re.compile(r"!\[(?P<alt>[^\[\]]{0,200}+)\]\((?P<url>[^()\s]{1,500}+)[^()]{0,200}+\)|<img\b[^<>]{0,600}+>", re.IGNORECASE)
_PATH = re.compile(
    r"(?<![\w:/.@+-])(?:\./)?((?:[\w.@+-]+/)*[\w@+-][\w.@+-]*\.[A-Za-z][A-Za-z0-9]{0,7}|(?:[\w.-]+/)*(?:Dockerfile|Makefile))\b"
)
_HOST = re.compile(r"\b[a-z][a-z0-9+.-]*://\S*")


class Spot(FrozenValue):
    """Lines of a file as a text names them; line 0 means the whole file. `ref` is a permalink's commit or branch, else ""."""

    path: str
    first: int = 0
    last: int = 0
    ref: str = ""


class Mentions(FrozenValue):
    """Each list in the order of first mention, and bounded. `images` are identified by their text or address."""

    spots: tuple[Spot, ...] = ()
    numbers: tuple[int, ...] = ()
    commits: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()


def mentions(text: str, repository: str) -> Mentions:
    """What a text names in that repository ("owner/name"); links to other repositories count as plain text."""
    text = text[:_READ]
    here = repository.lower()
    links = [match for match in _LINK.finditer(text) if match["repository"].lower() == here]
    spots = [Spot(path=unquote(link["path"]), ref=link["ref"], **_lines(link["first"], link["last"])) for link in links]
    bare = _HOST.sub(" ", _IMAGE.sub(" ", text))
    for reference in references(enumerate(bare.split("\n"), 1)):
        spots.append(Spot(path=reference.path, first=reference.line, last=reference.line))
    spots += [Spot(path=match[1]) for match in _PATH.finditer(bare)]
    numbers = [int(match["number"]) for match in _ITEM.finditer(text) if match["repository"].lower() == here]
    numbers += [int(match) for match in _NUMBER.findall(bare)]
    commits = [match["sha"] for match in _COMMIT.finditer(text) if match["repository"].lower() == here] + _SHA.findall(bare)
    images = [(match["alt"] or match["url"] or "an image")[:80] for match in _IMAGE.finditer(text)]
    return Mentions(
        spots=_once(_narrowest(spots)),
        numbers=_once(numbers),
        commits=_once(commits),
        images=_once(images),
        symbols=_once(sorted(code_names(bare), key=lambda name: (-len(name), name))),
    )


def locate_mentions(spots: Sequence[Spot], paths: Sequence[str]) -> dict[str, tuple[Spot, ...]]:
    """The files of a tree that the text means, with their lines; a bare name counts only if exactly one changed file has it."""
    tails: dict[str, list[str]] = {}
    known = set(paths)
    for path in paths:
        tails.setdefault(path.rpartition("/")[2], []).append(path)
    found: dict[str, list[Spot]] = {}
    for spot in spots:
        named = spot.path.replace("\\", "/").removeprefix("./")
        bearing = tails.get(named.rpartition("/")[2], [])
        same = [named] if named in known else [path for path in bearing if same_file(named, path)] or (bearing if "/" not in named else [])
        if len(same) == 1:
            found.setdefault(same[0], []).append(spot)
    return {path: tuple(each) for path, each in found.items()}


def _lines(first: str | None, last: str | None) -> dict[str, int]:
    start = int(first or 0)
    return {"first": start, "last": max(start, int(last or start))}


def _narrowest(spots: Sequence[Spot]) -> list[Spot]:
    """Drops the bare path of a file whose lines are named too."""
    lined = {spot.path for spot in spots if spot.first}
    return [spot for spot in spots if spot.first or spot.path not in lined]


def _once(found: Sequence[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(found))[:_MOST]
