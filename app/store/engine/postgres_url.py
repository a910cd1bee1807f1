"""Reads a PostgreSQL URL as clouds and poolers print it: add here how a parameter is mapped, or why it is refused.

The parameters are libpq's, https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS, and those that poolers add.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

from app.errors import SettingsError

_SCHEMES = ("postgresql", "postgres")
# asyncpg reads these itself.
_READ = frozenset(
    {"host", "port", "dbname", "user", "password", "passfile", "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword"}
    | {"sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version", "target_session_attrs", "krbsrvname", "gsslib"}
)
# These change nothing for Council: tuning of sockets, other pools, and what applies in any case.
_IGNORED = frozenset(
    {"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "load_balance_hosts"}
    | {"sslcompression", "sslsni", "sslcertmode", "gssdelegation", "min_protocol_version", "max_protocol_version"}
    | {"pgbouncer", "connection_limit", "pool_timeout", "pool_size", "pool_mode", "supa", "sslaccept", "uselibpqcompat"}
    | {"statement_cache_size", "prepared_statement_cache_size", "preparethreshold", "statement_cache_mode", "default_query_exec_mode"}
)
_REFUSED = {
    "replication": "Council needs an ordinary connection; remove it",
    "requirepeer": "the driver cannot check it; remove it",
    "require_auth": "the driver cannot check it; remove it and use sslmode=verify-full",
    "service": "no service file is read; write host, port, database and user into the URL",
    "servicefile": "no service file is read; write host, port, database and user into the URL",
    "hostaddr": "use the address as the host",
    "sslcrldir": "the driver reads a single file of revoked certificates; use sslcrl",
    "sslkeylogfile": "it would write session keys to disk; remove it",
    "schema": "set it for the role instead: ALTER ROLE name SET search_path = schema",
}
_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# Spellings of other drivers.
_MODE_WORDS = {"true": "require", "1": "require", "no-verify": "require", "false": "disable", "0": "disable"}
# A pooler keeps a new connection waiting for minutes. An open one becomes free sooner.
_DEFAULT_SECONDS = 5.0


@dataclass(frozen=True)
class PostgresTarget:
    """Where to connect. `dsn` is for asyncpg and holds the password; `seconds` is the connection timeout.

    `settings` are start-up parameters. With `system_certificates` the server's certificate and name are checked against those that the
    machine trusts.
    """

    dsn: str = field(repr=False)
    seconds: float = _DEFAULT_SECONDS
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    system_certificates: bool = False


def is_postgres(url: str) -> bool:
    """Whether a URL names PostgreSQL, or a database with its protocol."""
    return _bare(url).partition(":")[0].partition("+")[0].lower() in (*_SCHEMES, "jdbc", "cockroachdb", "cockroach")


def read_postgres_url(url: str) -> PostgresTarget:
    """The target of a URL. Raises SettingsError with the fix, never with the password."""
    parts = _split(_bare(url))
    given = {name.lower(): value for name, value in parse_qsl(parts.query) if value}
    _refuse_cockroach(parts, given)
    kept: dict[str, str] = {}
    for name, value in given.items():
        if name in _REFUSED and not (name == "schema" and value == "public"):
            raise SettingsError(f"DATABASE_URL has {name}={value}, which Council does not support: {_REFUSED[name]}")
        if name in _READ:
            kept[name] = value
        elif name not in _IGNORED and name not in _TAKEN:
            raise SettingsError(f"DATABASE_URL has {name}=…, which PostgreSQL does not know; remove it")
    if mode := given.get("ssl"):
        kept.setdefault("sslmode", mode)
    _check_plain(given)
    system = _trust(kept, given.get("channel_binding", ""))
    query = urlencode(kept, quote_via=quote, safe="/:,")
    dsn = f"postgresql://{parts.netloc}{parts.path}" + (f"?{query}" if query else "")
    return PostgresTarget(dsn, _seconds(given), MappingProxyType(_settings(given)), system)


# Read by the functions below.
_TAKEN = frozenset(
    {"ssl", "channel_binding", "connect_timeout", "application_name", "fallback_application_name", "options", "client_encoding"}
    | {"gssencmode", "schema"}
)


def _bare(url: str) -> str:
    """The URL without copied extras: blanks, the quotes of an .env file, `psql` in front."""
    return url.strip().removeprefix("psql ").strip().strip("'\"").strip()


def _split(url: str) -> SplitResult:
    scheme = url.partition(":")[0].partition("+")[0].lower()
    if scheme == "jdbc":
        raise SettingsError("DATABASE_URL is a JDBC URL; write it as postgresql://user:password@host:5432/name")
    if scheme.startswith("cockroach"):
        raise SettingsError(_COCKROACH)
    if "[YOUR-PASSWORD]" in url or "<password>" in url:
        raise SettingsError("DATABASE_URL still has a placeholder instead of the password")
    try:
        parts = urlsplit(f"postgresql:{url.partition(':')[2]}")
    except ValueError:
        raise SettingsError(_SPECIAL) from None
    hosts = parts.netloc.rpartition("@")[2].split(",")
    if "#" in url or parts.netloc.count("@") > 1 or not all(map(_has_port, hosts)):
        raise SettingsError(_SPECIAL)
    return parts


def _has_port(host: str) -> bool:
    """Whether the text after a host's colon, if any, is a port. Brackets hold an IPv6 address."""
    port = host.rpartition("]")[2].rpartition(":")[2] if ":" in host.rpartition("]")[2] else "5432"
    return port.isdigit() and 0 < int(port) < 65_536


