"""Change here when a model's replacement text is offered as a button, and how it is fitted to the lines that it replaces."""

import re
from collections.abc import Sequence

from reviewers.context import grammars
from reviewers.context.hidden_characters import show_hidden
from reviewers.context.languages import language_of
from reviewers.context.notebooks.cell_lines import is_notebook
from reviewers.context.redaction import MASK
from reviewers.values.finding import Location, Side

_FENCES = ("```", "~~~")

_LONGEST = 4_000
# A suggestion of at least this many words, with a word of English grammar and almost no signs of code, is a sentence.
_PROSE_WORDS, _SIGNS_PER_WORD = 4, 1 / 6
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
_SIGN = re.compile(r"[=;{}()\[\]<>|&$@\\/*%^~:]|\w_\w|->")
_CODE_SPAN = re.compile(r"`[^`\n]*`")
_COMMENT = re.compile(r"^\s*(?:#+|//+|/\*+|\*|--|;+|<!--)\s*")
_GRAMMAR_WORDS = frozenset(
    {
        *("the", "a", "an", "this", "that", "these", "should", "must", "instead", "with", "please", "consider", "use", "add", "remove"),
        *("replace", "ensure", "make", "call", "check", "so", "when", "if"),
    }
)
_PROSE_FILES = (".md", ".markdown", ".rst", ".txt", ".adoc", ".mdx", ".tex", ".org")


def fit_suggestion(suggestion: str | None, quote: str, lines: list[str]) -> str | None:
    """The suggestion with the file's indentation; None if it is empty, changes nothing, or would write a mask into the file."""
    if suggestion is None or not suggestion.strip():
        return None
    text = _without_fence(suggestion.replace("\r\n", "\n")).strip("\n")
    if MASK in text or any(MASK in line or show_hidden(line) != line for line in lines):
        return None
    fitted = _indented(text, _indent(quote.replace("\r\n", "\n")), _indent("\n".join(lines)))
    if fitted is None or [line.rstrip() for line in fitted.split("\n")] == [line.rstrip() for line in lines]:
        return None
    return fitted


def _indented(text: str, quoted: str, wanted: str) -> str | None:
    own = _indent(text)
    if own == wanted or (quoted == wanted and own):
        return text
    if any(line.strip() and not line.startswith(own) for line in text.split("\n")):
        return None
    rest = [line.removeprefix(own) if line.strip() else "" for line in text.split("\n")]
    if wanted.strip("\t") == "" and wanted:
        rest = _tabbed(rest)
    return "\n".join(wanted + line if line else "" for line in rest)


def _tabbed(lines: list[str]) -> list[str]:
    """Deeper lines indented with tabs like the file, if a model counted in spaces."""
    depths = [len(line) - len(line.lstrip(" ")) for line in lines if line.startswith(" ")]
    unit = min(depths, default=0)
    if not unit or any(depth % unit for depth in depths):
        return lines
    return ["\t" * ((len(line) - len(line.lstrip(" "))) // unit) + line.lstrip(" ") for line in lines]


def _indent(text: str) -> str:
    first = next((line for line in text.split("\n") if line.strip()), "")
    return first[: len(first) - len(first.lstrip())]


def suggested_code(suggestion: str | None) -> str | None:
    """A suggestion as plain code, to be read and not applied; None if there is none."""
    if suggestion is None or not suggestion.strip() or MASK in suggestion:
        return None
    return _without_fence(suggestion.replace("\r\n", "\n")).strip("\n")[:_LONGEST] or None


def _without_fence(text: str) -> str:
    """The content of a fence around the whole text; the unchanged text without such a fence."""
    head, _, rest = text.strip().partition("\n")
    fenced = head.startswith(_FENCES) and rest.endswith(_FENCES)
    return rest[:-3].rstrip() if fenced else text


def apply_suggestion(head: str, location: Location, suggestion: str) -> str | None:
    """The head file with the location's lines replaced as on GitHub, with their line ends; None if it has no such lines.

    A notebook is shown as its source, which is not the content of its lines: nothing is replaced in it.
    """
    if is_notebook(location.path or ""):
        return None
    lines = head.split("\n")
    first, last = (location.start_line or location.line or 0) - 1, location.line or 0
    if not 0 <= first < last <= len(lines) or location.side is not Side.RIGHT:
        return None
    end = "\r" if all(line.endswith("\r") for line in lines[first:last] if line) else ""
    return "\n".join([*lines[:first], *(line + end for line in suggestion.split("\n")), *lines[last:]])


def is_prose(suggestion: str, replaced: Sequence[str], path: str) -> bool:
    """Whether a suggestion is a sentence instead of code: advice to read, not text to commit."""
    if path.lower().endswith(_PROSE_FILES):
        return False
    return _is_sentence(suggestion) and not _is_sentence("\n".join(replaced))


def parses_alike(path: str, before: str, after: str) -> bool:
    """Whether a text has no more syntax errors than the one it replaces; True if no grammar knows the language."""
    language = language_of(path)
    if not language:
        return True
    now = grammars.count_errors(language, grammars.encode_text(after))
    was = grammars.count_errors(language, grammars.encode_text(before))
    return now is None or was is None or now <= was


def _is_sentence(text: str) -> bool:
    """Whether a text without its comment marks and code spans consists of words, one of them of English grammar."""
    bare = "\n".join(_COMMENT.sub("", line) for line in _CODE_SPAN.sub("", text).split("\n"))
    words = _WORD.findall(bare)
    signs = len(_SIGN.findall(bare))
    return len(words) >= _PROSE_WORDS and signs <= len(words) * _SIGNS_PER_WORD and any(word.lower() in _GRAMMAR_WORDS for word in words)
