"""PostgreSQL as people use it: behind PgBouncer in transaction mode, and with few connections."""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from sqlalchemy import text

from app.store.engine.database import Database, open_database
from app.store.engine.postgres import open_postgres
from app.store.engine.postgres_url import read_postgres_url
from app.store.engine.upsert import insert_or
from app.store.tables.core import InstallationRow
from tests.conftest import fresh_postgres

pytestmark = pytest.mark.slow
_CONFIG = """\
[databases]
* = host={host} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {size}
max_client_conn = 200
logfile = {folder}/log
"""


# A session keeps its server: each connection of each process needs one.
_SIZES = {"transaction": 4, "session": 20}


class PgBouncer:
    """A pooler in front of the session's PostgreSQL."""

    def __init__(self, postgres: str, mode: str, folder: Path) -> None:
        host = parse_qs(urlsplit(postgres).query)["host"][0]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        # It must enter the server's folder, which belongs to the user that runs the server.
        owner = Path(host, "postmaster.pid").owner()
        os.chown(folder, pwd.getpwnam(owner).pw_uid, -1)
        (folder / "pgbouncer.ini").write_text(_CONFIG.format(host=host, port=self.port, mode=mode, size=_SIZES[mode], folder=folder))
        change = ["-u", owner] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(["pgbouncer", "-q", *change, str(folder / "pgbouncer.ini")], stderr=subprocess.DEVNULL)
        self._wait()

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}?application_name=council&pgbouncer=true"

    def _wait(self) -> None:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("pgbouncer does not listen")


@pytest.fixture(params=["transaction", "session"])
def pooler(request: pytest.FixtureRequest, postgres: str) -> Iterator[PgBouncer]:
    if shutil.which("pgbouncer") is None:
        pytest.skip("there is no pgbouncer here: apt-get install pgbouncer")
    with tempfile.TemporaryDirectory(prefix="council-pgbouncer-") as folder:
        opened = PgBouncer(postgres, request.param, Path(folder))
        yield opened
        opened.process.terminate()
        opened.process.wait(10)


async def used_by_many(database: Database, number: int) -> int:
    """Write and read in many concurrent transactions. Returns how many failed."""

    async def use(row: int) -> None:
        async with database.write() as connection:
            row_of = insert_or(InstallationRow, "postgresql").values(
                id=row, account=f"a{row}", known_since=0.0, suspended=False, removed=False
            )
            await connection.execute(row_of)
            await connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": row % 3})
        async with database.read() as connection:
            found = await connection.execute(text("SELECT account FROM installation WHERE id = :id"), {"id": row})
            assert found.scalar_one() == f"a{row}"

    ended = await asyncio.gather(*map(use, range(1, number + 1)), return_exceptions=True)
    return sum(isinstance(each, BaseException) for each in ended)


async def test_a_pooler_needs_no_setting(pooler: PgBouncer, postgres: str, tmp_path: Path) -> None:
    name = f"pooled{pooler.port}"
    await fresh_postgres(postgres, name)
    databases = [open_database(pooler.url(name), tmp_path) for _ in range(2)]
    for database in databases:
        await database.migrate()
    assert await used_by_many(databases[0], 200) == 0
    assert await databases[1].problem() == ""
    for database in databases:
        await database.close()


async def test_a_role_with_four_connections_is_enough(postgres: str, tmp_path: Path) -> None:
    url = await fresh_postgres(postgres, "few")
    admin = await asyncpg.connect(url)
    await admin.execute("CREATE ROLE few LOGIN CONNECTION LIMIT 4; ALTER DATABASE few OWNER TO few; GRANT ALL ON SCHEMA public TO few")
    await admin.close()
    database = open_database(url.replace("postgres:@", "few@").replace("postgres@", "few@"), tmp_path, pool=2)
    await database.migrate()
    assert await used_by_many(database, 60) == 0
    await database.close()


_END = "SELECT bool_and(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.mark.parametrize("noticed", [True, False])
async def test_a_connection_that_the_server_closed_is_not_used_again(postgres: str, noticed: bool) -> None:
    """Neither if this process has noticed it, nor if only a ping shows it."""
    url = await fresh_postgres(postgres, f"ended_{noticed}".lower())
    database = Database(open_postgres(read_postgres_url(url), {}, fresh_seconds=60.0 if noticed else 0.0))
    drivers: list[asyncpg.Connection[asyncpg.Record]] = []
    async with database.read() as first, database.read() as second:
        for connection in (first, second):
            await connection.execute(text("SELECT 1"))
            drivers.append((await connection.get_raw_connection()).driver_connection)

    async def end() -> None:
        admin = await asyncpg.connect(url)
        assert await admin.fetchval(_END) is True
        await admin.close()

    if noticed:
        await end()
        while not all(driver.is_closed() for driver in drivers):
            await asyncio.sleep(0.01)
    else:
        # This event loop stands still meanwhile, and receives nothing.
        other = threading.Thread(target=lambda: asyncio.run(end()))
        other.start()
        other.join()
    for _ in range(2):
        async with database.read() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
    await database.close()


async def test_a_read_only_database_is_reported(postgres: str, tmp_path: Path) -> None:
    url = await fresh_postgres(postgres, "standby")
    database = open_database(url, tmp_path)
    await database.migrate()
    assert await database.problem() == ""
    await database.close()
    admin = await asyncpg.connect(url)
    await admin.execute("ALTER DATABASE standby SET default_transaction_read_only = on")
    await admin.close()
    database = open_database(url, tmp_path)
    assert await database.problem(writes=False) == ""
    assert await database.problem() == "ReadOnlySQLTransactionError: cannot execute UPDATE in a read-only transaction"
    await database.close()


async def test_the_planner_assumes_fast_disks_for_every_connection(postgres: str, tmp_path: Path) -> None:
    url = await fresh_postgres(postgres, "planner")
    database = open_database(url, tmp_path)
    await database.migrate()
    await database.close()
    connection = await asyncpg.connect(url)
    assert [await connection.fetchval(f"SHOW {name}") for name in ("jit", "random_page_cost")] == ["off", "1.1"]
    await connection.close()
