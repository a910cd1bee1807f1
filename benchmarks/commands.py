"""Generates comments by a grammar and checks the parser: which lines are commands is known from the generation."""

import random
from collections import Counter
from collections.abc import Callable

from benchmarks.bars import Bar, Count, exactly, judged
from benchmarks.options import Options, progress
from webhooks.commands.parser import ParsedCommand, Unknown, parse
from webhooks.delivery import Delivery
from webhooks.handlers import jobs_of
from webhooks.jobs import Acknowledge

SLUG = "council-sandbox"
_MOST = 10
_NAMES = (
    "review",
    "pause",
    "resume",
    "cancel",
    "retry",
    "ci",
    "explain",
    "why",
    "fix",
    "dismiss",
    "restore",
    "summary",
    "config",
    "cost",
    "help",
    "ask",
    "debug",
    "resolved",
    "not-helpful",
    "history",
)
_PROSE = (
    "Looks good to me",
    "I would not do that, see the docs",
    "The lock is taken twice, is it?",
    "Über alles geprüft ✅ und übersetzt",
    "これは確認しました",
    "1 < 2 && 3 > 2",
    "mail council@example.com for more",
    "please /council review when you can",
    "we should ask @council-sandbox to review it",
    "see path/council review",
    "//council review",
    "/councils review",
    "/council-review",
    "/соuncil review",
    "／council review",
    "@council-sandbox-two review",
    "@council review",
    "the @council-sandbox[bot] said so",
)
_TAILS = ("", "", " the locking", " 7f3a", " --full", " `code`", " 7f3a not here", "   ", " @ada please", " ✨")

Block = tuple[str, list[str]]


