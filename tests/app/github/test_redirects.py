"""Where GitHub may redirect a request: zones by table, and the pinned address of a name that changes its address."""

from collections.abc import Sequence

import httpx
import pytest

from app.errors import GitHubRejected, Unavailable
from app.github.redirects import RedirectGuard, Zone, zone_of

API = "https://api.github.com"


class Names:
    """A name server. Each name has several answers, given one after another, the last one forever."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.answers = {name.replace("_", "."): list(each) for name, each in answers.items()} | {"api.github.com": [["140.82.112.5"]]}
        self.asked: list[str] = []

    async def __call__(self, host: str, _: int) -> Sequence[str]:
        self.asked.append(host)
        given = self.answers.get(host, [])
        if not given:
            raise OSError("unknown")
        return given.pop(0) if len(given) > 1 else given[0]


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("140.82.112.5", Zone.PUBLIC),
        ("2606:50c0:8000::153", Zone.PUBLIC),
        *((text, Zone.LOOPBACK) for text in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::")),
        *((text, Zone.PRIVATE) for text in ("10.0.0.1", "172.31.0.1", "192.168.1.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1")),
        *((text, Zone.PRIVATE) for text in ("64:ff9b::a00:1", "2002:a00:1::")),
        *((text, Zone.NOWHERE) for text in ("0.0.0.0", "::", "169.254.169.254", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254")),
        *((text, Zone.NOWHERE) for text in ("224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1")),
        *((text, Zone.NOWHERE) for text in ("100.100.100.200", "fd00:ec2::254", "fec0::1", "::7f00:1", "2001:db8::1")),
    ],
)
def test_the_zone_of_an_address(text: str, zone: Zone) -> None:
    assert zone_of(text) is zone


async def test_the_api_itself_is_not_checked() -> None:
    names = Names()
    request = httpx.Request("GET", f"{API}/user")
    await RedirectGuard(API, names)(request)
    assert str(request.url) == f"{API}/user" and not names.asked


async def test_a_public_host_is_reached_at_the_checked_address() -> None:
    names = Names(logs_example_com=[["20.60.1.2", "20.60.1.3"], ["10.0.0.1"]])
    request = httpx.Request("GET", "https://logs.example.com:8443/log?sig=x")
    await RedirectGuard(API, names)(request)
    assert str(request.url) == "https://20.60.1.2:8443/log?sig=x" and names.asked.count("logs.example.com") == 1
    assert request.headers["host"] == "logs.example.com:8443" and request.extensions["sni_hostname"] == "logs.example.com"


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["20.60.1.2", "127.0.0.1"], ["::ffff:192.168.0.1"], ["169.254.169.254"]])
async def test_a_host_in_a_private_network_is_refused(addresses: list[str]) -> None:
    with pytest.raises(GitHubRejected, match="inside a private network"):
        await RedirectGuard(API, Names(logs_example_com=[addresses]))(httpx.Request("GET", "https://logs.example.com/log"))


async def test_a_host_without_an_address_is_retried() -> None:
    with pytest.raises(Unavailable, match="unknown"):
        await RedirectGuard(API, Names())(httpx.Request("GET", "https://logs.example.com/log"))


async def test_encryption_is_required() -> None:
    with pytest.raises(GitHubRejected, match="without encryption"):
        await RedirectGuard(API, Names(logs_example_com=[["20.60.1.2"]]))(httpx.Request("GET", "http://logs.example.com/log"))


@pytest.mark.parametrize(("address", "fine"), [("10.9.9.9", True), ("127.0.0.1", False), ("169.254.169.254", False), ("20.60.1.2", True)])
async def test_an_enterprise_server_keeps_its_logs_in_its_own_network(address: str, fine: bool) -> None:
    guard = RedirectGuard("https://ghe.corp/api/v3", Names(ghe_corp=[["10.1.2.3"]], logs_corp=[[address]]))
    request = httpx.Request("GET", "https://logs.corp/log")
    if fine:
        await guard(request)
        assert request.url.host == address
    else:
        with pytest.raises(GitHubRejected):
            await guard(request)


async def test_behind_a_proxy_the_proxy_resolves_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.corp:3128")
    guard = RedirectGuard(API, Names(inside_corp=[["10.0.0.1"]]))
    request = httpx.Request("GET", "https://logs.example.com/log")
    await guard(request)
    assert request.url.host == "logs.example.com"
    for host in ("inside.corp", "localhost", "localhost."):
        with pytest.raises(GitHubRejected):
            await guard(httpx.Request("GET", f"https://{host}/log"))
