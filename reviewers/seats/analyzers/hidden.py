"""Characters that make code look other than it is: text that runs backwards, and characters that nobody sees."""

import re
import unicodedata

from reviewers.finding import Category, Severity
from reviewers.seats.analyzers.analyzer import Alarm

# https://trojansource.codes: the compiler reads another order than a person.
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Tags spell a hidden text; the others are blank letters and spaces of no width, which are never needed in code.
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
        """Whatever has a text."""
        return True

    async def alarms(self, path: str, text: str, seconds: float) -> tuple[Alarm, ...]:
        """One alarm for each line that has such a character."""
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
