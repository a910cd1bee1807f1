"""How a server reaches GitHub for mirrors, and what a repository's settings make of one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.configuration.repository_config import MirroringConfig, PrivacyConfig, RepositoryConfig
from app.configuration.settings import Settings, read_settings
from app.errors import UserError
from app.github.github_app import CloneToken, GitHubApp
from app.repositories.mirror_request import MirroredRepository, MirrorRules
from app.repositories.mirror_settings import remote_access, rules_of


@dataclass(frozen=True)
class Named:
    """A GitHub whose repository has this name."""

    full_name: str

    @asynccontextmanager
    async def clone_token(self, installation_id: int, repository_id: int) -> AsyncIterator[CloneToken]:
        yield CloneToken(self.full_name, "ghs_token")


async def url_of(full_name: str, settings: Settings) -> str:
    access = remote_access(cast(GitHubApp, Named(full_name)), settings.github_web_url)
    async with access(MirroredRepository(1, 2)) as remote:
        assert remote.token == "ghs_token" and "ghs_token" not in repr(remote)
        return remote.url


@pytest.mark.parametrize(
    ("api", "url"),
    [
        ("https://api.github.com", "https://github.com/acme/shop.git"),
        ("https://ghe.example.com/api/v3", "https://ghe.example.com/acme/shop.git"),
        ("https://ghe.example.com:8443/api/v3/", "https://ghe.example.com:8443/acme/shop.git"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com/acme/shop.git"),
    ],
)
async def test_git_uses_the_host_of_the_pages(api: str, url: str) -> None:
    assert await url_of("acme/shop", read_settings({"GITHUB_API_URL": api})) == url


@given(st.text(alphabet=st.sampled_from("ab/.-_%?#@: \n\\é"), max_size=12) | st.text())
@example("../x")
@example("acme/..")
@example("a/b\n")
async def test_no_name_leads_elsewhere(full_name: str) -> None:
    try:
        address = urlsplit(await url_of(full_name, Settings()))
    except UserError:
        return
    assert (address.scheme, address.netloc, address.query, address.fragment) == ("https", "github.com", "", "")
    owner, name = address.path.removeprefix("/").removesuffix(".git").split("/")
    assert f"{owner}/{name}" == full_name and not {owner, name} & {"", ".", ".."}


@pytest.mark.parametrize(
    ("settings", "config", "rules"),
    [
        (Settings(), RepositoryConfig(), MirrorRules()),
        (Settings(retention_days=10), RepositoryConfig(), MirrorRules(retention_days=10)),
        (Settings(), RepositoryConfig(privacy=PrivacyConfig(retention_days=5)), MirrorRules(retention_days=5)),
        (Settings(encrypt_transcripts=True), RepositoryConfig(), MirrorRules(ephemeral=True)),
        (Settings(), RepositoryConfig(privacy=PrivacyConfig(encrypt_transcripts=True)), MirrorRules(ephemeral=True)),
        (Settings(), RepositoryConfig(privacy=PrivacyConfig(store_transcripts=False)), MirrorRules(ephemeral=True)),
        (Settings(), RepositoryConfig(mirror=MirroringConfig(enabled=False, max_mb=9)), MirrorRules(enabled=False, max_mb=9)),
    ],
)
def test_what_a_repository_s_settings_make_of_its_mirror(settings: Settings, config: RepositoryConfig, rules: MirrorRules) -> None:
    assert rules_of(settings, config) == rules


def test_mirrors_can_be_turned_off() -> None:
    assert [read_settings({"MIRRORS": word}).mirrors for word in ("off", "no", "on", "yes")] == [False, False, True, True]
    assert (read_settings({}).mirrors, read_settings({}).mirrors_mb, read_settings({}).repository_seconds) == (True, 2_048, 20)
