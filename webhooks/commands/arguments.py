"""The arguments of `/council review`: options that begin with two dashes, and a focus made of all other words."""

import math
from dataclasses import dataclass

from webhooks.jobs import Arguments

_PRESETS = ("fast", "balanced", "deep", "cheap")
_OPTIONS = ("--models", "--preset", "--budget", "--full")
_MOST_MODELS = 8
# The last word may be followed by the end of a sentence, and words may be inside code marks.
_MARKS = ".,:;!?…`'\""


@dataclass(frozen=True)
class Misread(Exception):
    """An option that cannot be understood; `message` is the answer."""

    message: str


def read_arguments(argument: str) -> tuple[str, Arguments]:
    """The focus and the options; raises Misread. An option may be written `--budget 0.5` or `--budget=0.5`."""
    words = argument.replace("—", "--").split()
    focus: list[str] = []
    given = Arguments()
    while words:
        word = words.pop(0)
        option = word.lstrip("`'\"")
        if not option.startswith("--") or option == "--":
            focus.append(word)
            continue
        name, joined, value = option.partition("=")
        if name.rstrip(_MARKS) == "--full":
            given = given.model_copy(update={"full": True})
            continue
        if name not in _OPTIONS:
            raise Misread(_unknown(name))
        if not joined:
            value = words.pop(0) if words else ""
        value = value.lstrip("`'\"").rstrip(_MARKS)
        given = given.model_copy(update=_value(name, value))
    return " ".join(focus)[:500], given


def _value(name: str, value: str) -> dict[str, object]:
    if name == "--models":
        models = tuple(dict.fromkeys(part for part in value.split(",") if part))
        if not models or len(models) > _MOST_MODELS:
            raise Misread(f"`--models` takes 1 to {_MOST_MODELS} names, separated by commas.")
        return {"models": models}
    if name == "--preset":
        if value not in _PRESETS:
            raise Misread(f"`--preset` is one of {', '.join(_PRESETS)}.")
        return {"preset": value}
    try:
        dollars = float(value.removeprefix("$"))
    except ValueError:
        dollars = math.nan
    if not 0 <= dollars < math.inf:
        raise Misread("`--budget` takes an amount in US dollars, such as 0.50.")
    return {"budget_usd": dollars}


def _unknown(name: str) -> str:
    shown = "".join(char for char in name[:40] if char.isalnum() or char in "-_")
    from rapidfuzz import process

    nearest = process.extractOne(name, _OPTIONS, score_cutoff=50)
    hint = f'Did you mean "{nearest[0]}"?' if nearest else f"It knows {', '.join(_OPTIONS)}."
    return f'Unknown option "{shown}". {hint}'
