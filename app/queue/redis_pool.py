"""Opens Redis by a URL: change here which URLs are accepted. redis-py parses them, so that every option it has works."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from redis.asyncio.connection import ConnectionPool
from redis.exceptions import RedisError

from app.errors import SettingsError

_SECONDS = 1.0
# Without a timeout, the process would wait for a silent Redis until it ends.
_ANSWER_SECONDS = 5.0
_MOST_CONNECTIONS = 100
_UNREADABLE = (
    "REDIS_URL cannot be parsed; use redis://user:password@host:6379/0, rediss:// with TLS, or unix:///path;"
    " a password's @ : / ? # % are written as %40 %3A %2F %3F %23 %25"
)
_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "sentinel": "REDIS_URL names Sentinel; use the URL of the primary, or of a proxy that follows it. Redis only wakes workers",
        "cluster": "REDIS_URL names a cluster; use the URL of a single server. Redis only wakes workers, so a small server is enough",
    }
)


def open_redis_pool(url: str) -> ConnectionPool:
    """Connections to Redis, none of them open yet. Raises SettingsError with the fix, never with the password."""
    url = url.strip().strip("'\"")
    for word, problem in _REFUSED.items():
        if word in urlsplit(url.partition("@")[0].partition("://")[0] + "://x").scheme or f"{word}=true" in url.lower():
            raise SettingsError(problem)
    if "," in url.rpartition("@")[2]:
        raise SettingsError("REDIS_URL names several hosts; use the URL of a single server. Redis only wakes workers")
    if "#" in url:
        raise SettingsError(_UNREADABLE)
    try:
        waits = {"socket_connect_timeout": _SECONDS, "socket_timeout": _ANSWER_SECONDS}
        pool = ConnectionPool.from_url(url, max_connections=_MOST_CONNECTIONS, **waits)
        # Only a connection reports the options that it does not know. It is not opened.
        pool.make_connection()  # type: ignore[no-untyped-call]
    except TypeError as error:
        unknown = str(error).rpartition("argument ")[2].strip("'")
        raise SettingsError(f"REDIS_URL has {unknown}=…, which redis-py does not know; remove it") from None
    except (ValueError, AttributeError, RedisError):
        raise SettingsError(_UNREADABLE) from None
    return pool
