"""`python -m tests.clients PYTHON` runs the vendors' own clients against the sandbox. The last line is one JSON object.

PYTHON is the interpreter of the environment that `make clients` installs. `failed` names each client and case in which a client got an
answer that its vendor would not send, and each request of Council's that OpenAI's published description does not allow.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.sandbox.control.client import Control, running
from tests.clients.recording import record_requests

HERE = Path(__file__).parent
SECONDS = 90
BASES = {"openai": "/v1", "openrouter": "/v1", "deepseek": "", "hosted_vllm": "/v1", "lm_studio": "/v1"} | {
    "anthropic": "",
    "gemini": "/v1beta",
    "ollama": "",
}
FAULTS = {
    "limited": "429",
    "refusing": "refusal",
    "filtered": "content_filter",
    "cut": "length",
    "broken": "500",
    "unavailable": "503",
    "overloaded": "529",
    "unauthorized": "401",
    "missing": "404",
}


def program(control: Control, vendors: Sequence[str]) -> dict[str, str]:
    """Script a model for each case at each vendor, and return their names by case."""
    for vendor in vendors:
        control.program_model(f"{vendor}/model-good")
        control.program_model(f"{vendor}/model-limited-once", faults=["429"], retry_after=1)
        for case, fault in FAULTS.items():
            control.program_model(f"{vendor}/model-{case}", always=fault, retry_after=1)
    return {case: f"model-{case.replace(' ', '-')}" for case in ("good", "limited once", *FAULTS)}


def run(python: str, script: str, given: Mapping[str, Any], folder: Path = HERE) -> list[dict[str, str]]:
    """The output of a script in the vendors' environment, which gets nothing of this one's environment."""
    command = [python, str(folder / script)]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, input=json.dumps(given), env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return [{"client": script, "case": "end", "problem": f"it did not end within {SECONDS} s"}]
    if done.returncode:
        return [{"client": script, "case": f"exit {done.returncode}", "problem": done.stderr[-1_500:]}]
    return list(json.loads(done.stdout))


def call_clients(python: str) -> list[dict[str, str]]:
    """Start a sandbox and let the vendors' clients call it."""
    with running() as control:
        environment = control.environment()
        given = {
            "bases": {vendor: f"{control.web_url}/models/{vendor}{tail}" for vendor, tail in BASES.items()},
            "keys": {vendor: environment.get(f"{vendor.upper()}_API_KEY", "") for vendor in BASES},
            "models": program(control, tuple(BASES)),
        }
        return run(python, "vendors.py", given)


def main() -> int:
    """Print the result. Exits with 1 if a client got an answer that its vendor would not send."""
    python = sys.argv[1]
    results = call_clients(python) + run(python, "descriptions.py", {"requests": asyncio.run(record_requests())})
    failed = [f"{result['client']}: {result['case']}: {result['problem']}" for result in results if result["problem"]]
    for line in failed:
        sys.stderr.write(f"{line}\n")
    clients = sorted({result["client"] for result in results})
    names = [line[:200] for line in failed]
    sys.stdout.write(json.dumps({"name": "clients", "clients": clients, "calls": len(results), "failed": names}) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
