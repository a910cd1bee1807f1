"""Every PostgreSQL URL that a cloud prints is accepted, or refused in one line with the fix."""

from collections.abc import Mapping

import pytest
from asyncpg.connect_utils import _parse_connect_dsn_and_args

from app.errors import SettingsError
from app.store.engine.postgres_url import PostgresTarget, is_postgres, read_postgres_url

TAKEN: list[tuple[str, Mapping[str, object]]] = [
    ("postgresql://u:p@h/db", {"addresses": [("h", 5432)], "user": "u", "password": "p", "database": "db", "sslmode": "prefer"}),
    ("postgres://u:p@h:6543/db", {"addresses": [("h", 6543)]}),
    ("postgresql+asyncpg://u:p@h/db?prepared_statement_cache_size=0", {"user": "u"}),
    ("postgresql+psycopg2://u:p@h/db", {"user": "u"}),
    ('"postgres://u:p@h/db"', {"database": "db"}),
    ("psql 'postgresql://u:p@h/db'", {"database": "db"}),
    ("postgres://u:p%40ss%2F%23%3A@h/db", {"password": "p@ss/#:"}),
    # Supabase: direct, session and transaction pooler.
    ("postgresql://postgres:p@db.abcdefgh.supabase.co:5432/postgres", {"addresses": [("db.abcdefgh.supabase.co", 5432)]}),
    ("postgres://postgres.abc:p@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?pgbouncer=true", {"user": "postgres.abc"}),
    ("postgres://postgres.abc:p@aws-0.pooler.supabase.com:6543/postgres?supa=base-pooler.x&sslmode=require", {"sslmode": "require"}),
    # Neon.
    ("postgresql://u:p@ep-a-pooler.eu.aws.neon.tech/neondb?sslmode=require&channel_binding=require", {"system": True}),
    ("postgresql://u:p@ep-a.neon.tech/neondb?sslmode=require&options=endpoint%3Dep-a", {"options": "endpoint=ep-a"}),
    # RDS, Aurora, Cloud SQL, AlloyDB, Azure, Heroku, Render, Railway, Fly, DigitalOcean, Aiven, Crunchy, Timescale.
    ("postgresql://u:p@x.rds.amazonaws.com:5432/db?sslmode=require", {"sslmode": "require"}),
    ("postgresql://u:p@w.x.rds.amazonaws.com,r.x.rds.amazonaws.com/db?target_session_attrs=read-write", {"hosts": 2}),
    ("postgresql://u:p@h1:5432,h2:5433/db?load_balance_hosts=random", {"addresses": [("h1", 5432), ("h2", 5433)]}),
    ("postgresql://u:p@/db?host=/cloudsql/project:region:name", {"addresses": ["/cloudsql/project:region:name/.s.PGSQL.5432"]}),
    ("postgres://u%40x:p@x.postgres.database.azure.com/db?sslmode=require", {"user": "u@x"}),
    ("postgres://u:p@ec2-1.compute-1.amazonaws.com:5432/d1?ssl=true", {"sslmode": "require"}),
    ("postgres://u:p@ec2-1.compute-1.amazonaws.com:5432/d1?sslmode=no-verify", {"sslmode": "require"}),
    ("postgresql://u:p@dpg-a.frankfurt-postgres.render.com/db", {"sslmode": "prefer"}),
    ("postgresql://postgres:p@monorail.proxy.rlwy.net:31234/railway", {"addresses": [("monorail.proxy.rlwy.net", 31234)]}),
    ("postgres://postgres:p@app-db.flycast:5432/app?sslmode=disable", {"sslmode": "disable"}),
    ("postgresql://doadmin:p@db-do-user-1.b.db.ondigitalocean.com:25060/defaultdb?sslmode=require", {"sslmode": "require"}),
    ("postgres://avnadmin:p@pg-1.aivencloud.com:12691/defaultdb?sslmode=require&connect_timeout=20", {"seconds": 20.0}),
    ("postgres://u:p@h/db?sslmode=verify-full&sslrootcert=system", {"system": True}),
    ("postgresql://u:p@[2001:db8::1]:5433/db", {"addresses": [("2001:db8::1", 5433)]}),
    ("postgresql:///db?host=/run/postgresql&user=u", {"user": "u", "database": "db"}),
    ("postgresql://u:p@h/db?schema=public&connection_limit=5&pool_timeout=10", {"database": "db"}),
    ("postgresql://u:p@h/db?application_name=reviews&keepalives=1&keepalives_idle=30&tcp_user_timeout=0", {"name": "reviews"}),
    ("postgresql://u:p@h/db?gssencmode=disable&client_encoding=UTF8&sslcompression=0&sslsni=1", {"name": "council"}),
    ("postgresql://u:p@h/db?sslmode=&connect_timeout=", {"sslmode": "prefer", "seconds": 5.0}),
    ("postgresql://u:p@h/db?connect_timeout=0", {"seconds": 60.0}),
]


