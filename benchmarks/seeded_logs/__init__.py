"""Real failures of ten tools, each inside two thousand lines of passing output: is the cause in a thousand tokens?"""

import gzip
import json
from pathlib import Path

from benchmarks.bars import Bar, Count, exactly, judged
from benchmarks.offline import no_sockets
from benchmarks.options import Options, progress
from reviewers.context.ci_log.extraction import extract
from reviewers.context.tokens import count

LOGS = Path(__file__).parent / "logs"
BUDGET = 1_000


def run(options: Options) -> dict[str, object]:
    truth = json.loads((LOGS / "truth.json").read_text())
    found, missed, lines, over = 0, list[str](), list[int](), 0
    with no_sockets():
        for case in truth[:3] if options.small else truth:
            taken = extract(gzip.decompress((LOGS / case["log"]).read_bytes()), budget=options.budget or BUDGET)
            absent = [need for need in case["needs"] if not any(one in taken.text for one in need.split("|"))]
            found += not absent
            over += count(taken.text) > (options.budget or BUDGET)
            lines.append(taken.total_lines)
            missed += [f"{case['log']}: {need}" for need in absent]
            progress(f"{case['log']}: {taken.tokens} tokens of {taken.total_lines:,} lines{f', without {absent}' if absent else ''}")
    measured = {
        "logs": len(lines),
        "found": found,
        "tools": len({case["tool"] for case in truth}),
        "least_lines": min(lines),
        "over_budget": over,
        "missed": missed,
    }
    counts = (
        Count("logs", len(lines), 20, small=3),
        Count("tools", len({case["tool"] for case in truth}), 10, small=10),
        Count("least_lines", min(lines), 2_000, small=2_000),
    )
    bars = (Bar("found", found, exactly(len(lines)), counts), Bar("over_budget", over, exactly(0), counts))
    return judged(options, measured, bars)
