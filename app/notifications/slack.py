"""Renders a notification for Slack, and for programs that read Slack's format. Change its blocks here.

Texts of others are in `plain_text`, where Slack reads no markup. `text`, which phones and other programs show, is escaped.
https://docs.slack.dev/messaging/formatting-message-text#escaping
"""

from collections.abc import Mapping

from app.notifications.notification import Notification
from app.notifications.text import defuse

_MOST_DETAILS = 10


def render_slack(notification: Notification) -> Mapping[str, object]:
    """The body of the request."""
    found = notification
    blocks: list[Mapping[str, object]] = [
        {"type": "header", "text": _plain(f"Council: {found.headline}", 150)},
        {"type": "section", "text": _plain(" · ".join(part for part in (found.place, found.title) if part), 400)},
    ]
    if found.details:
        lines = "\n".join(defuse(line) for line in found.details[:_MOST_DETAILS])
        blocks.append({"type": "section", "text": {"type": "plain_text", "text": lines, "emoji": False}})
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": f"<{_address(found.url)}|Open>"}]})
    text = escape_slack(f"Council: {found.headline} · {found.place}")
    return {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def escape_slack(text: str) -> str:
    """Text for places where Slack reads markup: the three characters of its control sequences are escaped, and formatting is broken."""
    line = defuse(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"{sign}\u200b" if sign in "*_~`" else sign for sign in line)


def _plain(text: str, limit: int) -> Mapping[str, object]:
    return {"type": "plain_text", "text": defuse(text, limit - 20) or "-", "emoji": False}


def _address(url: str) -> str:
    """An address of ours inside `<…|…>`."""
    return url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
