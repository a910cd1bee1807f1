"""`council action`: Council as a step of GitHub Actions, without a server."""

import secrets
import sys

from app import log
from app.action.inputs import read_inputs
from app.action.run import run_action
from app.action.step import show, show_error
from app.cli.running import run_to_end
from app.configuration.settings import action_environment, from_environment
from app.errors import CouncilError


def action() -> None:
    """Handle the event of this GitHub Actions job. Exit 0: done, 1: the gate fails (mode: gate), 2: not done."""
    values = action_environment()
    settings = from_environment()
    hidden = (values.get("GITHUB_TOKEN", ""), values.get("COUNCIL_STATE_KEY", ""))
    log.set_up(as_json=True, secrets=(*settings.secrets, *(secret for secret in hidden if secret)))
    # Log lines may quote a stranger: until the token, the runner reads no line as a workflow command.
    token = secrets.token_hex(16)
    sys.stdout.write(f"::stop-commands::{token}\n")
    sys.stdout.flush()
    try:
        inputs = read_inputs(values)
        result = run_to_end(run_action(settings, inputs))
    except CouncilError as error:
        sys.stdout.write(f"::{token}::\n")
        show_error(error)
        sys.exit(2)
    sys.stdout.write(f"::{token}::\n")
    show(result, inputs)
    sys.exit(result.code)
