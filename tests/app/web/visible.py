"""The visible text of a page. Change here what counts as visible and which values differ from run to run."""

import re
from html.parser import HTMLParser

_SKIPPED = frozenset({"script", "style", "svg", "title", "dialog"})
_BLOCKS = frozenset(
    (
        "p",
        "div",
        "section",
        "article",
        "header",
        "main",
        "nav",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "table",
        "tr",
        "td",
        "th",
        "form",
        "fieldset",
        "legend",
        "label",
        "button",
        "summary",
        "details",
        "option",
        "pre",
        "br",
        "input",
        "textarea",
        "select",
        "a",
    )
)
_SPOKEN = ("placeholder", "aria-label")
_VOLATILE = (
    (re.compile(r"https?://(?:127\.0\.0\.1|localhost):\d+"), "https://host"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,27}\b"), "<guid>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b"), "<id>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?: \d\d:\d\d UTC)?"), "<time>"),
    (re.compile(r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b(?: \d{4})?"), "<month>"),
    (re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}\b"), "<month>"),
    (re.compile(r"\b\d+(?:\.\d+)? s\b"), "<n> s"),
    (re.compile(r"\$\d[\d,]*(?:\.\d+)?"), "$<n>"),
    (re.compile(r"\b\d{1,3}(?:,\d{3})+\b"), "<n>"),
    (re.compile(r"python-httpx/[\d.]+"), "python-httpx"),
)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _SKIPPED
        if tag in _BLOCKS:
            self.parts.append("\n")
        if not self._hidden:
            self.parts += [f"\n[{value}]\n" for name, value in attrs if name in _SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _SKIPPED
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def visible_text(page: str) -> str:
    """The text of a page, one line per block; values that differ from run to run are replaced by names such as <time>."""
    reader = _Reader()
    reader.feed(page)
    text = "".join(reader.parts)
    for pattern, name in _VOLATILE:
        text = pattern.sub(name, text)
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return "\n".join(line for line in lines if line) + "\n"
