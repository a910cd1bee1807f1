"""The jobs of each event."""

from typing import Any

import pytest
import yaml

from webhooks.delivery import Delivery
from webhooks.handlers import HANDLERS
from webhooks.jobs import (
    Acknowledge,
    AnswerInThread,
    CancelReviews,
    ChangePlan,
    CheckMergeGroup,
    ExplainChecks,
    InstallationChange,
    Job,
    LookAgain,
    RerunHead,
    ReviewCause,
    ReviewPullRequest,
    SendReply,
    SyncInstallation,
)

REPOSITORY = {"id": 7, "full_name": "acme/shop"}


def jobs(event: str, **payload: Any) -> tuple[Job, ...]:
    body = {"repository": REPOSITORY, "sender": {"login": "ada", "type": "User"}, "installation": {"id": 42}} | payload
    delivery = Delivery(guid="guid-1", event=event, action=str(body.get("action", "")), installation_id=42, digest="d", payload=body)
    return HANDLERS[event](delivery)


def pull_request(action: str, **more: Any) -> tuple[Job, ...]:
    return jobs("pull_request", action=action, pull_request={"number": 5, "head": {"sha": "abc"}}, **more)


@pytest.mark.parametrize("action", ["opened", "reopened", "synchronize", "ready_for_review"])
def test_a_new_head_is_reviewed(action: str) -> None:
    (job,) = pull_request(action)
    assert isinstance(job, ReviewPullRequest)
    assert job.key == "review:7:5:abc:auto"
    assert job.pushed == (action == "synchronize")


@pytest.mark.parametrize("action", ["closed", "converted_to_draft"])
def test_a_closed_pull_request_cancels_its_reviews(action: str) -> None:
    (job,) = pull_request(action)
    assert isinstance(job, CancelReviews)


def test_a_new_base_is_a_new_diff_of_the_same_head() -> None:
    (job,) = pull_request("edited", changes={"base": {"ref": {"from": "main"}}})
    assert isinstance(job, ReviewPullRequest)
    assert job.trigger == "guid-1"


@pytest.mark.parametrize("action", ["edited", "assigned", "stacked", ""])
def test_other_events_are_ignored(action: str) -> None:
    assert pull_request(action, changes={"body": {"from": "x"}}) == ()


@pytest.mark.parametrize("action", ["labeled", "unlabeled", "edited"])
def test_a_skipped_pull_request_is_checked_again(action: str) -> None:
    (job,) = pull_request(action, changes={"title": {"from": "x"}})
    assert isinstance(job, LookAgain) and (job.number, job.head_sha) == (5, "abc")


def test_a_re_run_follows_the_check_run_s_external_id() -> None:
    head = {"head_sha": "abc", "external_id": "council:7:fed", "pull_requests": [{"number": 99}]}
    (job,) = jobs("check_run", action="rerequested", check_run=head)
    assert isinstance(job, RerunHead) and (job.head_sha, job.login) == ("fed", "ada")
    assert jobs("check_run", action="rerequested", check_run=head | {"external_id": "council:8:fed"}) == ()
    suite = {"id": 3, "head_sha": "abc", "app": {"slug": "council"}, "pull_requests": []}
    (job,) = jobs("check_suite", action="rerequested", check_suite=suite)
    assert isinstance(job, RerunHead) and job.head_sha == "abc"


def test_a_merge_group_gets_a_check_until_it_is_destroyed() -> None:
    group = {"head_sha": "b", "head_ref": "refs/heads/gh-readonly-queue/main/pr-5-a", "base_sha": "a", "base_ref": "refs/heads/main"}
    (job,) = jobs("merge_group", action="checks_requested", merge_group=group)
    assert isinstance(job, CheckMergeGroup) and (job.head_sha, job.base_sha) == ("b", "a")
    assert jobs("merge_group", action="destroyed", merge_group=group) == ()


def test_a_review_s_text_may_command_and_gets_no_reaction() -> None:
    review = {"id": 9, "body": "Fine, but:\n\n/council review", "user": {"login": "ada", "type": "User"}}
    (job,) = jobs("pull_request_review", action="submitted", review=review, pull_request={"number": 5})
    assert isinstance(job, ReviewPullRequest) and (job.in_review, job.number, job.login) == (True, 5, "ada")
    assert jobs("pull_request_review", action="submitted", review=review | {"body": None}, pull_request={"number": 5}) == ()
    assert jobs("pull_request_review", action="dismissed", review=review, pull_request={"number": 5}) == ()


_SAID = {"id": 99, "body": "/council review", "user": {"login": "ada", "type": "User"}}
_NULLED = {
    "issue_comment": {"issue": {"number": 5, "pull_request": {}}, "comment": _SAID},
    "pull_request_review_comment": {"pull_request": {"number": 5}, "comment": _SAID},
    "pull_request_review": {"pull_request": {"number": 5}, "review": _SAID},
    "issues": {"issue": _SAID | {"number": 5, "pull_request": {}}},
}


