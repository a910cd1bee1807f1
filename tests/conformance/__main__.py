"""`python -m tests.conformance`: progress on standard error, `N passed, M failed` on the last line."""

import asyncio
import logging
import sys

import structlog

from app import log
from tests.conformance.breaking import unseen
from tests.conformance.fetch import Missing, fetched, fetched_json, say
from tests.conformance.graphql import GraphQLDescription
from tests.conformance.hooks import Recordings, check_sent, replay
from tests.conformance.product import STORIES, recorded_house
from tests.conformance.releases import review_releases
from tests.conformance.report import Report
from tests.conformance.rest import Description
from tests.conformance.tour import tour


async def check(report: Report) -> None:
    """All of it."""
    description = Description(fetched_json("@octokit/openapi"))
    queries = GraphQLDescription(fetched("@octokit/graphql-schema").read_text())
    examples = fetched_json("@octokit/webhooks-examples")
    recordings = Recordings(examples)
    asked: set[str] = set()
    for story in (*STORIES, tour):
        say(f"{story.__name__} …")
        async with recorded_house() as (house, recorder):
            await story(house)
        asked |= {each.operation for each in house.sandbox.log.exchanges}
        for delivery in house.sandbox.github.courier.deliveries.values():
            check_sent(delivery, recordings, description, report)
        for seen in recorder.seen:
            report.add("the checks themselves", seen.title, [f"did not see {each}" for each in unseen(description, queries, seen)])
            if seen.path == "/graphql":
                report.add("graphql requests", seen.title, queries.check_document(seen.sent))
                report.add("graphql answers", seen.title, queries.check_answer(seen))
            else:
                report.add("rest", seen.title, description.check_exchange(seen))
    for route in house.sandbox.github.routes:
        problems = [] if route.handler.__name__ in asked else ["no story and no stop of the tour asks for it"]
        report.add("routes asked for", f"{route.method} {route.path}", problems)
    say("replaying GitHub's recorded deliveries …")
    async with recorded_house() as (house, _):
        say(f"{await replay(house, examples, report)} recordings")
    await asyncio.to_thread(review_releases, report)


def main() -> int:
    log.set_up(as_json=True, secrets=())
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    report = Report()
    try:
        asyncio.run(check(report))
    except Missing as missing:
        say(str(missing))
        return 2
    for line in report.lines():
        say(line)
    sys.stdout.write(report.last_line + "\n")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
