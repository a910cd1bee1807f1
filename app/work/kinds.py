"""Which job kind is done by what."""

from collections.abc import Mapping

from app.work import (
    answer_outcomes,
    ask,
    burying,
    command,
    commanding,
    consult,
    feedback,
    merging,
    prune,
    reconcile,
    red_checks,
    refreshing,
    remember,
    replay,
    rerunning,
    review,
    small,
    tally,
    threads,
)
from app.work.job import Kind

KINDS: Mapping[str, Kind] = {
    "review": Kind(review.run, burying.bury, review.call_off),
    "consult": Kind(consult.run, consult.bury),
    "remember": Kind(remember.run, commanding.say_failed),
    "ask": Kind(ask.run, ask.bury),
    "ci": Kind(red_checks.run),
    "again": Kind(rerunning.look_again),
    "refresh": Kind(refreshing.run),
    "rerun": Kind(rerunning.rerun),
    "merge_group": Kind(merging.run, merging.bury),
    "cancel": Kind(small.cancel),
    "acknowledge": Kind(small.acknowledge),
    "reply": Kind(small.reply, commanding.say_reply),
    "command": Kind(command.run, command.bury),
    "thread": Kind(threads.answer),
    "resolved": Kind(threads.note),
    "closed": Kind(answer_outcomes.run),
    "judge": Kind(answer_outcomes.judge),
    "feedback": Kind(feedback.run),
    "installation": Kind(small.sync_installation),
    "plan": Kind(small.change_plan),
    "reconcile": Kind(reconcile.run),
    "replay": Kind(replay.run),
    "prune": Kind(prune.run),
    "tally": Kind(tally.run),
}
