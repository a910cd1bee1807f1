"""Caches lists that are read again and again, with conditional requests. An unchanged list does not count against the rate limit."""

from collections import OrderedDict
from dataclasses import dataclass, field

from app.github.connection import GitHubConnection, Params, RawResponse

_MOST_ENTRIES = 512
_MOST_BYTES = 16_000_000

# Every sweep reads these, and most of the time they are unchanged.
READ_AGAIN = frozenset({"/app/hook/deliveries", "/app/installations", "/installation/repositories"})

_Key = tuple[int, str, tuple[tuple[str, str], ...]]


@dataclass
class ListCache:
    """The last answers of a process's list reads, by installation, path and parameters. The least recently read are evicted.

    GitHub's ETags differ per token, so the first read with a new token returns everything. A cached answer is used only if GitHub confirms,
    for the current token, that it is unchanged.
    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
    """

    most_bytes: int = _MOST_BYTES
    _entries: OrderedDict[_Key, RawResponse] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def find(self, key: _Key) -> RawResponse | None:
        response = self._entries.get(key)
        if response is not None:
            self._entries.move_to_end(key)
        return response

    def keep(self, key: _Key, answer: RawResponse) -> None:
        """Cache an answer with an ETag, unless it is too large by itself."""
        self._drop(key)
        if not answer.etag or len(answer.content) > self.most_bytes // 4:
            return
        self._entries[key] = answer
        self._bytes += len(answer.content)
        while self._bytes > self.most_bytes or len(self._entries) > _MOST_ENTRIES:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: _Key) -> None:
        gone = self._entries.pop(key, None)
        self._bytes -= len(gone.content) if gone is not None else 0


@dataclass(frozen=True)
class InstallationLists:
    """The cached lists of one installation, or (0) of the App itself."""

    cache: ListCache
    installation_id: int = 0

    async def read(self, wire: GitHubConnection, path: str, params: Params | None) -> RawResponse:
        """A read that transfers the list only if it has changed."""
        asked: Params = params or {}
        key = (self.installation_id, path, tuple(sorted((name, str(value)) for name, value in asked.items())))
        response = self.cache.find(key)
        answer = await wire.repeat("GET", path, params=params, headers={"If-None-Match": response.etag} if response else {})
        if answer.is_unchanged and response is not None:
            return response
        self.cache.keep(key, answer)
        return answer
