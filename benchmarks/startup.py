"""Measures how long `import app.web` takes, compared with FastAPI alone on the same machine, and its memory."""

import statistics
import subprocess
import sys
import time

from benchmarks.bars import Bar, Count, below, exactly, judged
from benchmarks.options import Options, progress

_MEASURE = "import resource, sys; import {module}; sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))"

_LOADED = "import sys, app.web; sys.stdout.write(' '.join(sys.modules))"
_HEAVY = {"litellm", "githubkit", "sqlalchemy"}


def run(options: Options) -> dict[str, object]:
    rounds = options.n or (3 if options.small else 9)
    ours, fastapi, memory = [], [], 0
    for number in range(rounds):
        progress(f"round {number + 1} of {rounds}")
        seconds, memory = _import("app.web")
        ours.append(seconds)
        fastapi.append(_import("fastapi")[0])
    listed = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True).stdout.split()
    modules, loaded = len(listed), " ".join(sorted(_HEAVY & set(listed)))
    measured: dict[str, object] = {
        "import_s": round(statistics.median(ours), 2),
        "fastapi_alone_s": round(statistics.median(fastapi), 2),
        "import_mb": memory,
        "loads": loaded.split(),
    }
    counts = (Count("rounds", rounds, 5, small=3, asked=True), Count("modules", modules, 100))
    bars = (
        Bar("import_s", statistics.median(ours), below(0.6, small=6.0), counts),
        Bar("loads", len({"litellm", "githubkit"} & set(loaded.split())), exactly(0), counts),
    )
    return judged(options, measured, bars)


def _import(module: str) -> tuple[float, int]:
    """Seconds and MiB of a fresh interpreter that imports a module."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _MEASURE.format(module=module)], capture_output=True, text=True, check=True)
    return time.perf_counter() - started, int(done.stdout)
