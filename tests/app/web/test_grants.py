"""The App's permissions: read from GitHub at most once per minute, and shown in the set-up checks."""

from collections.abc import Callable

from app.authorization.app_grants import Grants
from app.github.github_app import GitHubApp
from app.store.security.sessions import make_admin
from tests.app.web.browser import Browser
from tests.conftest import Clock
from tests.stories.harness import InProcessSystem


async def test_what_is_not_granted_is_said_and_by_whom(system: InProcessSystem, clock: Clock) -> None:
    settings, world = system.settings, system.sandbox.world
    grants = Grants(GitHubApp(settings.github_api_url, int(settings.app_id), settings.private_key), clock)
    assert await grants.problems() == ()
    installation = next(each for each in world.installations.values() if each.account.login == "acme")
    installation.permissions = {**installation.permissions, "checks": "read"}
    clock.pass_(59)
    assert await grants.problems() == (), "GitHub is not asked again within a minute"
    clock.pass_(1)
    assert await grants.problems() == ("acme has not accepted: checks: write.",)
    world.app.permissions = {**world.app.permissions, "checks": "read"}
    world.app.events = tuple(event for event in world.app.events if event != "status")
    clock.pass_(60)
    assert await grants.problems() == (
        "On the App's page, under Permissions, these are missing: checks: write.",
        "On the App's page, under Permissions, select these events: status.",
    )


async def test_a_github_that_refuses_is_asked_again_later(system: InProcessSystem, clock: Clock) -> None:
    grants = Grants(GitHubApp(system.settings.github_api_url, 1, system.settings.private_key), clock)
    assert await grants.problems() == ("GitHub did not answer. Council asks again in a minute.",)


async def test_the_list_of_what_works_has_a_line_for_it(browser: Callable[[], Browser], system: InProcessSystem) -> None:
    async with system.services.database.write() as connection:
        await make_admin(connection, system.sandbox.world.user("ada").id, "ada", 0.0)
    ada = browser()
    await ada.sign_in("ada")
    assert "Council has all of them." in (await ada.get("/setup")).text
