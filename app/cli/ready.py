"""`council serve --json`: print one object once the server is ready: its addresses and settings, without secrets."""

import asyncio
import contextlib
import json
import os
import sys

from app.configuration.settings import Settings

_ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - values that people set; nothing listens on them here


async def announce(settings: Settings, seconds: float = 60.0) -> None:
    """Wait until the web process is ready, at most `seconds`, and print the object in both cases."""
    import httpx

    url = f"http://{_ANYWHERE.get(settings.host, settings.host)}:{settings.port}"
    ready = False
    async with httpx.AsyncClient(trust_env=False) as client:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not ready:
                    with contextlib.suppress(httpx.HTTPError):
                        ready = (await client.get(f"{url}/readyz")).status_code == httpx.codes.OK
                    await asyncio.sleep(0 if ready else 0.1)
    sys.stdout.write(json.dumps({"ready": ready, "url": url, "webhooks": f"{url}/webhooks/github", **describe_settings(settings)}) + "\n")
    sys.stdout.flush()


def describe_settings(settings: Settings) -> dict[str, object]:
    """The settings of the server. Addresses that can hold a password appear as their kind only."""
    return {
        "pid": os.getpid(),
        "data": str(settings.data),
        "database": settings.database_url.partition(":")[0].partition("+")[0] or "sqlite",
        "queue": "REDIS_URL" if settings.redis_url else "embedded Valkey",
        "github": settings.github_api_url,
        "app_id": settings.app_id,
        "poll_seconds": settings.poll_seconds,
        "seats": list(settings.seats),
        "providers": [provider.name for provider in settings.providers],
        "caps": settings.caps.model_dump(),
    }