def run(options: Options) -> dict[str, object]:
    n = options.n or (400 if options.small else 5_000)
    counts: Counter[str] = Counter()
    examples: list[object] = []
    dice = random.Random(options.seed)
    for number in range(n):
        body, expected = comment(dice)
        counts["commands"] += len(expected)
        try:
            found = [_shown(call) for call in parse(body, SLUG)]
            jobs = jobs_of(_delivery(body, "User"), SLUG) or ()
            from_bot = jobs_of(_delivery(body, "Bot"), SLUG)
        except Exception as error:  # noqa: BLE001 - a crash is what is counted
            counts["crashes"] += 1
            examples.append([body, type(error).__name__])
            continue
        triggered = bool([job for job in jobs if not isinstance(job, Acknowledge)])
        wrong = list((Counter(found) - Counter(expected)).elements()) + ([] if from_bot == () else ["from a bot"])
        wrong += ["out of order"] if sorted(found) == sorted(expected) and found != expected else []
        counts["wrong_triggers"] += len(wrong) + (triggered and not expected)
        counts["missed"] += len(list((Counter(expected) - Counter(found)).elements())) + (bool(expected) and not triggered)
        if found != expected:
            examples.append([body, expected, found])
        if number % 1_000 == 999:
            progress(f"{number + 1} of {n} comments, {dict(counts)}")
    keys = ("wrong_triggers", "missed", "crashes")
    measured = {"comments": n, "commands": counts["commands"], **{key: counts[key] for key in keys}}
    least = (Count("comments", n, 2_000, small=400, asked=True), Count("commands", counts["commands"], n // 2))
    return judged(options, measured | {"examples": examples[:5]}, [Bar(key, counts[key], exactly(0), least) for key in keys])


def comment(dice: random.Random) -> tuple[str, list[str]]:
    """A comment of up to nine blocks, and its commands."""
    if dice.random() < 0.1:
        return _noise(dice), []
    blocks = [dice.choice(_BLOCKS)(dice) for _ in range(dice.randint(1, 9))]
    # After a list, an indented line belongs to it, so only the first line of all may be indented.
    blocks[0] = (dice.choice(("", "", " ", "   ")) + blocks[0][0], blocks[0][1]) if blocks[0][1] else blocks[0]
    if dice.random() < 0.1:
        # An open fence runs to the end.
        blocks.append((f"```\n{_line(dice)[0]}\n\n{_line(dice)[0]}", []))
    ends = dice.choice(("\n", "\n", "\n", "\r\n"))
    body = "\n\n".join(text for text, _ in blocks)
    return body.replace("\n", ends), [name for _, names in blocks for name in names][:_MOST]


def _line(dice: random.Random) -> tuple[str, str]:
    """A command line, and its meaning."""
    lead = dice.choice(
        ("/council", "/council", "/Council", "/COUNCIL", f"@{SLUG}", f"@{SLUG}:", "@Council-Sandbox", f"@{SLUG}[bot]", f"@{SLUG},")
    )
    if dice.random() < 0.1:
        return lead, "help"
    if dice.random() < 0.15:
        strange = dice.choice(("reveiw", "xyzzy", "dismis", "thanks", "<img>", "@everyone", "日本"))
        return f"{lead} {strange}{dice.choice(_TAILS)}", "?"
    name = dice.choice(_NAMES)
    shown = name.upper() if dice.random() < 0.1 else name
    gap = dice.choice((" ", " ", "  ", "\t"))
    return f"{lead}{gap}{shown}{dice.choice(_TAILS)}", name


def _command(dice: random.Random) -> Block:
    text, name = _line(dice)
    return text, [name]


def _within(dice: random.Random) -> Block:
    text, name = _line(dice)
    before, after = dice.choice(_PROSE), dice.choice(_PROSE)
    return f"{before}\n{text}\n{after}", [name]


def _several(dice: random.Random) -> Block:
    lines = [_line(dice) for _ in range(dice.randint(2, 4))]
    return "\n".join(text for text, _ in lines), [name for _, name in lines]


def _prose(dice: random.Random) -> Block:
    return "\n".join(dice.choice(_PROSE) for _ in range(dice.randint(1, 3))), []


def _wrapped(*frames: str) -> Callable[[random.Random], Block]:
    """A command inside something that only shows it."""

    def make(dice: random.Random) -> Block:
        return dice.choice(frames).replace("%", _line(dice)[0].replace("`", "")), []

    return make


_QUOTED = _wrapped("> %", "> said:\n> %", "> said:\n%", ">> %", "> - %\n> text", "> ```\n> %\n> ```")
_CODED = _wrapped(
    "```\n%\n```",
    "~~~\n%\n~~~",
    "````md\n```\n%\n```\n````",
    "```python\nx = 1\n%\n\n%\n```",
    "text:\n\n    %\n\nmore",
    "`%`",
    "``%``",
    "\t%",
)
_HIDDEN = _wrapped("<!-- % -->", "<!--\n%\n-->", "<details>\n%\n</details>", "<pre>\n%\n</pre>", "<div>\n%\n</div>")
_FRAMED = _wrapped(
    "- %",
    "1. %",
    "# %",
    "### %",
    "**%**",
    "[%](https://example.com)",
    "~~%~~",
    "%\n===",
    "| a | b |\n|---|---|\n| % | x |",
    "a | b\n--|--\n% | x",
)
_BLOCKS: tuple[Callable[[random.Random], Block], ...] = (
    _command,
    _command,
    _within,
    _several,
    _prose,
    _prose,
    _QUOTED,
    _QUOTED,
    _CODED,
    _CODED,
    _HIDDEN,
    _FRAMED,
)


def _noise(dice: random.Random) -> str:
    """Random text without the words that make a command."""
    letters = "abc /@`~>#*_[]()<>!|-=\n\t\r\\&;\x00\u200b\u2028\ud83d\U0001f600é漢"
    return "".join(dice.choice(letters) for _ in range(dice.randint(0, 400)))


def _shown(call: ParsedCommand | Unknown) -> str:
    return "?" if isinstance(call, Unknown) else call.name


def _delivery(body: str, kind: str) -> Delivery:
    who = {"login": "ada", "type": kind}
    payload = {
        "action": "created",
        "repository": {"id": 7, "full_name": "acme/shop"},
        "installation": {"id": 42},
        "sender": who,
        "issue": {"number": 5, "pull_request": {"url": "x"}},
        "comment": {"id": 99, "body": body, "user": who},
    }
    return Delivery(guid="g", event="issue_comment", action="created", installation_id=42, digest="d", payload=payload)
