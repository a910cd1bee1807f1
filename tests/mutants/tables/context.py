"""Sabotages of `reviewers/context/`: what of a change, of its files and of logs a model is shown."""

from tests.mutants.mutant import Mutant

_UNITS = ("tests/reviewers/test_units.py",)
_PACKING = ("tests/reviewers/test_packing.py",)

MUTANTS = (
    Mutant(
        "no line is shown that does not exist",
        "reviewers/context/surroundings.py:surroundings",
        '.removesuffix("\\n")',
        "",
        _UNITS,
    ),
    Mutant(
        "blank lines are no code around a change",
        "reviewers/context/surroundings.py:surroundings",
        "if any(lines[number - 1].strip() for number in numbers) else",
        "if numbers else",
        _UNITS,
    ),
    Mutant(
        "a mode that changes is said beside a diff",
        "reviewers/context/pieces.py:_piece",
        "if file.mode_change:",
        "if file.mode_change and not file.patch:",
        _PACKING,
    ),
    Mutant(
        "a mode alone is said with both modes",
        "reviewers/context/packing.py:_why_nothing",
        'f"mode {file.mode_change}" if file.mode_change else ',
        "",
        _PACKING,
    ),
)
