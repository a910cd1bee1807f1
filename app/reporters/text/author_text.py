"""Change here the line of the summary, the check run and the run page about a coding agent that wrote the change."""

from reviewers.coding_agents import find_agent_author
from reviewers.context.snapshot import Snapshot
from reviewers.values.verdict import Verdict

_VENDORS = {"openai": "OpenAI", "deepseek": "DeepSeek", "xai": "xAI", "minimax": "MiniMax", "moonshot": "Moonshot AI"}


def author_sentence(snapshot: Snapshot, verdict: Verdict) -> str:
    """The agent, and the vendor whose seats count half because of it; "" if none do. Contains no text of the change."""
    models = [sitting for sitting in verdict.minutes.sittings if sitting.is_model] if verdict.minutes else []
    halved = next((sitting.vendor for sitting in models if sitting.weight < 1), "")
    author = find_agent_author(snapshot)
    if not halved or author is None:
        return ""
    alone = "" if any(sitting.vendor != halved for sitting in models) else ", and no model of another vendor answered"
    return f"Written with {author.name}: seats of {_VENDORS.get(halved, halved.capitalize())} count half{alone}."
