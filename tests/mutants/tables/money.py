"""Sabotages of the ledger, the pace and the lease: how much may be spent and written, by whom, and when it stops."""

from tests.mutants.mutant import Mutant

_LEDGER = ("tests/app/queue/test_ledger.py",)
_LEASE = ("tests/stories/test_crash.py", "tests/stories/test_kill.py")

MUTANTS = (
    Mutant(
        "settled costs count",
        "app/queue/ledger.py:SqlLedger._book",
        "if over := _over(settled, usd):",
        "if over := _over(settled, 0.0):",
        _LEDGER,
    ),
    Mutant("reservations count", "app/queue/ledger.py:SqlLedger._book", "if _over(reserved, usd):", "if False:", _LEDGER),
    Mutant(
        "a provider's concurrent calls are bounded",
        "app/queue/ledger.py:SqlLedger._book",
        ">= self._caps.calls_at_once",
        ">= 10 * self._caps.calls_at_once",
        _LEDGER,
    ),
    Mutant(
        "no call for an outdated head",
        "app/queue/ledger.py:SqlLedger._book",
        "if self._head_sha:",
        "if not self._head_sha:",
        _LEDGER,
    ),
    Mutant(
        "a call is reserved before it is made",
        "app/queue/ledger.py:SqlLedger._book",
        "await reserve_call(connection, self.account, call, usd, now)",
        "pass",
        _LEDGER,
    ),
    Mutant("a dead process's calls are orphaned", "app/queue/ledger.py", "_LONGEST_CALL = 300.0", "_LONGEST_CALL = 3e9", _LEDGER),
    Mutant("the day begins at midnight UTC", "app/queue/ledger.py:_starts", "hour=0, ", "", _LEDGER),
    Mutant("the month's cap holds", "app/queue/ledger.py:_under", '("month", have.month, caps.month),', "", _LEDGER),
    Mutant(
        "the pull request's cap holds", "app/queue/ledger.py:_under", '("pull_request", have.pull_request, caps.pull_request),', "", _LEDGER
    ),
    Mutant("the tightest cap decides the room", "app/queue/ledger.py:SqlLedger.tightest", "return min(", "return max(", _LEDGER),
    Mutant(
        "a paused server buys nothing",
        "app/queue/ledger.py:SqlLedger._book",
        "if found.paused:",
        "if False:",
        ("tests/stories/test_who_pays.py",),
    ),
    Mutant(
        "the server's cap holds",
        "app/queue/ledger.py:SqlLedger._spent",
        "[*_under(settled, self._caps), *_under_instance(all_settled, most)]",
        "_under(settled, self._caps)",
        _LEDGER,
    ),
    Mutant(
        "a write is recorded for other workers",
        "app/queue/write_pace.py:SqlPace._try",
        "await note_write(connection, self._new_id(), installation_id, now)",
        "pass",
        ("tests/app/queue/test_pace.py",),
    ),
    Mutant(
        "each installation has its own pace",
        "app/queue/write_pace.py:SqlPace._try",
        "recent_writes(connection, installation_id, now - longest)",
        "recent_writes(connection, 0, now - longest)",
        ("tests/app/queue/test_pace.py",),
    ),
    Mutant(
        "a lost lease stops its job",
        "app/queue/leases.py:_look",
        'return "the lease was lost"',
        'return ""',
        ("tests/app/queue/test_leases.py", *_LEASE),
    ),
    Mutant(
        "an outdated head stops its job",
        "app/queue/leases.py:_look",
        "return str(error)",
        'return ""',
        ("tests/app/queue/test_leases.py", "tests/stories/test_review.py"),
    ),
    Mutant(
        "a lease is renewed",
        "app/queue/leases.py:_look",
        "lease.clock() + lease.times.lease",
        "lease.clock()",
        ("tests/app/queue/test_leases.py",),
    ),
)
