"""Reads the words that models use instead of the given ones; they are listed in synonyms.json, in several languages.

There, words are separated by blanks and a phrase has underscores; case, accents and signs between words do not matter.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TypeVar

from reviewers.criteria import CriterionStatus
from reviewers.values.finding import Category, Severity
from reviewers.values.solution import Effort, Risk
from reviewers.values.verdict import Stance

_Word = TypeVar("_Word", bound=StrEnum)
# Words that negate the one after them, and that are no answer alone ("t" is the rest of "can't").
_NEGATIONS = frozenset({"not", "never", "cannot", "nicht", "kein", "keine", "pas", "ne", "не", "t"})
# Models that number severities use 5, or 10 as in CVSS, for the worst.
_SCALE = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (5.5, Severity.MEDIUM))
_FIVE = (Severity.LOW, Severity.LOW, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


def severity_of(said: object) -> Severity:
    """The severity, medium if unknown; of bare numbers up to 5 and above it (CVSS), the highest is worst."""
    number = _number(said)
    if number is not None:
        if number <= 5:
            return _FIVE[max(0, round(number))]
        return next((severity for least, severity in _SCALE if number >= least), Severity.MEDIUM)
    return _meant(said, _table("severity", Severity)) or Severity.MEDIUM


def category_of(said: object) -> Category:
    """The category, correctness if unknown."""
    return _meant(said, _table("category", Category)) or Category.CORRECTNESS


def stance_of(said: object) -> Stance:
    """The stance, unsure if unknown or if two are named."""
    if isinstance(said, bool):
        return Stance.CONFIRM if said else Stance.REJECT
    words, table = _words(said), _table("stance", Stance)
    if whole := table.get("_".join(words)) or table.get(_text(said).strip()):
        return Stance(whole)
    named = set(_named(said, table))
    return named.pop() if len(named) == 1 and not _NEGATIONS & set(words) else Stance.UNSURE


def criterion_status_of(said: object) -> CriterionStatus:
    """The status; unclear if the text is none of the three, or says more."""
    if isinstance(said, bool):
        return CriterionStatus.MET if said else CriterionStatus.NOT_MET
    words = " ".join(_words(said))
    same = {"yes": CriterionStatus.MET, "no": CriterionStatus.NOT_MET, "unmet": CriterionStatus.NOT_MET}
    return same.get(words) or next((status for status in CriterionStatus if status.value == words), CriterionStatus.UNKNOWN)


def effort_of(said: object) -> Effort:
    """The effort, hours if unknown."""
    return _meant(said, _table("effort", Effort)) or Effort.HOURS


def risk_of(said: object) -> Risk:
    """The risk, medium if unknown."""
    severity = _meant(said, _table("severity", Severity)) or Severity.MEDIUM
    return {Severity.LOW: Risk.LOW, Severity.MEDIUM: Risk.MEDIUM}.get(severity, Risk.HIGH)


def _text(said: object) -> str:
    return " ".join(str(part) for part in said) if isinstance(said, list) else str(said or "")


def _number(said: object) -> float | None:
    if isinstance(said, bool):
        return None
    found = (
        re.fullmatch(r"\s*+(\d{1,3}(?:[.,]\d++)?)\s*+(?:/\s*+(?:5|10)\s*+)?", str(said)) if isinstance(said, str | int | float) else None
    )
    return float(found[1].replace(",", ".")) if found else None


def _words(said: object) -> list[str]:
    """Lower case, without accents; signs between words are dropped."""
    folded = unicodedata.normalize("NFKD", _text(said)[:200].casefold())
    plain = unicodedata.normalize("NFC", "".join(char for char in folded if not 0x300 <= ord(char) <= 0x36F))
    return re.findall(r"[^\W_]+", plain)


def _named(said: object, table: Mapping[str, _Word]) -> list[_Word]:
    """Every member that is named: by one word, by a phrase, or by characters of a script without blanks."""
    words = _words(said)
    phrases = [f"{first}_{second}" for first, second in pairwise(words)]
    named = [table[word] for word in (*phrases, *words) if word in table]
    if named:
        return named
    text = _text(said)[:200]
    return [member for word, member in table.items() if not word.isascii() and not word[0].isalpha() and word in text] or [
        table[part] for word in words for part in _wide_parts(word, table)
    ]


def _wide_parts(word: str, table: Mapping[str, _Word]) -> list[str]:
    """The longest words of the table inside a run of Chinese, Japanese or Korean."""
    return [known for known in sorted(table, key=len, reverse=True) if known in word and ord(known[0]) > 0x2E80][:1]


def _meant(said: object, table: Mapping[str, _Word]) -> _Word | None:
    whole = table.get("_".join(_words(said)))
    return whole or next(iter(_named(said, table)), None)


@cache
def _table(kind: str, members: type[_Word]) -> Mapping[str, _Word]:
    """The members of an enumeration by their words."""
    listed = json.loads(resources.files(__package__).joinpath("synonyms.json").read_text(encoding="utf-8"))[kind]
    table: dict[str, _Word] = {}
    for name, rows in listed.items():
        for word in " ".join(rows).split():
            table.setdefault("_".join(_words(word.replace("_", " "))) if word[0].isalnum() else word, members(name))
    return table