@pytest.mark.parametrize("event", _NULLED)
@pytest.mark.parametrize("null", ["sender", "installation", "changes"])
def test_a_null_field_counts_as_missing(event: str, null: str) -> None:
    body = _NULLED[event] | {"changes": {"body": {"from": None}}, "action": "edited"} | {null: None}
    if null != "changes":
        assert [job for job in jobs(event, **body) if isinstance(job, ReviewPullRequest)]
    new = {"issues": "opened", "pull_request_review": "submitted"}.get(event, "created")
    (job,) = (job for job in jobs(event, **(body | {"action": new})) if isinstance(job, ReviewPullRequest))
    assert job.login == "ada"


def _red(event: str, **payload: Any) -> tuple[Job, ...]:
    return jobs(event, action="completed", **payload)


def test_a_failure_is_explained_by_its_head() -> None:
    (run,) = _red("workflow_run", workflow_run={"id": 3, "run_attempt": 2, "head_sha": "abc", "conclusion": "failure"})
    (suite,) = _red("check_suite", check_suite={"id": 4, "head_sha": "abc", "conclusion": "timed_out", "app": {"slug": "circleci"}})
    (status,) = jobs("status", id=5, sha="abc", state="error")
    assert all(isinstance(job, ExplainChecks) and job.head_sha == "abc" for job in (run, suite, status))
    assert run.key == "ci:7:abc:workflow_run:3:2"
    assert len({run.key, suite.key, status.key}) == 3


def test_passing_and_repeated_runs_are_not_explained() -> None:
    assert _red("workflow_run", workflow_run={"id": 3, "head_sha": "abc", "conclusion": "success"}) == ()
    assert jobs("workflow_run", action="requested", workflow_run={"id": 3, "head_sha": "abc", "conclusion": None}) == ()
    assert _red("check_suite", check_suite={"id": 4, "head_sha": "abc", "conclusion": "failure", "app": {"slug": "github-actions"}}) == ()
    assert jobs("status", id=5, sha="abc", state="pending") == ()


def comment(body: str, *, on_pull_request: bool = True, kind: str = "User", action: str = "created") -> tuple[Job, ...]:
    issue: dict[str, Any] = {"number": 5} | ({"pull_request": {"url": "x"}} if on_pull_request else {})
    return jobs(
        "issue_comment",
        action=action,
        issue=issue,
        comment={"id": 99, "body": body, "user": {"login": "ada", "type": kind}},
        sender={"login": "ada", "type": kind},
    )


def test_a_command_is_acknowledged_and_run() -> None:
    seen, review = comment("/council review the locking")
    assert isinstance(seen, Acknowledge)
    assert isinstance(review, ReviewPullRequest)
    assert (review.cause, review.trigger, review.focus, review.login) == (ReviewCause.COMMAND, "99-12bad10943", "the locking", "ada")


def test_bots_edits_and_small_talk_run_no_command() -> None:
    assert comment("/council review", kind="Bot") == ()
    assert comment("/council review", action="edited") == ()
    assert comment("looks good to me") == ()


ADA, BOT = {"login": "ada", "type": "User"}, {"login": "helper[bot]", "type": "User"}


def said(event: str = "issue_comment", action: str = "created", **more: Any) -> tuple[Job, ...]:
    """A comment of ada's that commands a review; `locked` is the conversation's, and `was` the text before an edit."""
    written = {"id": 99, "body": "/council review", "user": more.pop("user", ADA)} | more.pop("comment", {})
    place = {"number": 5, "locked": more.pop("locked", False), "pull_request": {"url": "x"}}
    changes = {"changes": {"body": {"from": more.pop("was")}}} if "was" in more else {}
    return jobs(event, action=action, issue=place, pull_request=place, comment=written, **{"sender": ADA} | changes | more)


@pytest.mark.parametrize("event", ["issue_comment", "pull_request_review_comment"])
@pytest.mark.parametrize("more", [{"sender": BOT}, {"user": BOT}, {"locked": True}, {"action": "deleted"}, {"action": "edited"}])
def test_unauthorized_commands_are_ignored(event: str, more: dict[str, Any]) -> None:
    assert len(said(event)) == 2
    assert said(event, **more) == ()


@pytest.mark.parametrize("event", ["issue_comment", "pull_request_review_comment"])
def test_an_edit_counts_for_its_editor(event: str) -> None:
    """Without a named editor it counts for nobody."""
    eve = {"login": "eve", "type": "User"}
    logins = {job.login for job in said(event, action="edited", was="", sender=eve) if isinstance(job, ReviewPullRequest)}
    assert logins == {"eve"}
    nobody = [job for job in said(event, action="edited", was="", sender=None) if isinstance(job, ReviewPullRequest)]
    assert {job.login for job in nobody} == {""}


