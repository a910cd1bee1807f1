"""Runs `python -m benchmarks NAME`: progress on standard error, one JSON object on the last line."""

import argparse
import importlib
import json
import sys
import time
import traceback

from benchmarks.bars import broken
from benchmarks.options import NAMES, Options


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure one claim.")
    parser.add_argument("name", nargs="?", choices=NAMES)
    parser.add_argument("--list", action="store_true", help="list all benchmarks")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, default=0, help="the number of cases; 0 is the full form")
    parser.add_argument("--small", action="store_true", help="run the small form, which takes seconds; the bar is then null")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "postgres"], default="sqlite")
    parser.add_argument("--files", type=int, default=30)
    parser.add_argument("--github-ms", type=int, default=100)
    parser.add_argument("--model-s", type=float, default=3.0)
    parser.add_argument("--seats", type=int, default=3)
    parser.add_argument("--repo", default="", help="a git repository whose history provides the cases; by default, this one")
    parser.add_argument("--commits", type=int, default=0, help="the number of its commits, newest first; 0 is all")
    parser.add_argument("--clean", default="", help="a folder of real code without secrets; by default, the installed packages")
    parser.add_argument("--data", default="", help="recorded reviews; each repository is left out in turn")
    parser.add_argument("--train", default="", help="recorded reviews to fit on")
    parser.add_argument("--test", default="", help="recorded reviews to test on")
    parser.add_argument("--posted", default="", metavar="FILE", help="write the posted comments, for score_reviews.py")
    parser.add_argument("--kills", type=int, default=0, help="the number of processes to kill; 0 is the full form")
    parser.add_argument("--logs", default="", help="labeled logs: a .jsonl.gz or a folder of them")
    parser.add_argument("--rates", action="store_true", help="machines: measure the reviews per second alone, without the storm")
    parser.add_argument("--pooler", action="store_true", help="PostgreSQL through PgBouncer in transaction mode, compared with direct")
    parser.add_argument("--budget", type=int, default=0, help="tokens; 0 is the benchmark's own")
    arguments = parser.parse_args()
    if arguments.list or not arguments.name:
        sys.stdout.write("\n".join(NAMES) + "\n")
        return 0
    values = vars(arguments) | {"database": arguments.database.replace("postgresql", "postgres")}
    options = Options(**{name: values[name] for name in Options.__dataclass_fields__})
    started = time.perf_counter()
    try:
        measured = importlib.import_module(f"benchmarks.{arguments.name}").run(options)
    except Exception as error:  # noqa: BLE001 — a product that breaks the measurement has missed its bar
        traceback.print_exc()
        measured = broken(options, error)
    tail = {key: measured.pop(key) for key in ("bars", "least")}
    head = {"name": arguments.name, "seed": options.seed, "seconds": round(time.perf_counter() - started, 2)}
    head |= {key: measured.pop(key) for key in ("bar", "failed")}
    sys.stdout.write(json.dumps(head | measured | tail) + "\n")
    return 1 if head["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
