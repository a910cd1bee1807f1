"""Describes a change by groups of files: change here how files are grouped and whose line is used."""

from collections.abc import Iterable, Mapping, Sequence
from posixpath import dirname

from reviewers.values.value import FrozenValue

MOST_GROUPS = 6
LONGEST_LINE = 200
_REST = "other files"


class FileGroup(FrozenValue):
    """Changed files of one folder; `name` is the folder."""

    name: str
    paths: tuple[str, ...]


class GroupLine(FrozenValue):
    """A model's sentence on the group with that number, counted from 1."""

    group: int
    text: str


class GroupSummary(FrozenValue):
    """A group as people read it: its name, its number of files, and one sentence."""

    name: str
    files: int
    text: str


def group_files(paths: Sequence[str]) -> tuple[FileGroup, ...]:
    """The files by the first folder below their common one, at most six groups, the largest first."""
    common = _common_folder(paths)
    groups: dict[str, list[str]] = {}
    for path in paths:
        below = path[len(common) :]
        name = common + below.split("/", 1)[0] + "/" if "/" in below else common or "./"
        groups.setdefault(name, []).append(path)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    if len(ordered) > MOST_GROUPS:
        rest = [path for _, inside in ordered[MOST_GROUPS - 1 :] for path in inside]
        ordered = [*ordered[: MOST_GROUPS - 1], (_REST, rest)]
    return tuple(FileGroup(name=name, paths=tuple(inside)) for name, inside in ordered)


def lines_of(lines: Iterable[tuple[int, str]], groups: Sequence[FileGroup]) -> tuple[GroupLine, ...]:
    """The first line per existing group, on one row and of bounded length."""
    taken: dict[int, GroupLine] = {}
    for number, text in lines:
        words = " ".join(text.split())
        if 1 <= number <= len(groups) and words:
            taken.setdefault(number, GroupLine(group=number, text=_cut(words)))
    return tuple(taken[number] for number in sorted(taken))


def summarise(
    groups: Sequence[FileGroup], given: Sequence[Sequence[GroupLine]], worded: Sequence[GroupLine] = ()
) -> tuple[GroupSummary, ...]:
    """A sentence per group: the chair's, else that of the first seat that has one; a group without any is left out."""
    chosen: dict[int, str] = {}
    for lines in (worded, *given):
        for line in lines:
            chosen.setdefault(line.group, line.text)
    return tuple(
        GroupSummary(name=group.name, files=len(group.paths), text=chosen[number])
        for number, group in enumerate(groups, 1)
        if number in chosen
    )


def carry_over(
    groups: Sequence[FileGroup], summaries: Sequence[GroupSummary], before: Mapping[str, GroupSummary]
) -> tuple[GroupSummary, ...]:
    """A sentence per group of the whole change: the new one, else that of the previous review."""
    now = {summary.name: summary for summary in summaries}
    found = ((group, now.get(group.name) or before.get(group.name)) for group in groups)
    return tuple(summary.model_copy(update={"files": len(group.paths)}) for group, summary in found if summary is not None)


def _common_folder(paths: Sequence[str]) -> str:
    """The deepest folder that contains all files, with a slash at its end; "" for the root."""
    folders = [f"{dirname(path)}/".split("/")[:-1] for path in paths]
    common: list[str] = []
    for names in zip(*folders, strict=False):
        if len(set(names)) > 1 or not names[0]:
            break
        common.append(names[0])
    return "/".join(common) + "/" if common else ""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 1].rstrip()}…"
