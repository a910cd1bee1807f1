"""Values that other programs read, written out by hand. A change here breaks them: add a value, but do not rename one.

What people read for these values is free to change; tests/app/web/test_snapshots.py and its siblings hold those texts.
"""

import dataclasses
import json
from enum import StrEnum

import pytest
from prometheus_client import generate_latest
from pydantic import BaseModel

from app.cli import doctor, models
from app.configuration.council_yml_keys import list_keys
from app.reporters.sarif import to_sarif
from app.reporters.text.inline_text import finding_marker
from app.reporters.text.phrases import confidence_text, list_posted
from app.store.figures import InstanceFigures
from app.store.queue.job_list import KIND_NAMES, JobFacts
from app.store.reviews.markers import ReviewMarker, job_marker
from app.store.reviews.pull_status import PullStatus, Stage
from app.store.spending.daily_spending import Calls
from app.store.tables.consultations import ConsultationState
from app.store.tables.core import JobState, RunState
from app.telemetry.telemetry import Telemetry
from app.telemetry.timings import TIMINGS
from app.web.metrics import registry_of
from app.web.routes import api
from reviewers.values.advice import Advice
from reviewers.values.finding import Category, Severity, Side
from reviewers.values.verdict import Outcome, ProposalStanding, RankedFinding, Stance, Verdict
from tests.app.reporters.editions import ranked, verdict
from webhooks.jobs import ReviewCause
from webhooks.tick_boxes import HEADING, REVIEW, render_box

VALUES: dict[type[StrEnum], str] = {
    JobState: "queued running done skipped superseded cancelled dead",
    RunState: "queued snapshot opinions critique verdict publishing published incomplete superseded cancelled dead",
    ConsultationState: "asked answered incomplete dead",
    Stage: "unknown, queued, under review, reviewed, incomplete, skipped, stopped, failed",
    ProposalStanding: "recommended, unconfirmed, also noted, disputed, rejected, dismissed",
    Outcome: "answered, abstained, timed out, refused to answer, gave an unusable answer, was unavailable, is misconfigured,"
    " was over budget",
    Stance: "confirm reject unsure",
    Severity: "critical high medium low",
    Category: "correctness security concurrency data errors performance api tests build maintainability style docs",
    Side: "LEFT RIGHT",
    ReviewCause: "auto command rerun",
}
# The keys of what `--json` prints, and the fields of the API's bodies.
FIELDS: dict[type, str] = {
    Verdict: "head_sha ranked discarded seats quorum answered coverage summary plan usage seconds incomplete unreviewable chosen plan_order"
    " walkthrough criteria minutes since",
    RankedFinding: "finding standing confidence calibrated raised_by votes why fingerprint short_id was score effective_voices",
    Advice: "specialist ranked discarded seats views quorum answered summary plan verify settle missing usage seconds dropped incomplete"
    " chosen minutes",
    JobFacts: "id kind state stage repository number failures crashes created_at run_at finished_at error",
    PullStatus: "stage head_sha reason headline run since",
    models.Offer: "model vendor input_usd cached_usd output_usd context retires retired configured sits",
    doctor.CheckLine: "what well said",
    api.RunResponse: "id number head_sha title author cause state reason headline created_at updated_at usd",
    api.Runs: "runs following",
    api.RunInFull: "run verdict",
    api.AskForReview: "number",
    api.AskCouncil: "question specialist follows",
    api.Accepted: "id",
    api.ConsultationResponse: "id state question title summary advice",
    api.Found: "id question title summary url likeness",
    api.SearchResult: "runs consultations",
    api.Problem: "message",
}
POSTED = "id title severity standing path line quote body suggestion"
JOB_KINDS = (
    "acknowledge again ask cancel ci closed command consult feedback installation judge merge_group notify plan prune reconcile refresh"
    " remember replay reply rerun resolved review tally thread"
)
SETTINGS = (
    "extends seats preset chair quorum review.on review.drafts review.first_time_authors review.skip.authors review.skip.labels"
    " review.skip.titles review.skip.branches review.paths review.instructions review.path_instructions review.publish review.walkthrough"
    " review.looks review.author_aware review.max_inline review.pause_after review.language gate.enabled gate.severity"
    " gate.confirmed_by_another_vendor gate.incomplete ci.read_logs ci.wait_seconds commands.cost commands.read limits.run_usd"
    " limits.pull_request_usd limits.day_usd limits.month_usd limits.month_consultations mirror.enabled mirror.max_mb notify.on"
    " notify.private_details privacy.store_transcripts privacy.encrypt_transcripts privacy.retention_days privacy.vendors"
)
TIMED = (
    *("council_ack_seconds", "council_page_seconds", "council_queue_wait_seconds", "council_job_seconds", "council_run_seconds"),
    "council_seat_call_seconds",
)
# Each metric and its labels.
METRICS = {
    "council_ack_seconds": "status",
    "council_page_seconds": "route status",
    "council_queue_wait_seconds": "kind",
    "council_job_seconds": "kind result",
    "council_run_seconds": "outcome",
    "council_seat_call_seconds": "provider purpose fault",
    "council_deliveries": "event result",
    "council_worker_jobs": "kind",
    "council_jobs": "kind state",
    "council_queue_age_seconds": "",
    "council_runs": "state",
    "council_notifications": "channel state",
    "council_model_call_seconds": "model fault",
    "council_spent_usd": "model",
}


