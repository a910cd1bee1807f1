"""A system with data, and every page that a person can open."""

import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

from app.sandbox.demo import MEMBERS, build_demo
from app.sandbox.providers.response_script import ScriptedMember
from app.store.engine.database import open_database
from app.store.security import sessions
from app.work.maintenance.typical_costs import store_typical_costs
from tests.browser.past import live_through
from tests.system import InProcessSystem, SystemOptions, start_system

REPOSITORY, PERSON = "harbor/checkout", "jo-park"
QUESTION = "Since the retries went in, some customers are charged twice. How do we find out which, and stop it?"
KEY = {
    "title": "Send one idempotency key for all attempts of a charge",
    "approach": "`_post` sends each attempt without a key, so the provider cannot know a second one. Make the key once, before the loop.",
    "steps": [
        "Make `Idempotency-Key` in `charge`, before the first attempt.",
        "List charges of the last 30 days with the same order and amount within 60 s.",
        "Refund those, and keep the list for support.",
    ],
    "effort": "hours",
    "risk": "low",
    "verify": "Answer the first attempt with a time-out in a test: the provider sees two requests and one key.",
    "facets": [],
    "evidence": [],
}
NO_RETRY = KEY | {
    "title": "Do not retry charges at all",
    "approach": "Without a retry nothing is charged twice, and a time-out becomes a failed order.",
    "steps": ["Set `ATTEMPTS` to 1 for charges."],
    "effort": "minutes",
    "risk": "medium",
    "verify": "A time-out is shown to the customer.",
}


@dataclass(frozen=True)
class Stop:
    """One page of the tour; `signed_in`: it needs a sign-in."""

    name: str
    path: str
    signed_in: bool = True


@contextlib.asynccontextmanager
async def lived_in(data: Path) -> AsyncIterator[InProcessSystem]:
    """A system with the demo's reviewed pull request; its maintainer is admin of the server and the repository."""
    async with start_system(data, SystemOptions(MEMBERS, settings={"fallback": "off"})) as system:
        build_demo(system.sandbox.world, system.sandbox.providers, delays=False)
        system.sandbox.world.repository(REPOSITORY).add_collaborator(PERSON, "admin")
        await system.settle()
        await store_typical_costs(system.services)
        database = open_database(system.settings.database_url, system.settings.data)
        async with database.write() as connection:
            await sessions.make_admin(connection, system.sandbox.world.user(PERSON).id, PERSON, 0.0)
        await live_through(database, system.sandbox.world.repository(REPOSITORY).id, REPOSITORY, system.services.clock())
        await database.close()
        yield system


async def sign_in(page: Page, login: str = PERSON) -> None:
    """Sign in on the consent page."""
    await page.goto("/login")
    await page.get_by_role("button", name=f"Sign in as {login}").click()
    await page.get_by_role("navigation").first.wait_for()


async def ask(page: Page, system: InProcessSystem) -> None:
    """Ask a question and wait for the answer."""
    stance = {"Do not retry": ("reject", "A time-out says nothing of the charge: it may have gone through, and the customer orders again.")}
    for name, solutions in zip(MEMBERS, ([KEY], [KEY, NO_RETRY], [KEY]), strict=True):
        view = "The retry loop is new, and `_post` makes its headers inside it."
        system.sandbox.providers.script(name, ScriptedMember(solutions=solutions, view=view, stance=stance))
    await page.goto("/ask")
    await page.get_by_label("Repository", exact=True).select_option(REPOSITORY)
    await page.get_by_label("Question", exact=True).fill(QUESTION)
    await page.get_by_role("button", name="Ask", exact=True).click()
    await system.settle()


async def stops(page: Page, system: InProcessSystem) -> list[Stop]:
    """Every page, after a question was asked. Some paths are only known from links."""
    await ask(page, system)
    await page.reload()
    conversation = page.url.removeprefix(system.url).partition("#")[0]
    await page.goto("/runs")
    run = await page.locator('a[href^="/runs/"]').first.get_attribute("href")
    await page.goto("/")
    organisation = await page.locator('a[href^="/installations/"]').first.get_attribute("href")
    assert run and organisation
    return [
        Stop("welcome", "/", signed_in=False),
        Stop("home", "/"),
        Stop("runs", "/runs"),
        Stop("run", run),
        Stop("shown", f"{run}/shown"),
        Stop("pull-request", f"/repos/{REPOSITORY}/pulls/1"),
        Stop("repository-settings", f"/repos/{REPOSITORY}/settings"),
        Stop("suggested-rules", f"/repos/{REPOSITORY}/suggestions"),
        Stop("privacy", f"/repos/{REPOSITORY}/privacy"),
        Stop("organisation-settings", organisation),
        Stop("provider-keys", organisation.replace("/settings", "/keys")),
        Stop("ask", "/ask"),
        Stop("conversation", conversation),
        Stop("insights", "/insights"),
        Stop("usage", "/usage"),
        Stop("tokens", "/tokens"),
        Stop("account", "/account"),
        Stop("api", "/api/v1"),
        Stop("admin", "/admin"),
        Stop("lost-deliveries", "/admin/deliveries"),
        Stop("audit", "/admin/audit"),
        Stop("set-up", "/setup"),
        Stop("nothing-here", "/nothing"),
    ]


def say(text: str) -> None:
    """A line of progress."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
