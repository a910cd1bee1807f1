"""The manifest of our App, and its registration: exchanges a one-time code from GitHub for credentials."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from pydantic import ValidationError

from app.errors import GitHubRejected, SettingsError, Unavailable
from app.github.installation_client import GitHubModel

PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "pull_requests": "write",
    "issues": "write",
    "checks": "write",
    "actions": "read",
    "statuses": "read",
    "merge_queues": "read",
}
EVENTS = (
    "pull_request",
    "issue_comment",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "issues",
    "check_run",
    "check_suite",
    "workflow_run",
    "status",
    "merge_group",
)
_LEVELS = ("", "read", "write", "admin")
DESCRIPTION = "Models of several vendors review a pull request, criticize each other's findings once, and publish one ranked review."


@dataclass(frozen=True)
class Registered:
    """What a server must know about its App. The names are those of the settings."""

    app_id: str
    slug: str
    client_id: str
    client_secret: str
    webhook_secret: str
    private_key: str
    github_api_url: str
    github_web_url: str
    public_url: str


class _Conversion(GitHubModel):
    id: int
    slug: str
    client_id: str
    client_secret: str
    webhook_secret: str | None = None
    pem: str


def missing_permissions(permissions: Mapping[str, str]) -> tuple[str, ...]:
    """The permissions of PERMISSIONS that are not granted, as in "checks: write"."""
    granted = {name: _LEVELS.index(level) if level in _LEVELS else 0 for name, level in permissions.items()}
    return tuple(f"{name}: {level}" for name, level in PERMISSIONS.items() if granted.get(name, 0) < _LEVELS.index(level))


def missing_events(events: Collection[str]) -> tuple[str, ...]:
    """The events of EVENTS that are not sent."""
    return tuple(event for event in EVENTS if event not in events)


def manifest(name: str, public_url: str, channel: str = "") -> str:
    """The manifest as JSON, from app.yml, for a server at that address, or behind a smee channel."""
    return json.dumps(
        {
            "name": name,
            "description": DESCRIPTION,
            "url": public_url,
            "public": False,
            "hook_attributes": {"url": channel or f"{public_url}/webhooks/github", "active": True},
            "redirect_url": f"{public_url}/setup/registered",
            "callback_urls": [f"{public_url}/login/callback"],
            "setup_url": f"{public_url}/setup/installed",
            "setup_on_update": True,
            "default_permissions": PERMISSIONS,
            "default_events": list(EVENTS),
        }
    )


def registration_url(web_url: str, organisation: str, state: str) -> str:
    """The address to which a browser posts the manifest."""
    owner = f"/organizations/{quote(organisation, safe='')}" if organisation else ""
    return f"{web_url}{owner}/settings/apps/new?state={quote(state, safe='')}"


def api_of(web_url: str) -> str:
    """The API address of a GitHub, from the address of its pages."""
    place = urlsplit(web_url)
    if place.scheme not in {"https", "http"} or not place.netloc or place.path.strip("/"):
        raise SettingsError("Use an address such as https://github.com, without a path.")
    return "https://api.github.com" if place.netloc == "github.com" else f"{place.scheme}://{place.netloc}/api/v3"


async def convert(web_url: str, code: str, public_url: str) -> Registered:
    """The credentials for a code, which is valid once, within an hour."""
    import httpx

    api = api_of(web_url)
    try:
        async with httpx.AsyncClient(timeout=20.0) as client:
            headers = {"Accept": "application/vnd.github+json", "User-Agent": "council-review"}
            answer = await client.post(f"{api}/app-manifests/{quote(code, safe='')}/conversions", headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unavailable(f"GitHub did not answer ({type(error).__name__})") from error
    if answer.status_code != 201:
        raise GitHubRejected("GitHub rejected the code; a code works once, within an hour", answer.status_code)
    try:
        conversion = _Conversion.model_validate_json(answer.content)
    except ValidationError as error:
        raise Unavailable("GitHub sent an unexpected response") from error
    secret = conversion.webhook_secret or ""
    names = (str(conversion.id), conversion.slug, conversion.client_id, conversion.client_secret, secret, conversion.pem)
    return Registered(*names, github_api_url=api, github_web_url=web_url, public_url=public_url)
