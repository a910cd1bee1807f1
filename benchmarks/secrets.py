"""Plants secrets in real code and logs: how many are masked, and how many clean lines were changed."""

import hashlib
import random
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bars import Bar, Count, at_least, at_most, judged
from benchmarks.offline import no_sockets
from benchmarks.options import Options, progress
from benchmarks.planted import OTHERS, OWN, Maker, Planted
from reviewers.context.redaction import mask

EACH, LINES = 40, 300_000
_ENDINGS = (
    *(".py", ".pyi", ".pyx", ".js", ".ts", ".css", ".html", ".toml", ".yml", ".yaml", ".cfg", ".sh"),
    *(".c", ".h", ".rs", ".go", ".java", ".rb"),
)
_LONGEST = 400
_FORMS = (
    *('{name} = "{secret}"', "{name}={secret}", "  {name}: {secret}", '+    {name}="{secret}",', '-{name} = "{secret}"'),
    *('  "{name}": "{secret}",', "2026-11-24T10:15:00.0000000Z export {name}={secret}"),
    *("curl -H 'Authorization: Bearer {secret}' https://api.example.org", "# was {secret} until March", 'log("sent\\n{secret}\\n")'),
    *("##[error]request to https://api.example.org/?key={secret} failed with 401", "E   AssertionError: assert '{secret}' == ''"),
    *("<token>{secret}</token>", "{secret}"),
)
_NAMES = ("API_KEY", "token", "auth_token", "value", "x", "config", "credentials")


def run(options: Options) -> dict[str, object]:
    with no_sockets():
        return _run(options)


def _run(options: Options) -> dict[str, object]:
    dice = random.Random(options.seed)
    clean = list(_clean(options, dice))
    progress(f"{len(clean)} clean lines")
    missed: Counter[str] = Counter()
    each = options.n or (5 if options.small else EACH)
    for kind, maker in (OWN | OTHERS).items():
        missed[kind] = sum(_leaks(dice, maker, clean) for _ in range(each))
    total, own = each * (len(OWN) + len(OTHERS)), each * len(OWN)
    recall = 1 - sum(missed.values()) / total
    own_recall = 1 - sum(missed[kind] for kind in OWN) / own
    touched = [line for line in clean if mask(line) != line]
    false = len(touched) / len(clean) * 10_000 if clean else 0.0
    counts = (
        Count("kinds", len(OWN) + len(OTHERS), 60, small=60),
        Count("planted", total, 2_000, small=300, asked=True),
        Count("clean_lines", len(clean), 100_000, small=10_000, asked=True),
    )
    bars = (
        Bar("recall", recall, at_least(0.97), counts),
        Bar("false_per_10k", false, at_most(1, small=2), counts),
        Bar("own_recall", own_recall, at_least(1), counts),
    )
    measured = {
        "kinds": len(OWN) + len(OTHERS),
        "planted": total,
        "recall": round(recall, 4),
        "own_recall": round(own_recall, 4),
        "clean_lines": len(clean),
        "false_per_10k": round(false, 3),
        "missed": {kind: count for kind, count in missed.items() if count},
        "examples": [line.strip()[:160] for line in touched[: 60 if options.n else 5]],
    }
    return judged(options, measured, bars)


def _leaks(dice: random.Random, maker: Maker, clean: list[str]) -> bool:
    """Whether ten consecutive characters of a planted secret remain, or the number of lines has changed."""
    planted = maker(dice)
    before, after = [dice.choice(clean) for _ in range(3)], [dice.choice(clean) for _ in range(3)]
    text = "\n".join([*before, _line(dice, planted), *after])
    masked = mask(text)
    size = min(10, len(planted.secret))
    pieces = (planted.secret[at : at + size] for at in range(len(planted.secret) - size + 1))
    return any(piece in masked for piece in pieces) or masked.count("\n") != text.count("\n")


def _line(dice: random.Random, planted: Planted) -> str:
    """A line of code, settings or a log that contains it; a secret that is only known by its name keeps that name."""
    if "\n" in planted.text:
        frame = dice.choice(("{0}", "+{0}", "    {0}"))
        return "\n".join(frame.format(row) for row in planted.text.split("\n"))
    if planted.named:
        return dice.choice(("{0}", "    {0}", "+{0}", "-  {0}", "2026-11-24T10:15:00.0000000Z {0}", "# {0}")).format(planted.text)
    return dice.choice(_FORMS).format(name=dice.choice(_NAMES), secret=planted.text)


def _clean(options: Options, dice: random.Random) -> Iterator[str]:
    """Lines of real code, drawn from files in random order."""
    folder = Path(options.clean or sysconfig.get_path("purelib"))
    found = (file for file in folder.rglob("*") if file.suffix in _ENDINGS and file.is_file())
    salt = str(dice.random())
    # By the hash of each path, so that one more package moves a few files but does not draw another sample.
    files = sorted(found, key=lambda file: hashlib.sha256(f"{salt}{file.relative_to(folder)}".encode()).digest())
    left = 20_000 if options.small else LINES
    for file in files:
        try:
            lines = file.read_text("utf-8").split("\n")
        except (OSError, UnicodeDecodeError):
            continue
        for line in lines[:2_000]:
            if line.strip() and len(line) <= _LONGEST:
                yield line
                left -= 1
        if left <= 0:
            return
