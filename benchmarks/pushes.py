"""A pull request with known defects: the place of each, the effect of a push, and a reader's findings."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from app.sandbox.github.repository import SandboxRepository
from benchmarks.rewordings import DEFECTS, LOGGED, Defect

# The categories under which another reader might file the same defect.
_ALSO = {
    "correctness": "errors",
    "errors": "correctness",
    "security": "data",
    "data": "correctness",
    "performance": "maintainability",
    "concurrency": "correctness",
}


@dataclass
class Round:
    """The state of one pull request: the place of each living defect, what was dismissed, and what was commented on already."""

    place: SandboxRepository
    dice: random.Random
    files: dict[str, list[list[str]]]
    living: dict[str, str] = field(default_factory=dict)
    dismissed: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    beside: dict[str, str] = field(default_factory=dict)
    base: str = ""
    fillers: int = 0

    def text(self, path: str) -> str:
        return (self.base if path == "shop/a.py" else "") + "\n\n".join("\n".join(block) for block in self.files[path]) + "\n"

    def contents(self) -> dict[str, str]:
        return {path: self.text(path) for path in self.files}


def plant(state: Round) -> str:
    """A function with a unique defect, anywhere."""
    fresh = [each for each in DEFECTS if each.name not in state.living and each.name not in state.gone]
    if not fresh:
        return ""
    defect, path = state.dice.choice(fresh), state.dice.choice(sorted(state.files))
    state.files[path].insert(state.dice.randrange(len(state.files[path]) + 1), list(defect.code))
    state.living[defect.name] = path
    return defect.name


def plant_beside(state: Round, name: str) -> str:
    """Another defect, on a new line next to a reported one."""
    _block(state, name).insert(named(name).at + 1, LOGGED.quote)
    state.living[LOGGED.name] = state.living[name]
    state.beside[LOGGED.name] = name
    return LOGGED.name


def _move(state: Round, name: str) -> None:
    """Move the function within its file."""
    blocks, block = state.files[state.living[name]], _block(state, name)
    blocks.remove(block)
    blocks.insert(state.dice.randrange(len(blocks) + 1), block)


def _move_elsewhere(state: Round, name: str) -> None:
    """Move the function to another file, with its contents."""
    block = _block(state, name)
    state.files[state.living[name]].remove(block)
    state.files.setdefault("shop/b.py", []).append(block)
    state.living[name] = "shop/b.py"
    if state.beside.get(LOGGED.name) == name and LOGGED.name in state.living:
        state.living[LOGGED.name] = "shop/b.py"


def _touch(state: Round, name: str) -> None:
    _block(state, name).append(f"    # looked at {state.fillers}")


def _block(state: Round, name: str) -> list[str]:
    """The function that contains a defect."""
    owner = state.beside.get(name, name)
    return next(each for each in state.files[state.living[owner] if owner in state.living else state.living[name]] if _is(each, owner))


def _rewrite(state: Round, name: str) -> None:
    """Change the flagged line; it remains as wrong as before."""
    block, at = _block(state, name), named(name).at
    block[at] = f"{block[at].split('  # ')[0]}  # {state.fillers}"


def _is(block: list[str], name: str) -> bool:
    return block[0].startswith(f"def {name}(")


def _fix(state: Round, name: str) -> None:
    defect, block = named(name), _block(state, name)
    block[defect.at] = defect.fixed
    # The code of a fixed defect stays, so that it cannot be planted again.
    state.living.pop(name)
    state.dismissed.discard(name)
    state.gone.add(name)


CHANGES: dict[str, Callable[[Round, str], None]] = {
    "fix": _fix,
    "move": _move,
    "elsewhere": _move_elsewhere,
    "touch": _touch,
    "rewrite": _rewrite,
    "redo": _rewrite,
}


def named(name: str) -> Defect:
    return next(each for each in (*DEFECTS, LOGGED) if each.name == name)


def claim(state: Round, name: str, turn: int) -> dict[str, object]:
    """In other words, occasionally in another category and with one more line quoted."""
    defect, block, dice = named(name), _block(state, name), state.dice
    title, body = defect.wordings[dice.randrange(3) if turn else 0]
    at = block.index(LOGGED.quote) if name == LOGGED.name else defect.at
    category = _ALSO[defect.category] if turn and dice.random() < 0.25 else defect.category
    first = at - 1 if turn and at and dice.random() < 0.25 else at
    return {
        "title": title,
        "body": body,
        "severity": defect.severity,
        "category": category,
        "path": state.living[name],
        "quote": "\n".join(block[first : at + 1]),
        "line": 0,
        "suggestion": "",
    }
