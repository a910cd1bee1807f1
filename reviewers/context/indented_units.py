"""Change here which lines begin a definition in code that no grammar reads; the lines indented below it belong to it."""

import re
from typing import NamedTuple

_MOST, _LONGEST_LINE = 5_000, 200
_BEFORE = (
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub|unsafe|override|virtual|sealed|open|data|local"
    r"|inline|extern|external|late|partial|const|mutable|payable|replicated)[ \t]+){0,6}"
)
_KEYWORD = re.compile(
    r"^[ \t]*\(?" + _BEFORE + r"(?:def[a-z]{0,9}|class|func|function\*?|fun|fn|sub|proc|method|struct|record|interface|trait|impl|instance"
    r"|module|namespace|package|enum|union|extension|mixin|typedef|protocol|object|contract|library|event|service|message|input|component"
    r"|rule|task|target|macro|filter|workflow"
    r"|create(?:[ \t]+or[ \t]+(?:replace|alter))?(?:[ \t]+(?:temp|temporary|unique|materialized|global|unlogged)){0,2}"
    r"[ \t]+(?:table|view|function|procedure|trigger|index|type|schema|package|policy|sequence|database)(?:[ \t]+if[ \t]+not[ \t]+exists)?"
    r"|alter[ \t]+table(?:[ \t]+(?:if[ \t]+exists|only))?)"
    r"[ \t]+[\[\"'`]?(?P<name>[A-Za-z_$][\w$.:-]{0,120})",
    re.I,
)
# `Future<int> load(String path) async {`: a type, a name, arguments, and a brace at the end.
_TYPED = re.compile(
    r"^[ \t]*(?:@\w{1,40}[ \t]+)?[A-Za-z_][\w<>\[\],.?*& \t]{0,120}[ \t*&](?P<name>[A-Za-z_~]\w{0,80})[ \t]*\([^;{}]*\)[^;{}()]*\{$"
)
# `load :: Path -> IO Int`, `load <- function(path) {`
_SIGNED = re.compile(r"^(?P<name>[A-Za-z_][\w.']{0,80})[ \t]*(?:::[ \t]|(?:<-|=)[ \t]*function[ \t]*\()")
_NO_TYPE = re.compile(
    r"^[ \t]*(?:if|for|while|switch|catch|return|else|elseif|elsif|new|await|foreach|with|using|lock|do|try|case|when|throw)\b"
)
_CLOSING = ("}", ")", "]", "{", "end", "END", "$$", "go", "GO")


class IndentedBlock(NamedTuple):
    """A definition by its name, from its first line to its last, with the indentation of its first line."""

    name: str
    start: int
    end: int
    indent: int


def indented_blocks(text: str) -> list[IndentedBlock]:
    """The definitions of a text in the order of their beginnings, outer ones first; one pass at any depth."""
    blocks: list[IndentedBlock] = []
    open_blocks: list[int] = []
    number = last = 0
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if not bare:
            continue
        indent = _indent(line)
        while open_blocks and _is_after(bare, indent, blocks[open_blocks[-1]]):
            _close(blocks, open_blocks.pop(), last)
        name = _name(line) if len(line) <= _LONGEST_LINE and len(blocks) < _MOST else ""
        if name:
            while open_blocks and blocks[open_blocks[-1]].indent >= indent:
                _close(blocks, open_blocks.pop(), last)
            open_blocks.append(len(blocks))
            blocks.append(IndentedBlock(name, number, number, indent))
        last = number
    for at in open_blocks:
        _close(blocks, at, last)
    return blocks


def _is_after(bare: str, indent: int, block: IndentedBlock) -> bool:
    """Whether a line ends a block: it is indented less, or as much without closing it."""
    return indent < block.indent or (indent == block.indent and not bare.startswith(_CLOSING))


def _close(blocks: list[IndentedBlock], at: int, last: int) -> None:
    blocks[at] = blocks[at]._replace(end=max(blocks[at].start, last))


def _name(line: str) -> str:
    match = _KEYWORD.match(line) or _SIGNED.match(line)
    if match is None and line.endswith("{") and not _NO_TYPE.match(line):
        match = _TYPED.match(line)
    return match["name"].rstrip(":.-") if match else ""


def _indent(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(4))
