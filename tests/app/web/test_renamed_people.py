"""API tokens belong to an account, not to a login, which another person can take over."""

from collections.abc import Callable

from sqlalchemy import update

from app.store.engine.upsert import sql_table
from app.store.tables.access import ApiTokenRow
from tests.app.web.browser import Browser
from tests.app.web.test_api import Api, made
from tests.stories.harness import InProcessSystem

Open = Callable[[], Browser]


async def test_a_renamed_person_keeps_a_token(browser: Open, system: InProcessSystem) -> None:
    api = Api(system, await made(browser(), "will", "acme/shop"))
    system.sandbox.world.rename_user("will", "william")
    assert (await api("GET", "/runs")).status_code == 200
    asked = (await api("POST", "/consultations", json={"question": "Why?"})).json()["id"]
    async with system.services.database.read() as connection:
        assert (await connection.execute(sql_table(ApiTokenRow).select())).one().login == "william"
    await system.settle()
    assert (await api("GET", f"/consultations/{asked}")).json()["state"] != "declined"


async def test_whoever_takes_an_old_login_gets_nothing_by_it(browser: Open, system: InProcessSystem) -> None:
    """The account that created the token lost access; another account now has its login and access."""
    api = Api(system, await made(browser(), "will", "acme/shop"))
    system.sandbox.world.rename_user("will", "william")
    del system.repository.collaborators["william"]
    system.repository.add_collaborator("will", "admin")
    assert (await api("GET", "/runs")).status_code == 401


async def test_a_deleted_account_s_token_opens_nothing(browser: Open, system: InProcessSystem) -> None:
    api = Api(system, await made(browser(), "will", "acme/shop"))
    system.sandbox.world.users.pop("will")
    system.repository.add_collaborator("will", "admin")
    async with system.services.database.write() as connection:
        await connection.execute(update(sql_table(ApiTokenRow)).values(expires_at=9e12))
    assert (await api("GET", "/runs")).status_code == 401
