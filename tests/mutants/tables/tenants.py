"""Sabotages of who may see, do and keep what: sessions, tokens, rights, searches, retention, dispositions."""

from tests.mutants.mutant import Mutant

_API = ("tests/app/web/test_api.py",)
_LOGIN = ("tests/app/web/test_login.py",)
_MEMORY = ("tests/stories/test_memory.py",)
_COMMANDS = ("tests/stories/test_every_command.py", "tests/stories/test_commands.py")
_PRIVACY = ("tests/app/web/test_privacy.py", "tests/app/store/test_privacy_export.py")
_KEPT = ("tests/app/store/test_retention.py",)

MUTANTS = (
    Mutant("a token ends", "app/store/tokens.py:find", ", _TOKEN.c.expires_at > now", "", _API),
    Mutant("a token is its owner's to revoke", "app/store/tokens.py:revoke", "_TOKEN.c.user_id == user_id, ", "", _API),
    Mutant("a person sees their own tokens", "app/store/tokens.py:of_user", ".where(_TOKEN.c.user_id == user_id)", "", _API),
    Mutant("an idle session ends", "app/store/sessions.py:find_session", "_SESSION.c.seen_at > now - IDLE_SECONDS, ", "", _LOGIN),
    Mutant(
        "a session ends however busy it is",
        "app/store/sessions.py:find_session",
        ", _SESSION.c.created_at > now - LONGEST_SECONDS)",
        ",)",
        _LOGIN,
    ),
    Mutant(
        "signing out everywhere is for one person",
        "app/store/sessions.py:close_all",
        ".where(_SESSION.c.github_id == github_id)",
        "",
        _LOGIN,
    ),
    Mutant(
        "an admin is known by number",
        "app/store/sessions.py:role_of",
        ".where(_ADMIN.c.github_id == github_id)",
        "",
        ("tests/app/web/test_admin.py",),
    ),
    Mutant(
        "memory of SQLite is one repository's", "app/store/memory_search.py:_marked", 'f"r{repository_id}_{term}"', 'f"r_{term}"', _MEMORY
    ),
    Mutant(
        "only answered questions are remembered",
        "app/store/memory_search.py:_weighed",
        ", _CONSULTATION.c.state == ConsultationState.ANSWERED",
        "",
        _MEMORY,
    ),
    Mutant(
        "what helped goes before its equals",
        "app/store/memory_search.py:_worth",
        "0.1 if recalled.resolved else",
        "-0.1 if recalled.resolved else",
        _MEMORY,
    ),
    Mutant(
        "runs are found in their repository alone",
        "app/store/run_search.py:_marked",
        'f"r{repository_id}_{term}"',
        'f"r1_{term}"',
        ("tests/app/store/test_run_list.py", "tests/app/web/test_views.py", *_API),
    ),
    Mutant(
        "every word of a search counts",
        "app/store/run_search.py:_find",
        '" AND ".join',
        '" OR ".join',
        ("tests/app/store/test_run_list.py", "tests/app/web/test_views.py", *_API),
    ),
    Mutant(
        "a decision is its repository's",
        "app/store/dispositions.py:_those",
        "_DISPOSITION.c.repository_id == repository_id, which",
        "which",
        ("tests/app/store/test_dispositions.py",),
    ),
    Mutant(
        "taking back is for one finding",
        "app/store/dispositions.py:take_back",
        ", _DISPOSITION.c.fingerprint == fingerprint)",
        ")",
        ("tests/app/store/test_dispositions.py", *_COMMANDS),
    ),
    Mutant(
        "old deliveries go",
        "app/store/retention.py:prune_records",
        "delete(_DELIVERY).where(_DELIVERY.c.received_at < now - kept.deliveries * DAY)",
        "delete(_DELIVERY).where(_DELIVERY.c.received_at < 0)",
        _KEPT,
    ),
    Mutant("ended jobs go, others stay", "app/store/retention.py:prune_records", ", _JOB.c.state.in_(_ENDED_JOBS))", ",)", _KEPT),
    Mutant(
        "what a command bought goes with its job",
        "app/store/retention.py:prune_records",
        "_ANSWER.c.run_id.in_(select(_JOB.c.id).where(*old))",
        "_ANSWER.c.run_id.in_([])",
        _KEPT,
    ),
    Mutant(
        "votes go with their transcript",
        "app/store/retention.py:forget_transcripts",
        "await connection.execute(delete(_VOTE).where(_VOTE.c.run_id.in_(run_ids)))",
        "pass",
        _KEPT,
    ),
    Mutant(
        "answers go with their transcript",
        "app/store/retention.py:forget_transcripts",
        "await connection.execute(delete(_ANSWER).where(_ANSWER.c.run_id.in_(run_ids)))",
        "pass",
        _KEPT,
    ),
    Mutant("a run under way keeps its transcript", "app/store/retention.py:transcripts", "if state.ended]", "]", _KEPT),
    Mutant(
        "publications go with an installation",
        "app/store/retention.py:forget_repositories",
        "_PUBLICATION.c.owner.in_(runs), _PUBLICATION.c.owner.in_(jobs)",
        "_PUBLICATION.c.owner.in_([])",
        _KEPT,
    ),
    Mutant(
        "dispositions and outcomes go with an installation",
        "app/store/retention.py:forget_repositories",
        "_JOB, _RUN, *_MORE)",
        "_JOB, _RUN)",
        _KEPT,
    ),
    Mutant(
        "settings go with an installation",
        "app/store/retention.py:forget_repositories",
        "await repository_settings.forget(connection, [of_repository(each) for each in repository_ids])",
        "pass",
        _KEPT,
    ),
    Mutant(
        "questions go with an installation",
        "app/store/retention.py:forget_repositories",
        "await forgetting.forget_repository(connection, repository_id)",
        "pass",
        _KEPT,
    ),
    Mutant("a forgotten run holds no words", "app/store/privacy.py:forget", '"author": "", ', "", _PRIVACY),
    Mutant(
        "findings go when a person deletes",
        "app/store/privacy.py:forget",
        "for rows in (_FINDING, _RED):",
        "for rows in (_RED,):",
        _PRIVACY,
    ),
    Mutant(
        "a fork's sender sees no prices",
        "app/work/rights.py",
        "_TELLS = Right(Level.READ, Level.WRITE)",
        "_TELLS = Right(Level.READ, Level.READ)",
        _COMMANDS,
    ),
    Mutant(
        "what costs needs write access",
        "app/work/rights.py",
        "_COSTS = Right(Level.WRITE, Level.WRITE, paid=True)",
        "_COSTS = Right(Level.READ, Level.WRITE, paid=True)",
        _COMMANDS,
    ),
    Mutant(
        "a dismissal needs write access",
        "app/work/rights.py",
        "_CHANGES = Right(Level.WRITE, Level.WRITE)",
        "_CHANGES = Right(Level.READ, Level.WRITE)",
        _COMMANDS,
    ),
    Mutant("a repository asks for more, never for less", "app/work/rights.py:needed", "return max(", "return min(", _COMMANDS),
    Mutant(
        "an unknown right is the strictest",
        "app/work/rights.py:Person.right",
        "RIGHTS.get(self.command, _COSTS)",
        "RIGHTS.get(self.command, _LOOKS)",
        ("tests/stories/test_every_command.py",),
    ),
    Mutant(
        "a refusal is said once a day",
        "app/work/rights.py:decide",
        "had.refused or permission < Permission.READ",
        "permission < Permission.READ",
        _COMMANDS,
    ),
    Mutant(
        "commands are counted by person",
        "app/store/command_uses.py:today",
        "by_account if use.account_id else by_login, _USE.c.at >= since",
        "_USE.c.at >= since",
        _COMMANDS,
    ),
    Mutant(
        "a refused command uses nothing up",
        "app/store/command_uses.py:today",
        "and_(~this, here, ~refused)",
        "and_(~this, here)",
        _COMMANDS,
    ),
    Mutant(
        "heads are counted since the last word",
        "app/store/pauses.py:pushes_reviewed",
        "_RUN.c.created_at > since,",
        "",
        ("tests/stories/test_rounds.py", "tests/stories/test_wanted_again.py", "tests/stories/test_commands.py"),
    ),
    Mutant(
        "a bot's word keeps no reviews going",
        "app/work/pausing.py:_somebody_spoke",
        ' and each.user.type == "User"',
        "",
        ("tests/stories/test_rounds.py", "tests/stories/test_commands.py"),
    ),
)
