"""Finds the JSON values in a model's text: change here what counts as one, and what is skipped."""

import json
import re
from typing import NamedTuple

from reviewers.context.hidden_characters import without_broken_characters

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
# A deeper value is no answer of ours, and following it could exhaust the stack.
DEEPEST = 50
# No answer has this many values in a row; each costs 20 µs.
_MOST_VALUES = 4_000
_TOKEN = re.compile(
    r'\s*+(?:(?P<mark>[{}\[\],:])|(?P<string>"(?:[^"\\]++|\\.)*+")|(?P<number>-?\d++(?:\.\d++)?(?:[eE][+-]?\d++)?)|(?P<word>true|false|null)\b)',
    re.DOTALL,
)
# The rest if the text ends inside a value: nothing, an unclosed string, or a piece of a number or a word.
_CUT = re.compile(r'\s*+(?:"|[-+.\w]{0,12}\Z)')
_ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|["\\/bfnrt]|.)', re.DOTALL)
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}
_THOUGHTS = r"think|thinking|thought|thoughts|reasoning|reflection|scratchpad|analysis"
_NEXT = re.compile(
    rf"(?P<thought><(?:\w+:)?(?:{_THOUGHTS})(?:\s[^<>]{{0,80}})?>|\[THINK\]|◁think▷|<\|channel\|>\s*analysis)"
    rf"|(?P<after></(?:\w+:)?(?:{_THOUGHTS})>|\[/THINK\]|◁/think▷)|(?P<opened>[{{\[])",
    re.IGNORECASE,
)
_THOUGHT_ENDS = re.compile(
    rf"</(?:\w+:)?(?:{_THOUGHTS})>|\[/THINK\]|◁/think▷|<\|channel\|>\s*(?:final|commentary)|<\|start\|>", re.IGNORECASE
)


class WholeValue(NamedTuple):
    """A decoded object or list and its position."""

    start: int
    end: int
    value: Json


class BrokenValue(NamedTuple):
    """The start of an object or list that could not be decoded; `at_end` if the text ends inside it."""

    start: int
    at_end: bool


class JsonValues(NamedTuple):
    """The values in a text, from left to right: the outermost whole ones, and the broken ones.

    `mended` if a string had an escape that JSON does not know; `thinking` if the text ends inside a thinking block.
    """

    whole: tuple[WholeValue, ...]
    broken: tuple[BrokenValue, ...]
    mended: bool
    thinking: bool


def find_values(text: str) -> JsonValues:
    """The outermost objects and lists outside of thinking blocks; takes time linear in the length of any text."""
    decoder = _Decoder(text)
    whole: list[WholeValue] = []
    position, thinking, said_from = 0, False, 0
    while len(whole) + len(decoder.broken) < _MOST_VALUES and (found := _NEXT.search(text, position)) is not None:
        if found["opened"]:
            end = decoder.end_of(found.start())
            if end is None:
                # A broken value may contain whole ones.
                position = found.end()
            else:
                whole.append(WholeValue(found.start(), end, decoder.whole[found.start()][1]))
                position = end
        elif found["thought"]:
            closed = _THOUGHT_ENDS.search(text, found.end())
            thinking = closed is None
            if closed is None:
                break
            position = closed.end()
        else:
            # Some templates write the opening tag themselves, so the answer contains only the end of the thinking.
            whole.clear()
            position = said_from = found.end()
    broken = (BrokenValue(start, at_end) for start, at_end in sorted(decoder.broken.items()) if start >= said_from)
    return JsonValues(tuple(whole), tuple(broken), decoder.mended, thinking)


class _Frame:
    """An object or list that is being read; `wanted` is "first", "key", "colon", "value" or "next"."""

    def __init__(self, start: int, is_object: bool) -> None:
        self.start = start
        self.value: dict[str, Json] | list[Json] = {} if is_object else []
        self.key = ""
        self.wanted = "first"

    def add(self, value: Json) -> None:
        """Take a value that was read inside."""
        if isinstance(self.value, dict):
            self.value[self.key] = value
        else:
            self.value.append(value)
        self.wanted = "next"


class _Decoder:
    """Decodes a value at a position. Each object or list is read once: if an outer one breaks, the inner ones are known already."""

    def __init__(self, text: str) -> None:
        self.whole: dict[int, tuple[int, Json]] = {}
        self.broken: dict[int, bool] = {}
        self.mended = False
        self._text = text

    def end_of(self, start: int) -> int | None:
        """The position after the value that begins there, None if it is broken."""
        if start not in self.whole and start not in self.broken:
            self._read(start)
        return self.whole[start][0] if start in self.whole else None

    def _read(self, start: int) -> None:
        frames = [_Frame(start, self._text[start] == "{")]
        at = start + 1
        while frames:
            token = _TOKEN.match(self._text, at)
            after = None if token is None else self._step(frames, token)
            if after is None:
                at_end = token is None and _CUT.match(self._text, at) is not None
                self.broken |= {frame.start: at_end for frame in frames}
                return
            at = after

    def _step(self, frames: list[_Frame], token: re.Match[str]) -> int | None:
        """The position after the token, None if it is not allowed."""
        frame, mark = frames[-1], token["mark"]
        is_object = isinstance(frame.value, dict)
        if mark == ("}" if is_object else "]") and frame.wanted in ("first", "next"):
            return self._close(frames, token.end())
        if frame.wanted == "colon":
            frame.wanted = "value"
            return token.end() if mark == ":" else None
        if frame.wanted == "next":
            frame.wanted = "key" if is_object else "value"
            return token.end() if mark == "," else None
        if is_object and frame.wanted in ("first", "key"):
            if token["string"] is None:
                return None
            frame.key, frame.wanted = self._string(token["string"]), "colon"
            return token.end()
        if mark in ("{", "["):
            return self._open(frames, token.end() - 1)
        if mark is not None:
            return None
        frame.add(self._scalar(token))
        return token.end()

    def _open(self, frames: list[_Frame], start: int) -> int | None:
        if start in self.whole:
            end, value = self.whole[start]
            frames[-1].add(value)
            return end
        if start in self.broken or len(frames) == DEEPEST:
            return None
        frames.append(_Frame(start, self._text[start] == "{"))
        return start + 1

    def _close(self, frames: list[_Frame], end: int) -> int:
        closed = frames.pop()
        self.whole[closed.start] = end, closed.value
        if frames:
            frames[-1].add(closed.value)
        return end

    def _scalar(self, token: re.Match[str]) -> Json:
        if token["string"] is not None:
            return self._string(token["string"])
        if token["word"] is not None:
            return _WORDS[token["word"]]
        number = token["number"]
        # Python refuses to read an integer of more than 4,300 digits.
        return int(number) if len(number) < 20 and number.lstrip("-").isdigit() else float(number)

    def _string(self, token: str) -> str:
        """The text of a string with its line breaks, which models forget to escape; a character that cannot be stored is replaced."""
        try:
            decoded = json.loads(token, strict=False)
        except ValueError:
            # A regular expression or a Windows path, copied verbatim: \d, \w, C:\src.
            self.mended = True
            decoded = json.loads(_ESCAPE.sub(_known_escape, token), strict=False)
        return without_broken_characters(decoded)


def _known_escape(escape: re.Match[str]) -> str:
    return escape[0] if escape[1][0] in '"\\/bfnrt' or len(escape[1]) == 5 else "\\" + escape[0]
