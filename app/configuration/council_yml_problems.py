"""Words the problems of values in `council.yml`, and finds files that were meant to be it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

# Where people put the file if they do not know its exact name. GitHub's names are case-sensitive.
_MISPLACED = re.compile(r"(?:\.github/|\.council/)?\.?council\.ya?ml", re.IGNORECASE)
_NAMES = ("council.yml", "council.yaml", "Council.yml", "Council.yaml", "COUNCIL.yml", ".council.yml", ".council.yaml")
_KINDS: Mapping[str, str] = {
    "tuple": "must be one value or a list",
    "list": "must be one value or a list",
    "int": "must be a whole number",
    "float": "must be a number",
    "finite": "must be a finite number",
    "bool": "must be true or false",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "dict": "must be a mapping of keys to values",
    "model": "must be a mapping of keys to values",
    "missing": "is missing",
    "extra": "is unknown",
}


def misplaced_names(right: str) -> tuple[str, ...]:
    """The wrong paths to check for the file whose right path is given."""
    return tuple(path for folder in (".github/", "") for name in _NAMES if (path := folder + name) != right)


def find_misplaced(paths: Iterable[str], right: str) -> tuple[str, ...]:
    """One line per file that was meant to be the config and is not read."""
    found = sorted({path for path in paths if path != right and _MISPLACED.fullmatch(path)})
    return tuple(f"`{path}` is not read: the settings of a repository are in `{right}`" for path in found)


def say(key: str, errors: Sequence[ErrorDetails]) -> str:
    """What is wrong with the value of a key, and with which entry of a list."""
    if len({error["loc"][1:] for error in errors}) < len(errors) or any(isinstance(part, str) for part in errors[0]["loc"][1:2]):
        # A value with several allowed types failed as each of them.
        literal = next((error for error in errors if error["type"] == "literal_error"), None)
        if literal is not None and len(errors) > 1:
            return f"{key} must be {_expected(literal)} or a list of names"
    error = errors[0]
    inner = [part for part in error["loc"][1:] if not (isinstance(part, str) and ("[" in part or "(" in part))]
    place = "".join(f" (entry {part + 1})" if isinstance(part, int) else f" `{part}`" for part in inner)
    if error["type"] == "string_pattern_mismatch":
        return f"{key}{place} must be {'a language like `en` or `pt-BR`' if key.endswith('language') else 'a name like `openai/gpt-5.5`'}"
    return f"{key}{place}{':' if error['type'] == 'value_error' else ''} {_words(error)}"


def _words(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx") or {}
    if kind in {"enum", "literal_error"}:
        return f"must be one of {_expected(error)}" if _many(context) else f"must be {_expected(error)}"
    if kind in {"greater_than_equal", "greater_than"}:
        return f"must be at least {context.get('ge', context.get('gt')):g}"
    if kind in {"less_than_equal", "less_than"}:
        return f"must be at most {context.get('le', context.get('lt')):g}"
    if kind == "value_error":
        # A check of ours words it itself.
        return str(context.get("error", "is not valid"))
    if kind == "string_too_long":
        return f"must have at most {context.get('max_length')} characters"
    if kind == "too_long":
        return f"must have at most {context.get('max_length')} entries"
    return next((words for beginning, words in _KINDS.items() if kind.startswith(beginning)), "is not valid")


def _expected(error: ErrorDetails) -> str:
    expected = str((error.get("ctx") or {}).get("expected", ""))
    return expected.replace("'", "").replace(" or ", ", ") if _many(error.get("ctx") or {}) else expected.replace("'", "")


def _many(context: Mapping[str, Any]) -> bool:
    return " or " in str(context.get("expected", ""))
