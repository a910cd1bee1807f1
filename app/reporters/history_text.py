"""What is said about earlier answers: a list of them, and that somebody's word was noted."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from app.reporters.markdown import link, table
from app.reporters.safety import line
from app.store.memory_search import Recalled
from webhooks.jobs import Recollection

WORDS = "Say what to look for: `/council history connection pool`."
NOTHING = "Nothing was answered here yet. `/council ask …` asks the council."
_NOTED = {
    Recollection.HELPFUL: "Noted: the answer helped. Like questions will be shown it first.",
    Recollection.NOT_HELPFUL: "Noted: the answer did not help. Ask on with what was learned since: `/council ask …`.",
}


def render(words: str, found: Sequence[Recalled], now: float) -> str:
    """The list, the best first."""
    if not found:
        return f"Nothing like “{line(words)}” was asked in this repository."
    rows = [(f"#{each.number}", link(line(each.title), each.url), _outcome(each), _ago(now - each.at)) for each in found]
    return f"### Council: {len(found)} earlier\n\n" + table("| | Answer | What came of it | When |", "|---|---|---|---|", rows)


def noted(what: Recollection, title: str, url: str) -> str:
    """That a word about an answer was kept."""
    if what is Recollection.RESOLVED:
        return f"Noted: “{link(line(title), url)}” solved it. Like questions will be shown it first."
    return _NOTED[what]


def no_such(number: int, titles: Mapping[int, str]) -> str:
    """That there is no solution of that number."""
    listed = ", ".join(f"{each} ({line(title)})" for each, title in titles.items())
    return f"There is no solution {number} in the last answer; there is {listed}."


def day(at: float) -> str:
    """A date, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def _outcome(each: Recalled) -> str:
    if each.resolved:
        return f"solved by {each.resolved}"
    return "helped" if each.score > 0 else "did not help" if each.score < 0 else "–"


def _ago(seconds: float) -> str:
    days = int(seconds // 86_400)
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"
