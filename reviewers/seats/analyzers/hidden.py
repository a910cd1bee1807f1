"""Reports characters that make code look different from what it is: bidirectional controls and invisible characters."""

import re
import unicodedata

from reviewers.seats.analyzers.analyzer import Alarm
from reviewers.values.finding import Category, Severity

# https://trojansource.codes: the compiler reads a different order than a person.
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Tag characters can spell a hidden text; the others are blank letters and spaces of no width, which code never needs.
_TAGS = re.compile("[\U000e0000-\U000e007f]")
_BLANK = re.compile(
    "[\u00ad\u115f\u1160\u200b\u2060-\u2064\u3164\uffa0]|(?<!^)\ufeff|(?<=[A-Za-z0-9_])[\u200c-\u200f\ufe00-\ufe0f](?=[A-Za-z0-9_])"
)
_KINDS = (
    (_REORDERING, Severity.HIGH, "reorders the text around it, so that this line does not do what it shows"),
    (_TAGS, Severity.HIGH, "belongs to a hidden text, which a model or a program may read and a person does not see"),
    (_BLANK, Severity.MEDIUM, "is not visible: two names or texts that look alike are not the same"),
)


class HiddenCharacters:
    """Reads every text file; nothing is run."""

    name = "hidden characters"

    def reads(self, path: str) -> bool:
        """Every file with a text."""
        return True

    async def alarms(self, path: str, text: str, seconds: float) -> tuple[Alarm, ...]:
        """One alarm per line with such a character."""
        found = []
        for number, line in enumerate(text.split("\n"), 1):
            if line.isascii():
                continue
            for pattern, severity, effect in _KINDS:
                if hit := pattern.search(line):
                    found.append(_alarm(number, hit[0], severity, effect))
                    break
        return tuple(found)


def _alarm(line: int, char: str, severity: Severity, effect: str) -> Alarm:
    name = unicodedata.name(char, "a control character").lower()
    return Alarm(
        rule="hidden-character",
        line=line,
        end_line=line,
        title=f"Line {line} holds an invisible character (U+{ord(char):04X}, {name})",
        body=f"It {effect}. Delete it, or write it as an escape if it is meant.",
        severity=severity,
        category=Category.SECURITY,
    )
