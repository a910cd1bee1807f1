"""Change here how posts list earlier answers and confirm feedback on them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from app.reporters.text.markdown import link, plural, table
from app.reporters.text.safety import line
from app.store.questions.memory_search import Recalled
from webhooks.jobs import FeedbackKind

WORDS = "Add search words, for example `/council history connection pool`."
NOTHING = "There are no answers in this repository yet. Ask with `/council ask …`."
_NOTED = {
    FeedbackKind.HELPFUL: "Noted: the answer helped. Similar questions will show it first.",
    FeedbackKind.NOT_HELPFUL: "Noted: the answer did not help. Add what you learned since and ask again: `/council ask …`.",
}


def render(words: str, found: Sequence[Recalled], now: float) -> str:
    """The list, best match first."""
    if not found:
        return f"No question like “{line(words)}” was asked in this repository."
    rows = [
        (f"#{recalled.number}", link(line(recalled.title), recalled.url), _outcome(recalled), _ago(now - recalled.at)) for recalled in found
    ]
    return f"### Council: {plural(len(found), 'earlier answer')}\n\n" + table("| | Answer | Outcome | When |", "|---|---|---|---|", rows)


def feedback_saved_line(what: FeedbackKind, title: str, url: str) -> str:
    """The confirmation of feedback on an answer."""
    if what is FeedbackKind.RESOLVED:
        return f"Noted: “{link(line(title), url)}” solved it. Similar questions will show it first."
    return _NOTED[what]


def no_such(number: int, titles: Mapping[int, str]) -> str:
    """The error for an unknown solution number."""
    listed = ", ".join(f"{each} ({line(title)})" for each, title in titles.items())
    return f"The last answer has no solution {number}. Its solutions are: {listed}."


def utc_date(at: float) -> str:
    """A date, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def _outcome(each: Recalled) -> str:
    if each.resolved:
        return f"solved by solution {each.resolved}"
    return "helped" if each.score > 0 else "did not help" if each.score < 0 else "–"


def _ago(seconds: float) -> str:
    days = int(seconds // 86_400)
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"
