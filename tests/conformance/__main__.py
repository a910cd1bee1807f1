"""`python -m tests.conformance`: progress on standard error, `N passed, M failed` on the last line."""

import asyncio
import logging
import sys

import structlog

from app import log
from tests.conformance.fetch import Missing, fetched, fetched_json, say
from tests.conformance.graphql import GraphQLDescription
from tests.conformance.hooks import Recordings, replay
from tests.conformance.judge import Judge
from tests.conformance.lives import RecordedLives, record_lives
from tests.conformance.permissions import check_permissions, list_unused
from tests.conformance.product import STORIES, recorded_house
from tests.conformance.releases import review_releases
from tests.conformance.report import Report
from tests.conformance.rest import Description
from tests.conformance.tour import tour


async def check(report: Report, lives: RecordedLives) -> None:
    """Run all checks."""
    examples = fetched_json("@octokit/webhooks-examples")
    description = Description(fetched_json("@octokit/openapi"))
    queries = GraphQLDescription(fetched("@octokit/graphql-schema").read_text())
    judge = Judge(description, queries, Recordings(examples), report)
    asked, needed = set(lives.operations), set(lives.needed)
    judge.check_story("lives", lives.exchanges, lives.deliveries)
    for story in STORIES:
        say(f"{story.__name__} …")
        async with recorded_house() as (system, recorder):
            await story(system)
        asked |= {exchange.operation for exchange in system.sandbox.log.exchanges}
        needed |= system.sandbox.github.authenticator.needed
        judge.check_story(story.__name__, recorder.seen, system.sandbox.github.webhook_sender.deliveries.values())
    check_permissions(system.sandbox.world.app.permissions, needed, report)
    unused = list_unused(system.sandbox.github.routes, asked)
    say(f"{len(unused)} operations that the App may use and no story asks for: {'; '.join(unused)}")
    async with recorded_house() as (system, recorder):
        await tour(system)
    asked |= {exchange.operation for exchange in system.sandbox.log.exchanges}
    judge.check_exchanges(recorder.seen, system.sandbox.github.webhook_sender.deliveries.values())
    for route in system.sandbox.github.routes:
        problems = [] if route.handler.__name__ in asked else ["no story and no stop of the tour asks for it"]
        report.add("routes asked for", f"{route.method} {route.path}", problems)
    say("replaying GitHub's recorded deliveries …")
    async with recorded_house() as (system, _):
        say(f"{await replay(system, examples, report)} recordings")
    await asyncio.to_thread(review_releases, report)


def main() -> int:
    log.set_up(as_json=True, secrets=())
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    report = Report()
    try:
        say("lives …")
        asyncio.run(check(report, record_lives()))
    except Missing as missing:
        say(str(missing))
        return 2
    for line in report.lines():
        say(line)
    sys.stdout.write(report.last_line + "\n")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
