"""Addresses and formats for all shapes."""

import base64
from dataclasses import dataclass
from datetime import datetime

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


@dataclass(frozen=True)
class Links:
    """The addresses of the API, the pages, and the store of logs, which is another host, as on GitHub."""

    api: str
    web: str
    store: str

    def repo(self, full_name: str) -> str:
        return f"{self.api}/repos/{full_name}"

    def page(self, full_name: str) -> str:
        return f"{self.web}/{full_name}"


def when(moment: datetime | None) -> str | None:
    """GitHub's timestamps: UTC, whole seconds, Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def node_id(kind: str, number: int) -> str:
    """An opaque global id."""
    return base64.b64encode(f"0:{kind}{number}".encode()).decode()
