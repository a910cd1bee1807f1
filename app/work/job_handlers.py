"""Maps each kind of job to the functions that run it."""

from collections.abc import Mapping

from app.work import simple_jobs
from app.work.commands import command_replies, run_command
from app.work.job_handler import JobHandler
from app.work.maintenance import collect_reactions, daily_totals, prune, reconcile, replay, send_notification
from app.work.questions import answer_feedback, answer_outcomes, comment_question, page_question
from app.work.reviews import (
    finding_threads,
    give_up,
    merge_group_check,
    red_check_notice,
    refresh_summary,
    rerun,
    review,
)

JOB_HANDLERS: Mapping[str, JobHandler] = {
    "review": JobHandler(review.run, give_up.give_up, review.call_off),
    "consult": JobHandler(comment_question.run, comment_question.give_up),
    "remember": JobHandler(answer_feedback.run, command_replies.say_failed),
    "ask": JobHandler(page_question.run, page_question.give_up),
    "ci": JobHandler(red_check_notice.run),
    "again": JobHandler(rerun.look_again),
    "refresh": JobHandler(refresh_summary.run),
    "rerun": JobHandler(rerun.rerun),
    "merge_group": JobHandler(merge_group_check.run, merge_group_check.give_up),
    "cancel": JobHandler(simple_jobs.cancel),
    "acknowledge": JobHandler(simple_jobs.acknowledge),
    "reply": JobHandler(simple_jobs.reply, command_replies.say_reply),
    "command": JobHandler(run_command.run, run_command.give_up),
    "thread": JobHandler(finding_threads.answer_thread),
    "resolved": JobHandler(finding_threads.note_thread_state),
    "closed": JobHandler(answer_outcomes.run),
    "judge": JobHandler(answer_outcomes.judge),
    "feedback": JobHandler(collect_reactions.run),
    "installation": JobHandler(simple_jobs.sync_installation),
    "plan": JobHandler(simple_jobs.change_plan),
    "reconcile": JobHandler(reconcile.run),
    "replay": JobHandler(replay.run),
    "prune": JobHandler(prune.run),
    "tally": JobHandler(daily_totals.add_up_days),
    "notify": JobHandler(send_notification.run, send_notification.give_up),
}
