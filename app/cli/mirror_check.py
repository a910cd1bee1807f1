"""The mirror check of `council doctor`: git is installed, and a repository can be fetched."""

import tempfile
import time
from pathlib import Path

from app.configuration.settings import Settings
from app.errors import UserError
from app.github.github_app import GitHubApp
from app.github.installation_client import GitHubModel
from app.repositories.mirror_request import MirrorCommits, MirroredRepository, MirrorOptions, MirrorRules
from app.repositories.mirror_settings import remote_access
from app.repositories.mirrors import Mirrors
from app.repositories.refusals import NoMirror
from app.repositories.staging import git_version
from app.services.worker import open_app

_SECONDS = 60.0


class _Repository(GitHubModel):
    id: int
    full_name: str
    default_branch: str


class _Commit(GitHubModel):
    sha: str


async def check_mirrors(settings: Settings) -> str:
    """Fetch the default branch of one installed repository into a temporary folder. Raises UserError if that fails."""
    if not settings.mirrors:
        return "switched off (MIRRORS)"
    version = await git_version()
    if not settings.is_set_up:
        return f"git {version}; no GitHub App is configured, so nothing was fetched"
    app = open_app(settings)
    if (chosen := await _first_repository(app)) is None:
        return f"git {version}; the App is not installed anywhere yet, so nothing was fetched"
    installation_id, repository = chosen
    async with app.installation(installation_id, repository.full_name) as github:
        tip = await github.get(f"/repos/{repository.full_name}/commits/{repository.default_branch}", _Commit)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="council-doctor-", ignore_cleanup_errors=True) as folder:
        options = MirrorOptions(most_mb=settings.mirrors_mb, wait_seconds=_SECONDS, fetch_seconds=_SECONDS)
        mirrors = Mirrors(Path(folder), remote_access(app, settings.github_web_url), options)
        try:
            mirrored = MirroredRepository(installation_id, repository.id)
            async with mirrors.open(mirrored, MirrorCommits(tip.sha), MirrorRules()) as opened:
                if isinstance(opened, NoMirror):
                    raise UserError(
                        f"git {version}; {repository.full_name} could not be fetched from {settings.github_web_url}: {opened.reason}"
                    )
        finally:
            await mirrors.close()
    return f"git {version}; fetched {repository.full_name} at {tip.sha[:7]} in {time.monotonic() - started:.1f} s"


async def _first_repository(app: GitHubApp) -> tuple[int, _Repository] | None:
    """The first repository of the first installation that has one."""
    for installation in await app.installations(limit=10):
        if installation.suspended_at is None:
            async with app.installation(installation.id) as github:
                repositories = await github.pages("/installation/repositories", _Repository, 1, key="repositories")
            if repositories:
                return installation.id, repositories[0]
    return None
