"""Which job kind is done by what."""

from collections.abc import Mapping

from app.work import ask, consult, prune, reconcile, red_checks, remember, review, small
from app.work.job import Kind

KINDS: Mapping[str, Kind] = {
    "review": Kind(review.run, review.bury),
    "consult": Kind(consult.run, consult.bury),
    "remember": Kind(remember.run),
    "ask": Kind(ask.run, ask.bury),
    "ci": Kind(red_checks.run),
    "cancel": Kind(small.cancel),
    "acknowledge": Kind(small.acknowledge),
    "reply": Kind(small.reply),
    "installation": Kind(small.sync_installation),
    "plan": Kind(small.change_plan),
    "reconcile": Kind(reconcile.run),
    "prune": Kind(prune.run),
}
