"""What a person commanded today is counted for the person, the repository and the day; what was refused uses nothing up."""

from app.store.command_uses import CommandUse, UsesToday, note_use, uses_today
from app.store.engine.database import Database

HERE, ELSEWHERE = 1, 2
TODAY = 1_800_000_000.0


async def _note(database: Database, use: CommandUse, *, refused: bool = False, at: float = TODAY) -> None:
    async with database.write() as connection:
        await note_use(connection, use, refused, at)


async def _count(database: Database, use: CommandUse) -> UsesToday:
    async with database.write() as connection:
        return await uses_today(connection, use, TODAY)


async def test_a_person_is_counted_alone_in_a_repository_and_what_costs_in_all(database: Database) -> None:
    await _note(database, CommandUse("a", HERE, "ada", "review", True))
    await _note(database, CommandUse("b", HERE, "Ada", "status", False))
    await _note(database, CommandUse("c", ELSEWHERE, "ada", "review", True))
    await _note(database, CommandUse("d", ELSEWHERE, "ada", "status", False))
    await _note(database, CommandUse("e", HERE, "ben", "review", True))
    await _note(database, CommandUse("f", HERE, "ada", "review", True), at=TODAY - 1)
    assert await _count(database, CommandUse("new", HERE, "ada", "review", True)) == UsesToday(given=2, paid=2, refused=0)


async def test_a_refused_command_is_counted_as_refused_alone(database: Database) -> None:
    await _note(database, CommandUse("a", HERE, "ada", "review", True), refused=True)
    await _note(database, CommandUse("b", ELSEWHERE, "ada", "review", True), refused=True)
    assert await _count(database, CommandUse("new", HERE, "ada", "review", True)) == UsesToday(given=0, paid=0, refused=1)


async def test_a_command_that_is_tried_again_is_not_counted_twice(database: Database) -> None:
    await _note(database, CommandUse("a", HERE, "ada", "review", True))
    await _note(database, CommandUse("a", HERE, "ada", "review", True), refused=True)
    assert await _count(database, CommandUse("a", HERE, "ada", "review", True)) == UsesToday(given=0, paid=0, refused=0, allowed=True)


async def test_an_account_is_counted_whatever_its_login_and_a_login_only_where_no_account_is_known(database: Database) -> None:
    await _note(database, CommandUse("a", HERE, "ada", "status", False, account_id=7))
    await _note(database, CommandUse("b", HERE, "ada-of-old", "status", False, account_id=7))
    await _note(database, CommandUse("c", HERE, "ada", "status", False))
    await _note(database, CommandUse("d", HERE, "ada", "status", False, account_id=8))
    assert (await _count(database, CommandUse("new", HERE, "ada", "status", False, account_id=7))).given == 3
