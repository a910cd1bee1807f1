"""Sabotages of the council's decisions: evidence of votes, merging, ranking, standing."""

from tests.mutants.mutant import Mutant

_EVIDENCE = ("tests/reviewers/test_evidence.py",)
_RANKING = ("tests/reviewers/test_ranking.py", "tests/reviewers/test_learned.py", "tests/reviewers/evals/test_placing.py")
_AUTHOR = ("tests/reviewers/test_coding_agents.py",)
_MERGING = ("tests/reviewers/test_merging.py", "tests/reviewers/evals")
_COUNCIL = ("tests/reviewers/test_council.py",)

MUTANTS = (
    Mutant(
        "an answer's findings are bounded",
        "reviewers/seats/parsing.py:_fitted",
        "len(good) >= most",
        "len(good) >= 1_000 * most",
        ("tests/reviewers/test_answer_reading.py",),
    ),
    Mutant(
        "an answer without an end is cut off",
        "reviewers/models/litellm.py:LiteLLMModel._read",
        "> _MOST_CHARACTERS:",
        "> 100 * _MOST_CHARACTERS:",
        ("tests/reviewers/test_litellm_door.py",),
    ),
    Mutant(
        "a rejection names the contradicting part",
        "reviewers/evidence.py:find_evidence",
        "vote.stance is Stance.REJECT and not",
        "vote.stance is Stance.UNSURE and not",
        _EVIDENCE,
    ),
    Mutant(
        "a cited line differs from the finding's own",
        "reviewers/evidence.py:with_evidence",
        " or _rows(evidence.quote) - own",
        " or True",
        _EVIDENCE,
    ),
    Mutant("a lone bracket proves nothing", "reviewers/evidence.py", "_LEAST_LETTERS = 4", "_LEAST_LETTERS = 0", _EVIDENCE),
    Mutant(
        "a rejection without evidence rejects nothing",
        "reviewers/council/standing.py:decide_standing",
        "vote.stance == Stance.REJECT and vote.proof is not None for vote in cast",
        "vote.stance == Stance.REJECT for vote in cast",
        (*_RANKING, *_COUNCIL),
    ),
    Mutant(
        "a machine-proven finding is not voted away",
        "reviewers/council/standing.py:decide_standing",
        "ProposalStanding.NOTED if proposal.proven else ProposalStanding.REJECTED",
        "ProposalStanding.REJECTED",
        _RANKING,
    ),
    Mutant(
        "style is never in front",
        "reviewers/council/standing.py:decide_standing",
        " or proposal.finding.category in thresholds.quiet",
        "",
        _RANKING,
    ),
    Mutant(
        "unchanged code is at most noted", "reviewers/council/standing.py:decide_standing", " or proposal.finding.context", "", _RANKING
    ),
    Mutant(
        "a finding that CI reports is at most noted", "reviewers/council/standing.py:decide_standing", "proposal.repeats or ", "", _RANKING
    ),
    Mutant(
        "two models must both raise a finding",
        "reviewers/council/standing.py:decide_standing",
        "models != 2 or ",
        "models > 0 or ",
        _RANKING,
    ),
    Mutant(
        "a low finding is not recommended", "reviewers/council/standing.py:decide_standing", " and severity != Severity.LOW", "", _RANKING
    ),
    Mutant(
        "one seat's critical finding is shown in front",
        "reviewers/council/standing.py:decide_standing",
        "severity == Severity.CRITICAL or ",
        "",
        _RANKING,
    ),
    Mutant(
        "a contested finding is disputed",
        "reviewers/council/standing.py:decide_standing",
        "against and (confidence",
        "False and (confidence",
        _RANKING,
    ),
    Mutant(
        "the reason says which votes have no evidence",
        "reviewers/council/standing.py:standing_reason",
        "vote.stance != Stance.UNSURE and vote.proof is None for",
        "False for",
        (*_RANKING, *_EVIDENCE, *_COUNCIL),
    ),
    Mutant(
        "the reason says one vendor",
        "reviewers/council/standing.py:standing_reason",
        "if raised > vendors == 1",
        "if False",
        (*_RANKING, *_COUNCIL),
    ),
    Mutant(
        "a vote without evidence weighs less",
        "reviewers/council/ranking.py:Rules.trust",
        "self.unverified if vote.proof is None else 1.0",
        "1.0",
        _RANKING,
    ),
    Mutant(
        "a second seat of a vendor weighs less",
        "reviewers/independence.py:Kinship.of",
        "self.same_vendor if one.vendor == other.vendor else self.other_vendor",
        "self.other_vendor",
        ("tests/reviewers/test_independence.py", *_RANKING),
    ),
    Mutant(
        "shared errors make a voice count less",
        "reviewers/independence.py:Kinship.of",
        "prior if shared is None else",
        "prior if True else",
        ("tests/reviewers/test_independence.py",),
    ),
    Mutant(
        "two analyzers prove together", "reviewers/council/ranking.py:_with_proof", "len(analyzers) < 2", "len(analyzers) < 3", _RANKING
    ),
    Mutant("a rejection lowers", "reviewers/council/ranking.py:_critique", "odds -= rules.rejected", "odds += rules.rejected", _RANKING),
    Mutant(
        "a forged name lowers no finding",
        "reviewers/council/ranking.py:rerank",
        "min(each.standing, least[each.fingerprint], key=ORDER.index)",
        "each.standing",
        _AUTHOR,
    ),
    Mutant(
        "a finding keeps a standing raised by half weight",
        "reviewers/council/ranking.py:rerank",
        "min(each.standing, least[each.fingerprint], key=ORDER.index)",
        "least[each.fingerprint]",
        _AUTHOR,
    ),
    Mutant("a voice counts with its weight", "reviewers/independence.py:Kinship.share", "speaker.weight * min", "min", _AUTHOR),
    Mutant(
        "the learned ranking weighs a lone voice of less weight",
        "reviewers/council/voices.py:proposal_features",
        "math.log(voices) if voices else 0.0",
        "math.log(max(voices, 1.0))",
        _AUTHOR,
    ),
    Mutant(
        "seats of the vendor that wrote the change count half",
        "reviewers/council/session.py:CouncilSession._weight",
        "== self._council.author_vendor",
        "!= self._council.author_vendor",
        ("tests/stories/test_author_vendor.py",),
    ),
    Mutant(
        "a repository can leave an agent's vendor its full weight",
        "app/services/choosing.py:select_seats",
        " if config.review.author_aware else None",
        "",
        ("tests/stories/test_author_vendor.py",),
    ),
    Mutant(
        "an address decides which agent signed",
        "reviewers/coding_agents.py:_signs",
        "return address[1] in agent.addresses or (noreply is not None and noreply[1] in agent.logins)",
        "pass",
        _AUTHOR,
    ),
    Mutant(
        "a person's name is no agent's",
        "reviewers/coding_agents.py:_signs",
        " and _AFTER_NAME.match(value, len(name))",
        "",
        _AUTHOR,
    ),
    Mutant(
        "a lone vendor that wrote the change is named",
        "reviewers/council/selection.py:_Choice._beside_author",
        "if wrote and seats and all(",
        "if not seats and all(",
        ("tests/reviewers/test_selection.py",),
    ),
    Mutant(
        "the order follows the score, not the table",
        "reviewers/council/ranking.py:_place",
        "ranked.confidence if ranked.score is None else ranked.score",
        "ranked.confidence",
        _RANKING,
    ),
    Mutant(
        "severity comes first among equals",
        "reviewers/council/ranking.py:_place",
        "-ranked.finding.severity.weight * score",
        "-score",
        (*_RANKING, *_COUNCIL),
    ),
    Mutant(
        "too few seats are ranked by log-odds",
        "reviewers/council/ranking.py:by_learned",
        "len(seated) < rules.few",
        "len(seated) < 1",
        _RANKING,
    ),
    Mutant(
        "a track record counts for its kind of defect and file",
        "reviewers/council/ranking.py:RankingContext.about",
        "if not sitting.narrow:",
        "if True:",
        (*_RANKING, "tests/reviewers/evals/test_forming.py"),
    ),
    Mutant(
        "single-seat findings keep their set of scores",
        "reviewers/council/ranking.py:_with_singles",
        "handed[at - 1] - _STEP",
        "handed[at - 1] - 1.0",
        ("tests/reviewers/evals/test_forming.py",),
    ),
    Mutant(
        "a percentage rests on enough outcomes",
        "reviewers/council/calibration.py:calibrate",
        "table is None or table.n < ENOUGH",
        "table is None",
        ("tests/reviewers/test_learned.py", "tests/reviewers/test_ranking.py"),
    ),
    Mutant(
        "two files are never one place",
        "reviewers/council/place.py:location_shifts",
        "np.where(same(path), shift, NEVER)",
        "shift",
        _MERGING,
    ),
    Mutant(
        "two functions are never one place",
        "reviewers/council/place.py:location_shifts",
        "np.where(same(symbol), rules.same_file, NEVER)",
        "rules.same_file",
        _MERGING,
    ),
    Mutant(
        "one seat's findings are rarely one issue",
        "reviewers/council/place.py:location_shifts",
        "shift + rules.one_seat",
        "shift",
        _MERGING,
    ),
    Mutant(
        "two critics join findings, one does not",
        "reviewers/council/merging.py:pool",
        "len(critics) >= needed",
        "len(critics) >= 1",
        (*_MERGING, *_COUNCIL),
    ),
    Mutant(
        "joined findings keep their proof",
        "reviewers/council/merging.py:_joined",
        '"proven": proven',
        '"proven": ""',
        (*_MERGING, *_COUNCIL),
    ),
    Mutant(
        "joined findings keep the mark of a CI repeat",
        "reviewers/council/merging.py:_joined",
        '"repeats": repeats',
        '"repeats": ""',
        (*_MERGING, *_COUNCIL),
    ),
    Mutant(
        "code at one place does not make issues one", "reviewers/council/merging.py:_odds", "np.where(near, plain, odds)", "odds", _MERGING
    ),
    Mutant(
        "a wording with a line leads",
        "reviewers/council/merging.py:_medoid",
        "findings[index].location.line is not None] or changed",
        "True] or changed",
        _MERGING,
    ),
    Mutant(
        "a wording of the change leads", "reviewers/council/merging.py:_medoid", "if not findings[index].context]", "if True]", _MERGING
    ),
    Mutant(
        "what .gitattributes says decides",
        "reviewers/context/reviewable.py:_why_tool",
        "if file.origin is FileOrigin.WRITTEN:",
        "if False:",
        ("tests/reviewers/test_origins.py",),
    ),
    Mutant(
        "a marker counts only above the code",
        "reviewers/context/origins/markers.py:_read_header",
        "elif stripped and not _is_preamble(stripped):",
        "elif False:",
        ("tests/reviewers/test_origins.py",),
    ),
    Mutant(
        "a folder called vendor proves nothing",
        "reviewers/context/origins/evidence.py:_find_origin",
        "(_VENDOR.match(name) and is_filled)",
        "_VENDOR.match(name)",
        ("tests/reviewers/test_origins.py",),
    ),
    Mutant(
        "guidelines from the change itself do not count",
        "app/github/pull_request.py:fetch",
        'f"refs/heads/{pull.base.ref}", around.paths',
        "pull.head.sha, around.paths",
        ("tests/app/github/test_pull_request.py -k folders",),
    ),
    Mutant(
        "the difference of two long lines is shown",
        "reviewers/context/long_lines.py:clip_rows",
        "_clip_row(row, removed[index] if index < len(removed) else None)",
        "_clip_row(row, None)",
        ("tests/reviewers/test_long_lines.py",),
    ),
)
