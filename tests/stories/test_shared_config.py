"""The settings that an owner's repositories share, read from OWNER/.github, and the schema that the server serves."""

import json
from typing import Any

import httpx

from app.configuration.council_yml import CONFIG_PATH
from app.configuration.council_yml_schema import write_schema
from app.configuration.rule_packs import read_packs
from app.store.reviews.runs import newest_run
from tests.stories.harness import DIVISION, InProcessSystem


async def test_the_server_serves_it(system: InProcessSystem) -> None:
    async with httpx.AsyncClient(base_url=system.url, trust_env=False) as client:
        answer = await client.get("/schema/council.json")
    assert answer.status_code == 200 and answer.json() == json.loads(write_schema())


SHARED = "review: {language: de, max_inline: 1}\nlimits: {run_usd: 0.10, day_usd: 90}\nrevew: 1\n"


async def reviewed(system: InProcessSystem, own: str, files: dict[str, str], private: bool = False) -> tuple[str, dict[str, Any]]:
    """The summary of a review, and the config that it ran under."""
    system.sandbox.world.create_repository("acme/.github", files, private=private)
    system.repository.push_branch("main", {CONFIG_PATH: own}, "ada", "settings")
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    async with system.services.database.read() as connection:
        run = await newest_run(connection, system.repository.id, pull.number)
    assert run is not None
    return "\n".join([*system.comments(pull), *(check.summary or "" for check in system.checks())]), json.loads(run.config or "{}")


async def test_a_shared_config_is_below_the_repositorys_config(system: InProcessSystem) -> None:
    """It only lowers limits."""
    said, config = await reviewed(
        system, "extends: acme/.github\nreview: {max_inline: 3}\nlimits: {run_usd: 0.40}\n", {CONFIG_PATH: SHARED}
    )
    assert (config["review"]["language"], config["review"]["max_inline"]) == ("de", 3)
    assert (config["limits"]["run_usd"], config["limits"]["day_usd"]) == (0.10, 5.0)
    assert "acme/.github: line 3: unknown key" in said.replace("\u200b", "").replace("\\", "")
    assert "can only be lowered here" in said


async def test_a_shared_config_of_somebody_else_is_not_read(system: InProcessSystem) -> None:
    system.sandbox.world.create_repository("evil/.github", {CONFIG_PATH: "review: {language: de}\n"}, installed=False)
    said, config = await reviewed(system, "extends: evil/.github\n", {CONFIG_PATH: SHARED})
    assert config["review"]["language"] == "en" and "only repositories of acme share settings" in said


async def test_a_missing_shared_config_is_reported(system: InProcessSystem) -> None:
    said, config = await reviewed(system, "extends: acme/.github\n", {"README.md": "nothing"})
    assert config["review"]["language"] == "en" and "that can be read from here" in said


async def test_a_pack_reaches_every_model_unless_overridden(system: InProcessSystem) -> None:
    packs = read_packs()
    own = 'extends: [python, go]\nreview: {path_instructions: [{paths: "**/*.py", text: Ours alone.}]}\n'
    _, config = await reviewed(system, own, {"README.md": "nothing"})
    # The settings page shows what was written, without a copy of the packs.
    assert config["extends"] == ["python", "go"] and [rule["text"] for rule in config["review"]["path_instructions"]] == ["Ours alone."]
    prompts = [prompt for earlier in system.sandbox.providers.prompts.values() for prompt in earlier]
    opinions = [prompt for prompt in prompts if "Ours alone." in prompt]
    assert len(opinions) >= 3
    # The other rule of the pack is for tests, and no file of the change is one, or is in Go.
    assert not [prompt for prompt in prompts if packs["python"][0].text in prompt or packs["go"][0].text in prompt]


async def test_a_pack_is_read_for_the_files_that_it_is_about(system: InProcessSystem) -> None:
    await reviewed(system, "extends: python\n", {"README.md": "nothing"})
    prompts = [prompt for earlier in system.sandbox.providers.prompts.values() for prompt in earlier]
    assert len([prompt for prompt in prompts if read_packs()["python"][0].text in prompt]) >= 3


async def test_the_config_command_names_the_origin_of_a_shared_setting(system: InProcessSystem) -> None:
    system.sandbox.world.create_repository("acme/.github", {CONFIG_PATH: SHARED})
    system.repository.push_branch("main", {CONFIG_PATH: "extends: acme/.github\nreview: {max_inline: 3}\n"}, "ada", "settings")
    system.script([], [], [])
    pull = system.open()
    system.repository.comment(pull.number, "octo-dev", "/council config")
    await system.settle()
    config = next(text for text in system.comments(pull) if "settings here" in text)
    assert "| `review.language` | `de` | acme/.github |" in config and "| `review.max_inline` | `3` | council.yml |" in config
