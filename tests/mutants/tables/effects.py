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
        "an intention that was there is not fresh",
        "app/store/outbox.py:_Rows.intend",
        "_entry(row, fresh=False)",
        "_entry(row, fresh=True)",
        ("tests/machines/test_outbox.py",),
    ),
    Mutant(
        "a restored database looks before it writes",
        "app/store/outbox.py:_Rows.intend",
        "fresh=looked",
        "fresh=True",
        ("tests/app/store/test_outbox.py",),
    ),
    Mutant(
        "no intention without the lease",
        "app/store/outbox.py:SqlOutbox.intend",
        "await hold(connection, self._claim)",
        "pass",
        ("tests/app/store/test_outbox.py",),
    ),
    Mutant(
        "no intention for an old head",
        "app/store/outbox.py:SqlOutbox.intend",
        "await still_wanted(connection, self._run.repository.id, self._run.number, self._run.head_sha)",
        "pass",
        ("tests/app/store/test_outbox.py",),
    ),
    Mutant(
        "no last write for an old head",
        "app/store/outbox.py:SqlOutbox.conclude",
        "await still_wanted(connection, self._run.repository.id, self._run.number, self._run.head_sha)",
        "pass",
        ("tests/app/store/test_outbox.py",),
    ),
    Mutant(
        "no last write without the lease",
        "app/store/outbox.py:SqlOutbox.conclude",
        "await hold(connection, self._claim)",
        "pass",
        ("tests/app/store/test_outbox.py",),
    ),
    Mutant(
        "the summary's id is known to later runs",
        "app/store/outbox.py:SqlOutbox.created",
        'if surface == "summary":',
        "if False:",
        ("tests/app/store/test_outbox.py", *_REVIEW),
    ),
    Mutant(
        "what happened once is not written twice",
        "app/reporters/reporter.py:once",
        "if not entry.fresh and (found := await find()) is not None:",
        "if False:",
        _ONCE,
    ),
    Mutant(
        "a late write is waited for",
        "app/reporters/reporter.py:once",
        "if not entry.fresh and entry.age < LAG_SECONDS:",
        "if False:",
        _ONCE,
    ),
    Mutant(
        "a lost answer is looked for later",
        "app/reporters/reporter.py:once",
        "max(LAG_SECONDS, error.retry_after or 0.0)",
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
        "app/reporters/check_run.py:CheckRun.publish",
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
        "a draft of an old head is taken away",
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
        "what was said in the diff is not said again",
        "app/reporters/inline_text.py:chosen",
        " and ranked.fingerprint not in edition.said",
        "",
        ("tests/stories/test_rounds.py", "tests/app/reporters/test_texts.py"),
    ),
    Mutant(
        "inline comments have a limit",
        "app/reporters/inline_text.py:chosen",
        "[: edition.config.review.max_inline]",
        "",
        ("tests/app/reporters/test_texts.py", "tests/app/reporters/test_snapshots.py"),
    ),
    Mutant(
        "only what is to fix is said inline",
        "app/reporters/inline_text.py:chosen",
        "ranked.standing in TO_FIX",
        "True",
        ("tests/app/reporters/test_texts.py", "tests/app/reporters/test_snapshots.py"),
    ),
    Mutant(
        "a model's own marker is not ours",
        "app/reporters/inline_text.py:marked_finding",
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
        "an open reading is not green",
        "app/reporters/check_run.py:conclusion",
        '"success" if verdict.conclusive else None',
        '"success"',
        _TEXTS,
    ),
    Mutant(
        "a failing gate is red",
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
    Mutant("a closed pull request ends its runs", "app/work/superseding.py:confirm", 'if head.state != "open":', "if False:", _WANTED),
    Mutant("a push whose webhook was lost is seen", "app/work/superseding.py:confirm", "if head.sha == run.head_sha:", "if True:", _WANTED),
    Mutant(
        "the newer head gets a review of its own",
        "app/work/superseding.py:confirm",
        "await insert_jobs(connection, [(shop.new_id(), newer, shop.clock())], shop.clock())",
        "pass",
        _WANTED,
    ),
    Mutant(
        "a closed pull request is not wanted again",
        "app/work/superseding.py:want_again",
        'head.state != "open" or ',
        "",
        _WANTED,
    ),
    Mutant("a delivery of one body is known", "app/store/intake.py:_same_bodies", "== arrival.digest", "!= arrival.digest", _INTAKE),
    Mutant(
        "a reviewed head stays reviewed",
        "app/store/intake.py:record",
        "row.key in plans and row.key not in reviewed",
        "row.key in plans",
        (*_INTAKE, *_WANTED),
    ),
    Mutant(
        "a row of pushes is waited out", "app/store/intake.py:_plan", "min(now + debounce.quiet, since + debounce.most)", "now", _INTAKE
    ),
    Mutant(
        "a row of pushes does not wait for ever",
        "app/store/intake.py:_plan",
        "min(now + debounce.quiet, since + debounce.most)",
        "now + debounce.quiet",
        _INTAKE,
    ),
    Mutant(
        "a dead review may be wanted again",
        "app/store/intake.py",
        "_REVIEWED = (JobState.DONE, JobState.DEAD)",
        "_REVIEWED = (JobState.DONE,)",
        (*_INTAKE, *_WANTED),
    ),
)
