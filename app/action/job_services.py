"""The services for one event of a job: a worker's services with an empty SQLite database in a temporary folder."""

import base64
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.action.event import INSTALLATION, repository_of
from app.action.inputs import ActionInputs, StepMode
from app.action.keeper import StateBlocks, StatefulApp, StateKeeper
from app.clock import new_id, now
from app.configuration.council_yml import load
from app.configuration.settings import Settings
from app.configuration.settings_layers import write_setting
from app.errors import SettingsError
from app.github.github_app import GitHubAppInfo
from app.github.job_token import identify
from app.queue.leases import LeaseTimes
from app.queue.write_pace import SqlPace
from app.repositories.mirror_settings import build_mirrors
from app.services.worker import WorkerServices
from app.store import repository_settings
from app.store.engine.database import Database, open_database
from app.store.repository_settings import Save, of_installation, of_repository
from reviewers.council.presets import Preset


@dataclass(frozen=True)
class ActionServices:
    """The open services of one event. `keeper` stores the state between events."""

    inputs: ActionInputs
    identity: GitHubAppInfo
    services: WorkerServices
    keeper: StateKeeper


@asynccontextmanager
async def open_action_services(settings: Settings, inputs: ActionInputs) -> AsyncIterator[ActionServices]:
    """Find out whose token it is, open an empty database, and close everything in reverse order."""
    identity = await identify(settings.github_api_url, inputs.token)
    async with AsyncExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="council-action-")))
        settings = _settings_for(settings, inputs, identity, data)
        database = open_database("", data, settings.master_key)
        stack.push_async_callback(database.close)
        await database.migrate()
        await _write_levels(database, inputs)
        blocks = StateBlocks()
        app = StatefulApp(settings.github_api_url, inputs.token, identity, pace=SqlPace(database, new_id, now))
        app.blocks = blocks
        mirrors = build_mirrors(settings, app, now)
        stack.push_async_callback(mirrors.close)
        secrets = {secret for secret in (inputs.token, inputs.state_key) if secret}
        services = WorkerServices(settings, database, app, mirrors, new_id(), LeaseTimes(), clock=now, _stored_secrets=secrets)
        repository = repository_of(inputs)
        github = await stack.enter_async_context(app.installation(INSTALLATION, repository.full_name, repository_id=repository.id))
        keeper = StateKeeper(services, github, blocks, repository.full_name, repository.id, inputs.state_key)
        yield ActionServices(inputs, identity, services, keeper)


def _settings_for(settings: Settings, inputs: ActionInputs, identity: GitHubAppInfo, data: Path) -> Settings:
    """The settings of a server with the job's token. Encrypted texts can be decrypted later if the state is kept."""
    key = hashlib.sha256(f"council master key\n{inputs.state_key}".encode()).digest() if inputs.state_key else b""
    return settings.model_copy(
        update={
            "app_id": str(identity.id),
            "app_slug": identity.slug,
            "private_key": "",
            "webhook_secrets": (),
            "database_url": "",
            "redis_url": "",
            "data": data,
            "public_url": "",
            "master_key": base64.b64encode(key).decode() if key else "",
        }
    )


async def _write_levels(database: Database, inputs: ActionInputs) -> None:
    """Store the inputs in the layers that a server's settings pages fill, below the base branch's own file."""
    config = load(inputs.config)
    if config.root is None and config.problems:
        raise SettingsError(f"the input config cannot be read: {config.problems[0]}")
    if inputs.preset and inputs.preset not in set(Preset):
        raise SettingsError(f"the input preset is {inputs.preset!r}; use one of {', '.join(Preset)}")
    own: dict[str, object] = {"preset": inputs.preset} if inputs.preset else {}
    if inputs.mode is StepMode.GATE:
        own["gate.enabled"] = True
    levels = {of_installation(INSTALLATION): inputs.config, of_repository(repository_of(inputs).id): write_setting(own)}
    async with database.write() as connection:
        for scope, text in levels.items():
            if text:
                await repository_settings.save_level(connection, Save(scope, text, 0, "", ()), (), now())
