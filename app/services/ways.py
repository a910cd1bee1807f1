"""Which models this instance can ask, each under its key, and by which other ways when the first one is down."""

from app.accounts import account_of
from app.github.repository_config import RepositoryConfig
from app.settings import Settings
from reviewers.models.litellm import LiteLLMModel, price
from reviewers.models.model import Fault, Model, ModelError, ModelRequest, ModelResponse
from reviewers.models.vendors import account, defaults, vendor, ways


class Unconfigured:
    """A model that somebody asked for and this instance has no key for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.vendor = vendor(name)

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """Say what is missing."""
        raise ModelError(Fault.MISCONFIGURED, missing_key(self.name))


def missing_key(model: str) -> str:
    """What to set so that a model can be asked."""
    wanted = account(model) or model
    known = account_of(wanted)
    return f"this server has no key for {wanted}: set {known.wanted if known else f'{wanted.upper()}_API_KEY'}"


def names_of(settings: Settings) -> tuple[str, ...]:
    """The instance's seats: those it names, else the defaults of its providers."""
    return settings.seats or defaults({found.name for found in settings.providers})


def model_of(settings: Settings, name: str) -> Model:
    """The bare model of that name, or one that says which key is missing."""
    found = settings.provider(account(name))
    if found is None:
        return Unconfigured(name)
    return LiteLLMModel(name, found.key or None, found.base_url or None, found.arguments)


def ways_of(settings: Settings, config: RepositoryConfig, name: str) -> tuple[str, ...]:
    """The model strings that are asked in turn for a seat, itself first.

    A way of unknown price would only be refused by the budget; one of a vendor that the repository did not allow is none.
    """
    if settings.fallback == "off" or settings.provider(account(name)) is None:
        return (name,)
    allowed = config.privacy.vendors
    others = ways(name, {found.name for found in settings.providers}, settings.fallback)[1:]
    return (name, *(each for each in others if price(each) and (allowed == "all" or vendor(each) in allowed)))