def test_a_reply_in_a_thread_goes_to_the_seats() -> None:
    """A separate comment does not."""
    event = "pull_request_review_comment"
    (answer,) = said(event, comment={"body": "Is that so?", "in_reply_to_id": 71})
    assert isinstance(answer, AnswerInThread) and (answer.thread_id, answer.comment_id) == (71, 99)
    assert said(event, comment={"body": "Is that so?"}) == ()
    seen, *_ = said(event, comment={"in_reply_to_id": 71})
    assert isinstance(seen, Acknowledge) and seen.thread_id == 71


@pytest.mark.parametrize(("button", "pressed"), [("rerun", 1), ("other", 0), (None, 0)])
def test_only_our_own_button_re_runs(button: str | None, pressed: int) -> None:
    run = {"head_sha": "abc", "external_id": "council:7:fed"}
    action = {"requested_action": {"identifier": button} if button else None}
    assert len(jobs("check_run", action="requested_action", check_run=run, **action)) == pressed


@pytest.mark.parametrize(("slug", "asked"), [("council", 1), ("Council", 1), ("other-ci", 0), ("", 1)])
def test_a_suite_of_another_app_is_not_re_run(slug: str, asked: int) -> None:
    suite = {"id": 3, "head_sha": "abc", "app": {"slug": slug}}
    payload = {"action": "rerequested", "check_suite": suite, "repository": REPOSITORY, "installation": {"id": 42}}
    delivery = Delivery(
        guid="g", event="check_suite", action="rerequested", installation_id=42, digest="d", payload=payload, slug="council"
    )
    assert len(HANDLERS["check_suite"](delivery)) == asked


def test_a_review_command_on_an_issue_is_answered() -> None:
    _, answer = comment("/council review", on_pull_request=False)
    assert isinstance(answer, SendReply)
    assert "works on a pull request" in answer.text


def test_several_answers_to_one_comment_become_one() -> None:
    answers = [job for job in comment("/council help\n/council reveiw\n/council help") if isinstance(job, SendReply)]
    assert len(answers) == 1
    assert "Did you mean" in answers[0].text and "/council help" in answers[0].text


def check_run(**more: Any) -> tuple[Job, ...]:
    run = {"head_sha": "abc", "external_id": "council:run-1", "pull_requests": [{"number": 5}]} | more
    return jobs("check_run", action="rerequested", check_run=run)


def test_our_check_run_can_be_re_run() -> None:
    (job,) = check_run()
    assert isinstance(job, ReviewPullRequest)
    assert (job.cause, job.number, job.trigger, job.rerun_of) == (ReviewCause.RERUN, 5, "guid-1", "run-1")


def test_a_fork_s_check_run_is_found_by_its_run() -> None:
    (job,) = check_run(pull_requests=[])
    assert isinstance(job, ReviewPullRequest)
    assert (job.number, job.rerun_of) == (0, "run-1")


@pytest.mark.parametrize("external_id", [None, "", "ci-1"])
def test_check_runs_of_others_are_not_ours(external_id: str | None) -> None:
    assert check_run(external_id=external_id) == ()


def test_installations_come_and_go() -> None:
    installed = jobs("installation", action="created", installation={"id": 42, "account": {"login": "acme"}}, repositories=[REPOSITORY])
    assert isinstance(installed[0], SyncInstallation)
    assert installed[0].change is InstallationChange.ADDED
    changed = jobs(
        "installation_repositories",
        action="removed",
        installation={"id": 42, "account": None},
        repositories_added=[],
        repositories_removed=[REPOSITORY],
    )
    assert isinstance(changed[0], SyncInstallation)
    assert changed[0].change is InstallationChange.REMOVED
    permitted = jobs("installation", action="new_permissions_accepted", installation={"id": 42})
    assert isinstance(permitted[0], SyncInstallation)
    assert permitted[0].change is InstallationChange.PERMITTED


def test_the_manifest_requests_the_handled_events() -> None:
    with open("app.yml") as file:  # noqa: PTH123
        manifest = yaml.safe_load(file)
    exempt = {"installation", "installation_repositories", "marketplace_purchase", "ping"}
    assert set(manifest["default_events"]) == set(HANDLERS) - exempt


@pytest.mark.parametrize(
    ("action", "plan"),
    [("purchased", "Team"), ("changed", "Team"), ("cancelled", ""), ("pending_change", None), ("pending_change_cancelled", None)],
)
def test_a_purchase_sets_the_plan_when_it_takes_effect(action: str, plan: str | None) -> None:
    purchase = {"account": {"id": 1, "login": "acme", "type": "Organization"}, "plan": {"id": 9, "name": "Team"}, "unit_count": 1}
    found = jobs("marketplace_purchase", action=action, effective_date="2026-11-01T00:00:00+00:00", marketplace_purchase=purchase)
    wanted = () if plan is None else (ChangePlan(account="acme", plan=plan, changed_at=1793491200.0, guid="guid-1"),)
    assert found == wanted
