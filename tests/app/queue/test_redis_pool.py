"""Every Redis URL that a cloud prints is accepted by one function, or refused in one line with the fix."""

import pytest
from redis.asyncio.connection import SSLConnection

from app.errors import SettingsError
from app.queue.redis_pool import open_redis_pool

TAKEN = [
    ("redis://localhost", {"host": "localhost"}),
    ("redis://:p%40ss%2Fword%23@10.0.0.1:6380/2", {"password": "p@ss/word#", "port": 6380, "db": 2}),
    ("rediss://default:s%3Ac%25ret@eu1-cat.upstash.io:6379", {"username": "default", "password": "s:c%ret"}),
    ("rediss://:k%3D@council.redis.cache.windows.net:6380/0?ssl_cert_reqs=none&ssl_check_hostname=false", {"ssl_cert_reqs": "none"}),
    ("rediss://h:6379?ssl_ca_certs=/etc/ca.pem", {"ssl_ca_certs": "/etc/ca.pem"}),
    ("unix:///run/redis.sock?db=3", {"path": "/run/redis.sock", "db": 3}),
    ("redis://h?password=from%26query", {"password": "from&query"}),
    ("'redis://localhost:6379/1'", {"db": 1}),
]


@pytest.mark.parametrize(("url", "options"), TAKEN)
def test_redis_py_parses_every_accepted_url(url: str, options: dict[str, object]) -> None:
    pool = open_redis_pool(url)
    assert {name: pool.connection_kwargs.get(name) for name in options} == options
    assert issubclass(pool.connection_class, SSLConnection) is ("rediss" in url)
    assert pool.connection_kwargs["socket_connect_timeout"] == 1.0


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("redis+sentinel://s1:26379,s2:26379/mymaster", "Sentinel"),
        ("sentinel://s1/mymaster", "Sentinel"),
        ("redis+cluster://h:6379", "cluster"),
        ("redis://h:6379?cluster=true", "cluster"),
        ("redis://h1:6379,h2:6379/0", "several hosts"),
        ("redis://:pa#ss@h:6379", "%23"),
        ("redis://:secret@h:port", "%40"),
        ("http://h:6379", "redis://"),
        ("redis://h?no_such_option=1", "no_such_option"),
    ],
)
def test_another_url_is_refused_in_one_line(url: str, word: str) -> None:
    with pytest.raises(SettingsError) as refused:
        open_redis_pool(url)
    assert word in str(refused.value) and "\n" not in str(refused.value) and "secret" not in str(refused.value)
