"""Which handler runs which job type: a new job type gets its line here."""

from collections.abc import Mapping
from typing import Any

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
from webhooks import jobs

_HANDLERS = (
    JobHandler(jobs.ReviewPullRequest, review.run, give_up.give_up, review.call_off),
    JobHandler(jobs.AnswerCommentQuestion, comment_question.run, comment_question.give_up),
    JobHandler(jobs.RecordAnswerFeedback, answer_feedback.run, command_replies.say_failed),
    JobHandler(jobs.AnswerPageQuestion, page_question.run, page_question.give_up),
    JobHandler(jobs.ExplainChecks, red_check_notice.run),
    JobHandler(jobs.LookAgain, rerun.look_again),
    JobHandler(jobs.RefreshSummary, refresh_summary.run),
    JobHandler(jobs.RerunHead, rerun.rerun),
    JobHandler(jobs.CheckMergeGroup, merge_group_check.run, merge_group_check.give_up),
    JobHandler(jobs.CancelReviews, simple_jobs.cancel),
    JobHandler(jobs.Acknowledge, simple_jobs.acknowledge),
    JobHandler(jobs.SendReply, simple_jobs.reply, command_replies.say_reply),
    JobHandler(jobs.ExecuteCommand, run_command.run, run_command.give_up),
    JobHandler(jobs.AnswerInThread, finding_threads.answer_thread),
    JobHandler(jobs.NoteThread, finding_threads.note_thread_state),
    JobHandler(jobs.RecordIssueClosed, answer_outcomes.run),
    JobHandler(jobs.JudgeAnswer, answer_outcomes.judge),
    JobHandler(jobs.CollectFeedback, collect_reactions.run),
    JobHandler(jobs.SyncInstallation, simple_jobs.sync_installation),
    JobHandler(jobs.ChangePlan, simple_jobs.change_plan),
    JobHandler(jobs.Reconcile, reconcile.run),
    JobHandler(jobs.Replay, replay.run),
    JobHandler(jobs.Prune, prune.run),
    JobHandler(jobs.TallySpending, daily_totals.add_up_days),
    JobHandler(jobs.SendNotification, send_notification.run, send_notification.give_up),
)

JOB_HANDLERS: Mapping[type, JobHandler[Any]] = {handler.job_type: handler for handler in _HANDLERS}
