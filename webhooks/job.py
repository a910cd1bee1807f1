"""What every job is made of: frozen values, a repository by its id, and short names for keys."""

import hashlib

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


def digest(text: str) -> str:
    """A short name for a text, for keys: 10 hex digits."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:10]


class RepositoryRef(Frozen):
    """A repository as a delivery names it; `full_name` is "owner/name"."""

    id: int
    full_name: str
