"""`python -m benchmarks.seeded_logs.generate FOLDER`: run the tools on their faults and store the logs.

Needs a Rust toolchain, a JDK, gcc and make on the path, pytest, mypy and ruff in this environment, and in FOLDER an npm project with
typescript, eslint and jest. Folders of this machine are replaced by those of a runner, and the output has GitHub Actions' frame.
"""

import gzip
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.seeded_logs.faults import Fault, faults

HERE = Path(__file__).parent / "logs"
_RUNNER = "/home/runner/work/shop/shop"
_STARTED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_BEFORE = """Current runner version: '2.333.1'
##[group]Runner Image
Image: ubuntu-24.04
##[endgroup]
Complete job name: {tool}
##[group]Run actions/checkout@v4
with:
  repository: acme/shop
##[endgroup]
Syncing repository: acme/shop
HEAD is now at 4f1c2aa Merge 7d0b9e1 into 9a8f7c6
##[group]Run {command}
\x1b[36;1m{command}\x1b[0m
shell: /usr/bin/bash -e {{0}}
##[endgroup]
"""
_AFTER = """##[error]Process completed with exit code {code}.
Post job cleanup.
[command]/usr/bin/git version
git version 2.49.0
Temporarily overriding HOME='/home/runner/work/_temp/1b2c' before making global git config changes
Cleaning up orphan processes
"""


def main() -> int:
    npm = Path(sys.argv[1]).resolve()
    HERE.mkdir(exist_ok=True)
    truth = []
    for fault in faults():
        output, code = _run(fault, npm)
        missing = [need for need in fault.needs if not any(one in output for one in need.split("|"))]
        if missing or not code or output.count("\n") < 2_000:
            sys.stderr.write(
                f"{fault.tool} {fault.name}: exit {code}, {output.count(chr(10))} lines, without {missing}\n{output[-2000:]}\n"
            )
            return 1
        name = f"{fault.tool}-{fault.name.replace(' ', '-')}.log.gz"
        (HERE / name).write_bytes(gzip.compress(_framed(fault, output, code).encode(), 9, mtime=0))
        truth.append({"log": name, "tool": fault.tool, "needs": fault.needs})
        sys.stderr.write(f"{name}: {output.count(chr(10))} lines\n")
    (HERE / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")
    return 0


def _run(fault: Fault, npm: Path) -> tuple[str, int]:
    with tempfile.TemporaryDirectory(prefix="seeded-") as folder:
        for path, text in fault.files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        venv = Path(sys.executable).parent
        command = fault.command.format(venv=venv, npm=npm / "node_modules" / ".bin")
        done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, timeout=600, check=False)
        output = (done.stdout + done.stderr).decode("utf-8", "replace")
        for own, public in ((folder, _RUNNER), (str(venv.parent.parent), "/home/runner/tools"), (str(npm), "/home/runner/tools")):
            output = output.replace(own, public)
        return output, done.returncode


def _framed(fault: Fault, output: str, code: int) -> str:
    command = fault.command.replace("{venv}/", "").replace("{npm}/", "")
    lines = _BEFORE.format(tool=fault.tool, command=command).splitlines() + output.splitlines() + _AFTER.format(code=code).splitlines()
    stamps = (_STARTED + timedelta(milliseconds=7 * number) for number in range(len(lines)))
    return "".join(f"{stamp:%Y-%m-%dT%H:%M:%S.%f}0Z {line}\n" for stamp, line in zip(stamps, lines, strict=True))


if __name__ == "__main__":
    sys.exit(main())
