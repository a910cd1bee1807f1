"""Extracts the search terms of a text: stems and beginnings of its words, so that a question in other words is found again."""

import math
import re
from collections.abc import Iterable, Mapping

from reviewers.council.text_features import code_names, content_words

# Up to two suffixes that derive a word from another are removed: exhaust-ion, connect-ivity, time-out-s.
_MADE = re.compile(
    r"(?:ations?|ators?|ating|ated|ates?|itions?|ions?|ments?|ness|ables?|ibles?|abilit(?:y|ies)|ibilit(?:y|ies)|ivit(?:y|ies)|"
    r"it(?:y|ies)|ives?|ances?|ences?|ants?|ents?|izes?|ized|izing|ization|ises?|ised|ising|ally|ly|als?|ers?|ors?|ful|less|ous|e)$"
)
_ROOT, _BEGINNING, _MOST = 4, 5, 400
_IMAGINED = 100
_NAME_PARTS = re.compile(r"\W+")
_DOTTED = re.compile(r"\b[A-Za-z_]\w*(?:(?:\.|::|#|/)[A-Za-z_]\w*)+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def terms_of(text: str) -> tuple[str, ...]:
    """The terms of a text, each once: letters, digits and underscores only."""
    found: dict[str, None] = {}
    for word in content_words(text):
        if _WIDE.search(word):
            # In scripts without spaces, pairs of characters serve as words.
            found.update(dict.fromkeys(word[at : at + 2] for at in range(max(1, len(word) - 1))))
            continue
        found[_root(word)] = None
    # A name counts as its parts, as a whole, and with its owner.
    for name in (*code_names(text), *(match.lower() for match in _DOTTED.findall(text))):
        found[_NAME_PARTS.sub("_", name).strip("_")] = None
    return tuple(term for term in found if 1 < len(term) <= 60)[:_MOST]


def term_prefixes(found: Iterable[str]) -> tuple[str, ...]:
    """The first letters of the longer terms, marked: they remain the same in all forms of a word."""
    return tuple(dict.fromkeys(f"{term[:_BEGINNING]}_" for term in found if len(term) > _BEGINNING and term.isalpha()))


def term_rarity(documents: int, holding: int) -> float:
    """The worth of a term that is in `holding` of `documents` (BM25's).

    In a few texts no term is known to be rare, so imaginary texts are added.
    """
    return math.log(1 + (documents + _IMAGINED - holding + 0.5) / (holding + 0.5))


def rarest_terms(wanted: Iterable[str], holding: Mapping[str, int], postings: int, least: int = 3) -> tuple[str, ...]:
    """The terms to search for: rare ones first, until together they occur in `postings` texts; at least `least` of them."""
    known = sorted((term for term in wanted if holding.get(term)), key=lambda term: (holding[term], term))
    chosen: list[str] = []
    total = 0
    for term in known:
        total += holding[term]
        if total > postings and len(chosen) >= least:
            break
        chosen.append(term)
    return tuple(chosen)


def _root(word: str) -> str:
    if not word.isascii():
        return word
    cut = _MADE.sub("", word)
    return cut if len(cut) >= _ROOT else word
