"""Reads guidelines and `.gitattributes` in the folders of a change, from the base branch only."""

from collections.abc import Collection
from dataclasses import dataclass, field

from app.github.blobs import Wanted, contents
from app.github.installation_client import InstallationClient
from reviewers.context.guidelines import counts_for, find_nested
from reviewers.context.origins.attributes import attribute_files
from reviewers.context.snapshot import Guideline, UnreadPart


@dataclass(frozen=True)
class NestedFiles:
    """The guidelines for the change, the nearest first, `.gitattributes` texts by path, and what could not be read."""

    guidelines: tuple[Guideline, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    unread: tuple[UnreadPart, ...] = ()


async def read_nested(
    github: InstallationClient, full_name: str, base: str, paths: Collection[str], touched: tuple[str, ...]
) -> NestedFiles:
    """One read if `paths`, the tree of the head, has such files in the folders of `touched`, otherwise none.

    `base` is the ref of the base branch: a file that the change itself adds does not count.
    """
    listed = frozenset(paths)
    attributes = [path for path in attribute_files(touched)[1:] if path in listed]
    guidelines = find_nested(paths, touched)
    wanted = {path: Wanted(base, path, is_text=True) for path in (*attributes, *guidelines)}
    if not wanted:
        return NestedFiles()
    read = await contents(github, full_name, tuple(wanted.values()))
    texts = {path: text for path, each in wanted.items() if (text := read[each].text) is not None}
    return NestedFiles(
        tuple(Guideline(path=path, text=texts[path]) for path in guidelines if path in texts and counts_for(path, texts[path], touched)),
        {path: texts[path] for path in attributes if path in texts},
        tuple(UnreadPart(path=path, reason=why) for path in guidelines if (why := read[wanted[path]].why)),
    )
