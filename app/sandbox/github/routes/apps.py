"""Routes of the App: itself, installations, tokens, hook deliveries, rate limits."""

from datetime import timedelta

from app.sandbox.github.entities import Json
from app.sandbox.github.exchange import Route, SandboxRequest, SandboxResponse
from app.sandbox.github.refusal import GitHubError, not_found
from app.sandbox.github.shapes import code, people
from app.sandbox.github.webhook_sender import DeliveryAttempt, delivery_json

DELIVERIES_KEPT = timedelta(days=3)


def get_app(call: SandboxRequest) -> SandboxResponse:
    world = call.github.world
    return SandboxResponse(people.app(call.links, world.app, len(world.installations)))


def get_app_by_slug(call: SandboxRequest) -> SandboxResponse:
    """A public App by its name in addresses."""
    app = call.github.world.app
    if call.params["slug"] != app.slug:
        raise not_found()
    return SandboxResponse(people.app(call.links, app))


def convert_manifest(call: SandboxRequest) -> SandboxResponse:
    """The credentials of a registered App, for a code that is valid once."""
    if call.params["code"] not in call.github.conversions:
        raise not_found()
    call.github.conversions.discard(call.params["code"])
    app = call.github.world.app
    shape = people.app(call.links, app) | {"client_id": app.client_id, "client_secret": app.client_secret}
    return SandboxResponse({**shape, "webhook_secret": app.webhook_secret, "pem": app.private_key}, 201)


def list_installations(call: SandboxRequest) -> SandboxResponse:
    world = call.github.world
    return call.page(list(world.installations.values()), lambda each: people.installation(call.links, world.app, each))


def get_installation(call: SandboxRequest) -> SandboxResponse:
    world = call.github.world
    installation = world.installations.get(call.number("id"))
    if installation is None:
        raise not_found()
    return SandboxResponse(people.installation(call.links, world.app, installation))


def repository_installation(call: SandboxRequest) -> SandboxResponse:
    world = call.github.world
    installation = world.installation_of(call.repository)
    if installation is None:
        raise not_found()
    return SandboxResponse(people.installation(call.links, world.app, installation))


def create_token(call: SandboxRequest) -> SandboxResponse:
    """A token, limited as requested."""
    token, actor, repositories = call.github.authenticator.issue(call.number("id"), call.body)
    body: Json = {
        "token": token,
        "expires_at": actor.expires.strftime("%Y-%m-%dT%H:%M:%SZ") if actor.expires else "",
        "permissions": actor.permissions,
        "repository_selection": "all"
        if repositories is None and actor.installation and actor.installation.selected is None
        else "selected",
    }
    if repositories is not None:
        body["repositories"] = [code.repository(call.links, repository) for repository in repositories]
    return SandboxResponse(body, 201)


def revoke_token(call: SandboxRequest) -> SandboxResponse:
    """Revoke the token of the request."""
    call.github.authenticator.revoke(call.actor)
    return SandboxResponse(status=204)


def installation_repositories(call: SandboxRequest) -> SandboxResponse:
    repositories = call.github.authenticator.repositories(call.actor)
    return call.page(repositories, lambda each: code.repository(call.links, each), "repositories")


def _kept(call: SandboxRequest) -> dict[int, DeliveryAttempt]:
    """The attempts of the last three days. GitHub deletes the rest.

    https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
    """
    since = call.github.world.now() - DELIVERIES_KEPT
    return {number: each for number, each in call.github.webhook_sender.deliveries.items() if each.at >= since}


def list_deliveries(call: SandboxRequest) -> SandboxResponse:
    """Attempts, newest first, paged by cursor."""
    status, cursor = call.query.get("status"), int(call.query.get("cursor") or 0)
    size = min(int(call.query.get("per_page") or 30), 100)
    newest = sorted(_kept(call).values(), key=lambda each: -each.id)
    attempts = [attempt for attempt in newest if (not cursor or attempt.id <= cursor) and attempt.status != "pending"]
    if status:
        attempts = [attempt for attempt in attempts if (200 <= attempt.status_code < 400) == (status == "success")]
    page, rest = attempts[:size], attempts[size:]
    base = call.url.partition("?")[0]
    headers = {"link": f'<{base}?per_page={size}&cursor={rest[0].id}>; rel="next"'} if rest else {}
    return SandboxResponse([delivery_json(attempt) for attempt in page], headers=headers)


def get_delivery(call: SandboxRequest) -> SandboxResponse:
    attempt = _kept(call).get(call.number("id"))
    if attempt is None:
        raise not_found()
    return SandboxResponse(delivery_json(attempt, full=True))


def redeliver(call: SandboxRequest) -> SandboxResponse:
    number = call.number("id")
    if number not in _kept(call):
        raise not_found()
    call.github.webhook_sender.redeliver(number)
    return SandboxResponse({}, 202)


def get_hook_config(call: SandboxRequest) -> SandboxResponse:
    return SandboxResponse(
        {"url": call.github.world.app.webhook_url or call.links.web, "content_type": "json", "insecure_ssl": "0", "secret": "********"}
    )


def set_hook_config(call: SandboxRequest) -> SandboxResponse:
    app = call.github.world.app
    app.webhook_url = call.body.get("url") or app.webhook_url
    app.webhook_secret = call.body.get("secret") or app.webhook_secret
    return get_hook_config(call)


def rate_limit(call: SandboxRequest) -> SandboxResponse:
    if call.actor.kind == "anonymous":
        raise GitHubError(401, "Requires authentication")
    headers = {name: call.github.meter.headers(call.actor.name, name) for name in ("core", "search", "graphql")}
    rates = {
        name: {key: int(told[f"x-ratelimit-{key}"]) for key in ("limit", "used", "remaining", "reset")} for name, told in headers.items()
    }
    return SandboxResponse({"resources": rates, "rate": rates["core"]})


ROUTES = (
    Route("GET", "/app", get_app, "app"),
    Route("GET", "/apps/{slug}", get_app_by_slug),
    Route("POST", "/app-manifests/{code}/conversions", convert_manifest),
    Route("GET", "/app/installations", list_installations, "app"),
    Route("GET", "/app/installations/{id}", get_installation, "app"),
    Route("POST", "/app/installations/{id}/access_tokens", create_token, "app"),
    Route("GET", "/app/hook/deliveries", list_deliveries, "app"),
    Route("GET", "/app/hook/deliveries/{id}", get_delivery, "app"),
    Route("POST", "/app/hook/deliveries/{id}/attempts", redeliver, "app"),
    Route("GET", "/app/hook/config", get_hook_config, "app"),
    Route("PATCH", "/app/hook/config", set_hook_config, "app"),
    Route("GET", "/repos/{owner}/{repo}/installation", repository_installation, "app"),
    Route("DELETE", "/installation/token", revoke_token, "token"),
    Route("GET", "/installation/repositories", installation_repositories, "token"),
    Route("GET", "/rate_limit", rate_limit),
)
