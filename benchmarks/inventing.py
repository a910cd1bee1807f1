"""Makes quotes that a file does not contain: a token inserted, deleted, swapped or replaced, a cut after a negation, or all invented.

It shares no code with the product: it decides independently what counts as a token, and what counts as a part of a line.
"""

import random
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

_TOKEN = re.compile(r"\w+|[^\w\s]")
_OPERATORS = ("==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "&&", "||", "and", "or", "|", "&")
_LITERALS = ("None", "True", "False", "0", "1", "2", "10", "100", "null", "nil", '""')
_NEGATIONS = ("not", "!")
_INVERTING = frozenset({"not", "!", "-", "await"})
_MARKS = str.maketrans({"'": '"', "`": '"'})
_LONGEST_RUN = 3


class Token(NamedTuple):
    """A word or a sign and its place in its line."""

    text: str
    begin: int
    end: int


class Line(NamedTuple):
    """A line that a change added, and the words of the repository to mix in."""

    text: str
    words: Sequence[str]

    @property
    def tokens(self) -> list[Token]:
        return [Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(self.text)]


def squeezed(text: str) -> str:
    """A text without white space and with one kind of quote marks."""
    return "".join(text.translate(_MARKS).split())


def insert_argument(dice: random.Random, line: Line) -> str | None:
    """A further argument after an opening bracket or a comma."""
    places = [token.end for token in line.tokens if token.text in ("(", ",", "[")]
    if not places:
        return None
    at = dice.choice(places)
    word = dice.choice(line.words)
    value = f"{word}=False, " if dice.random() < 0.5 else f"{word}, "
    return line.text[:at] + value + line.text[at:].lstrip()


def insert_negation(dice: random.Random, line: Line) -> str | None:
    """A negation before a word inside the line."""
    words = [token for token in line.tokens if token.text[0].isalpha() or token.text[0] == "_"]
    if len(words) < 2:
        return None
    at = dice.choice(words[1:]).begin
    sign = dice.choice(_NEGATIONS)
    return f"{line.text[:at]}{sign}{' ' if sign.isalpha() else ''}{line.text[at:]}"


def insert_call(dice: random.Random, line: Line) -> str | None:
    """A call at the end."""
    return f"{line.text.rstrip()}.{dice.choice(line.words)}()"


def delete_token(dice: random.Random, line: Line) -> str | None:
    """One token of the middle removed without a mark."""
    tokens = line.tokens[1:-1]
    if not tokens:
        return None
    gone = dice.choice(tokens)
    return f"{line.text[: gone.begin].rstrip()} {line.text[gone.end :].lstrip()}"


def swap_tokens(dice: random.Random, line: Line) -> str | None:
    """Two different words of the line swapped."""
    words = [token for token in line.tokens if token.text[0].isalnum()]
    pairs = [(one, two) for at, one in enumerate(words) for two in words[at + 1 : at + 4] if one.text != two.text]
    if not pairs:
        return None
    one, two = dice.choice(pairs)
    return line.text[: one.begin] + two.text + line.text[one.end : two.begin] + one.text + line.text[two.end :]


def replace_name(dice: random.Random, line: Line) -> str | None:
    """A name replaced by one from elsewhere in the repository."""
    return _replaced(dice, line, [token for token in line.tokens if token.text[0].isalpha()], line.words)


def replace_operator(dice: random.Random, line: Line) -> str | None:
    """An operator replaced by another."""
    found = [token for token in line.tokens if token.text in _OPERATORS]
    return _replaced(dice, line, found, _OPERATORS)


def replace_literal(dice: random.Random, line: Line) -> str | None:
    """A number or a constant replaced by another, or a word inside a string."""
    found = [token for token in line.tokens if token.text[0].isdigit() or token.text in _LITERALS]
    return _replaced(dice, line, found, _LITERALS)


def invent_line(dice: random.Random, line: Line) -> str | None:
    """A line of words of the repository in the shape of this one."""
    parts, at = [], 0
    for token in line.tokens:
        parts += [line.text[at : token.begin], dice.choice(line.words) if token.text[0].isalpha() else token.text]
        at = token.end
    return "".join(parts)


def cut_negation(dice: random.Random, line: Line) -> str | None:
    """The text after a negation or a sign, without it."""
    tokens = line.tokens
    places = [at for at, token in enumerate(tokens[:-1]) if token.text in _INVERTING and _inverts(tokens, at)]
    if not places:
        return None
    rest = line.text[tokens[dice.choice(places)].end :].strip()
    return rest if sum(char.isalnum() for char in rest) >= 4 else None


def _inverts(tokens: Sequence[Token], at: int) -> bool:
    """Whether a sign belongs to the operand after it; `a - b` and `a != b` have one operator between two."""
    if tokens[at].text in ("not", "await"):
        return True
    before, after = tokens[at - 1] if at else None, tokens[at + 1]
    if tokens[at].text == "!":
        return after.text not in ("=", "[", "(") and (before is None or not before.text[-1].isalnum())
    opens = before is None or before.text in ("(", "[", ",", "=", "return", "{")
    return opens and after.begin == tokens[at].end and after.text not in "->="


def _replaced(dice: random.Random, line: Line, tokens: Sequence[Token], others: Sequence[str]) -> str | None:
    if not tokens:
        return None
    token = dice.choice(tokens)
    other = dice.choice([other for other in others if other.casefold() != token.text.casefold()])
    return line.text[: token.begin] + other + line.text[token.end :]


INVENTIONS: dict[str, Callable[[random.Random, Line], str | None]] = {
    "argument": insert_argument,
    "insert_negation": insert_negation,
    "call": insert_call,
    "deleted": delete_token,
    "swapped": swap_tokens,
    "name": replace_name,
    "operator": replace_operator,
    "literal": replace_literal,
    "whole": invent_line,
    "negation": cut_negation,
}


def is_part(quote: str, texts: Sequence[str]) -> bool:
    """Whether a quote is in some text, ignoring white space and quote marks: then nothing was invented."""
    wanted = squeezed(quote)
    return any(wanted in text for text in texts)


def permitted_part(dice: random.Random, text: str) -> str | None:
    """A run of tokens with the meaning of the line: closed brackets, no negation cut off, at least 12 letters and signs."""
    tokens = [Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(text)]
    for _ in range(_LONGEST_RUN):
        if len(tokens) < 4:
            return None
        begin = dice.randrange(0, len(tokens) - 2)
        end = dice.randrange(begin + 2, len(tokens) + 1)
        part = text[tokens[begin].begin : tokens[end - 1].end]
        whole = end - begin == len(tokens)
        if not whole and len(squeezed(part)) >= 12 and _closed(part) and _clean(text, tokens, begin, end):
            return part
    return None


def is_permitted(text: str, begin: int, end: int) -> bool:
    """Whether the tokens from `begin` up to `end` of a line may be quoted alone."""
    tokens = [Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(text)]
    part = text[tokens[begin].begin : tokens[end - 1].end]
    return len(squeezed(part)) >= 4 and _closed(part) and _clean(text, tokens, begin, end)


def _closed(part: str) -> bool:
    depth = 0
    for char in part:
        depth += char in "([{"
        depth -= char in ")]}" and depth > 0
    return depth == 0


def _clean(text: str, tokens: Sequence[Token], begin: int, end: int) -> bool:
    """Whether no negation or sign precedes, and no operator of several signs is cut at either end."""
    if begin and (tokens[begin - 1].text in ("not", "!", "-", "+", "~", "await", "unless") or _glued(tokens[begin - 1], tokens[begin])):
        return False
    if begin and tokens[begin - 1].text in "([{":
        return False
    return end == len(tokens) or not _glued(tokens[end - 1], tokens[end])


def _glued(one: Token, two: Token) -> bool:
    """Whether two tokens touch and are both signs, or parts of a number."""
    touching = one.end == two.begin
    signs = not one.text[0].isalnum() and not two.text[0].isalnum() and one.text not in "()[]{},;\"'" and two.text not in "()[]{},;\"'"
    number = "." in (one.text, two.text) and (one.text[-1].isdigit() or two.text[0].isdigit())
    return touching and (signs or number)
