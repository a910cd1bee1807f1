"""Change here how `.gitattributes` files mark the origin of a file: `linguist-generated` and `linguist-vendored`, set or unset."""

import re
from collections.abc import Mapping
from functools import lru_cache

from reviewers.context.globs import GlobError, check_glob
from reviewers.context.repository.patterns import PatternError, SearchPattern, compile_search
from reviewers.context.snapshot import FileOrigin
from reviewers.text_cache import text_cache

NAME = ".gitattributes"
_MOST_LINES, _LONGEST = 500, 400
_FALSE = ("false", "no", "0", "off")
# `**/` is any folders, `/**` everything below, `*` and `?` match within a name.
_WILDCARDS = re.compile(r"(\*\*/|/\*\*|\*+|\?|\[[^\]]{1,100}+\])")
_TRANSLATED = {"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "**": "[^/]*", "?": "[^/]"}
_ATTRIBUTES = {
    "linguist-generated": FileOrigin.GENERATED,
    "linguist-vendored": FileOrigin.VENDORED,
}


def attribute_files(paths: tuple[str, ...], most: int = 20) -> tuple[str, ...]:
    """The `.gitattributes` files that may cover these paths: the root's, then those of their folders, up to a limit."""
    folders = {"": None}
    for path in paths:
        parts = path.split("/")[:-1]
        folders |= {"/".join(parts[:depth]) + "/": None for depth in range(1, len(parts) + 1)}
    return tuple(f"{folder}{NAME}" for folder in sorted(folders, key=lambda folder: (folder.count("/"), folder))[:most])


def read_origin(texts: Mapping[str, str], path: str) -> FileOrigin:
    """The origin that the files give for a path: the deepest folder decides, and in a file the last line; UNKNOWN if none does.

    `texts` are by path. An unset attribute means that people wrote the file.
    https://git-scm.com/docs/gitattributes
    https://docs.github.com/en/repositories/working-with-files/managing-files/customizing-how-changed-files-appear-on-github
    """
    said: dict[str, bool | None] = {}
    for name in sorted(texts, key=lambda name: name.count("/")):
        folder = name.removesuffix(NAME)
        if path.startswith(folder):
            said |= _values(texts[name], path[len(folder) :])
    values = {name: value for name, value in said.items() if value is not None}
    if any(values.values()):
        return next(origin for attribute, origin in _ATTRIBUTES.items() if values.get(attribute))
    return FileOrigin.WRITTEN if values else FileOrigin.UNKNOWN


def _values(text: str, path: str) -> dict[str, bool | None]:
    """Attributes that are set, unset, or reset to unspecified: None."""
    values: dict[str, bool | None] = {}
    for pattern, set_here in _read_lines(text):
        if _selects(pattern, path):
            values |= set_here
    return values


@text_cache(2_000_000, str.__len__)
def _read_lines(text: str) -> tuple[tuple[str, dict[str, bool | None]], ...]:
    """The patterns that set one of our attributes, in order. Parsed once, because a change may have thousands of files."""
    lines: list[tuple[str, dict[str, bool | None]]] = []
    for line in text.split("\n")[:_MOST_LINES]:
        words = line.strip()[:_LONGEST].split()
        if len(words) < 2 or words[0].startswith(("#", "[attr]", "!")):
            continue
        set_here = {name: value for word in words[1:] for name, value in [_read(word)] if name in _ATTRIBUTES}
        if set_here:
            lines.append((words[0], set_here))
    return tuple(lines)


def _read(word: str) -> tuple[str, bool | None]:
    name, _, value = word.lstrip("-!").partition("=")
    return name, None if word[0] == "!" else word[0] != "-" and value.lower() not in _FALSE


def _selects(pattern: str, path: str) -> bool:
    """Whether a pattern matches a path: like gitignore, except that a pattern for a folder does not cover its contents."""
    try:
        check_glob(pattern)
        return next(_compile(pattern.strip('"')).starts(path.encode()), None) is not None
    except (GlobError, PatternError):
        return False


@lru_cache(maxsize=512)
def _compile(pattern: str) -> SearchPattern:
    parts = _WILDCARDS.split(pattern.removeprefix("/"))
    body = "".join(_TRANSLATED.get(part) or (part.replace("[!", "[^") if part.startswith("[") else re.escape(part)) for part in parts)
    return compile_search(f"^{body}$" if "/" in pattern.rstrip("/") else f"^(?:.*/)?{body}$", pattern=True)
