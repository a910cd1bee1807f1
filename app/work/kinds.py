"""Which job kind is done by what."""

from collections.abc import Mapping

from app.work import command, prune, reconcile, red_checks, review, small
from app.work.job import Kind

KINDS: Mapping[str, Kind] = {
    "review": Kind(review.run, review.bury),
    "ci": Kind(red_checks.run),
    "cancel": Kind(small.cancel),
    "acknowledge": Kind(small.acknowledge),
    "reply": Kind(small.reply),
    "command": Kind(command.run, command.bury),
    "installation": Kind(small.sync_installation),
    "reconcile": Kind(reconcile.run),
    "prune": Kind(prune.run),
}
