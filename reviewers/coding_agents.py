"""Which coding agent wrote a change, by its author's login or its commits' trailers: change here the table of agents.

All of it is text of strangers, which anybody can forge. What a forger can reach is bounded:
- One vendor at most is named, and its seats count half: they are asked, they vote, and they count for quorum and gate as before.
- Half weight moves how sure the council is and the order. No finding stands lower for it (`ranking.again`), so that no gate opens.
- Nobody's seat depends on it: vendors come first in every choice, and where one sits alone this is said (`selection`).
- Only words of this table are shown.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from reviewers.context.snapshot import Snapshot
from reviewers.models.vendors import family


class CodingAgent(NamedTuple):
    """An agent, the vendor whose models it runs by default, and how it signs: "" is the vendor of one that runs any vendor's.

    `logins` are those on GitHub; a login that ends in [bot] is an App's, and nobody else can have it. `names` are those in a trailer that
    has no address.
    """

    name: str
    vendor: str
    logins: tuple[str, ...]
    addresses: tuple[str, ...]
    names: tuple[str, ...]


class AgentAuthor(NamedTuple):
    """The agent that wrote a change, and the vendor whose models it ran, "" where nobody knows."""

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
    # These run models of several vendors, and say in a trailer at most which.
    CodingAgent("Copilot", "", ("copilot", "copilot-swe-agent[bot]"), ("copilot@github.com",), ("github copilot", "copilot")),
    CodingAgent("Cursor", "", ("cursoragent", "cursor[bot]"), ("cursoragent@cursor.com",), ("cursor agent", "cursor")),
    CodingAgent("Devin", "", ("devin-ai-integration[bot]",), (), ("devin ai", "devin")),
    CodingAgent("Amazon Q", "", ("amazon-q-developer[bot]",), (), ("amazon q developer", "amazon q")),
    CodingAgent("Aider", "", (), ("noreply@aider.chat", "aider@aider.chat"), ("aider",)),
)
# Trailers stand at the end of a message; a longer line is none that a tool writes.
_MOST_CHARACTERS, _MOST_LINES, _LONGEST = 4_000, 40, 300
_TRAILER = re.compile(r"\s*(co-authored-by|generated-by|assisted-by|made-with)\s*:\s*(\S.*)\Z", re.I)
_ADDRESS = re.compile(r"<([^<>\s]{1,200})>")
# https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address
_NOREPLY = re.compile(r"(?:\d{1,12}\+)?([^@]+)@users\.noreply\.github\.com\Z")
# "aider (gpt-5)", and "Cursor:claude-opus-4-8" as the Linux kernel asks for it.
_MODEL = re.compile(r"[(:]\s*([\w./-]{1,80})")
# What may follow a name without an address: a model or a part of the product, and not a person's family name.
_AFTER_NAME = re.compile(r"\s*(?:\Z|[(:,<]|(?:opus|sonnet|haiku|pro|flash|code|cli|agent|v?\d)\b)")


def find_agent_author(snapshot: Snapshot) -> AgentAuthor | None:
    """The agent that wrote a change: the author's login before trailers, and of these the agent that most commits name; None for people."""
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
            yield AgentAuthor(agent.name, (family(model[1]) if model else "") or agent.vendor)


def _signs(agent: CodingAgent, value: str) -> bool:
    """Whether a trailer names this agent: an address decides where there is one, for people are called Claude and Devin too."""
    if address := _ADDRESS.search(value):
        noreply = _NOREPLY.match(address[1])
        return address[1] in agent.addresses or (noreply is not None and noreply[1] in agent.logins)
    return any(value.startswith(name) and _AFTER_NAME.match(value, len(name)) for name in agent.names)
