"""Change here how the answer to a look is laid out, and how it is kept within its token budget."""

from reviewers.context.hidden_characters import show_hidden
from reviewers.context.repository.looks import Look, LookAnswer, SourceLine
from reviewers.context.tokens import count

LONGEST_LINE = 300
_RESERVE = 40


class LookPage:
    """Fills an answer with lines while they fit, and counts those that do not."""

    def __init__(self, look: Look, tokens: int) -> None:
        self._look, self._left = look, max(0, tokens - _RESERVE)
        self._rows: list[str] = []
        self._lines: list[SourceLine] = []

    def say(self, text: str) -> bool:
        """Add a row that is no line of a file, cut to the room; returns whether it fit whole."""
        return self._take(show_hidden(text))

    def show(self, line: SourceLine, row: str) -> bool:
        """Add a row that shows a line of a file; returns whether there was room."""
        if not self._take(show_hidden(row)):
            return False
        self._lines.append(line)
        return True

    @property
    def left(self) -> int:
        """The number of tokens that are left."""
        return self._left

    def answer(self, left_out: str = "") -> LookAnswer:
        """The finished answer."""
        end = [f"(left out: {left_out})"] if left_out else []
        return LookAnswer(look=self._look, text="\n".join([*self._rows, *end]), lines=tuple(self._lines), left_out=left_out)

    def _take(self, row: str) -> bool:
        cost = count(row) + 1
        if cost > self._left:
            return False
        self._left -= cost
        self._rows.append(row)
        return True


def cut_page(line: str) -> str:
    """A line of a file, clipped to the maximum of a page."""
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} [cut]"


def number_line(number: int, line: str) -> str:
    """A line of a file with its number."""
    return f"{number}\t{cut_page(line)}".rstrip()


def in_words(number: int, thing: str) -> str:
    """A number and a noun, as in "1 file" and "2 files"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def short_target(text: str, most: int = 120) -> str:
    """A target as an answer repeats it: on one line, and clipped."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}…"
