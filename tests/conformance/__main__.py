"""`python -m tests.conformance`: say what conforms and what does not; exit 1 when something does not."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import httpx

from app.sandbox.github.routes import all_routes
from app.sandbox.server import Sandbox
from tests.conformance import graphql, rest, webhooks
from tests.conformance.fetch import Unavailable, fetch, package
from tests.conformance.scenario import BLOBS, Scenario, live


def say(line: str) -> None:
    """Print a line now."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Tally:
    """Counts checks and says what failed."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def add(self, name: str, problems: list[str]) -> None:
        """Count one check."""
        if not problems:
            self.passed += 1
            return
        self.failed += 1
        say(f"FAILED {name}")
        for each in dict.fromkeys(problems):
            say(f"    {each}")


async def lived() -> Scenario:
    """The scenario, played against a sandbox of its own."""
    async with Sandbox.start(webhook_url="http://127.0.0.1:9/nobody") as sandbox, httpx.AsyncClient(trust_env=False) as http:
        scenario = Scenario(sandbox, http)
        await live(scenario)
        await sandbox.settled()
        return scenario


def check_rest(tally: Tally, scenario: Scenario) -> None:
    """Every exchange of the scenario, and that the scenario left no route out."""
    steps = [step for step in scenario.steps if step.path != "/graphql"]
    for step in steps:
        facts = (step.method, step.path, step.request, step.status, step.answer, step.headers)
        tally.add(f"{step.method} {step.path} → {step.status}", rest.check_exchange(*facts))
    for route in all_routes():
        used = any(route.match(step.method, step.path.partition("?")[0]) is not None for step in scenario.steps)
        tally.add(f"{route.method} {route.path} is exercised", [] if used else ["the scenario never calls it"])


def check_graphql(tally: Tally, _: Scenario) -> None:
    """The documents, and the sandbox's schema."""
    tally.add("the blob query", graphql.check_document(BLOBS))
    tally.add("the sandbox's schema", graphql.check_own_schema())
    for path in sorted(Path("app").rglob("*.graphql")):
        tally.add(str(path), graphql.check_document(path.read_text("utf-8")))


def check_webhooks(tally: Tally, scenario: Scenario) -> None:
    """Every payload of the scenario, and that the recorded ones are all there."""
    for event, payload in scenario.payloads:
        tally.add(f"{event} {payload.get('action', '')}", webhooks.check_payload(event, payload))
    count = sum(1 for _ in webhooks.recorded_payloads())
    tally.add("329 recorded payloads", [] if count == 329 else [f"{count} were found"])


def main() -> int:
    """Run all of it."""
    try:
        if not (package("@octokit/webhooks-examples") / "package.json").exists():
            fetch()
    except Unavailable as reason:
        say(f"conformance needs what is missing: {reason}")
        return 2
    tally, scenario = Tally(), asyncio.run(lived())
    checks: list[tuple[str, Callable[[Tally, Scenario], None]]] = [
        ("REST", check_rest),
        ("GraphQL", check_graphql),
        ("webhooks", check_webhooks),
    ]
    for name, check in checks:
        before = tally.passed
        check(tally, scenario)
        say(f"{name}: {tally.passed - before} passed")
    say(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
