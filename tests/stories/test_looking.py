"""Seats look around the repository of a pull request: over git's own wire, once, and without ever blocking a review."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import failpoints
from app.cli.pull_request_repository import open_pull_request_repository
from app.reporters.text.inline_text import marked_finding
from app.sandbox.github import reviewing
from app.sandbox.providers.response_script import COUNSEL, CRITIQUE, OPINION, ScriptedMember
from app.store.reviews.runs import stored_verdict
from reviewers.context.repository.looks import Look, LookKind
from reviewers.values.verdict import Verdict
from tests.stories.test_crash import Died, work
from tests.system import SEATS, InProcessSystem, SystemOptions, start_system

BASE = {
    "app/charge.py": "def charge(order, retries):\n    for _ in range(retries):\n        order.pay()\n",
    "billing/jobs.py": "from app.charge import charge\n\n\ndef nightly(orders):\n    for order in orders:\n        charge(order, 3)\n",
    ".github/council.yml": "seats: [" + ", ".join(SEATS) + "]\n",
}
HEAD = {"app/charge.py": "def charge(order):\n    order.pay()\n    order.close()\n"}
CALL = {"path": "billing/jobs.py", "line": 6, "quote": "        charge(order, 3)"}
BREAKS = {
    "title": "The nightly job still passes two arguments to charge",
    "body": "`nightly` calls `charge(order, 3)`, which now raises TypeError for every order. Keep the parameter.",
    "severity": "high",
    "category": "api",
    "path": "app/charge.py",
    "quote": "def charge(order):",
    "line": 1,
    "suggestion": "",
    "evidence": [CALL],
}
USES = {"kind": "uses", "target": "charge", "first": 0, "last": 0, "glob": ""}


@contextlib.asynccontextmanager
async def open_system(data: Path, base: dict[str, str] = BASE, **settings: object) -> AsyncIterator[InProcessSystem]:
    async with start_system(data, SystemOptions(SEATS, settings={"fallback": "off", **settings}, base=base, head=HEAD)) as system:
        for seat in system.seats:
            script(system, seat)
        yield system


def script(system: InProcessSystem, seat: str, **more: object) -> None:
    looks = {OPINION: [USES], CRITIQUE: [USES]}
    vote = ("confirm", "The caller still passes two arguments.", "billing/jobs.py", "        charge(order, 3)")
    given = {"findings": [BREAKS] if seat == SEATS[0] else [], "looks": looks, "otherwise": vote} | more
    system.sandbox.providers.script(seat.split("/", 1)[1], ScriptedMember(**given))  # type: ignore[arg-type]


async def test_an_unchanged_file_can_be_the_evidence_of_a_finding(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system:
        pull = system.open()
        await system.settle()
        (body,) = system.comments(pull)
        assert "· evidence in [`billing/jobs.py:6`](" in body
        assert "(`billing/jobs.py:6`)" in body, "the line that the votes rest on"
        assert body.count("- looked around: uses `charge`") == len(SEATS)
        assert "the rest of the repository" not in body
        # Two turns of each seat, two of each of the two critics, and the chair.
        assert system.bought() == 2 * 3 + 2 * 2 + 1


@pytest.mark.parametrize("settings", [{"mirrors": False}, {"mirrors_mb": 1, "repository_seconds": 0}])
async def test_a_review_continues_without_a_mirror(tmp_path: Path, settings: dict[str, object]) -> None:
    async with open_system(tmp_path, **settings) as system:
        pull = system.open()
        await system.settle()
        (body,) = system.comments(pull)
        assert "1 high" in body and "looked around" not in body
        assert ("the rest of the repository" in body) is ("mirrors" in settings)
        # The quoted line cannot be checked, so it is no evidence.
        assert "evidence in" not in body
        assert system.bought() == 3 + 2 + 1


@pytest.mark.slow
async def test_a_repository_can_turn_looks_off(tmp_path: Path) -> None:
    quiet = {**BASE, ".github/council.yml": BASE[".github/council.yml"] + "review: {looks: false}\n"}
    async with open_system(tmp_path, quiet) as system:
        system.open()
        await system.settle()
        assert system.bought() == 3 + 2 + 1


@dataclass
class DiesAfter:
    """Dies when so many answers are stored."""

    answers: int

    def __call__(self, name: str) -> None:
        self.answers -= name == "answer stored"
        if self.answers == 0:
            raise Died(name)


@pytest.mark.parametrize("answers", [1, 4, 7])
async def test_a_crash_between_two_turns_pays_nothing_twice(tmp_path: Path, answers: int) -> None:
    async with open_system(tmp_path) as system:
        pull = system.open()
        await system.sandbox.settled()
        await work(system, DiesAfter(answers), "dies", 0.0)
        await work(system, failpoints.no_failpoint, "ends", 100.0)
        assert "evidence in" in system.comments(pull)[0]
        questions = [(call.model, call.prompt_sha256) for call in system.sandbox.providers.calls]
        assert len(set(questions)) == 2 * 3 + 2 * 2 + 1
        # Only a call of another seat that was in flight when the process died may be repeated.
        assert len(questions) - len(set(questions)) <= len(SEATS) - 1


async def test_a_hostile_look_shows_nothing_of_this_machine(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system:
        targets = ("/etc/passwd", "../../../../etc/passwd", ".git/config", "~/.ssh/id_rsa", "billing", "")
        script(system, SEATS[0], looks={OPINION: [{"kind": "read", "target": target} for target in targets]})
        system.open()
        await system.settle()
        async with system.services.database.read() as connection:
            verdict = Verdict.model_validate_json(await stored_verdict(connection, ""))
        seat = next(each for each in verdict.seats if each.seat == "gpt-5.5")
        looks = [look for look in seat.looks if look.stage == "opinion"]
        assert len(looks) == len(targets) and not any(look.shown for look in looks)


async def test_a_person_can_look_at_a_pull_requests_head(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system:
        pull = system.open()
        async with open_pull_request_repository(system.settings, "acme/shop", pull.number) as opened:
            assert opened.view is not None, opened.problem
            answer = await opened.view.look(Look(kind=LookKind.USES, target="charge"), 2_000)
        assert "billing/jobs.py\n" in answer.text and "6\t        charge(order, 3)" in answer.text


LOG = (
    "##[group]Run pytest\n=== FAILURES ===\n___ test_charge ___\napp/charge.py:1: in charge\nE   TypeError: charge() takes 1 argument\n"
    "##[error]Process completed with exit code 1.\n"
)
RESTORE = {"first_line": 1, "last_line": 1, "replacement": "def charge(order, retries=1):", "note": "The parameter is kept."}
ANSWERS = {
    "ThreadAnswer": {"answer": "`billing/jobs.py:6` still passes two.", "withdraw": False},
    "FixAnswer": RESTORE,
    "FixVote": {"stance": "confirm", "evidence": "Both callers still work."},
}


SOLUTION = {
    "title": "Take the second argument out of the nightly job",
    "approach": "`charge` lost its parameter, and the nightly job still passes it.",
    "steps": ["Call `charge(order)`."],
    "effort": "minutes",
    "risk": "low",
    "verify": "The test is green.",
    "facets": [
        {"name": "cause", "text": "app/charge.py:1 takes one argument."},
        {"name": "origin", "text": "This change took the parameter away."},
    ],
    "evidence": [{"source": "billing/jobs.py", "line": 6, "quote": "        charge(order, 3)"}],
}


@pytest.mark.slow
async def test_threads_fixes_and_failing_checks_use_looks_too(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system:
        looks = {question: [USES] for question in (OPINION, CRITIQUE, COUNSEL, *ANSWERS)}
        for seat in SEATS:
            script(system, seat, looks=looks, answers=ANSWERS, solutions=[SOLUTION])
        system.repository.add_collaborator("ada", "write")
        system.repository.add_contributor("octo-dev")
        pull = system.open(fork=True)
        await system.settle()
        root, bought = pull.reviews[0].comments[0], system.bought()

        reviewing.reply(system.repository, pull, root.id, system.sandbox.world.user("ada"), "Nobody passes two arguments.")
        await system.settle()
        (answer,) = [
            comment.body for review in pull.reviews for comment in review.comments if comment.in_reply_to and "found it" in comment.body
        ]
        assert "`billing/jobs.py:6` still passes two." in answer and "looked around: uses `charge`." in answer
        assert system.bought() == bought + 2, "who raised it looks, then answers"

        system.repository.comment(pull.number, "ada", f"/council fix {marked_finding(root.body)}")
        await system.settle()
        assert "+def charge(order, retries=1):" in system.comments(pull)[-1]
        assert system.bought() == bought + 2 + 2 + 2 * 2, "the writer and two critics look"

        system.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
        system.repository.comment(pull.number, "ada", "/council ci why?")
        await system.settle()
        assert "- `billing/jobs.py:6`: `charge(order, 3)`" in system.comments(pull)[-1], "a file that only a look shows"
