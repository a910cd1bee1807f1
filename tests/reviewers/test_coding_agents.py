"""Which coding agent wrote a change, and the bounded effects of a forged name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers.coding_agents import AgentAuthor, find_agent_author
from reviewers.context.snapshot import EarlierCommit
from reviewers.council.ranking import RANKERS, Rules, rerank
from reviewers.council.standing_rules import ORDER
from reviewers.learning.reliability import Reliability
from reviewers.values.finding import Category, Evidence, Severity
from reviewers.values.verdict import (
    Proposal,
    ProposalStanding,
    RankedFinding,
    RankingInputs,
    SeatFacts,
    SeatVote,
    Stance,
)
from tests.reviewers.samples import snapshot
from tests.reviewers.test_merging import found
from tests.reviewers.test_ranking import LINE, echoed

CLAUDE, CODEX = AgentAuthor("Claude Code", "anthropic"), AgentAuthor("Codex", "openai")
VENDORS = {"a": "openai", "b": "anthropic", "b2": "anthropic", "c": "google", "d": "mistral", "lint": "lint"}


def author(*messages: str, login: str = "octo-dev") -> AgentAuthor | None:
    commits = tuple(EarlierCommit(sha=str(number), message=message) for number, message in enumerate(messages))
    return find_agent_author(snapshot().model_copy(update={"author": login, "commits": commits}))


@pytest.mark.parametrize(
    ("trailer", "agent"),
    [
        ("Co-authored-by: Claude <noreply@anthropic.com>", CLAUDE),
        ("co-authored-by: Claude Opus 4.6 <noreply@anthropic.com>", CLAUDE),
        ("Generated-by: Claude Code 2.1", CLAUDE),
        ("Assisted-by: Claude:claude-opus-4-8 coccinelle", CLAUDE),
        ("Co-authored-by: Codex <noreply@openai.com>", CODEX),
        ("Assisted-by: OpenAI Codex", CODEX),
        ("Co-authored-by: chatgpt-codex-connector[bot] <199175422+chatgpt-codex-connector[bot]@users.noreply.github.com>", CODEX),
        ("Co-authored-by: jules <161369871+google-labs-jules[bot]@users.noreply.github.com>", AgentAuthor("Jules", "google")),
        ("Co-authored-by: gemini-cli <218195315+gemini-cli@users.noreply.github.com>", AgentAuthor("Gemini CLI", "google")),
        ("Co-authored-by: Copilot <198982749+Copilot@users.noreply.github.com>", AgentAuthor("Copilot", "")),
        ("Co-authored-by: Cursor <cursoragent@cursor.com>", AgentAuthor("Cursor", "")),
        ("Made-with: Cursor", AgentAuthor("Cursor", "")),
        ("Assisted-by: Cursor:claude-opus-4-8", AgentAuthor("Cursor", "anthropic")),
        ("Co-authored-by: aider (openai/gpt-5.5) <noreply@aider.chat>", AgentAuthor("Aider", "openai")),
        ("Co-authored-by: aider (some-model) <noreply@aider.chat>", AgentAuthor("Aider", "")),
        ("Co-authored-by: x <158243242+devin-ai-integration[bot]@users.noreply.github.com>", AgentAuthor("Devin", "")),
        ("Generated-by: Amazon Q Developer", AgentAuthor("Amazon Q", "")),
        # People.
        ("Co-authored-by: Claude Monet <claude@giverny.fr>", None),
        ("Co-authored-by: Claude <claude@giverny.fr>", None),
        ("Assisted-by: Claude Monet", None),
        ("Co-authored-by: Devin Booker <7+devinb@users.noreply.github.com>", None),
        ("Reviewed-by: Claude <noreply@anthropic.com>", None),
        ("We asked for Co-authored-by: Claude <noreply@anthropic.com>", None),
        (f"Co-authored-by: {'x' * 300} <noreply@anthropic.com>", None),
        ("", None),
    ],
)
def test_a_trailer_names_an_agent(trailer: str, agent: AgentAuthor | None) -> None:
    assert author(f"Fix the cart\n\nIt divided by zero.\n\n{trailer}\nSigned-off-by: Octo <octo@example.com>") == agent


@pytest.mark.parametrize(
    ("login", "agent"),
    [
        ("Copilot", AgentAuthor("Copilot", "")),
        ("copilot-swe-agent[bot]", AgentAuthor("Copilot", "")),
        ("google-labs-jules[bot]", AgentAuthor("Jules", "google")),
        ("devin-ai-integration[bot]", AgentAuthor("Devin", "")),
        ("amazon-q-developer[bot]", AgentAuthor("Amazon Q", "")),
        ("devin", None),
        ("dependabot[bot]", None),
    ],
)
def test_a_login_names_an_agent(login: str, agent: AgentAuthor | None) -> None:
    assert author("Fix", login=login) == agent


def test_one_agent_is_named_and_the_login_decides_first() -> None:
    claude, codex = "x\n\nCo-authored-by: Claude <noreply@anthropic.com>", "x\n\nCo-authored-by: Codex <noreply@openai.com>"
    assert author(claude, codex, codex) == CODEX
    assert author(claude, codex) == CLAUDE
    assert author(f"{codex}\n" + codex.splitlines()[-1] * 9, claude, claude) == CLAUDE
    assert author("x\n\nMade-with: Cursor", "x\n\nMade-with: Cursor", codex) == CODEX
    assert author(codex, codex, login="google-labs-jules[bot]") == AgentAuthor("Jules", "google")
    assert author("x\n\nAssisted-by: Copilot (Claude Opus 4.6)", codex, login="Copilot") == AgentAuthor("Copilot", "anthropic")


def test_only_the_end_of_a_message_is_read() -> None:
    trailer = "Co-authored-by: Claude <noreply@anthropic.com>"
    assert author(f"{trailer}\n" + "x\n" * 5_000) is None
    assert author("x" * 1_000_000 + f"\n\n{trailer}") == CLAUDE


def rank(raised: str, votes: str, wrote: str, severity: Severity = Severity.HIGH, ranker: str = "log-odds") -> RankedFinding:
    """Like `tests.reviewers.test_ranking.rank`, for a change written with models of a vendor."""
    stances = {"+": Stance.CONFIRM, "-": Stance.REJECT}
    cast = tuple(SeatVote(seat=vote[1:], stance=stances[vote[0]], evidence="line 3", proof=LINE) for vote in votes.split())
    proposal = Proposal(
        id="p", finding=found("a", "Wrong", severity=severity), supporters=tuple(raised.split()), traits=echoed(len(raised.split()))
    )
    return rerank(RankingInputs(proposals=(proposal,), votes={"p": cast}, sittings=sittings(wrote), critics=("a", "b")), ranker, None)[0]


def sittings(wrote: str, record: Reliability | None = None) -> tuple[SeatFacts, ...]:
    return tuple(
        SeatFacts(seat=seat, vendor=vendor, is_model=seat != "lint", weight=0.5 if vendor == wrote else 1.0, record=record or Reliability())
        for seat, vendor in VENDORS.items()
    )


@pytest.mark.parametrize(
    ("raised", "votes", "severity", "before", "after"),
    [
        # A model defends what its own kind wrote, so it counts half.
        ("a", "+c -b", Severity.HIGH, ProposalStanding.DISPUTED, ProposalStanding.RECOMMENDED),
        ("a", "-b -b2", Severity.CRITICAL, ProposalStanding.REJECTED, ProposalStanding.REJECTED),
        # Findings of its seats keep their standing.
        ("b", "+b2", Severity.HIGH, ProposalStanding.RECOMMENDED, ProposalStanding.RECOMMENDED),
        ("b", "+a", Severity.HIGH, ProposalStanding.RECOMMENDED, ProposalStanding.RECOMMENDED),
        ("b", "", Severity.CRITICAL, ProposalStanding.UNCONFIRMED, ProposalStanding.UNCONFIRMED),
        ("b", "-a", Severity.CRITICAL, ProposalStanding.DISPUTED, ProposalStanding.DISPUTED),
    ],
)
def test_standings_when_the_vendor_wrote_the_change(
    raised: str, votes: str, severity: Severity, before: ProposalStanding, after: ProposalStanding
) -> None:
    assert (rank(raised, votes, "", severity).standing, rank(raised, votes, "anthropic", severity).standing) == (before, after)


@pytest.mark.parametrize("ranker", ["log-odds", "learned"])
def test_a_voice_of_that_vendor_counts_half(ranker: str) -> None:
    # The weight moves the confidence: less for the seats' findings, more against those they reject.
    assert rank("a", "+b", "anthropic", ranker=ranker).confidence < rank("a", "+b", "", ranker=ranker).confidence
    assert rank("b", "+a", "anthropic", ranker=ranker).confidence < rank("b", "+a", "", ranker=ranker).confidence
    assert rank("a", "-b", "anthropic", ranker=ranker).confidence > rank("a", "-b", "", ranker=ranker).confidence
    assert rank("a", "-c", "anthropic", ranker="log-odds").confidence == rank("a", "-c", "", ranker="log-odds").confidence


SEATS = st.lists(st.sampled_from(sorted(VENDORS)), unique=True, max_size=6)
PROOF = st.sampled_from([LINE, Evidence(path="a.py", line=9, quote="y = 2"), None])


@st.composite
def minutes(draw: st.DrawFn) -> RankingInputs:
    """Up to four proposals with any votes."""
    proposals, votes = [], {}
    for number in range(draw(st.integers(1, 4))):
        raised = tuple(draw(SEATS.filter(bool)))
        finding = found(
            raised[0],
            f"Wrong {number}",
            line=20 * number + 1,
            severity=draw(st.sampled_from(Severity)),
            category=draw(st.sampled_from(Category)),
        )
        proposals.append(Proposal(id=str(number), finding=finding, supporters=raised, traits=echoed(len(raised))))
        votes[str(number)] = tuple(
            SeatVote(seat=seat, stance=draw(st.sampled_from(Stance)), evidence="x", proof=draw(PROOF))
            for seat in draw(SEATS)
            if seat not in raised and seat != "lint"
        )
    record = Reliability(right=draw(st.integers(1, 60)), wrong=draw(st.integers(1, 60)))
    return RankingInputs(proposals=tuple(proposals), votes=votes, sittings=sittings("", record), critics=("a",))


@settings(max_examples=150, deadline=None)
@given(minutes(), st.sampled_from(["openai", "anthropic", "google", "mistral"]), st.sampled_from(sorted(RANKERS)))
def test_a_forged_name_lowers_no_finding(given_minutes: RankingInputs, wrote: str, ranker: str) -> None:
    before = {each.fingerprint: each for each in rerank(given_minutes, ranker, None)}
    named = [sitting.model_copy(update={"weight": 0.5}) if sitting.vendor == wrote else sitting for sitting in given_minutes.sittings]
    after = rerank(given_minutes.model_copy(update={"sittings": tuple(named)}), ranker, None, Rules())
    assert {each.fingerprint for each in after} == before.keys()
    assert [ORDER.index(each.standing) for each in after] == sorted(ORDER.index(each.standing) for each in after)
    for each in after:
        # Front and gate depend on the standing, the severity, and the seats that raised and confirmed with evidence.
        assert ORDER.index(each.standing) <= ORDER.index(before[each.fingerprint].standing)
        assert (each.finding, each.raised_by, each.votes) == (
            before[each.fingerprint].finding,
            before[each.fingerprint].raised_by,
            before[each.fingerprint].votes,
        )
