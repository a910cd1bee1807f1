"""`python -m tests.real PYTHON` runs doctor, a review and a question with a real small model. The last line is one JSON object.

PYTHON is the interpreter of the environment that `make real` installs, with llama.cpp and the weights. The model's opinions are not
checked: it is far too small. Council's behavior is: answers are parsed or reported as broken, nothing made up is posted, and a change that
no model read is not called clean.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from reviewers.models.schema import schema_of
from reviewers.seats.answers import OpinionAnswer

HERE = Path(__file__).parent
CONTEXT = 4_096
SECONDS = 700
BASE = "def total(items):\n    return sum(item.price for item in items)\n"
HEAD = BASE + "\n\ndef average(items):\n    return total(items) / len(items)\n"
# Longer than the 64 tokens from which llama.cpp keeps a prompt.
PROMPT = "You review code. Answer with JSON alone.\n" + HEAD * 6


class Run(NamedTuple):
    """A command of Council's: its exit code, its JSON (None if it printed none) and how many seconds it took."""

    code: int
    told: Any
    seconds: float


@contextmanager
def served(python: str) -> Iterator[str]:
    """The address of a llama.cpp server, until the block ends."""
    command = [python, str(HERE / "llama_server.py"), str(CONTEXT)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            if not address:
                raise SystemExit("the llama.cpp server did not start")
            yield address
        finally:
            process.stdin.close()
            process.wait(30)


def council(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> Run:
    """Run a command of Council's and parse its JSON."""
    started = time.monotonic()
    command = [sys.executable, "-m", "app.cli", *words]
    done = subprocess.run(command, env=dict(environment), cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS)
    sys.stderr.write(f"council {words[0]}: exit {done.returncode} in {time.monotonic() - started:.0f} s\n{done.stderr[-1_500:]}\n")
    try:
        told = json.loads(done.stdout)
    except ValueError:
        told = None
    return Run(done.returncode, told, time.monotonic() - started)


def repository(folder: Path) -> None:
    """A repository with one commit on top of another: five added lines."""

    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words], cwd=folder, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    for number, text in enumerate((BASE, HEAD)):
        (folder / "cart.py").write_text(text)
        git("add", "-A")
        git("commit", "-q", "-m", f"Change {number}")


def asked(address: str) -> tuple[bool, int]:
    """Whether the server accepts our schema, and how many tokens of a repeated prompt came from its cache."""
    form = {"type": "json_schema", "json_schema": {"name": "OpinionAnswer", "schema": schema_of(OpinionAnswer), "strict": True}}
    cached = 0
    with httpx.Client(timeout=SECONDS, trust_env=False) as client:
        for _ in range(2):
            body = {"model": "smollm2", "max_tokens": 16, "response_format": form, "messages": [{"role": "user", "content": PROMPT}]}
            answer = client.post(f"{address}/v1/chat/completions", json=body)
            if answer.status_code != 200:
                return False, 0
            usage = answer.json()["usage"]
            cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
    return True, cached


def ghosts(posted: Sequence[Mapping[str, Any]]) -> int:
    """How many posted findings quote a line that the change does not have."""
    known = {" ".join(line.split()) for line in (BASE + HEAD).split("\n")}
    return sum(any(" ".join(line.split()) not in known for line in finding["quote"].split("\n")) for finding in posted)


def is_whole(seat: Mapping[str, Any]) -> bool:
    """Whether a model read everything and answered completely, from the notes of its reading alone."""
    lost = {"cut off", "thinking used the whole answer", "the host cut the prompt", "part not read", "all claims discarded"}
    return seat["opinion"] == "answered" and not any(note["problem"] in lost for note in seat["reading"]["notes"])


def measured(python: str) -> dict[str, Any]:
    """All measurements."""
    with tempfile.TemporaryDirectory(prefix="council-real-") as name, served(python) as address:
        folder = Path(name) / "shop"
        folder.mkdir()
        repository(folder)
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": name,
            "PYTHONPATH": str(HERE.parents[1]),
            "COUNCIL_DATA": f"{name}/data",
            "HOSTED_VLLM_BASE_URL": f"{address}/v1",
            "COUNCIL_SEATS": "hosted_vllm/smollm2,hosted_vllm/smollm2-again",
            "SEAT_SECONDS": "240",
        }
        accepted, cached = asked(address)
        doctor = council(["doctor", "--json"], environment, folder)
        review = council(["review", "HEAD~1..HEAD", "--json"], environment, folder)
        question = council(["ask", "What does average return for an empty list?", "--json"], environment, folder)
    verdict, advice = review.told or {}, question.told or {}
    models = [seat for seat in verdict.get("seats", []) if seat["is_model"]]
    seats = [*models, *advice.get("seats", [])]
    usage = verdict.get("usage", {})
    clean = review.code == 0 and not verdict.get("posted") and sum(map(is_whole, models)) < verdict.get("quorum", 1)
    return {
        "name": "real",
        "schema_accepted": accepted,
        "doctor": doctor.told is not None and str(CONTEXT) in json.dumps(doctor.told).replace(",", ""),
        "answers": [f"{seat['seat']}: {seat['opinion']}" + (f": {seat['reason']}" if seat["reason"] else "") for seat in seats],
        "usage": usage.get("input_tokens", 0) + usage.get("output_tokens", 0),
        "cached": cached,
        "cost": usage.get("cost_usd"),
        "ghosts": ghosts(verdict.get("posted", [])),
        "false_clean": int(clean),
        "exits": [doctor.code, review.code, question.code],
        "seconds": round(doctor.seconds + review.seconds + question.seconds, 1),
    }


def main() -> int:
    """Print the result. Exits with 1 and the names of failed checks."""
    result = measured(sys.argv[1])
    holds = {
        "schema_accepted": result["schema_accepted"],
        "doctor": result["doctor"],
        "answers": len(result["answers"]) >= 2,
        "usage": result["usage"] > 0,
        "cached": result["cached"] > 0,
        "cost": result["cost"] == 0.0,
        "ghosts": result["ghosts"] == 0,
        "false_clean": result["false_clean"] == 0,
        "exits": all(code in (0, 1, 2) for code in result["exits"]),
    }
    failed = [name for name, good in holds.items() if not good]
    sys.stdout.write(json.dumps({**result, "failed": failed}) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
