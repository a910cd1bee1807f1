"""`council rotate-key`: another master key for everything that is sealed."""

import sys

from app import log
from app.cli.running import run_to_end
from app.services.rotating import Rotated, rotate_key
from app.settings import from_environment


def rotate() -> None:
    """Seal everything with another master key. Stop every process first; interrupted, it goes on when it is started again."""
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    sys.stdout.write(f"{_words(run_to_end(rotate_key(settings)))}\n")


def _words(done: Rotated) -> str:
    counts = done.resealed
    said = f"The master key is now {done.key}. {counts.anew:,} values were sealed with it."
    if counts.before:
        said += f" {counts.before:,} were already."
    if counts.lost:
        said += f" {counts.lost:,} open with neither key and stay as they are."
    if done.kept is not None:
        return f"{said} The old key is in {done.kept}: delete it when the backups that need it are gone."
    return f"{said} Set COUNCIL_MASTER_KEY to the new key everywhere, unset COUNCIL_MASTER_KEY_NEW, and start."
