"""URLs that lead inside a private network, in the spellings that clients accept, and the names they resolve.

To try another spelling, add a function to `_HOSTS`; to try another name, add its answers to `NAMES`.
"""

import ipaddress
from collections.abc import Callable, Mapping, Sequence

_TARGETS = (
    *("127.0.0.1", "127.8.9.10", "10.0.0.7", "172.16.3.4", "192.168.1.1", "100.64.0.9"),
    *("169.254.169.254", "100.100.100.200", "0.0.0.0"),
)
_IPV6 = (
    *("::1", "::", "fd12:3456::7", "fe80::1", "fe80::1%25eth0", "fe80::1%lo", "fec0::1", "fd00:ec2::254", "ff02::1", "::7f00:1"),
    "0:0:0:0:0:0:0:1",
)
# The only hosts that may be connected to: GitHub's API, the hosts of models, and a public host.
API, MODELS, OUTSIDE = "api.github.example", "models.example", "outside.example"
PUBLIC: Mapping[str, str] = {API: "140.82.112.5", MODELS: "104.18.7.19", OUTSIDE: "20.60.1.2"}
# A name's successive answers; the last one repeats forever.
NAMES: Mapping[str, Sequence[Sequence[str]]] = {
    **{name: [[address]] for name, address in PUBLIC.items()},
    "inside.example": [["10.0.0.7"]],
    "loop.example": [["127.0.0.1"]],
    "metadata.example": [["169.254.169.254"]],
    "shared.example": [["100.64.0.9"]],
    "both.example": [[PUBLIC[OUTSIDE], "10.0.0.7"]],
    "mapped.example": [["::ffff:10.0.0.7"]],
    "six.example": [["fd12:3456::7"]],
    "10.0.0.7.nip.example": [["10.0.0.7"]],
    "rebinding.example": [[PUBLIC[OUTSIDE]], ["127.0.0.1"]],
    "rebinding-late.example": [[PUBLIC[OUTSIDE]], [PUBLIC[OUTSIDE]], ["10.0.0.7"]],
    "rebinding-back.example": [["10.0.0.7"], [PUBLIC[OUTSIDE]]],
}


def _octets(address: str) -> list[int]:
    return list(ipaddress.IPv4Address(address).packed)


def _number(address: str) -> int:
    return int(ipaddress.IPv4Address(address))


def _mixed(address: str) -> str:
    first, *rest = _octets(address)
    return f"0x{first:x}.{int.from_bytes(bytes(rest), 'big')}"


def _short(address: str) -> str:
    first, second, third, fourth = _octets(address)
    return f"{first}.{second}.{third * 256 + fourth}"


def _groups(address: str) -> str:
    number = _number(address)
    return f"{number >> 16:x}:{number & 0xFFFF:x}"


# Spellings of an IPv4 host in clients, in libc and by people.
_HOSTS: tuple[Callable[[str], str], ...] = (
    str,
    lambda address: f"{address}.",
    lambda address: str(_number(address)),
    lambda address: hex(_number(address)),
    lambda address: f"0X{_number(address):X}",
    lambda address: f"0{_number(address):o}",
    lambda address: ".".join(hex(octet) for octet in _octets(address)),
    lambda address: ".".join(f"0{octet:o}" for octet in _octets(address)),
    lambda address: ".".join(f"{octet:#010x}" for octet in _octets(address)),
    _mixed,
    _short,
    lambda address: f"[::ffff:{address}]",
    lambda address: f"[::ffff:{_groups(address)}]",
    lambda address: f"[0:0:0:0:0:FFFF:{_groups(address)}]",
    lambda address: f"[64:ff9b::{_groups(address)}]",
    lambda address: f"[2002:{_groups(address)}::1]",
    lambda address: address.replace(".", "%2e"),
    lambda address: address.replace(".", "。"),
    lambda address: "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in address),
)
# Decorations that make a host look like another one.
_FRAMES = (
    *("http://{0}/", "https://{0}/", "http://{0}:6379/", "http://api.github.com@{0}/", "http://api.github.com:443@{0}:8080/log"),
    *("http://api.github.com%2f@{0}/", "http://{0}/#@api.github.com/", "http://{0}/?api.github.com", "http://{0}\\@api.github.com/"),
    *("//{0}/", "HTTP://{0}/", "http:///{0}/", "http://{0}:80\\/", "\thttp://{0}/"),
)
_SCHEMES = (
    *("file:///etc/passwd", "file://127.0.0.1/etc/passwd", "gopher://127.0.0.1:6379/_x", "ftp://10.0.0.7/", "dict://127.0.0.1:11211/"),
    *("unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun%2Fdocker.sock/info", "ldap://10.0.0.7/", "data:text/plain,log"),
)


def urls() -> list[str]:
    """All of them, without duplicates."""
    spelled = [f"http://{spell(address)}/latest/meta-data" for address in _TARGETS for spell in _HOSTS]
    framed = [frame.format(address) for address in _TARGETS for frame in _FRAMES]
    sixth = [f"{scheme}://[{address}]{port}/" for address in _IPV6 for scheme in ("http", "https") for port in ("", ":9000")]
    local = [f"http://{name}:{port}/" for name in ("localhost", "localhost.", "LOCALHOST", "LocalHost.") for port in (80, 5432, 6379)]
    inside = [name for name in NAMES if name not in PUBLIC]
    named = [f"{scheme}://{name}{port}/log" for name in inside for scheme in ("http", "https") for port in ("", ":8080")]
    return list(dict.fromkeys([*spelled, *framed, *sixth, *local, *named, *_SCHEMES]))
