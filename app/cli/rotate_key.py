"""`council rotate-key`: encrypt all stored secrets with a new master key."""

import sys

from app import log
from app.cli.running import run_to_end
from app.configuration.settings import from_environment
from app.operations.key_rotation import Rotated, rotate_key


def rotate() -> None:
    """Encrypt all stored secrets with a new master key. Stop every process first. To continue after an interruption, run it again."""
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    sys.stdout.write(f"{_words(run_to_end(rotate_key(settings)))}\n")


def _words(done: Rotated) -> str:
    counts = done.resealed
    said = f"The master key is now {done.key}. {counts.anew:,} values were encrypted with it."
    if counts.before:
        said += f" {counts.before:,} already were."
    if counts.lost:
        said += f" {counts.lost:,} cannot be decrypted with either key and were not changed."
    if done.kept is not None:
        return f"{said} The old key is in {done.kept}: delete it once no backup needs it."
    return f"{said} Set COUNCIL_MASTER_KEY to the new key everywhere, unset COUNCIL_MASTER_KEY_NEW, and start Council."
