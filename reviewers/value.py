"""The base of everything that flows through the council: frozen and serialisable."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; fields it does not know are dropped, so that a stored one outlives an upgrade."""

    model_config = ConfigDict(frozen=True, extra="ignore")
