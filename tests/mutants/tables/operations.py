"""Sabotages of what operators rely on: metrics, traces, secrets from files, backups, keys."""

from tests.mutants.mutant import Mutant

_TELEMETRY = ("tests/app/telemetry/test_telemetry.py",)
_BACKUP = ("tests/app/cli/test_backup.py",)
_BACKUP_PAGE = ("tests/app/cli/test_backup_page.py",)
_LOST_KEY = ("tests/app/cli/test_lost_key.py",)
_RESEALING = ("tests/app/store/test_resealing.py",)
_TRACING = ("tests/app/telemetry/test_tracing.py",)

MUTANTS = (
    Mutant("label values are bounded", "app/telemetry/telemetry.py:Telemetry._bound", ">= MOST_VALUES", ">= 10**9", _TELEMETRY),
    Mutant(
        "model names in metrics are bounded", "app/web/metrics.py:bound_models", "most_common(MOST_MODELS)", "most_common()", _TELEMETRY
    ),
    Mutant(
        "unknown paths count as one route",
        "app/web/observing.py:route_of",
        'str(getattr(scope.get("route"), "path", "")) or "unmatched"',
        'str(scope["path"])',
        _TELEMETRY,
    ),
    Mutant(
        "a made-up provider is other",
        "app/councils/observed_model.py:ObservedModel._provider",
        "provider_spec.name if provider_spec else OTHER",
        "provider_of(self.name)",
        _TELEMETRY,
    ),
    Mutant(
        "the wait in the queue is measured",
        "app/store/queue/claims.py:_claim",
        "now, row.run_at, row.trace",
        "now, now, row.trace",
        ("tests/app/store/test_claims.py -k waited",),
    ),
    Mutant(
        "a worker without services is not ready",
        "app/web/worker_port.py:WorkerPort._readyz",
        "if self._services is None:",
        "if False:",
        _TELEMETRY,
    ),
    Mutant(
        "a review's end is measured",
        "app/work/reviews/review_run.py:ReviewRun.advance",
        "observe_run_end(self.services, self.claim, state)",
        "pass",
        _TELEMETRY,
    ),
    Mutant("a worker continues the delivery's trace", "app/store/queue/deliveries.py:_upsert", 'traces.get(job_id, "")', '""', _TRACING),
    Mutant(
        "no content in traces unless it is enabled",
        "app/councils/observed_model.py:ObservedModel.complete",
        "if tracer.keeps_content:",
        "if True:",
        _TRACING,
    ),
    Mutant(
        "a trace holds no text of an error",
        "app/telemetry/opentelemetry.py:OpenTelemetryTracer.span",
        "record_exception=False",
        "record_exception=True",
        _TRACING,
    ),
    Mutant(
        "each publication is in the trace",
        "app/work/reviews/publish.py:_surface",
        'f"publish {reporter.surface}"',
        '"publish"',
        _TRACING,
    ),
    Mutant(
        "nothing is imported without a collector",
        "app/operations/telemetry.py:build_telemetry",
        "if not settings.otel_endpoint:",
        "if False:",
        _TRACING,
    ),
    Mutant(
        "the collector's key is a secret",
        "app/configuration/settings.py:Settings.secrets",
        ", *(value for _, value in self.otel_headers if len(value) >= SHORTEST_SECRET))",
        ")",
        _TRACING,
    ),
    Mutant(
        "a secret that is set twice is refused",
        "app/configuration/secret_files.py:read_secret_files",
        "if name in found:",
        "if False:",
        ("tests/app/test_secret_files.py",),
    ),
    Mutant(
        "an empty secret file is refused",
        "app/configuration/secret_files.py:_read",
        "if not text:",
        "if False:",
        ("tests/app/test_secret_files.py",),
    ),
    Mutant(
        "secrets are removed from libraries' logs",
        "app/log.py:CleanFormatter.format",
        'self.clean(None, "", event)',
        "event",
        ("tests/app/test_log.py",),
    ),
    Mutant(
        "a query is not logged",
        "app/web/observing.py:_log",
        'path=scope["path"]',
        'path=str(scope["query_string"])',
        ("tests/app/test_log.py",),
    ),
    Mutant(
        "a modified backup is refused",
        "app/operations/backup.py:Backups.check",
        'if about and about.get("sha256") != file.sha256:',
        "if False:",
        _BACKUP,
    ),
    Mutant(
        "no data is replaced without confirmation",
        "app/operations/backup.py:Backups.restore",
        "if not replace and",
        "if False and",
        _BACKUP,
    ),
    Mutant(
        "a database in use is not replaced",
        "app/operations/backup.py:Backups.restore",
        "await self.require_unused()",
        "pass",
        _BACKUP,
    ),
    Mutant(
        "a password is no argument",
        "app/store/engine/postgres_backup.py:_without_password",
        'netloc = f"{name}@{place}" if name else place',
        "netloc = parts.netloc",
        _BACKUP,
    ),
    Mutant(
        "a backup that fails leaves no file",
        "app/operations/backup.py:Backups.write",
        "part.unlink(missing_ok=True)",
        "pass",
        _BACKUP_PAGE,
    ),
    Mutant(
        "a backup of another kind is refused",
        "app/operations/backup.py:Backups.check",
        "if file.kind != wanted:",
        "if False:",
        _BACKUP_PAGE,
    ),
    Mutant(
        "a restore names the key that is missing",
        "app/cli/backup.py:restore",
        "if made.sealed_by and made.sealed_by != key:",
        "if False:",
        _BACKUP_PAGE,
    ),
    Mutant(
        "a web process says why it does not start",
        "app/services/web.py:require_start",
        "await check_key(database, vault, now())",
        "pass",
        _LOST_KEY,
    ),
    Mutant(
        "credentials under a lost key are named",
        "app/configuration/app_credentials.py:complete_settings",
        "except Unsealable:",
        "except ZeroDivisionError:",
        _LOST_KEY,
    ),
    Mutant(
        "a resumed rotation knows its progress",
        "app/store/security/resealing.py:Rotation._reseal_bytes",
        "return {}, Resealed(before=1)",
        "pass",
        _RESEALING,
    ),
    Mutant(
        "nothing starts during a key rotation",
        "app/store/security/key_check.py:check_key",
        "if await _known(database, ROTATION):",
        "if False:",
        _RESEALING,
    ),
    Mutant(
        "a rotation covers all rows",
        "app/store/security/resealing.py:Rotation._walk",
        "if not rows:",
        "if len(rows) < 9:",
        _RESEALING,
    ),
    Mutant(
        "a resumed rotation uses the key that it created",
        "app/operations/key_rotation.py:_open_next",
        "if not _next_file(settings).exists():",
        "if True:",
        ("tests/app/test_rotating.py",),
    ),
    Mutant(
        "a silent collector does not delay shutdown",
        "app/telemetry/opentelemetry.py:OpenTelemetryTracer.close",
        "thread.join(max(0.0, until - time.monotonic()))",
        "thread.join()",
        ("tests/app/telemetry/test_tracing.py -k delays_no_shutdown",),
    ),
)
