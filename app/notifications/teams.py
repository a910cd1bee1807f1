"""Renders a notification for Microsoft Teams: an adaptive card, as webhooks of the Workflows app accept it. Change the card here.

Texts of others are in a `TextRun`, where an adaptive card reads no Markdown.
https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features
"""

from collections.abc import Mapping

from app.notifications.notification import Notification
from app.notifications.text import defuse

_MOST_DETAILS = 10


def render_teams(notification: Notification) -> Mapping[str, object]:
    """The body of the request."""
    found = notification
    body = [_run(f"Council: {found.headline}", size="Medium", weight="Bolder"), _run(found.place)]
    if found.title:
        body.append(_run(found.title))
    body += [_run(line, spacing="Small") for line in found.details[:_MOST_DETAILS]]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": "Open", "url": found.url}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _run(text: str, *, spacing: str = "Default", **style: str) -> Mapping[str, object]:
    run = {"type": "TextRun", "text": defuse(text) or "-", **style}
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": [run]}
