"""Accounts, the App and its installations."""

from app.sandbox.github.entities import App, Installation, Json, User
from app.sandbox.github.shapes.links import Links, node_id, when


def user(links: Links, account: User) -> Json:
    """A simple user. Organizations and bots have the same shape."""
    api = f"{links.api}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("User", account.id),
        "avatar_url": f"{links.web}/avatars/{account.id}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{links.web}/{account.login}",
        "followers_url": f"{api}/followers",
        "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{api}/subscriptions",
        "organizations_url": f"{api}/orgs",
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events{{/privacy}}",
        "received_events_url": f"{api}/received_events",
        "type": account.type,
        "site_admin": False,
    }


def whole_user(links: Links, account: User) -> Json:
    """A user in answers about a single one: with a profile, which is empty here."""
    stamps = {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"}
    texts = dict.fromkeys(("name", "company", "location", "email", "hireable", "bio"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return {**user(links, account), **texts, "blog": "", **counts, **stamps}


def app(links: Links, registered: App, installations: int | None = None) -> Json:
    """An integration. It has a count only in the App's own answer."""
    shape = {
        "id": registered.id,
        "slug": registered.slug,
        "node_id": node_id("App", registered.id),
        "owner": user(links, registered.owner),
        "name": registered.name,
        "description": "",
        "external_url": links.web,
        "html_url": f"{links.web}/apps/{registered.slug}",
        "created_at": when(registered.created_at),
        "updated_at": when(registered.created_at),
        "permissions": dict(registered.permissions),
        "events": list(registered.events),
    }
    if installations is not None:
        shape |= {"client_id": registered.client_id, "installations_count": installations}
    return shape


def actions_app(links: Links, registered: App) -> Json:
    """GitHub Actions, as the owner of a job's check run."""
    return app(links, registered) | {"id": 15368, "slug": "github-actions", "name": "GitHub Actions", "node_id": node_id("App", 15368)}


def installation(links: Links, registered: App, installed: Installation) -> Json:
    """The App on an account."""
    return {
        "id": installed.id,
        "account": user(links, installed.account),
        "repository_selection": "all" if installed.selected is None else "selected",
        "access_tokens_url": f"{links.api}/app/installations/{installed.id}/access_tokens",
        "repositories_url": f"{links.api}/installation/repositories",
        "html_url": f"{links.web}/settings/installations/{installed.id}",
        "app_id": registered.id,
        "app_slug": registered.slug,
        "target_id": installed.account.id,
        "target_type": installed.account.type,
        "permissions": dict(installed.permissions),
        "events": list(installed.events),
        "created_at": when(installed.created_at),
        "updated_at": when(installed.suspended_at or installed.created_at),
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": when(installed.suspended_at),
    }
