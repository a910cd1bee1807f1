"""Realistic examples of posted comments. Add an entry for each kind of comment."""

from dataclasses import replace

from app.reporters.review_to_publish import ReviewToPublish
from reviewers.context.snapshot import ChangedFile, FailingCheck, LogReference
from reviewers.criteria import CriterionResult, CriterionStatus
from reviewers.values.changes_since import ChangesSince, FindingStatus, TrackedFinding
from reviewers.values.finding import Category, Evidence, Finding, Location, Severity
from reviewers.values.verdict import Coverage, Outcome, ProposalStanding, RankedFinding, SeatVote, Stance, Unseen
from reviewers.walkthrough import GroupSummary
from tests.app.reporters.editions import SEATS, edition, snapshot, verdict

SESSION = """import time


class Session:
    def __init__(self, client, lock):
        self._client = client
        self._lock = lock
        self._token = None

    def refresh(self):
        token = self._token
        with self._lock:
            if token is None or token.expires < time.time():
                self._token = self._client.token(retries=3)
        return self._token
"""
PROOF = Evidence(path="billing/jobs.py", line=31, quote="    while True: charge(session.refresh())")
OWN = Evidence(path="auth/session.py", line=11, quote="        token = self._token")
RUN = "https://council.example/runs/01JD9ZK4"


def _found(title: str, severity: Severity, line: int, body: str, **more: object) -> Finding:
    values: dict[str, object] = {
        "seat": SEATS[0],
        "title": title,
        "body": body,
        "severity": severity,
        "category": Category.CORRECTNESS,
        "location": Location(path="auth/session.py", line=line),
        "quote": SESSION.splitlines()[line - 1],
    }
    return Finding.model_validate(values | more)


def _ranked(number: int, finding: Finding, standing: ProposalStanding = ProposalStanding.RECOMMENDED, **more: object) -> RankedFinding:
    against = standing is ProposalStanding.DISPUTED
    stance = Stance.REJECT if against else Stance.CONFIRM
    votes = tuple(SeatVote(seat=seat, stance=stance, evidence="The prefix already holds it.", proof=OWN) for seat in SEATS[1:])
    fingerprint = f"{number * 7919 + 30000:04x}" * 10
    values: dict[str, object] = {
        "finding": finding,
        "standing": standing,
        "confidence": 0.3 if against else 0.8,
        "calibrated": False,
        "raised_by": SEATS[:1],
        "votes": votes,
        "why": "found by 1, rejected by 2 of 2 others" if against else "found by 1, confirmed by 2 of 2 others",
        "fingerprint": fingerprint,
        "short_id": fingerprint[:4],
    }
    return RankedFinding.model_validate(values | more)


RACE = _ranked(
    1,
    _found(
        "Two refreshes race; the later one overwrites the newer token",
        Severity.CRITICAL,
        11,
        "`refresh()` reads `self._token` before taking the lock. With two requests in flight after expiry, both call the server; the "
        "slower answer wins and may be the older token, so the next call fails with 401.",
        suggestion="        with self._lock:\n            token = self._token\n",
    ),
    raised_by=SEATS[:2],
    votes=(SeatVote(seat=SEATS[2], stance=Stance.CONFIRM, evidence="Line 11 reads before line 12 locks.", proof=OWN),),
)
TIMEOUT = _ranked(
    2,
    _found(
        "The token request has no timeout",
        Severity.HIGH,
        14,
        "A token server that accepts the connection and never answers keeps the lock for good. Pass `timeout=10`.",
        evidence=(PROOF,),
    ),
)
TENANT = _ranked(
    3,
    _found("Cache key ignores the tenant", Severity.MEDIUM, 15, "Two tenants with one user name get each other's token."),
    ProposalStanding.DISPUTED,
)
MINOR = tuple(
    _ranked(
        number,
        _found(title, Severity.LOW, line, "Seen in tests only."),
        ProposalStanding.NOTED,
    )
    for number, title, line in ((4, "`retries` is never read", 14), (5, "The error names no host", 14), (6, "`time` is imported twice", 1))
)
MORE = tuple(
    _ranked(
        number + 10,
        _found(f"Part {number} of a session stays open when `refresh` raises", severity, 13 + number % 3, "It leaks a socket per call."),
        ProposalStanding.UNCONFIRMED if number == 0 else ProposalStanding.RECOMMENDED,
    )
    for number, severity in enumerate((Severity.CRITICAL, *[Severity.HIGH] * 9, *[Severity.MEDIUM] * 20, *[Severity.LOW] * 7))
)
LEAD = (
    "Token refresh is retried now, but two callers can refresh at once and the loser's token is thrown away. "
    "Fix that and the missing timeout."
)
COVERAGE = Coverage(
    files=33,
    seen=31,
    unseen=(Unseen(path="poetry.lock", reason="a lock file"), Unseen(path="web/dist/app.js", reason="generated")),
)


