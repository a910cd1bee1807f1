"""Sabotages of the ends of jobs and their counts, of the gate, and of access to pages."""

from tests.mutants.mutant import Mutant

_WORKER = ("tests/stories/test_crash.py", "tests/stories/test_refusals.py", "tests/stories/test_last_words.py")
_GATE = ("tests/app/reporters/test_texts.py", "tests/app/reporters/test_incomplete_readings.py", "tests/stories/test_heads.py")
_CLIENT = ("tests/app/github/test_client.py",)
_JOB_ENDS = ("tests/stories/test_job_ends.py",)
_LIMITS = ("tests/app/github/test_limits.py",)
_VIEWS = ("tests/app/web/test_viewer.py",)
_VENDORS = ("tests/stories/test_vendors.py",)
_ENVIRONMENT = ("tests/app/test_child_environments.py", "tests/app/test_settings.py")
_STORED = ("tests/app/store/test_jobs.py",)
_WRONG_ENDS = ("tests/app/store/test_wrong_ends.py",)

MUTANTS = (
    Mutant(
        "a job that crashed alone twice is given up",
        "app/store/queue/jobs.py:FailureRecord.is_full",
        "self.blame > MOST_BLAME - 0.01",
        "self.blame > 10 * MOST_BLAME",
        (*_STORED, "tests/stories/test_crash.py"),
    ),
    Mutant(
        "crashes in one stage are bounded",
        "app/store/queue/jobs.py:FailureRecord.is_full",
        "self.crashes >= MOST_CRASHES",
        "self.crashes >= 10 * MOST_CRASHES",
        _STORED,
    ),
    Mutant(
        "failures are bounded",
        "app/store/queue/jobs.py:FailureRecord.is_full",
        "self.failures >= MOST_FAILURES",
        "self.failures >= 10 * MOST_FAILURES",
        _STORED,
    ),
    Mutant(
        "a new stage resets the crashes", "app/store/queue/jobs.py:enter_stage", "stage=stage, crashes=0, blame=0.0", "stage=stage", _STORED
    ),
    Mutant("an old fencing number writes nothing", "app/store/queue/jobs.py:_mine", "_JOB.c.fence == claim.fence, ", "", _STORED),
    Mutant("an ended job has no holder", "app/store/queue/jobs.py:_mine", ", _JOB.c.state == JobState.RUNNING)", ")", _STORED),
    Mutant("a failure counts", "app/store/queue/jobs.py:postpone", "_JOB.c.failures + int(failed)", "_JOB.c.failures", _STORED),
    Mutant("releasing a job does not count as a failure", "app/store/queue/jobs.py:postpone", "int(failed)", "1", _STORED),
    Mutant(
        "writing an end is retried",
        "app/store/queue/jobs.py:postpone_end",
        "failures >= MOST_FAILURES + MOST_GIVE_UP_TRIES",
        "True",
        _STORED,
    ),
    Mutant(
        "retries of an end are bounded",
        "app/store/queue/jobs.py:postpone_end",
        "failures >= MOST_FAILURES + MOST_GIVE_UP_TRIES",
        "False",
        _STORED,
    ),
    Mutant("a lost lease is noticed", "app/store/queue/jobs.py:require_lease", "if row is None:", "if False:", _STORED),
    Mutant(
        "a rate limit does not count as a job's failure",
        "app/work/worker.py:Worker._judge",
        "wait or _BACKOFF[-1], failed=False",
        "wait or _BACKOFF[-1], failed=True",
        _JOB_ENDS,
    ),
    Mutant(
        "GitHub's requested pause is kept",
        "app/work/worker.py:Worker._judge",
        "str(error), wait or _BACKOFF[-1], failed=False",
        "str(error), 0.0, failed=False",
        _JOB_ENDS,
    ),
    Mutant(
        "running jobs are released at shutdown",
        "app/work/worker.py:Worker.drain",
        "task.cancel()",
        "pass",
        _JOB_ENDS,
    ),
    Mutant(
        "a released job is due at once",
        "app/work/worker.py:Worker._hand_back",
        "self._services.clock(), ",
        "self._services.clock() + 900.0, ",
        _JOB_ENDS,
    ),
    Mutant(
        "the gate needs two vendors, not two seats",
        "app/reporters/text/phrases.py:fails_gate",
        "len({vendors.get(name, name) for name in names}) > 1",
        "len(names) > 1",
        _GATE,
    ),
    Mutant(
        "a vote without evidence does not fail the gate",
        "app/reporters/text/phrases.py:fails_gate",
        " if vote.proof is not None)",
        ")",
        _GATE,
    ),
    Mutant(
        "the gate has a severity",
        "app/reporters/text/phrases.py:fails_gate",
        "ranked.finding.severity.weight >= gate.severity.weight and ",
        "",
        _GATE,
    ),
    Mutant(
        "only recommended findings fail the gate",
        "app/reporters/text/phrases.py:fails_gate",
        "verdict.standing(ProposalStanding.RECOMMENDED)",
        "verdict.ranked",
        _GATE,
    ),
    Mutant("a gate that is off is open", "app/reporters/text/phrases.py:fails_gate", "if not gate.enabled:", "if False:", _GATE),
    Mutant("GraphQL's own limit is a limit", "app/github/graphql_answer.py:check_limit", "problem.type in _LIMIT_TYPES or ", "", _LIMITS),
    Mutant(
        "a rate limit in an error message is recognized",
        "app/github/graphql_answer.py:check_limit",
        " or LIMITED.search(problem.message)",
        "",
        _LIMITS,
    ),
    Mutant(
        "a GraphQL write respects the limits",
        "app/github/installation_client.py:InstallationClient.mutate",
        "check_limit(problems)",
        "pass",
        _LIMITS,
    ),
    Mutant(
        "a limit without a header is a limit",
        "app/github/connection.py:_of_status",
        "(status in {403, 422} and LIMITED.search(text))",
        "False",
        _CLIENT,
    ),
    Mutant(
        "a proxy's error page is not GitHub's refusal",
        "app/github/connection.py:_of_status",
        """ or (status == 403 and not text.lstrip().startswith("{"))""",
        "",
        _LIMITS,
    ),
    Mutant("GitHub says how long to wait", "app/github/connection.py:_ours", "max(1.0, error.retry_after.total_seconds())", "1.0", _CLIENT),
    Mutant(
        "a write is sent once", "app/github/connection.py:GitHubConnection.repeat", "if attempt == RETRIES:", "if attempt > 10:", _CLIENT
    ),
    Mutant(
        "other vendors' models are not asked",
        "app/councils/council_factory.py:_allowed",
        "config.privacy.allows(vendor_of(name))",
        "True",
        _VENDORS,
    ),
    Mutant(
        "a vendor that is not allowed gets no seat",
        "app/councils/seat_selection.py:describe_candidate",
        "not config.privacy.allows(vendor_of(name))",
        "False",
        _VENDORS,
    ),
    Mutant(
        "a chair of a vendor that is not allowed writes nothing",
        "app/councils/model_routes.py:named_chair",
        "and config.privacy.allows(vendor_of(config.chair))",
        "",
        _VENDORS,
    ),
    Mutant(
        "the web process gets no provider keys",
        "app/configuration/settings.py:child_environment",
        "if with_keys:",
        "if True:",
        _ENVIRONMENT,
    ),
    Mutant("keys leave the environment", "app/configuration/settings.py:from_environment", "forget_keys(os.environ)", "pass", _ENVIRONMENT),
    Mutant(
        "a program gets a minimal environment",
        "app/configuration/settings.py:program_environment",
        "select_variables(os.environ, *PROGRAM)",
        "dict(os.environ)",
        _ENVIRONMENT,
    ),
    Mutant(
        "ruff reads no configuration",
        "reviewers/seats/analyzers/ruff.py",
        '            "--isolated",\n',
        "",
        ("tests/reviewers/test_analyzers.py",),
    ),
    Mutant(
        "a page needs a role",
        "app/web/viewer.py:Viewer.repository",
        "found is None or found.permission < Permission.READ",
        "found is None",
        _VIEWS,
    ),
    Mutant("a page shows the person's rights", "app/web/viewer.py:Viewer.repository", "if found.permission < needed:", "if False:", _VIEWS),
    Mutant("a session belongs to a person", "app/web/viewer.py:_viewer", " or not session.github_id", "", ("tests/app/web/test_setup.py",)),
    Mutant(
        "admin pages are for admins", "app/web/viewer.py:_admin", "if not viewer.is_admin:", "if False:", ("tests/app/web/test_admin.py",)
    ),
    Mutant(
        "a suspended installation is not swept",
        "app/work/maintenance/reconcile.py:_sweep",
        "if installation.suspended_at:",
        "if False:",
        ("tests/stories/test_wrong_key.py -k sweep",),
    ),
    Mutant(
        "one installation's failure does not stop the others",
        "app/work/maintenance/reconcile.py:_sweep",
        "except CouncilError as error:",
        "except ZeroDivisionError as error:",
        ("tests/stories/test_wrong_key.py -k sweep",),
    ),
    Mutant(
        "pull requests older than the installation are left alone",
        "app/work/maintenance/reconcile.py:sweep_installation",
        "if pull.changed_at >= since",
        "if True",
        ("tests/stories/test_reliability.py -k before",),
    ),
    Mutant(
        "all files are listed",
        "app/github/pull_request.py",
        "MAX_FILES = 3000",
        "MAX_FILES = 300",
        ("tests/app/github/test_pull_request.py -k beyond",),
    ),
    Mutant(
        "a late label on an older head requests no review",
        "app/work/reviews/rerun.py:look_again",
        "if run is None or run.head_sha != job.head_sha:",
        "if run is None:",
        ("tests/stories/test_heads.py -k late",),
    ),
    Mutant(
        "a summary is restored although a write failed",
        "app/work/reviews/restore_summary.py:restore",
        "shown.id == latest.id",
        "review.claim.error",
        ("tests/stories/test_wanted_again.py",),
    ),
    Mutant(
        "an automatic review that is skipped replaces no verdict of a command",
        "app/work/reviews/review_inputs.py:load_inputs",
        "if not await keep_verdict(review):",
        "if True:",
        ("tests/stories/test_wanted_again.py -k without_a_verdict",),
    ),
    Mutant(
        "an automatic review that fails replaces no verdict of a command",
        "app/work/reviews/give_up.py:_give_up_run",
        "not _is_silent(run) and not await keep_verdict(review)",
        "not _is_silent(run)",
        ("tests/stories/test_wanted_again.py -k without_a_verdict",),
    ),
    Mutant(
        "a head shows its newest review, independent of who asked",
        "app/work/reviews/restore_summary.py:restore",
        "run.number, run.head_sha)",
        "run.number)",
        ("tests/stories/test_wanted_again.py",),
    ),
    Mutant(
        "a skipped head is checked again after a change",
        "app/store/queue/missed_deliveries.py:known_heads",
        "skipped_at is None or heads[head] <= skipped_at - _SKEW_SECONDS",
        "True",
        ("tests/app/store/test_missing.py",),
    ),
    Mutant(
        "a settings file that could not be read is tried again",
        "app/store/queue/missed_deliveries.py:_is_worth_a_try",
        "or_(_RUN.c.state == RunState.DEAD, unread)",
        "_RUN.c.state == RunState.DEAD",
        ("tests/app/store/test_missing.py",),
    ),
    Mutant(
        "a newly granted permission needs a new token",
        "app/github/github_app.py:_TokenUse.renew",
        "self.grant.minted < self.since and",
        "False and",
        ("tests/app/github/test_client.py",),
    ),
    Mutant(
        "a refused re-run keeps a reviewed head's conclusion",
        "app/work/reviews/review.py:_say_declined",
        "earlier is not None and earlier.head_sha == run.head_sha",
        "False",
        ("tests/stories/test_who_pays.py",),
    ),
    Mutant(
        "a run that somebody holds is not withdrawn",
        "app/store/reviews/runs.py:list_unwithdrawn",
        "or_(_JOB.c.finished_at.is_(None), _JOB.c.lease_until > now)",
        "_JOB.c.finished_at.is_(None)",
        _WRONG_ENDS,
    ),
    Mutant(
        "a run that paid nothing stops no command",
        "app/store/reviews/runs.py:was_spent_on_another",
        "_RUN.c.head_sha != head_sha, called",
        "_RUN.c.head_sha != head_sha",
        _WRONG_ENDS,
    ),
    Mutant(
        "a head that was reviewed before is re-run",
        "app/store/queue/job_list.py:reviews_since",
        "_JOB.c.created_at >= since, ~reviewed",
        "_JOB.c.created_at >= since",
        _WRONG_ENDS,
    ),
    Mutant(
        "a full sweep finds an outdated summary",
        "app/store/queue/missed_deliveries.py:known_heads",
        "if now == math.inf:",
        "if False:",
        _WRONG_ENDS,
    ),
)
