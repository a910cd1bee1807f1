"""Configures this server's mirrors: where they are, how GitHub is reached, and what a repository's settings allow."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from app.configuration.encryption_at_rest import is_encrypted_at_rest
from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings import Settings
from app.errors import UserError
from app.git.fetching import GitRemote
from app.github.github_app import GitHubApp
from app.repositories.mirror_request import MirroredRepository, MirrorOptions, MirrorRules, RemoteAccess
from app.repositories.mirrors import Mirrors

# GitHub's own characters. A name of only dots would escape the URL's path.
_FULL_NAME = re.compile(r"(?!\.+/)[\w.-]+/(?!\.+\Z)[\w.-]+\Z", re.ASCII)


def build_mirrors(settings: Settings, github: GitHubApp, clock: Callable[[], float]) -> Mirrors:
    """This server's mirrors, fetched as the App. Close them at the end."""
    options = MirrorOptions(settings.mirrors, settings.mirrors_mb, settings.repository_seconds)
    return Mirrors(settings.mirrors_folder, remote_access(github, settings.github_web_url), options, clock)


def rules_of(settings: Settings, config: RepositoryConfig) -> MirrorRules:
    """What a repository's settings allow. If transcripts must be encrypted, the mirror is deleted with the run."""
    ephemeral = is_encrypted_at_rest(settings, config) or not config.privacy.store_transcripts
    days = min(config.privacy.retention_days, settings.retention_days)
    return MirrorRules(config.mirror.enabled, config.mirror.max_mb, days, ephemeral)


def remote_access(github: GitHubApp, web_url: str) -> RemoteAccess:
    """The git access to a GitHub's repositories, on the host of its pages: github.com or that of an Enterprise Server."""

    @asynccontextmanager
    async def access(repository: MirroredRepository) -> AsyncIterator[GitRemote]:
        async with github.clone_token(repository.installation_id, repository.repository_id) as clone:
            if not _FULL_NAME.match(clone.full_name):
                raise UserError(f"its name ({clone.full_name!r}) is not a name that GitHub allows")
            yield GitRemote(f"{web_url}/{clone.full_name}.git", clone.token)

    return access
