"""A coding agent follows `skills/council`: it waits, reads the findings as JSON, fixes the correct ones, pushes, and answers the rest."""

import json
from typing import Any

from app.sandbox.github import reviewing
from tests.app.cli.test_commands import council as run_command
from tests.app.cli.test_commands import inside
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem


async def told(system: InProcessSystem, *words: str) -> tuple[int, Any]:
    """The exit code and the JSON of a command on the server's machine."""
    code, out, err = await run_command(*words, "--json", env=inside(system, system.settings.data))
    assert out, err
    return code, json.loads(out)


async def test_an_agent_fixes_findings_and_answers_wrong_ones(system: InProcessSystem) -> None:
    system.script([DIVISION, INJECTION], [DIVISION, INJECTION], [])
    pull = system.open()
    place = f"acme/shop#{pull.number}"
    await system.settle()

    code, status = await told(system, "status", place, "--wait", "--timeout", "5")
    assert (code, status["stage"], status["head_sha"]) == (0, "reviewed", pull.head_sha)
    code, read = await told(system, "findings", place)
    assert code == 1
    by_title = {finding["title"]: finding for finding in read["findings"]}
    fixed = by_title[DIVISION["title"]]
    assert {"id", "severity", "path", "line", "quote", "body", "suggestion", "standing"} <= fixed.keys()

    # It looks for the quoted code before it changes anything, and leaves the other finding to an answer.
    source = system.files[fixed["path"]]
    assert fixed["quote"] in source and source.splitlines()[fixed["line"] - 1] == fixed["quote"]
    system.script([INJECTION], [INJECTION], [])
    system.repository.push(pull.number, {fixed["path"]: source.replace(fixed["quote"], fixed["suggestion"])})
    thread = next(comment for review in pull.reviews for comment in review.comments if "SQL" in comment.body)
    reviewing.reply(
        system.repository, pull, thread.id, system.sandbox.world.user("octo-dev"), "The name is a constant of ours, never a person's."
    )
    await system.settle()

    code, status = await told(system, "status", place)
    assert (code, status["head_sha"]) == (0, pull.head_sha)
    code, read = await told(system, "findings", place)
    assert [finding["title"] for finding in read["findings"] if finding["standing"] == "recommended"] == [INJECTION["title"]]
