"""A browser for tests: cookies, forms, and the sandbox's consent page."""

import re
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import httpx

FORM = {"content-type": "application/x-www-form-urlencoded"}


class _GitHub(Protocol):
    @property
    def web_url(self) -> str: ...


@dataclass
class Browser:
    """Does not follow redirects. Sends the headers that browsers send with a form."""

    url: str
    sandbox: _GitHub
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(trust_env=False, timeout=10))
    csrf: str = ""

    async def get(self, path: str) -> httpx.Response:
        answer = await self.client.get(self.url + path if path.startswith("/") else path)
        if found := re.search(r'name="csrf" value="([^"]+)"', answer.text):
            self.csrf = found[1]
        return answer

    async def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        sent = {"origin": self.url, "sec-fetch-site": "same-origin", **headers}
        return await self.client.post(self.url + path, data={"csrf": self.csrf, **(form or {})}, headers=sent)

    async def sign_in(self, login: str, next_path: str = "/") -> httpx.Response:
        """Sign in on the consent page. Returns the response of the callback."""
        back = await self.consent(login, next_path)
        answer = await self.get(back)
        await self.get("/account")
        return answer

    async def consent(self, login: str, next_path: str = "/") -> str:
        """Accept on the consent page. Returns the address of the redirect."""
        sent = await self.client.get(f"{self.url}/login", params={"next": next_path})
        asked = dict(httpx.URL(sent.headers["location"]).params)
        page = await self.client.get(sent.headers["location"])
        assert page.status_code == 200, page.text
        form = {**asked, "challenge": asked["code_challenge"], "method": asked["code_challenge_method"], "login": login}
        said = await self.client.post(f"{self.sandbox.web_url}/login/oauth/authorize", data=form)
        return str(said.headers["location"])

    def cookie(self) -> str:
        host = urlsplit(self.url).hostname or ""
        return next((each.value or "" for each in self.client.cookies.jar if each.domain == host and "session" in each.name), "")

    async def close(self) -> None:
        await self.client.aclose()
