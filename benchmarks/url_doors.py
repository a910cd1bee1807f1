"""The doors of Council that take a URL or might follow one, each driven with one URL. Add a door to `doors`."""

import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pydantic import BaseModel

from app.configuration.council_yml import parse
from app.configuration.mail_server import MailServer
from app.configuration.provider_catalog import ACCOUNTS
from app.configuration.provider_key_check import key_refusal
from app.configuration.providers import ConfiguredProvider
from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings import Settings
from app.councils.context_windows import list_served_models
from app.councils.model_routes import model_of
from app.errors import CouncilError, UserError
from app.github.connection import Endpoint, open_token
from app.github.installation_client import GitHubModel, InstallationClient
from app.github.list_cache import InstallationLists, ListCache
from app.github.manifest import convert
from app.github.users import Users
from app.notifications.channel import ChannelKind, ChannelRules, ChannelTarget, read_target
from app.notifications.delivering import Envelope, Outlets
from app.notifications.notification import Notification
from app.notifications.outbound import OutboundGuard, post
from app.smee import follow
from app.work.reviews.review_arguments import apply_arguments
from benchmarks.addresses import API, MODELS, OUTSIDE
from benchmarks.leading import LeadingHost
from reviewers.models.litellm import LiteLLMModel
from reviewers.models.model import ModelError, ModelRequest
from webhooks.jobs import Arguments

KEY = "sk-test-0123456789abcdef0123456789"
_MODELS = (
    "openai/gpt-5.5",
    "anthropic/claude-sonnet-4-5",
    "gemini/gemini-2.5-pro",
    "mistral/large",
    "ollama_chat/qwen3",
    "hosted_vllm/own",
)
_GOOD = "openai/gpt-5.5"
_REPOSITORY = "/repos/acme/shop"
# Names for which litellm has clients that take an address from a model's name; Council has no account there.
_MORE_PROVIDERS = ("huggingface", "sagemaker", "custom_openai", "watsonx", "databricks", "replicate", "triton", "oobabooga")
_PROVIDERS = ("ollama_chat", *(account.name for account in ACCOUNTS if account.name != "vertex_ai"), *_MORE_PROVIDERS)
_CLOUD = {
    "AWS_ACCESS_KEY_ID": "AKIA0123456789ABCDEF",
    "AWS_SECRET_ACCESS_KEY": KEY,
    "AWS_REGION_NAME": "us-east-1",
    "AZURE_API_BASE": f"http://{MODELS}",
    "AZURE_API_VERSION": "2024-10-21",
}


class _Answer(BaseModel):
    """The answer form of a model."""

    text: str = ""


_GUARD = OutboundGuard((f"http://{MODELS}", f"http://{OUTSIDE}"))


@dataclass(frozen=True)
class UrlDoor:
    """A door by its name; `follows` means that it follows redirects to public hosts."""

    name: str
    drive: Callable[[str], Awaitable[object]]
    follows: bool = False


class _Over(Exception):
    """Ends a loop that has no end."""


async def _no_wait(_: float) -> None:
    return None


async def _stop(_: float) -> None:
    raise _Over


