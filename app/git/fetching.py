"""Fetches commits over HTTPS into a bare directory of ours: no other protocol, no redirect, every object checked, within limits.

Fetching is separate from reading: only it has a protocol and a token, and it never reads a user's repository.
"""

import asyncio
import base64
import contextlib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from app.errors import Unavailable, UserError
from app.git.child import GitCommand, GitError, end_git, read_some, run_git, start_git, task_group

_LOOK_SECONDS = 0.05
_REMOTE = "origin"
_MOST_WORDS = 1_000_000
# https://git-scm.com/docs/git-fetch: a name, or SOURCE:DESTINATION; never an option.
_REFSPEC = re.compile(r"\+?(?:[0-9a-f]{40}|[0-9a-f]{64}|[A-Za-z0-9][\w./*-]*)(?::refs/[\w./*-]+)?\Z")
_OLD_FLAWS = ("zeroPaddedFilemode", "badTimezone", "missingSpaceBeforeDate", "missingSpaceBeforeEmail", "missingEmail", "badEmail")
_SETTINGS = (
    *("-c", "http.followRedirects=false", "-c", "transfer.fsckObjects=true", "-c", "fetch.fsckObjects=true"),
    *("-c", "fetch.recurseSubmodules=false", "-c", "credential.helper=", "-c", "core.askPass=", "-c", "core.hooksPath=/dev/null"),
    # One pack and no loose objects, so that what arrives can be measured and discarded.
    *("-c", "fetch.unpackLimit=1", "-c", "gc.auto=0", "-c", "maintenance.auto=false"),
    # A git that outlives us ends by itself if its server sends almost nothing for five minutes.
    *("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=300"),
    # Old flaws that are harmless for reading: https://git-scm.com/docs/git-fsck#_fsck_messages
    *(word for flaw in _OLD_FLAWS for word in ("-c", f"fetch.fsck.{flaw}=ignore")),
)
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance", "--force")


class FetchFailed(Unavailable):
    """The remote did not provide it. `words` is git's whole output except the URL; the message is its last line."""

    def __init__(self, message: str, words: str) -> None:
        super().__init__(message)
        self.words = words


class FetchTooLarge(UserError):
    """More bytes arrived than allowed."""


class FetchTooSlow(UserError):
    """It took longer than allowed."""


@dataclass(frozen=True)
class FetchScope:
    """How much of a commit is fetched: `depth` commits of its history (0 is all), and files of up to `megabytes` (0 is all).

    `since` is a date, as in 2026-11-28, before which nothing is fetched. With `commits_only` there are no folders and files.
    """

    depth: int = 0
    megabytes: int = 0
    since: str = ""
    commits_only: bool = False

    def words(self, url: str) -> tuple[Sequence[str], Sequence[str]]:
        """Git's settings and options for this scope. A filter needs a remote that promises what it leaves out."""
        settings, options = ["-c", f"remote.{_REMOTE}.url={url}"], list[str]()
        if self.depth:
            options.append(f"--depth={self.depth}")
        if self.since:
            options.append(f"--shallow-since={self.since}")
        if self.megabytes or self.commits_only:
            settings += ["-c", f"remote.{_REMOTE}.promisor=true"]
            options.append("--filter=tree:0" if self.commits_only else f"--filter=blob:limit={self.megabytes}m")
        return settings, options


@dataclass(frozen=True)
class FetchLimits:
    """The most that one fetch may take: seconds, and bytes of new objects on disk."""

    seconds: float = 120.0
    bytes: int = 1_000_000_000


@dataclass(frozen=True)
class GitRemote:
    """Where commits come from: an https URL without credentials (http on loopback), and a token of GitHub or ""."""

    url: str
    token: str = field(default="", repr=False)


