"""Measures whether a failure's cause within 10,000 lines is shown, first, and at what cost, by tool, wrapper, encoding and budget.

The bars apply to the held-out half of the tools; the development half, from which rules may be made, is reported too.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import mean, median

from benchmarks.bars import Bar, Count, at_least, at_most, exactly, judged
from benchmarks.ci_kinds.forms import HALVES, Form, body, read_forms
from benchmarks.ci_kinds.wrappers import ENCODINGS, WRAPPERS, Wrapper
from benchmarks.offline import no_sockets
from benchmarks.options import Options, progress
from reviewers.context.ci_log.extract import Extract
from reviewers.context.ci_log.extraction import extracts
from reviewers.context.tokens import count

BUDGETS = (500, 1_000, 2_000)
LINES, SMALL_LINES = 10_000, 2_000
_MISSED = 40


@dataclass
class Half:
    """The measurements of one half of the tools."""

    shown: dict[int, list[bool]] = field(default_factory=lambda: defaultdict(list))
    first: list[bool] = field(default_factory=list)
    to_cause: list[int] = field(default_factory=list)
    used: list[int] = field(default_factory=list)
    empty: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, name: str, form: Form, budget: int, taken: Extract) -> None:
        text = taken.text
        absent = [need for need in form.needs if not _in(need, text)]
        self.shown[budget].append(not absent)
        self.empty += not text
        if absent and budget == BUDGETS[1]:
            self.missed.append(f"{name}: {absent[0]}")
        if budget != BUDGETS[1]:
            return
        lead = "\n".join(line.text for line in taken.blocks[0].lines) if taken.blocks else ""
        self.first.append(any(_in(need, lead) for need in form.needs))
        ends = [text.find(one) + len(one) for need in form.needs for one in need.split("\0") if one in text]
        self.to_cause.append(count(text[: min(ends)]) if ends else budget)
        self.used.append(taken.tokens)

    def keys(self) -> dict[str, object]:
        return {
            "cases": len(self.first),
            "shown": {str(budget): round(mean(found), 4) for budget, found in self.shown.items()},
            "first": round(mean(self.first), 4),
            "tokens_to_cause": median(self.to_cause),
            "tokens": median(self.used),
            "empty": self.empty,
            "missed": self.missed[:_MISSED],
        }


def run(options: Options) -> dict[str, object]:
    forms = read_forms()
    halves = {half: Half() for half in HALVES}
    with no_sockets():
        for number, form in enumerate(forms):
            for at, wrapper in enumerate(WRAPPERS):
                if options.small and (number + at) % len(WRAPPERS):
                    continue
                _measure(halves[form.half], form, wrapper, number + at, options)
            progress(f"{form.tool}: {len(halves[form.half].missed)} of its half without the cause so far")
    measured, held_out = {half: found.keys() for half, found in halves.items()}, halves[HALVES[1]]
    # Two faults of one tool are one tool.
    ran = {form.tool.partition("-")[0] if form.half == HALVES[0] else form.tool for form in forms if form.is_run}
    kinds = {"tools_that_ran": len(ran), "forms_written": sum(not form.is_run for form in forms)}
    counts = (
        Count("cases", len(held_out.first), 800, small=20),
        Count("tools", len({form.tool for form in forms}), 40, small=40),
        Count("ecosystems", len({form.ecosystem for form in forms}), 12, small=12),
        Count("wrappers", len(WRAPPERS), 20, small=20),
        Count("tools_that_ran", len(ran), 40, small=40),
    )
    bars = (
        Bar("shown_1000", mean(held_out.shown[1_000]), at_least(0.97, small=0.75), counts),
        Bar("shown_2000", mean(held_out.shown[2_000]), at_least(0.99, small=0.8), counts),
        Bar("first", mean(held_out.first), at_least(0.80, small=0.5), counts),
        Bar("tokens_to_cause", median(held_out.to_cause), at_most(500), counts),
        Bar("empty", sum(found.empty for found in halves.values()), exactly(0), counts),
    )
    return judged(options, measured[HALVES[1]] | kinds | {"development": measured[HALVES[0]]}, bars)


def _measure(half: Half, form: Form, wrapper: Wrapper, number: int, options: Options) -> None:
    """One log, at every budget; the encoding changes from case to case, so that each tool and each wrapper meets all of them."""
    names = list(ENCODINGS)
    encoding = names[number % len(names)]
    lines = body(form, SMALL_LINES if options.small else LINES, random.Random(options.seed + number))
    log = ENCODINGS[encoding](wrapper.wrap(lines))
    name = f"{form.tool} in {wrapper.name}, {encoding}"
    for budget, taken in zip(BUDGETS, extracts(log, None, BUDGETS), strict=True):
        half.add(name, form, budget, taken)


def _in(need: str, text: str) -> bool:
    return any(one in text for one in need.split("\0"))
