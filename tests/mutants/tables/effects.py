"""Sabotages of writes to GitHub: intentions, outdated heads, the summary, the review, the check run."""

from tests.mutants.mutant import Mutant

_CRASH = ("tests/stories/test_crash.py",)
_REVIEW = ("tests/stories/test_review.py",)
_REFUSALS = ("tests/stories/test_refusals.py",)
_HEADS = ("tests/app/store/test_head_checks.py", "tests/stories/test_heads.py")
_INTAKE = ("tests/app/store/test_intake.py",)
_WANTED = ("tests/stories/test_bad_input.py", "tests/stories/test_wanted_again.py", *_REVIEW)
_TEXTS = ("tests/app/reporters/test_texts.py", "tests/app/reporters/test_publishing.py", "tests/app/reporters/test_incomplete_readings.py")
_ONCE = ("tests/app/reporters/test_once.py",)
_PUBLISHING = ("tests/app/reporters/test_publishing.py",)

MUTANTS = (
    Mutant(
        "an existing intention is not fresh",
        "app/store/reviews/outbox.py:_Rows.intend",
        "_entry(row, fresh=False)",
        "_entry(row, fresh=True)",
        ("tests/app/store/test_outbox.py", "tests/machines/test_outbox.py"),
    ),
    Mutant(
        "after a restore, GitHub is checked before a write",
        "app/store/reviews/outbox.py:_Rows.intend",
        "fresh=looked",
        "fresh=True",
        ("tests/app/store/test_outbox.py",),
    ),
    Mutant(
        "no intention without the lease",
        "app/store/reviews/outbox.py:SqlOutbox.intend",
        "await require_lease(connection, self._claim)",
        "pass",
        ("tests/app/store/test_outbox.py",),
    ),
    Mutant(
        "no intention for an old head",
        "app/store/reviews/outbox.py:SqlOutbox.intend",
        "await still_wanted(connection, self._run.repository.id, self._run.number, self._run.head_sha)",
        "pass",
        ("tests/app/store/test_outbox.py",),
    ),
    Mutant(
        "no last write for an old head",
        "app/store/reviews/outbox.py:SqlOutbox.conclude",
        "await still_wanted(connection, self._run.repository.id, self._run.number, self._run.head_sha)",
        "pass",
        ("tests/app/store/test_outbox.py",),
    ),
    Mutant(
        "no last write without the lease",
        "app/store/reviews/outbox.py:SqlOutbox.conclude",
        "await require_lease(connection, self._claim)",
        "pass",
        ("tests/app/store/test_outbox.py",),
    ),
    Mutant(
        "later runs know the summary's id",
        "app/store/reviews/outbox.py:SqlOutbox.created",
        'if surface == "summary":',
        "if False:",
        ("tests/app/store/test_outbox.py", *_REVIEW),
    ),
    Mutant(
        "an effect is not written twice",
        "app/reporters/reporter.py:write_once",
        "if (found := await find()) is not None:",
        "if False:",
        _ONCE,
    ),
    Mutant(
        "a late write is waited for",
        "app/reporters/reporter.py:write_once",
        "await asyncio.sleep(entry.wait)",
        "pass",
        _ONCE,
    ),
    Mutant(
        "a write with a lost answer is found later",
        "app/reporters/reporter.py:write_once",
        "max(READ_LAG_SECONDS, error.retry_after or 0.0)",
        "error.retry_after",
        _ONCE,
    ),
    Mutant(
        "a deleted summary is written again",
        "app/reporters/summary_comment.py:_edited",
        "except NotFound:",
        "except ZeroDivisionError:",
        _PUBLISHING,
    ),
    Mutant(
        "publish none posts no summary",
        "app/reporters/summary_comment.py:SummaryComment.publish",
        "if edition.config.review.publish not in {Publish.FULL, Publish.SUMMARY}:",
        "if False:",
        ("tests/stories/test_ways.py", "tests/app/reporters/test_publishing.py"),
    ),
    Mutant(
        "publish none concludes no check",
        "app/reporters/check_run.py:CheckRunReporter.publish",
        "if edition.config.review.publish is Publish.NONE:",
        "if False:",
        ("tests/stories/test_ways.py", "tests/app/reporters/test_publishing.py"),
    ),
    Mutant(
        "summary only posts nothing in the diff",
        "app/reporters/pull_request_review.py:PullRequestReview.publish",
        "edition.config.review.publish is not Publish.FULL or ",
        "",
        ("tests/stories/test_ways.py", "tests/app/reporters/test_publishing.py"),
    ),
    Mutant(
        "an old head's draft review is removed",
        "app/reporters/pull_request_review.py:withdraw",
        "await writes.delete_pending_review(draft.id)",
        "pass",
        _PUBLISHING,
    ),
    Mutant(
        "a stale draft does not block",
        "app/reporters/pull_request_review.py:_unblocked",
        "await writes.delete_pending_review(review.id)",
        "pass",
        _PUBLISHING,
    ),
    Mutant(
        "a posted inline comment is not repeated",
        "app/reporters/text/inline_text.py:inline_findings",
        " and ranked.fingerprint not in edition.said",
        "",
        ("tests/stories/test_rounds.py", "tests/app/reporters/test_texts.py"),
    ),
    Mutant(
        "inline comments have a limit",
        "app/reporters/text/inline_text.py:inline_findings",
        "[: edition.config.review.max_inline]",
        "",
        ("tests/app/reporters/test_texts.py", "tests/app/reporters/test_snapshots.py"),
    ),
    Mutant(
        "only findings to fix are posted inline",
        "app/reporters/text/inline_text.py:inline_findings",
        "ranked.standing in TO_FIX",
        "True",
        ("tests/app/reporters/test_texts.py", "tests/app/reporters/test_snapshots.py"),
    ),
    Mutant(
        "a model's own marker is not ours",
        "app/reporters/text/inline_text.py:marked_finding",
        "found[-1]",
        "found[0]",
        ("tests/app/reporters/test_texts.py", "tests/stories/test_threads.py"),
    ),
    Mutant(
        "our failure is neutral",
        "app/reporters/check_run.py:abandon",
        'conclusion="neutral"',
        'conclusion="failure"',
        (*_CRASH, *_REFUSALS, "tests/stories/test_last_words.py"),
    ),
    Mutant(
        "an author's skip does not open the gate",
        "app/reporters/check_run.py:conclude_skipped",
        "gate.incomplete if gated else",
        '"skipped" if gated else',
        ("tests/stories/test_heads.py", *_TEXTS),
    ),
    Mutant(
        "an incomplete reading does not pass the check",
        "app/reporters/check_run.py:conclusion",
        '"success" if verdict.conclusive else None',
        '"success"',
        _TEXTS,
    ),
    Mutant(
        "a failing gate fails the check",
        "app/reporters/check_run.py:conclusion",
        '"failure" if fails_gate(verdict, gate) else',
        '"neutral" if False else',
        _TEXTS,
    ),
    Mutant(
        "an unwanted run's check is cancelled",
        "app/reporters/check_run.py:withdraw",
        'conclusion="cancelled"',
        'conclusion="success"',
        _PUBLISHING,
    ),
    Mutant(
        "a removed line has no annotation",
        "app/reporters/check_run.py:_annotation",
        " or finding.location.side is Side.LEFT",
        "",
        _PUBLISHING,
    ),
    Mutant(
        "a closed pull request ends its runs",
        "app/work/reviews/stale_runs.py:require_current_head",
        'if head.state != "open":',
        "if False:",
        _WANTED,
    ),
    Mutant(
        "a push without a webhook is noticed",
        "app/work/reviews/stale_runs.py:require_current_head",
        "if head.sha == run.head_sha:",
        "if True:",
        _WANTED,
    ),
    Mutant(
        "the newer head gets a separate review",
        "app/work/reviews/stale_runs.py:require_current_head",
        "await insert_jobs(connection, [(services.new_id(), newer, services.clock())], services.clock())",
        "pass",
        _WANTED,
    ),
    Mutant(
        "a closed pull request is not reviewed again",
        "app/work/reviews/stale_runs.py:want_again",
        'head.state != "open" or ',
        "",
        ("tests/stories/test_called_off.py -k keeps_no_draft", *_WANTED),
    ),
    Mutant(
        "a repeated body is recognized", "app/store/queue/deliveries.py:_same_bodies", "== arrival.digest", "!= arrival.digest", _INTAKE
    ),
    Mutant(
        "a reviewed head stays reviewed",
        "app/store/queue/deliveries.py:record_deliveries",
        "row.key in plans and row.key not in reviewed",
        "row.key in plans",
        (*_INTAKE, *_WANTED),
    ),
    Mutant(
        "a series of pushes is debounced",
        "app/store/queue/deliveries.py:_plan",
        "min(now + debounce.quiet, since + debounce.most)",
        "now",
        _INTAKE,
    ),
    Mutant(
        "the debounce of a series of pushes is bounded",
        "app/store/queue/deliveries.py:_plan",
        "min(now + debounce.quiet, since + debounce.most)",
        "now + debounce.quiet",
        _INTAKE,
    ),
    Mutant(
        "a failed review can be requested again",
        "app/store/queue/deliveries.py",
        "_REVIEWED = (JobState.DONE, JobState.DEAD)",
        "_REVIEWED = (JobState.DONE,)",
        (*_INTAKE, *_WANTED),
    ),
)
