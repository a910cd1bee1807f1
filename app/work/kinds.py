"""Which job kind is done by what."""

from collections.abc import Mapping

from app.work import prune, reconcile, review, small
from app.work.job import Kind

KINDS: Mapping[str, Kind] = {
    "review": Kind(review.run, review.bury),
    "cancel": Kind(small.cancel),
    "acknowledge": Kind(small.acknowledge),
    "reply": Kind(small.reply),
    "installation": Kind(small.sync_installation),
    "reconcile": Kind(reconcile.run),
    "prune": Kind(prune.run),
}
