"""The evidence that each specialist requests by name, with its command, and the effect on confidence once it is there."""

import pytest

from reviewers.context.snapshot import Project
from reviewers.specialists import SPECIALISTS
from reviewers.values.question import Dossier, Inquiry, Material, MaterialKind

BARE = "why is it so?"
GO = Project(languages=(("Go", 3),))


def missing(name: str, question: str = BARE, *materials: Material, project: Project = GO) -> dict[str, str]:
    dossier = Dossier(repository="acme/shop", materials=materials, project=project)
    inquiry = Inquiry(seed="s", question=question, specialist=name)
    return {each.name: each.command for each in SPECIALISTS[name].missing(inquiry, dossier)}


def test_specialists_except_the_generalist_name_their_evidence() -> None:
    assert not missing("ask")
    for name in set(SPECIALISTS) - {"ask"}:
        assert missing(name), name


@pytest.mark.parametrize(
    ("name", "evidence", "command"),
    [
        ("debug", "the error with its stack trace or log", "GOTRACEBACK=all COMMAND 2>&1 | tail -n 80"),
        ("debug", "the version that runs", "git rev-parse HEAD"),
        ("performance", "a profile or measurements", "go tool pprof -top http://HOST/debug/pprof/profile?seconds=30"),
        ("security", "the code it is about", "git grep -n SYMBOL"),
        ("integration", "one request and its answer", "curl -v URL"),
        ("tests", "which tests cover it", "go test -cover ./..."),
        ("refactor", "which tests cover it", "go test -cover ./..."),
        ("quality", "the code it is about", "git grep -n SYMBOL"),
        ("explain", "the code it is about", "git grep -n SYMBOL"),
        ("ci", "the log of a red check", "gh run view --log-failed"),
        ("architecture", "the load and the growth it must bear", ""),
        ("learn", "what is known already, and what is to be done with it", ""),
    ],
)
def test_missing_evidence_is_requested_with_its_command(name: str, evidence: str, command: str) -> None:
    assert missing(name)[evidence] == command


@pytest.mark.parametrize(
    ("name", "evidence", "question", "kind"),
    [
        ("debug", "the error with its stack trace or log", BARE, MaterialKind.TRACE),
        ("performance", "a profile or measurements", BARE, MaterialKind.METRICS),
        ("security", "who can reach it", "any anonymous visitor may call it", None),
        ("architecture", "the load and the growth it must bear", "for 10,000 users", None),
        ("learn", "what is known already, and what is to be done with it", "I know Rust but am new to async", None),
    ],
)
def test_present_evidence_is_not_requested(name: str, evidence: str, question: str, kind: MaterialKind | None) -> None:
    given = (Material(kind=kind, name="it", text="x", why="pasted"),) if kind else ()
    assert evidence in missing(name)
    assert evidence not in missing(name, question, *given)
