"""`council models`: list the providers with their keys, hosts and quirks, and the prices of their models."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.configuration.provider_catalog import ACCOUNTS, ProviderSpec, account_of
from app.configuration.settings import Settings, from_environment
from app.councils.context_windows import Window, Windows
from app.councils.model_routes import seat_names
from app.errors import UserError
from reviewers.models.model_map import host, list_models, model_facts, price
from reviewers.models.vendors import provider_of, suggested_models, vendor_of

_WIDTH = 130
_LEGEND = "● used by default · US dollars per million tokens · - unknown: not used while a budget is set"


@dataclass(frozen=True)
class Offer:
    """One model: US dollars per million tokens (None is unknown), context in tokens, and its retirement date (YYYY-MM-DD) or ""."""

    model: str
    vendor: str
    input_usd: float | None
    cached_usd: float | None
    output_usd: float | None
    context: int | None
    retires: str
    retired: bool
    configured: bool
    sits: bool


def models(
    names: Annotated[list[str] | None, typer.Argument(metavar="MODEL", help="list only these models")] = None,
    provider: Annotated[str, typer.Option(metavar="NAME", help="list every known model of this provider")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print providers and models as JSON")] = False,
) -> None:
    """List providers and the prices of their models, as in the installed release of litellm.

    The only requests go to your own model servers, which report the context of their models.
    """
    settings = from_environment()
    if provider and account_of(provider) is None:
        raise UserError(f"unknown provider {provider!r}; choose from {', '.join(account.name for account in ACCOUNTS)}")
    today = datetime.now(UTC).date().isoformat()
    sits = set(seat_names(settings))
    wanted = names or (list_models(provider) if provider else tuple(dict.fromkeys([*sorted(sits), *suggested_models()])))
    windows = asyncio.run(_windows(settings, [name for name in wanted if settings.provider(provider_of(name))]))
    offers = [_offer(settings, name, today, windows.get(name)) for name in wanted]
    if as_json:
        found = {"providers": [_told(settings, account) for account in ACCOUNTS], "models": [asdict(offer) for offer in offers]}
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return
    # On a narrow terminal, lines wrap instead of hiding figures.
    console = Console(width=max(Console().width, _WIDTH))
    if not names and not provider:
        for account in ACCOUNTS:
            console.print(_provider(settings, account), markup=False, highlight=False, soft_wrap=True)
        console.print()
    console.print(_offers(offers), highlight=False)
    console.print(_LEGEND, markup=False, soft_wrap=True)


async def _windows(settings: Settings, names: Sequence[str]) -> dict[str, Window | None]:
    """The context of each configured model, as its host reports it."""
    windows = Windows(settings)
    return dict(zip(names, await asyncio.gather(*(windows.of(name) for name in names)), strict=True))


def _offer(settings: Settings, name: str, today: str, window: Window | None) -> Offer:
    known, paid = model_facts(name), price(name)
    retires = known.retires if known else ""
    return Offer(
        model=name,
        vendor=vendor_of(name),
        input_usd=_million(paid.input if paid else None),
        cached_usd=_million(paid.cached if paid else None),
        output_usd=_million(paid.output if paid else None),
        context=window.tokens if window else known.window if known else None,
        retires=retires,
        retired=bool(retires) and retires <= today,
        configured=settings.provider(provider_of(name)) is not None,
        sits=name in seat_names(settings),
    )


def _told(settings: Settings, each: ProviderSpec) -> dict[str, object]:
    provider = settings.provider(each.name)
    return {
        "name": each.name,
        "title": each.title,
        "configured": provider is not None,
        "set": each.wanted,
        "host": _host(settings, each),
        "base_url_variable": each.base,
        "quirk": each.quirk,
        "models_known": len(list_models(each.name)),
    }


def _host(settings: Settings, each: ProviderSpec) -> str:
    provider = settings.provider(each.name)
    return ((provider.base_url or provider.arguments.get("api_base", "")) if provider else "") or each.host or host(each.name)


def _provider(settings: Settings, each: ProviderSpec) -> str:
    parts = [each.wanted, _host(settings, each), each.quirk]
    mark = "✓" if settings.provider(each.name) else " "
    return f"{mark} {each.title}: {' · '.join(part for part in parts if part)}"


def _offers(offers: list[Offer]) -> Table:
    table = Table("", box=None, pad_edge=False)
    table.add_column("model", no_wrap=True, overflow="ignore")
    table.add_column("vendor", no_wrap=True)
    for heading in ("input", "cached", "output", "context"):
        table.add_column(heading, justify="right")
    table.add_column("retires")
    table.add_column("key")
    for offer in offers:
        retires = f"{offer.retires}: retired" if offer.retired else offer.retires
        figures = [_figure(usd) for usd in (offer.input_usd, offer.cached_usd, offer.output_usd)]
        table.add_row(
            "●" if offer.sits else "",
            offer.model,
            offer.vendor,
            *figures,
            f"{offer.context:,}" if offer.context else "-",
            retires,
            "set" if offer.configured else "",
        )
    return table


def _million(usd: float | None) -> float | None:
    return None if usd is None else round(usd * 1e6, 4)


def _figure(usd: float | None) -> str:
    return "-" if usd is None else f"{usd:.2f}"