def shape(*findings: RankedFinding, **facts: object) -> ReviewToPublish:
    """A review of the session; `facts` are of its verdict."""
    told = verdict(*findings, **({"summary": LEAD, "coverage": COVERAGE, "plan": ()} | facts))
    shown = snapshot().model_copy(update={"files": (ChangedFile(path="auth/session.py", patch="", head=SESSION),), "title": "Retry tokens"})
    return replace(edition(verdict=told), snapshot=shown, run_url=RUN)


def not_reviewed() -> ReviewToPublish:
    """One of three models answered."""
    given = shape(answered=1, incomplete="1 of 3 seats answered, 2 are needed")
    late = {"opinion": Outcome.TIMEOUT, "reason": "no answer within 120 s"}
    first, *others = given.verdict.seats
    seats = (first, *(seat.model_copy(update=late) for seat in others))
    return replace(given, verdict=given.verdict.model_copy(update={"seats": seats}))


def red() -> ReviewToPublish:
    """A review with a failed check whose log names a line of the change."""
    given = shape(RACE, TIMEOUT, TENANT, *MINOR)
    lines = ("FAILED tests/test_session.py::test_two_refreshes", "E   AssertionError: 401 != 200")
    place = LogReference(path="auth/session.py", line=14, text="auth/session.py:14: AssertionError", touched=True)
    check = FailingCheck(name="tests", url="https://github.com/acme/shop/runs/1", lines=lines, excerpt=lines, places=(place,))
    return replace(given, snapshot=given.snapshot.model_copy(update={"failing_checks": (check,)}))


def incremental() -> ReviewToPublish:
    """The second review: three are fixed, one is open."""
    fixed = ("Tokens are logged", "The lock is never released", "`expires` is compared to milliseconds")
    path, still = "auth/session.py", TIMEOUT
    gone = tuple(
        TrackedFinding(fingerprint=f"{n:040x}", short_id=f"{n:04x}", title=title, fate=FindingStatus.FIXED, path=path, line=n)
        for n, title in enumerate(fixed, 21)
    )
    left = TrackedFinding(
        fingerprint=still.fingerprint, short_id=still.short_id, title=still.finding.title, fate=FindingStatus.OPEN, path=path, line=14
    )
    since = ChangesSince(head_sha="a1b2c3d4" * 5, followed=(*gone, left))
    return shape(still, summary="The token request still has no timeout.", since=since)


def criteria() -> ReviewToPublish:
    met = CriterionResult(
        issue=12,
        text="Two threads never refresh at once",
        status=CriterionStatus.MET,
        seats=SEATS[:2],
        proofs=(Evidence(path="auth/session.py", line=12, quote="        with self._lock:"),),
        note="The refresh happens under the session's lock.",
    )
    against = CriterionResult(
        issue=12,
        text="A refresh is tried at most twice",
        status=CriterionStatus.NOT_MET,
        seats=SEATS[2:],
        proofs=(Evidence(path="auth/session.py", line=14, quote="                self._token = self._client.token(retries=3)"),),
    )
    earlier = met.model_copy(update={"text": "The old token is kept", "note": "", "is_earlier": True})
    unknown = CriterionResult(issue=12, text="Docs say how long a token lives, see @octo-org #7", status=CriterionStatus.UNKNOWN)
    return shape(TIMEOUT, criteria=(met, against, earlier, unknown))


def walkthrough(text: str = "Callers may refresh a token from several threads; one of them asks the server.") -> ReviewToPublish:
    """A review of five files in two groups."""
    groups = (
        GroupSummary(name="auth/", files=3, text=text),
        GroupSummary(name="billing/", files=2, text="Charges wait for a fresh token."),
    )
    return shape(RACE, TIMEOUT, walkthrough=groups)


SHAPES = {
    "none": shape(),
    "one": shape(RACE),
    "typical": red(),
    "seven": shape(RACE, TIMEOUT, *MORE[:4], TENANT, *MINOR),
    "forty": shape(RACE, TIMEOUT, TENANT, *MORE),
    "nothing_urgent": shape(*MORE[-3:], TENANT, summary="A socket leaks per failed call."),
    "not_reviewed": not_reviewed(),
    "incremental": incremental(),
    "walkthrough": walkthrough(),
    "criteria": criteria(),
    "disputed": shape(TENANT, summary="One disputed finding is left."),
}
