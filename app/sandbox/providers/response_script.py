"""Scripts the answers of sandbox models: members that find, vote and summarize."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from unicodedata import normalize

from reviewers.anchoring.path_matching import unescape

Json = dict[str, Any]
# A stance, its reason, and the path and line of code as evidence. Without evidence it quotes the proposal's own first line.
Verdict = tuple[str, str] | tuple[str, str, str, str]
OPINION, CRITIQUE, SYNTHESIS = "OpinionAnswer", "CritiqueAnswer", "SynthesisAnswer"
TURN, COUNSEL_TURN = "TurnAnswer", "CounselTurnAnswer"
COUNSEL, ADVICE = "CounselAnswer", "AdviceAnswer"
BY_PROPERTY = {"findings": OPINION, "votes": CRITIQUE, "solutions": COUNSEL, "settle": ADVICE, "order": SYNTHESIS}


# Text in the instructions of looking, and the beginning of an answered look.
_MAY_LOOK = "To look, answer with `looks`"
_LOOKED = re.compile(r"^<look-[0-9a-f]+ ", re.MULTILINE)


class ResponseScript(Protocol):
    """Answers a prompt. A dict is sent as JSON, a string unchanged."""

    def answer(self, question: str, prompt: str) -> Json | str:
        """`question` is the name of the schema that the answer must match, or ""."""
        ...


def question_of(name: str, schema: Mapping[str, Any] | None, prompt: str = "") -> str:
    """The round of a request, by the schema's name or title, otherwise by its properties. A seat's two rounds share a schema."""
    title = str((schema or {}).get("title") or "")
    properties = (schema or {}).get("properties") or {}
    told = next((each for each in (name, title) if each and each not in ("response", "schema", "json_schema")), "")
    # A seat with looks answers in the same schemas, with looks added.
    told = told.removeprefix("Looking").removesuffix("WithCriteria").removesuffix("WithChanges")
    if told == TURN or {"findings", "votes"} <= set(properties):
        return CRITIQUE if lines_between(prompt, "proposals") else OPINION
    if told == COUNSEL_TURN or {"solutions", "votes"} <= set(properties):
        return CRITIQUE if lines_between(prompt, "proposals") else COUNSEL
    return told or next((word for key, word in BY_PROPERTY.items() if key in properties), "")


def lines_between(prompt: str, tag: str) -> list[Json]:
    """The JSON objects, one per line, between the last `<tag>` and `</tag>`."""
    _, opened, rest = prompt.rpartition(f"<{tag}>")
    inside = rest.partition(f"</{tag}>")[0] if opened else ""
    found = []
    for line in inside.splitlines():
        try:
            parsed = json.loads(line)
        except ValueError:
            continue
        if isinstance(parsed, dict):
            found.append(parsed)
    return found


@dataclass
class ScriptedMember:
    """A council member whose answers are data.

    `findings` are opinions in the shape of ClaimAnswer. Only those whose file is in the prompt are returned. `solutions` answer questions
    in the shape of SolutionAnswer. Entries of both with a `when` are only returned if the prompt contains that text. `stance` is how it
    votes: a function of the proposal, or a verdict by a part of the title or the path. `looks` are requested first, once in each round by
    its question, if the prompt allows any and no look was answered yet. `changes` is its text about each group of files, by the group's
    name, if requested. `criteria` is its result for each criterion of a closed issue, by its text, if requested: a status, a path, a line
    and a quote. `same` names pairs by parts of their titles. `answers` holds ready answers to any other question.
    """

    findings: Sequence[Json] = ()
    stance: Callable[[Json], Verdict] | Mapping[str, Verdict] = field(default_factory=dict)
    same: Sequence[tuple[str, str]] = ()
    summary: str = ""
    answers: Mapping[str, Json | str] = field(default_factory=dict)
    solutions: Sequence[Json] = ()
    view: str = ""
    looks: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    changes: Mapping[str, str] = field(default_factory=dict)
    criteria: Mapping[str, Json] = field(default_factory=dict)
    otherwise: Verdict = ("confirm", "The quoted line does what the proposal says.")

    def answer(self, question: str, prompt: str) -> Json | str:
        """Answer one round."""
        if self.looks.get(question) and _MAY_LOOK in prompt and not _LOOKED.search(prompt):
            return {"looks": [dict(look) for look in self.looks[question]]}
        if question in self.answers:
            return self.answers[question]
        if question == OPINION:
            given = [
                finding
                for finding in self.findings
                if normalize("NFC", unescape(finding["path"])) in prompt and finding.get("when", "") in prompt
            ]
            findings = [{"evidence": [], **{key: each[key] for key in each if key != "when"}} for each in given]
            asked = lines_between(prompt, "criteria")
            judged = [{"criterion": each["criterion"], **self.criteria[each["text"]]} for each in asked if each["text"] in self.criteria]
            more = {"criteria": judged} if judged else {}
            return {"findings": findings} | self._changes(lines_between(prompt, "groups")) | more
        if question == CRITIQUE:
            return self._critique(lines_between(prompt, "proposals"))
        if question == COUNSEL:
            given = [solution for solution in self.solutions if solution.get("when", "") in prompt]
            return {"view": self.view, "solutions": [{key: each[key] for key in each if key != "when"} for each in given]}
        if question == ADVICE:
            return self._advice(lines_between(prompt, "ranking"))
        if question == SYNTHESIS:
            words = self._synthesis(lines_between(prompt, "ranking"))
            return words | self._changes(lines_between(prompt, "changes"))
        return "OK"

    def _critique(self, ballot: list[Json]) -> Json:
        votes = []
        for proposal in ballot:
            stance, evidence, *place = self._vote(proposal)
            path, quote = place or (proposal.get("path"), str(proposal.get("quote") or "").split("\n", 1)[0])
            told = {"label": proposal["label"], "stance": stance, "evidence": evidence}
            votes.append(told | {"path": path or "", "line": 0, "quote": quote})
        pairs = [(self._label(ballot, first), self._label(ballot, second)) for first, second in self.same]
        return {"votes": votes, "same": [{"first": a, "second": b} for a, b in pairs if a and b and a != b]}

    def _changes(self, groups: list[Json]) -> Json:
        lines = [{"group": group["group"], "text": self.changes[group["name"]]} for group in groups if group["name"] in self.changes]
        return {"changes": lines} if lines else {}

    def _vote(self, proposal: Json) -> Verdict:
        if callable(self.stance):
            return self.stance(proposal)
        text = f"{proposal.get('title', '')}\n{proposal.get('path', '')}".lower()
        return next((verdict for piece, verdict in self.stance.items() if piece.lower() in text), self.otherwise)

    @staticmethod
    def _label(ballot: list[Json], piece: str) -> str:
        return next((str(each["label"]) for each in ballot if piece.lower() in str(each.get("title", "")).lower()), "")

    @staticmethod
    def _advice(ranking: list[Json]) -> Json:
        first = ranking[0]
        settle = f"Look first whether it is this: {ranking[1]['title']}" if len(ranking) > 1 else ""
        steps = [step for step in str(first["steps"]).split("\n") if step]
        words = {"summary": first["approach"], "plan": steps, "verify": first["verify"], "settle": settle}
        return {"order": [each["number"] for each in ranking], **words}

    def _synthesis(self, ranking: list[Json]) -> Json:
        todo = [each for each in ranking if each.get("standing") in ("recommended", "unconfirmed")]
        plan = [f"Fix: {each['title']}" for each in todo]
        first = f"{todo[0]['title'].rstrip('.')}." if todo else "Nothing here needs a change."
        return {"order": [each["id"] for each in ranking], "summary": self.summary or first, "plan": plan}