def doors(host: LeadingHost, settings: Settings) -> list[UrlDoor]:
    """Each takes a URL that the host redirects to, or that a person wrote."""
    place = Endpoint(f"http://{API}", 5.0, 5.0, _no_wait)

    def led(name: str, action: Callable[[], Awaitable[object]], status: int, **more: object) -> UrlDoor:
        follows = bool(more.pop("follows", False))
        return UrlDoor(name, partial(_led, host, action, {"status": status, **more}), follows)

    def on_github(verb: Callable[[InstallationClient], Awaitable[object]]) -> Callable[[], Awaitable[object]]:
        async def action() -> object:
            async with _github(place) as github:
                return await verb(github)

        return action

    logs, own = f"{_REPOSITORY}/actions/jobs/1/logs", ConfiguredProvider(name="hosted_vllm", key=KEY, base_url=f"http://{MODELS}/v1")
    users = partial(Users, f"http://{API}", f"http://{API}", "id", "secret")
    reads: dict[str, Callable[[InstallationClient], Awaitable[object]]] = {
        "a log's download": lambda github: github.ends(logs, 1_000, 1_000),
        "a renamed repository, read": lambda github: github.get(_REPOSITORY, GitHubModel),
        "a renamed repository, listed": lambda github: github.pages(f"{_REPOSITORY}/pulls", GitHubModel, 100),
        "a renamed repository, GraphQL": lambda github: github.graphql("query { viewer { login } }", {}, GitHubModel),
        "a renamed repository, written": lambda github: github.post(f"{_REPOSITORY}/issues/1/comments", {"body": "x"}, GitHubModel),
        "a renamed repository, edited": lambda github: github.patch(f"{_REPOSITORY}/issues/comments/1", {"body": "x"}, GitHubModel),
        "a renamed repository, deleted": lambda github: github.delete(f"{_REPOSITORY}/issues/comments/1"),
    }
    found = [led(name, on_github(verb), 302 if "log" in name else 301, follows=True) for name, verb in reads.items()]
    found += [led(f"{name}, in two steps", on_github(verb), 302, is_chained=True, follows=True) for name, verb in reads.items()]
    found += [
        led("pages by number", on_github(lambda github: github.pages("/issues", GitHubModel, 200)), 200, pages=True),
        led("pages by cursor", on_github(_cursors), 200, pages=True),
        led(
            "a list that is read again", on_github(lambda github: github.pages("/app/hook/deliveries", GitHubModel, 100)), 301, follows=True
        ),
        led("who somebody is", lambda: users().person("t"), 302),
        led("what somebody reaches", lambda: users().repositories("t"), 301),
        led("a file as somebody sees it", lambda: users().file("t", "acme/shop", "council.yml"), 302),
        led("signing in", lambda: users().token("c", "v", "http://127.0.0.1/"), 307),
        led("registering the App", lambda: convert(f"http://{API}", "code", "http://127.0.0.1"), 307),
        led("a notification's answer", partial(_notify, f"http://{MODELS}/hook"), 307),
        led("a smee channel", lambda: follow(f"http://{MODELS}/channel", "http://127.0.0.1:1/", _stop), 302),
        led("trying a key", lambda: key_refusal("openai", f"http://{MODELS}/v1", KEY), 302),
        led("a server's list of models", lambda: list_served_models(own), 307),
    ]
    statuses = itertools.cycle((307, 302, 308, 301))
    found += [led(f"the host of {name}", partial(_complete, LiteLLMModel(name, KEY, _base(name), {})), next(statuses)) for name in _MODELS]
    forms = itertools.cycle(_PROVIDERS)
    return [
        *found,
        UrlDoor("council.yml", partial(_configured, host, settings, forms)),
        UrlDoor("a command's models", partial(_commanded, host, settings, forms)),
        *(UrlDoor(f"a channel of {kind.label}", partial(_channelled, kind)) for kind in ChannelKind if kind is not ChannelKind.EMAIL),
    ]


async def _led(host: LeadingHost, action: Callable[[], Awaitable[object]], answers: Mapping[str, object], url: str) -> None:
    host.url, host.link = url, ""
    host.status, host.is_chained = int(str(answers["status"])), bool(answers.get("is_chained"))
    if answers.get("pages"):
        clean = "".join(sign for sign in url if sign.isprintable() and sign not in "<>")
        host.link = f'<{clean}?page=2&cursor=x>; rel="next", <{clean}?page=2>; rel="last"'
    with contextlib.suppress(CouncilError, ModelError, _Over):
        await action()


@contextlib.asynccontextmanager
async def _github(place: Endpoint) -> AsyncIterator[InstallationClient]:
    async def turn() -> None:
        return None

    async with open_token(place, "ghs_0123456789abcdef") as wire:
        yield InstallationClient(wire, turn, InstallationLists(ListCache()))


