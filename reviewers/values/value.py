"""The base class of all values in the council: frozen and serializable."""

from pydantic import BaseModel, ConfigDict


class FrozenValue(BaseModel):
    """A frozen value; unknown fields are dropped, so that a stored value stays readable after an upgrade."""

    model_config = ConfigDict(frozen=True, extra="ignore")
