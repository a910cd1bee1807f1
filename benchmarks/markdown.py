"""Renders hostile text in every slot of a verdict and parses it as GitHub would: nothing may become active."""

import random
import re
from collections import Counter
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.configuration.repository_config import RepositoryConfig
from app.reporters.check_run import conclusion
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text import inline_text, summary_text
from benchmarks.bars import Bar, Count, exactly, judged
from benchmarks.hostile import bodies, slots
from benchmarks.options import Options, progress

FORBIDDEN = ("mentions", "cross_references", "images", "html", "links_off_list", "commands", "live_fences", "emoji", "markers", "too_long")
KINDS = ("summary", "inline", "check", "plain")
WEB = "https://github.example"
RUN = "https://council.example/runs/1"
MARKER = "<!-- council:summary run=r1 -->"

_OWN_HTML = re.compile(r"</?(?:details|summary|sub|code)>|<br>|<!-- council:summary run=r1 -->|<!-- council:finding [0-9a-f]{24} -->")
_HTML = re.compile(r"<[A-Za-z/!?]")
_MENTION = re.compile(r"@[A-Za-z0-9]")
_REFERENCE = re.compile(r"#\d|\b(?:GH|GHSA|CVE)-\w|(?<![0-9A-Za-z])[0-9a-f]{7,64}(?![0-9A-Za-z])", re.I)
_URL = re.compile(r"\b(?:https?|ftp)://\S|\bwww\.\S|\b(?:mailto|xmpp):[A-Za-z0-9]", re.I)
_EMOJI = re.compile(r":[a-z0-9_+-]+:")
# The commands of other bots only at the very start of a line: bors, Jenkins and Zuul accept no blank before them.
_COMMAND = re.compile(r"^[ \t]*/[A-Za-z]|^(?i:bors r\+|ok to test|retest this|jenkins test)|@(?:dependabot|renovate)\b", re.M)
_LIVE = {"mermaid", "geojson", "topojson", "stl", "math"}


def run(options: Options) -> dict[str, object]:
    """Render and count; every count except `bodies` and `renderings` must be 0."""
    total = options.n or (600 if options.small else 20_000)
    stream = bodies(random.Random(options.seed))
    seen: Counter[str] = Counter()
    examples: dict[str, str] = {}
    shown: Counter[str] = Counter()
    used = renderings = letters = 0
    while used < total:
        snapshot, verdict, count = slots(stream)
        used += count
        edition = ReviewToPublish("r1", snapshot, verdict, RepositoryConfig(), WEB, RUN, problems=(next(stream), next(stream)))
        for kind, text in _rendered(edition):
            renderings += 1
            shown[kind] += 1
            letters += len(text)
            for what in dangers(text, kind):
                seen[what] += 1
                examples.setdefault(what, text[:300])
        if renderings % 1_000 < 20:
            progress(f"{used} of {total} bodies, {sum(seen.values())} came to life")
    keys = {
        "bodies": used,
        "renderings": renderings,
        **{what: seen[what] for what in FORBIDDEN},
        "examples": examples,
        "shown": dict(shown),
    }
    counts = (
        Count("bodies", used, 5_000, small=600, asked=True),
        *(Count(f"{kind}_renderings", shown[kind], used // 200) for kind in KINDS),
        Count("letters", letters, 100 * renderings),
    )
    return judged(options, keys, [Bar(what, seen[what], exactly(0), counts) for what in FORBIDDEN])


def _rendered(edition: ReviewToPublish) -> Iterator[tuple[str, str]]:
    yield "summary", summary_text.render(edition, MARKER)
    yield "summary", summary_text.render(edition, MARKER, inline_refused=True)
    for ranked in inline_text.inline_findings(edition):
        yield "inline", inline_text.comment(edition, ranked).body
    check = conclusion(edition)
    yield "check", check.summary
    for note in check.annotations[:5]:
        yield "plain", f"{note.title}\n\n{note.message}"


def dangers(text: str, kind: str) -> Iterator[str]:
    """What GitHub would activate in a posted text, one word each."""
    if len(text.encode("utf-8", "surrogatepass")) > 65_535:
        yield "too_long"
    if text.count("<!--") != (kind in {"summary", "inline"}):
        yield "markers"
    if kind == "plain":
        yield from _text_dangers(text)
        return
    if _COMMAND.search(text):
        yield "commands"
    suggestions = 0
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text):
        info = token.info.split(" ")[0].lower() if token.type == "fence" else ""
        suggestions += info == "suggestion"
        if info in _LIVE:
            yield "live_fences"
        if token.type == "html_block":
            yield from _html_dangers(token.content)
        elif token.type == "inline":
            yield from _inline_dangers(token.children or [])
    if suggestions > (kind == "inline"):
        yield "live_fences"


def _inline_dangers(tokens: list[Token]) -> Iterator[str]:
    run = ""
    for token in tokens:
        if token.type in {"text", "text_special"}:
            run += token.content
            continue
        yield from _text_dangers(run)
        run = ""
        if token.type == "image":
            yield "images"
        elif token.type == "html_inline":
            yield from _html_dangers(token.content)
        elif token.type == "link_open" and not str(token.attrs.get("href", "")).startswith((f"{WEB}/", RUN)):
            yield "links_off_list"
    yield from _text_dangers(run)


def _html_dangers(html: str) -> Iterator[str]:
    rest = _OWN_HTML.sub("", html)
    if _HTML.search(rest):
        yield "html"
    yield from _text_dangers(rest)


def _text_dangers(text: str) -> Iterator[str]:
    for pattern, what in ((_MENTION, "mentions"), (_REFERENCE, "cross_references"), (_URL, "links_off_list"), (_EMOJI, "emoji")):
        if pattern.search(text):
            yield what