def seen(target: PostgresTarget) -> dict[str, object]:
    """What the driver makes of it."""
    trust = False if target.system_certificates else None
    addresses, parameters = _parse_connect_dsn_and_args(
        dsn=target.dsn,
        server_settings=dict(target.settings),
        ssl=trust,
        **dict.fromkeys(("host", "port", "user", "password", "passfile", "database", "service", "servicefile", "direct_tls")),
        **dict.fromkeys(("target_session_attrs", "krbsrvname", "gsslib")),
    )
    return {
        "addresses": addresses,
        "hosts": len(addresses),
        "user": parameters.user,
        "password": parameters.password,
        "database": parameters.database,
        "sslmode": parameters.sslmode.name.replace("_", "-") if parameters.sslmode is not None else "",
        "system": target.system_certificates,
        "seconds": target.seconds,
        "name": parameters.server_settings["application_name"],
        "options": parameters.server_settings.get("options", ""),
        # Nothing that a pooler refuses at the start of a connection.
        "others": set(parameters.server_settings) - {"application_name", "options"},
    }


@pytest.mark.parametrize(("url", "expected"), TAKEN)
def test_the_driver_gets_the_urls_parameters(url: str, expected: Mapping[str, object]) -> None:
    assert is_postgres(url)
    found = seen(read_postgres_url(url))
    assert {name: found[name] for name in expected} == dict(expected)
    assert found["others"] == set()


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("cockroachdb://u:secret@h:26257/db", "CockroachDB"),
        ("postgresql://u:secret@free-tier.gcp.cockroachlabs.cloud:26257/db", "CockroachDB"),
        ("jdbc:postgresql://h/db?user=u&password=secret", "JDBC"),
        ("postgresql://postgres:[YOUR-PASSWORD]@db.supabase.co:5432/postgres", "placeholder"),
        ("postgresql://u:sec#ret@h/db", "%23"),
        ("postgresql://u:secret@word@h/db", "%40"),
        ("postgresql://u:secret@h:70000/db", "user:password@host"),
        ("postgresql://u:sec/ret@h/db", "%2F"),
        ("postgresql://u:secret@h/db?sslmode=strict", "verify-full"),
        ("postgresql://u:secret@h/db?channel_binding=require&sslmode=disable", "remove one of them"),
        ("postgresql://u:secret@h/db?service=council", "service file"),
        ("postgresql://u:secret@h/db?requirepeer=postgres", "remove it"),
        ("postgresql://u:secret@h/db?schema=council", "search_path"),
        ("postgresql://u:secret@h/db?client_encoding=LATIN1", "UTF-8"),
        ("postgresql://u:secret@h/db?gssencmode=require", "sslmode=verify-full"),
        ("postgresql://u:secret@h/db?connect_timeout=soon", "whole number"),
        ("postgresql://u:secret@h/db?foo=1", "foo"),
    ],
)
def test_an_unsupported_url_is_refused_in_one_line(url: str, word: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_postgres_url(url)
    assert word in str(refused.value) and "\n" not in str(refused.value) and "secret" not in str(refused.value)


def test_a_target_shows_no_password() -> None:
    assert "secret" not in repr(read_postgres_url("postgresql://u:secret@h/db"))
