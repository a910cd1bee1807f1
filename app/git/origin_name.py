"""Reads the name that a local repository has on GitHub, from the address of its remote `origin`."""

import re
from urllib.parse import urlsplit

from app.git.child import GitError
from app.git.location import read_small
from app.git.reader import Reader

# The three forms that GitHub gives: https, ssh and the short form of ssh.
_ADDRESS = re.compile(
    r"(?:(?:https?|ssh)://(?:[^/@\s]*@)?|[^/@:\s]+@)(?P<host>[^/:@\s]+)(?::\d+(?=/))?[:/](?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?", re.ASCII
)


async def read_origin_name(reader: Reader, web_url: str) -> str:
    """OWNER/REPO, or "" if the remote is not on that GitHub. Git only parses the text: it obeys nothing in it, and includes no file."""
    given = read_small(reader.location.common / "config").encode("utf-8", "surrogateescape")
    try:
        words = ("config", "--file", "-", "--no-includes", "--get", "remote.origin.url")
        address = (await reader.run(words, given + b"\n")).decode("utf-8", "replace").strip()
    except GitError:
        return ""
    found = _ADDRESS.fullmatch(address)
    return found["name"] if found and found["host"].lower() == (urlsplit(web_url).hostname or "").lower() else ""
