"""Compares the recorded traffic with GitHub's descriptions: each exchange, each delivery, and a story as a whole."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from app.sandbox.github.webhook_sender import DeliveryAttempt
from tests.conformance.breaking import unseen
from tests.conformance.graphql import GraphQLDescription
from tests.conformance.handed_out import find_invented
from tests.conformance.hooks import Recordings, check_sent
from tests.conformance.recording import Seen
from tests.conformance.report import Report
from tests.conformance.rest import Description

_OF_A_KIND = 3


@dataclass(frozen=True)
class Judge:
    """GitHub's descriptions, and the report of all differences."""

    description: Description
    queries: GraphQLDescription
    recordings: Recordings
    report: Report
    broken: Counter[str] = field(default_factory=Counter)

    def check_story(self, name: str, exchanges: Collection[Seen], deliveries: Collection[DeliveryAttempt]) -> None:
        """Check every exchange and delivery, and that our requests name only ids that GitHub handed out before."""
        self.check_exchanges(exchanges, deliveries)
        self.report.add("ids handed out", name, find_invented(exchanges, deliveries))

    def check_exchanges(self, exchanges: Iterable[Seen], deliveries: Iterable[DeliveryAttempt]) -> None:
        """Check both directions: our requests and the sandbox's answers, and the sandbox's webhooks."""
        for delivery in deliveries:
            check_sent(delivery, self.recordings, self.description, self.report)
        for seen in exchanges:
            self._check_checks(seen)
            if seen.path == "/graphql":
                self.report.add("graphql requests", seen.title, self.queries.check_document(seen.sent))
                self.report.add("graphql answers", seen.title, self.queries.check_answer(seen))
            else:
                self.report.add("rest", seen.title, self.description.check_exchange(seen))

    def _check_checks(self, seen: Seen) -> None:
        """Break the exchange, and check that it is detected; three of a kind are enough, because each takes as long as ten checks."""
        kind = re.sub(r"[0-9a-f]{7,}|\d+", "N", seen.title)
        if self.broken[kind] < _OF_A_KIND:
            self.broken[kind] += 1
            unnoticed = [f"did not see {harm}" for harm in unseen(self.description, self.queries, seen)]
            self.report.add("the checks themselves", seen.title, unnoticed)