@pytest.mark.parametrize("values", VALUES, ids=lambda kind: kind.__name__)
def test_values_of(values: type[StrEnum]) -> None:
    written = VALUES[values]
    assert [value.value for value in values] == written.split(", " if "," in written else " ")


@pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.__name__)
def test_fields_of(kind: type) -> None:
    names = kind.model_fields if issubclass(kind, BaseModel) else [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    assert list(names) == FIELDS[kind].split()


def test_posted_findings() -> None:
    assert list(list_posted(verdict(ranked("One")))[0]) == POSTED.split()


def test_kinds_of_jobs() -> None:
    assert sorted(KIND_NAMES) == JOB_KINDS.split()


def test_keys_of_council_yml() -> None:
    assert [key.key for key in list_keys()] == SETTINGS.split()


def test_confidence_words() -> None:
    assert [confidence_text(confidence, calibrated=False) for confidence in (0.9, 0.66, 0.5, 0.4, 0.1)] == ["likely"] * 2 + [
        "possible"
    ] * 2 + ["unlikely"]


def test_metrics() -> None:
    counted = InstanceFigures({("review", "done"): 1}, 0.0, {"published": 1}, (Calls("gpt", "", 1, 1.0, 1.0),), {("slack", "sent"): 1})
    families = [*Telemetry().registry.collect(), *registry_of(counted).collect()]
    assert {family.name for family in families} >= set(METRICS)
    shown = generate_latest(registry_of(counted)).decode()
    for line in (
        'council_jobs{kind="review",state="done"}',
        'council_runs_total{state="published"}',
        'council_spent_usd_total{model="gpt"}',
    ):
        assert line in shown
    assert {timing.name: timing.labels for timing in TIMINGS} == {name: tuple(METRICS[name].split()) for name in TIMED}
    for family in registry_of(counted).collect():
        assert all(sorted(sample.labels) == sorted(METRICS[family.name].split()) for sample in family.samples), family.name


@pytest.mark.parametrize(("severity", "level"), [("critical", "error"), ("high", "error"), ("medium", "warning"), ("low", "note")])
def test_sarif_levels(severity: str, level: str) -> None:
    run = json.loads(to_sarif(verdict(ranked("One", severity=Severity(severity)))))["runs"][0]
    (result,) = run["results"]
    assert (result["level"], list(result["partialFingerprints"])) == (level, ["council/v1"])
    assert sorted(result["properties"]) == ["confidence", "raisedBy", "severity"]


def test_markers() -> None:
    assert finding_marker("0123456789abcdef0123456789abcdef") == "<!-- council:finding 0123456789abcdef01234567 -->"
    assert str(ReviewMarker("summary", 7, "a" * 40, ("push", "12"))) == f"<!-- council:summary pull=7 head={'a' * 40} for=push,12 -->"
    assert job_marker("answer", "ask:1") == "<!-- council:answer for=ask:1 -->"
    assert (HEADING, render_box(REVIEW), render_box("dismiss `7f3a` x", ticked=True)) == (
        "Act on findings",
        "- [ ] review again",
        "- [x] dismiss `7f3a` x",
    )
