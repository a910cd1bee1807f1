"""The plain webhook: a JSON object and a signature. Change its fields or its signing here, and docs/how-to/notifications.md with it.

The signature covers the time and the body, so that nobody can send an old message again later.
"""

import hashlib
import hmac
import json

from app.notifications.notification import Notification


def write_body(notification: Notification, delivery_id: str, at: float) -> bytes:
    """The body: what happened, where, and in which words. It is data: receivers escape it for their output."""
    found = notification
    body = {
        "id": delivery_id,
        "event": found.event,
        "created_at": int(at),
        "headline": found.headline,
        "repository": found.repository,
        "pull_request": found.number or None,
        "title": found.title,
        "details": list(found.details),
        "url": found.url,
        "run": found.run_id or None,
    }
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode()


def sign_body(secret: str, body: bytes, now: float) -> str:
    """The value of `Council-Signature`: `t=` the time of this attempt, `v1=` the HMAC-SHA256 of time, a full stop and body."""
    moment = f"{int(now)}"
    mac = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={mac}"