_SPECIAL = (
    "DATABASE_URL cannot be parsed; use postgresql://user:password@host:5432/name, and a password's @ : / ? # [ ] % are written"
    " as %40 %3A %2F %3F %23 %5B %5D %25"
)
_COCKROACH = "DATABASE_URL names CockroachDB, which lacks the locks that Council's queue needs (pg_advisory_xact_lock); use PostgreSQL"


def _refuse_cockroach(parts: SplitResult, given: Mapping[str, str]) -> None:
    hosts = parts.netloc.rpartition("@")[2].lower()
    if ".cockroachlabs.cloud" in hosts or ":26257" in hosts or "--cluster=" in given.get("options", ""):
        raise SettingsError(_COCKROACH)


def _check_plain(given: Mapping[str, str]) -> None:
    if given.get("client_encoding", "utf8").lower().replace("-", "") not in {"utf8", "unicode", "auto"}:
        raise SettingsError("DATABASE_URL has a client_encoding other than UTF-8; remove it")
    if given.get("gssencmode", "disable") not in {"disable", "prefer"}:
        raise SettingsError("DATABASE_URL has gssencmode=require, which the driver does not support; use sslmode=verify-full")


def _trust(kept: dict[str, str], channel_binding: str) -> bool:
    """Convert `sslmode` to libpq's words. Returns whether the machine's certificates decide.

    The driver does no channel binding. If it is required, the server proves its identity by its certificate instead.
    """
    if "sslmode" in kept:
        kept["sslmode"] = _MODE_WORDS.get(kept["sslmode"].lower(), kept["sslmode"].lower())
        if kept["sslmode"] not in _MODES:
            raise SettingsError(f"DATABASE_URL has sslmode={kept['sslmode']}; it is one of {', '.join(_MODES)}")
    if channel_binding == "require" and kept.get("sslmode") == "disable":
        raise SettingsError("DATABASE_URL has channel_binding=require with sslmode=disable; remove one of them")
    system = kept.get("sslrootcert") == "system"
    if channel_binding == "require" and "sslrootcert" not in kept:
        system = True
    if system:
        kept.pop("sslrootcert", None)
        kept["sslmode"] = "verify-full"
    elif channel_binding == "require":
        kept["sslmode"] = "verify-full"
    return system


def _seconds(given: Mapping[str, str]) -> float:
    text = given.get("connect_timeout", "")
    if not text:
        return _DEFAULT_SECONDS
    if not text.isdigit():
        raise SettingsError(f"DATABASE_URL has connect_timeout={text}; it is a whole number of seconds")
    # In libpq, 0 waits forever. Here nothing may wait longer than a job's lease.
    return float(min(int(text), 60) or 60)


def _settings(given: Mapping[str, str]) -> dict[str, str]:
    name = given.get("application_name") or given.get("fallback_application_name") or "council"
    return {"application_name": name} | ({"options": given["options"]} if "options" in given else {})
