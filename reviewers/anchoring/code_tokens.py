"""Change here what counts as one token of code when a quote is compared with a file."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

# A number, a word, an operator of several characters, or any other single sign.
_TOKEN = re.compile(
    r"\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?\w*"
    r"|[\w$]+"
    r"|\.\.\.|…|===|!==|<=>|\*\*=|<<=|>>=|&&=|\|\|=|\?\?=|\.\.="
    r"|==|!=|<=|>=|->|=>|<-|:=|::|&&|\|\||\?\?|\?\.|\+\+|--|\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|>>|\*\*|\.\."
    r"|[^\s]"
)
_NORMAL = str.maketrans({"'": '"', "`": '"', "‘": '"', "’": '"', "“": '"', "”": '"', "–": "-", "—": "-"})
_OPENING, _CLOSING = "([{", ")]}"
# Operators that invert the meaning of the operand after them, as in https://docs.python.org/3/reference/expressions.html
_NEGATIONS = frozenset({"not", "!", "~", "await", "unless", "NOT", "Not"})
_SIGNS = frozenset({"-", "+", "--", "++"})
# After one of these words, a sign belongs to the operand that follows it.
_PREFIX_WORDS = frozenset(
    {
        *("return", "in", "and", "or", "not", "if", "elif", "else", "case", "yield", "when", "while", "until", "then", "assert", "await"),
        *("print", "echo", "throw", "raise", "typeof", "delete", "void"),
    }
)


def code_tokens(text: str) -> list[str]:
    """The tokens of a text in order, without white space; in strings and comments, every word is one token."""
    return _TOKEN.findall(text)


def normalize_tokens(tokens: Sequence[str]) -> list[str]:
    """The same tokens with one kind of quote mark and one kind of dash."""
    return [token.translate(_NORMAL) for token in tokens]


def is_word(token: str) -> bool:
    """Whether a token is a word or a number rather than a sign."""
    return token[0].isalnum() or token[0] in "_$"


def in_brackets(tokens: Sequence[str]) -> bool:
    """Whether these tokens end inside brackets that they opened."""
    depth = 0
    for token in tokens:
        if token in _OPENING:
            depth += 1
        elif token in _CLOSING and depth:
            depth -= 1
    return depth > 0


def follows_negation(before: Sequence[str]) -> bool:
    """Whether the tokens of a line end where the operand of a negation, of a sign or of `await` begins."""
    at = len(before) - 1
    while at >= 0 and before[at] == "(":
        at -= 1
    if at < 0:
        return False
    if before[at] in _NEGATIONS:
        return True
    return before[at] in _SIGNS and (at == 0 or not _ends_operand(before[at - 1]))


def _ends_operand(sign: str) -> bool:
    if is_word(sign):
        return sign not in _PREFIX_WORDS
    return sign in (*_CLOSING, '"')


class TokenRun:
    """A sequence of tokens that finds shorter runs in itself in linear time."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._text = "\0" + "".join(f"{token}\0" for token in tokens)
        self._starts = [0, *accumulate(len(token) + 1 for token in tokens)]

    def find(self, wanted: Sequence[str]) -> Iterator[int]:
        """Each token index at which `wanted` begins."""
        text = "\0" + "".join(f"{token}\0" for token in wanted)
        at = -1
        while (at := self._text.find(text, at + 1)) >= 0:
            yield bisect_left(self._starts, at)


class Vocabulary:
    """The words of some texts. A word of these texts is never a misspelling of another one."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._known: dict[str, bool] = {}

    def __contains__(self, word: str) -> bool:
        if word not in self._known:
            bounded = re.compile(rf"(?<![\w$]){re.escape(word)}(?![\w$])")
            self._known[word] = any(bounded.search(text) for text in self._texts)
        return self._known[word]
