"""The providers that Council knows: the variables for their keys, the host that answers, and their peculiarities."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """An environment variable, and the argument of litellm's call that it sets."""

    name: str
    argument: str = "api_key"
    secret: bool = True


@dataclass(frozen=True)
class ProviderSpec:
    """A provider. `enough` lists sets of variables; one set must be complete.

    `host` is "" if litellm knows it or a variable names it.
    """

    name: str
    title: str
    variables: tuple[Variable, ...]
    enough: tuple[tuple[str, ...], ...]
    base: str = ""
    host: str = ""
    quirk: str = ""

    def configured(self, values: Mapping[str, str]) -> bool:
        """Whether it can be called."""
        return any(all(values.get(name) for name in names) for names in self.enough)

    @property
    def wanted(self) -> str:
        """What to set, in words."""
        return ", or ".join(" and ".join(names) for names in self.enough)


def _keyed(name: str, title: str, host: str = "", quirk: str = "") -> ProviderSpec:
    key = f"{name.upper()}_API_KEY"
    return ProviderSpec(name, title, (Variable(key),), ((key,),), f"{name.upper()}_BASE_URL", host, quirk)


def _local(name: str, title: str, quirk: str) -> ProviderSpec:
    base = f"{name.upper()}_BASE_URL"
    return ProviderSpec(name, title, (Variable(f"{name.upper()}_API_KEY"),), ((base,),), base, "", quirk)


ACCOUNTS = (
    _keyed("openai", "OpenAI", "https://api.openai.com/v1", "caches a shared prefix automatically"),
    _keyed("anthropic", "Anthropic", "https://api.anthropic.com", "caches up to a mark, which Council sets; writing the cache costs more"),
    _keyed("gemini", "Gemini", "https://generativelanguage.googleapis.com", "answers a wrong key with status 400"),
    _keyed("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", "one key for many vendors; also the other way to their models"),
    ProviderSpec(
        "azure",
        "Azure OpenAI",
        (Variable("AZURE_API_KEY"), Variable("AZURE_API_BASE", "api_base", False), Variable("AZURE_API_VERSION", "api_version", False)),
        (("AZURE_API_KEY", "AZURE_API_BASE"),),
        quirk="a model string names your deployment: call it after its model (azure/gpt-5.5), else its vendor and price are unknown",
    ),
    _keyed("mistral", "Mistral"),
    _keyed("deepseek", "DeepSeek"),
    _keyed("xai", "xAI"),
    _keyed("groq", "Groq", quirk="serves models of other vendors"),
    ProviderSpec(
        "bedrock",
        "Amazon Bedrock",
        (
            Variable("AWS_ACCESS_KEY_ID", "aws_access_key_id"),
            Variable("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key"),
            Variable("AWS_SESSION_TOKEN", "aws_session_token"),
            Variable("AWS_BEARER_TOKEN_BEDROCK"),
            Variable("AWS_REGION_NAME", "aws_region_name", False),
        ),
        (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION_NAME"), ("AWS_BEARER_TOKEN_BEDROCK", "AWS_REGION_NAME")),
        base="BEDROCK_BASE_URL",
        host="https://bedrock-runtime.REGION.amazonaws.com",
        quirk="request access to each model in the console; a machine's roles are not used, only the keys named here",
    ),
    ProviderSpec(
        "vertex_ai",
        "Vertex AI",
        (
            Variable("VERTEXAI_CREDENTIALS", "vertex_credentials"),
            Variable("VERTEXAI_PROJECT", "vertex_project", False),
            Variable("VERTEXAI_LOCATION", "vertex_location", False),
        ),
        (("VERTEXAI_CREDENTIALS", "VERTEXAI_PROJECT", "VERTEXAI_LOCATION"),),
        host="https://LOCATION-aiplatform.googleapis.com",
        quirk="VERTEXAI_CREDENTIALS is the JSON of a service account; needs the packages google-auth and requests",
    ),
    _local("ollama", "Ollama", "model strings begin with ollama_chat/; costs nothing"),
    _local(
        "hosted_vllm",
        "OpenAI-compatible server",
        "model strings begin with hosted_vllm/; a key is optional; counted as free",
    ),
    _local("lm_studio", "LM Studio", "model strings begin with lm_studio/; costs nothing"),
)


def account_of(name: str) -> ProviderSpec | None:
    """The provider with that name, if it is known."""
    return next((account for account in ACCOUNTS if account.name == name), None)
