"""How long `import app.web` takes, beside what FastAPI alone takes on the same machine, and what it holds in memory."""

import statistics
import subprocess
import sys
import time

from benchmarks.options import Options, progress

_MEASURE = "import resource, sys; import {module}; sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))"

_LOADED = "import sys, app.web; sys.stdout.write(' '.join({'litellm', 'githubkit', 'sqlalchemy'} & set(sys.modules)))"


def run(options: Options) -> dict[str, object]:
    rounds = options.n or (3 if options.small else 9)
    ours, fastapi, memory = [], [], 0
    for number in range(rounds):
        progress(f"round {number + 1} of {rounds}")
        seconds, memory = _import("app.web")
        ours.append(seconds)
        fastapi.append(_import("fastapi")[0])
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, app.web; sys.stdout.write(' '.join({'litellm', 'githubkit', 'sqlalchemy'} & set(sys.modules)))",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    measured: dict[str, object] = {
        "import_s": round(statistics.median(ours), 2),
        "fastapi_alone_s": round(statistics.median(fastapi), 2),
        "import_mb": memory,
        "loads": loaded.split(),
    }
    failed = [] if options.small or statistics.median(ours) < 0.6 else ["import_s"]
    return measured | {"failed": failed + (["loads"] if {"litellm", "githubkit"} & set(loaded.split()) else [])}


def _import(module: str) -> tuple[float, int]:
    """Seconds and MiB of a fresh interpreter that imports a module."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _MEASURE.format(module=module)], capture_output=True, text=True, check=True)
    return time.perf_counter() - started, int(done.stdout)