async def _cursors(github: InstallationClient) -> None:
    pages = 0
    async for _ in github.follow("/app/hook/deliveries", GitHubModel):
        pages += 1
        if pages == 3:
            return


async def _notify(url: str) -> None:
    """Send to a public host; the benchmark's has no TLS, so it is listed."""
    await post(url, b"{}", {}, _GUARD)


async def _channelled(kind: ChannelKind, url: str) -> None:
    """A URL that a person entered for a channel, or that was stored without a check; then an allowed one."""
    notification = Notification(event="test", repository="acme/shop", headline="test", url=url)
    for address in (url, f"https:{url.partition(':')[2]}", f"http://{OUTSIDE}/hook"):
        with contextlib.suppress(CouncilError):
            target = ChannelTarget(url=address, secret=KEY)
            await Outlets(MailServer(), _GUARD).deliver(kind, target, notification, Envelope("1", 0.0, 0.0))
        with contextlib.suppress(CouncilError):
            read_target(kind, address, KEY, ChannelRules())


def _base(name: str) -> str:
    return f"http://{MODELS}" if name.startswith(("anth", "gem", "oll")) else f"http://{MODELS}/v1"


async def _complete(model: LiteLLMModel) -> None:
    request = ModelRequest(purpose="review", system="s", prefix="", prompt="p", answer=_Answer, seconds=10, max_output_tokens=10)
    await model.complete(request)


def rich(settings: Settings) -> Settings:
    """Settings with a key for each provider, so that no missing key keeps a URL from its client."""
    providers = [
        ConfiguredProvider(
            name=account.name,
            key="" if account.name == "bedrock" else KEY,
            base_url=f"http://{MODELS}/v1" if account.name not in ("bedrock", "azure") else "",
            more=tuple((variable.name, _CLOUD[variable.name]) for variable in account.variables if variable.name in _CLOUD),
        )
        for account in ACCOUNTS
        if account.name != "vertex_ai"
    ]
    return settings.model_copy(update={"providers": tuple(providers), "seats": (_GOOD,)})


def spelled_models(url: str, provider: str) -> Sequence[str]:
    """A URL in place of a model's name: as it is, and after a provider, with and without its scheme."""
    bare = url.partition("//")[2]
    return (url, *(f"{provider}/{name}" for name in (url, bare, f"@{bare}", f"x@{bare}", f"{bare.strip('/')}#/m")))


async def _configured(host: LeadingHost, settings: Settings, forms: "itertools.cycle[str]", url: str) -> None:
    """Every field of a council.yml is this URL; the seats that it names are then asked."""
    for name in spelled_models(url, next(forms)):
        said = name.replace("'", "''")
        text = f"seats: ['{said}']\nchair: '{said}'\nreview: {{instructions: '{said}', paths: ['**', '{said}']}}\n"
        config, _ = parse(f"{text}mirror: {{url: '{said}'}}\n", RepositoryConfig())
        await _ask(host, settings, {*config.seats, config.chair})
    await _ask(host, settings, {_GOOD})


async def _commanded(host: LeadingHost, settings: Settings, forms: "itertools.cycle[str]", url: str) -> None:
    for name in spelled_models(url, next(forms)):
        with contextlib.suppress(UserError):
            config = apply_arguments(RepositoryConfig(), Arguments(models=(_GOOD, name)), settings)
            await _ask(host, settings, set(config.seats) - {_GOOD})
    await _ask(host, settings, {_GOOD})


async def _ask(host: LeadingHost, settings: Settings, names: set[str]) -> None:
    host.status, host.url = 404, ""
    for name in sorted(names - {"auto"}):
        with contextlib.suppress(CouncilError, ModelError):
            await _complete(model_of(settings, name))  # type: ignore[arg-type]
