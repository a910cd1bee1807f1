"""`python -m tests.conformance`: progress on standard error, `N passed, M failed` on the last line."""

import asyncio
import sys

from app import log
from tests.conformance.fetch import Missing, fetched_json, say
from tests.conformance.product import STORIES, recorded_house
from tests.conformance.report import Report
from tests.conformance.rest import Description


async def check(report: Report) -> None:
    """All of it."""
    description = Description(fetched_json("@octokit/openapi"))
    for story in STORIES:
        say(f"the product: {story.__name__} …")
        async with recorded_house() as (house, recorder):
            await story(house)
        for seen in recorder.seen:
            if seen.path != "/graphql":
                report.add("rest", seen.title, description.check_exchange(seen))


def main() -> int:
    log.set_up(as_json=True, secrets=())
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