async def fetch(
    remote: GitRemote, refspecs: Sequence[str], into: Path, limits: FetchLimits | None = None, scope: FetchScope | None = None
) -> None:
    """Fetch refs or commit ids into the bare directory `into`, which is created if it does not exist.

    Raises UserError if an argument is wrong or a limit is reached, and FetchFailed if the remote did not provide it.
    """
    bounds, address = limits or FetchLimits(), _checked(remote.url)
    if not refspecs or any(not _REFSPEC.match(refspec) for refspec in refspecs):
        raise UserError(f"{', '.join(refspecs) or 'nothing'} cannot be fetched: use refs or full commit ids")
    environment = _environment(remote, address, into)
    if not (into / "HEAD").exists():
        await asyncio.to_thread(into.mkdir, parents=True, exist_ok=True)
        await run_git(GitCommand(("init", "--quiet", "--bare", "--template="), into, {"GIT_DIR": str(into), "GIT_ALLOW_PROTOCOL": ""}))
    settings, options = (scope or FetchScope()).words(remote.url)
    words = (*_SETTINGS, *settings, *_FETCH, *options, "--", _REMOTE, *refspecs)
    before = _packs(into)
    try:
        await _run(GitCommand(words, into, environment), bounds, into)
    except GitError as error:
        reason = error.words.splitlines()[-1].removeprefix("fatal: ") if error.words else "failed"
        raise FetchFailed(f"{remote.url} could not be fetched: {reason}", error.words.replace(remote.url, "the remote")) from None
    finally:
        for path in set(_packs(into)) - set(before):
            if path.name.startswith("tmp_"):
                path.unlink(missing_ok=True)


async def _run(command: GitCommand, limits: FetchLimits, into: Path) -> None:
    process = await start_git(command)
    try:
        async with asyncio.timeout(limits.seconds), task_group() as group:
            problem = group.create_task(read_some(process.stderr, _MOST_WORDS))
            group.create_task(read_some(process.stdout, _MOST_WORDS))
            watch = group.create_task(_watch(into, limits.bytes))
            await process.wait()
            watch.cancel()
    except TimeoutError:
        raise FetchTooSlow(f"fetching took longer than {limits.seconds:.0f} s") from None
    except OverflowError:
        raise FetchTooLarge(f"fetching brought more than {limits.bytes / 1e6:.0f} MB") from None
    finally:
        await end_git(process)
    if process.returncode:
        raise GitError("fetch", problem.result().decode("utf-8", "replace").strip())


async def _watch(into: Path, most: int) -> None:
    """Raise OverflowError as soon as the new objects take more than `most` bytes."""
    before = sum(_packs(into).values())
    while sum(_packs(into).values()) - before <= most:  # noqa: ASYNC110 - nothing tells of a growing file
        await asyncio.sleep(_LOOK_SECONDS)
    raise OverflowError


def _packs(into: Path) -> Mapping[Path, int]:
    """The files of the object folder's packs with their sizes. Git writes an incoming pack as `tmp_pack_…` there."""
    sizes = {}
    for path in (into / "objects" / "pack").glob("*"):
        with contextlib.suppress(FileNotFoundError):
            sizes[path] = path.stat().st_size
    return sizes


def _environment(remote: GitRemote, address: SplitResult, into: Path) -> dict[str, str]:
    own = {"GIT_DIR": str(into), "GIT_ALLOW_PROTOCOL": address.scheme}
    if not remote.token:
        return own
    # Not an argument, which everybody on the machine can read, and for this host only.
    secret = base64.b64encode(f"x-access-token:{remote.token}".encode()).decode()
    key = f"http.{address.scheme}://{address.netloc}/.extraHeader"
    return own | {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": key, "GIT_CONFIG_VALUE_0": f"Authorization: Basic {secret}"}


def _checked(url: str) -> SplitResult:
    address = urlsplit(url)
    if "@" in address.netloc:
        raise UserError("a URL to fetch from must not contain a user or password; pass the token separately")
    if not address.hostname or not (address.scheme == "https" or (address.scheme == "http" and _is_loopback(address.hostname))):
        raise UserError(f"{url} cannot be fetched: only https is allowed, and http on this machine")
    return address


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
