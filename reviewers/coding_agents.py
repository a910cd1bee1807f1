"""The table of coding agents, which are recognized by the author's login or by commit trailers. Add an agent here.

Strangers write all of this text and can forge it. A forgery has bounded effects:
- It names one vendor at most. That vendor's seats count half: they are asked, they vote, and they count for quorum and gate as before.
- Half weight changes confidence and order. It never lowers a finding's standing (`ranking.again`), so it never opens the gate.
- It removes no seat: vendors come first in every choice, and a review by this vendor alone says so (`selection`).
- Only words of this table are shown.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from reviewers.context.snapshot import Snapshot
from reviewers.models.vendors import family_of


class CodingAgent(NamedTuple):
    """An agent, the vendor whose models it runs by default, and its signature; the vendor is "" if the agent runs models of any vendor.

    `logins` are its GitHub logins; a login that ends in [bot] belongs to an App and to nobody else. `names` are its names in a trailer
    that has no address.
    """

    name: str
    vendor: str
    logins: tuple[str, ...]
    addresses: tuple[str, ...]
    names: tuple[str, ...]


class AgentAuthor(NamedTuple):
    """The agent that wrote a change, and the vendor of its models, "" if unknown."""

    name: str
    vendor: str


AGENTS = (
    CodingAgent("Claude Code", "anthropic", ("claude[bot]", "claude"), ("noreply@anthropic.com",), ("claude code", "claude")),
    CodingAgent(
        "Codex",
        "openai",
        ("chatgpt-codex-connector[bot]", "openai-codex[bot]"),
        ("noreply@openai.com", "codex@openai.com"),
        ("openai codex", "codex cli", "codex"),
    ),
    CodingAgent("Jules", "google", ("google-labs-jules[bot]", "google-labs-jules"), (), ("google jules", "jules")),
    CodingAgent(
        "Gemini CLI",
        "google",
        ("gemini-cli", "gemini-cli[bot]", "gemini-code-assist[bot]"),
        ("gemini-code-assist@google.com",),
        ("gemini cli", "gemini-cli", "gemini"),
    ),
    # These run models of several vendors; only a trailer can say which.
    CodingAgent("Copilot", "", ("copilot", "copilot-swe-agent[bot]"), ("copilot@github.com",), ("github copilot", "copilot")),
    CodingAgent("Cursor", "", ("cursoragent", "cursor[bot]"), ("cursoragent@cursor.com",), ("cursor agent", "cursor")),
    CodingAgent("Devin", "", ("devin-ai-integration[bot]",), (), ("devin ai", "devin")),
    CodingAgent("Amazon Q", "", ("amazon-q-developer[bot]",), (), ("amazon q developer", "amazon q")),
    CodingAgent("Aider", "", (), ("noreply@aider.chat", "aider@aider.chat"), ("aider",)),
)
# Trailers stand at the end of a message; no tool writes a longer line.
_MOST_CHARACTERS, _MOST_LINES, _LONGEST = 4_000, 40, 300
_TRAILER = re.compile(r"\s*(co-authored-by|generated-by|assisted-by|made-with)\s*:\s*(\S.*)\Z", re.I)
_ADDRESS = re.compile(r"<([^<>\s]{1,200})>")
# https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address
_NOREPLY = re.compile(r"(?:\d{1,12}\+)?([^@]+)@users\.noreply\.github\.com\Z")
# "aider (gpt-5)", and "Cursor:claude-opus-4-8" in the format that the Linux kernel requires.
_MODEL = re.compile(r"[(:]\s*([\w./-]{1,80})")
# What may follow a name without an address: a model or a part of the product, but not a person's family name.
_AFTER_NAME = re.compile(r"\s*(?:\Z|[(:,<]|(?:opus|sonnet|haiku|pro|flash|code|cli|agent|v?\d)\b)")


def find_agent_author(snapshot: Snapshot) -> AgentAuthor | None:
    """The agent that wrote a change, or None for people: by the author's login, else the agent that most commits' trailers name."""
    named = Counter(found for commit in snapshot.commits for found in dict.fromkeys(_read_trailers(commit.message)))
    ordered = [found for found, _ in named.most_common()]
    if agent := next((each for each in AGENTS if snapshot.author.lower() in each.logins), None):
        known = next((found.vendor for found in ordered if found.name == agent.name and found.vendor), "")
        return AgentAuthor(agent.name, agent.vendor or known)
    return next((found for found in ordered if found.vendor), ordered[0] if ordered else None)


def _read_trailers(message: str) -> Iterator[AgentAuthor]:
    for line in message[-_MOST_CHARACTERS:].splitlines()[-_MOST_LINES:]:
        trailer = _TRAILER.match(line) if len(line) <= _LONGEST else None
        value = trailer[2].lower() if trailer else ""
        if agent := next((each for each in AGENTS if value and _signs(each, value)), None):
            model = _MODEL.search(value)
            yield AgentAuthor(agent.name, (family_of(model[1]) if model else "") or agent.vendor)


def _signs(agent: CodingAgent, value: str) -> bool:
    """Whether a trailer names this agent. An address decides if there is one, because people are called Claude and Devin too."""
    if address := _ADDRESS.search(value):
        noreply = _NOREPLY.match(address[1])
        return address[1] in agent.addresses or (noreply is not None and noreply[1] in agent.logins)
    return any(value.startswith(name) and _AFTER_NAME.match(value, len(name)) for name in agent.names)
