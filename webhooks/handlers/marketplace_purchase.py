"""Handles an account that bought, changed or cancelled a plan on GitHub Marketplace."""

from datetime import datetime

from webhooks.delivery import Delivery
from webhooks.jobs import ChangePlan, Job
from webhooks.payload import GitHubPayload, PayloadAccount


class _Plan(GitHubPayload):
    name: str


class _Purchase(GitHubPayload):
    account: PayloadAccount
    plan: _Plan


class MarketplaceEvent(GitHubPayload):
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#marketplace_purchase"""

    action: str
    effective_date: datetime
    marketplace_purchase: _Purchase


def handle(delivery: Delivery) -> tuple[Job, ...]:
    """A pending change has no effect yet: GitHub sends another event when it takes effect."""
    event = MarketplaceEvent.model_validate(delivery.payload)
    if event.action not in {"purchased", "changed", "cancelled"}:
        return ()
    bought = event.marketplace_purchase
    name = "" if event.action == "cancelled" else bought.plan.name
    return (ChangePlan(account=bought.account.login, plan=name, changed_at=event.effective_date.timestamp(), guid=delivery.guid),)
