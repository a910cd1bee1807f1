"""The JSON forms that a model must answer with; every statement in them is checked before it is used."""

from functools import cache

from pydantic import BaseModel, ConfigDict, Field, create_model

from reviewers.context.repository.looks import LookKind
from reviewers.criteria import CriterionStatus
from reviewers.values.finding import Category, Severity
from reviewers.values.solution import Effort, Risk
from reviewers.values.verdict import Stance


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CitedLineAnswer(_Answer):
    """A line elsewhere in the repository that supports a claim; `line` is 0 if unknown."""

    path: str
    line: int
    quote: str = Field(description="That line, copied verbatim.")


class ClaimAnswer(_Answer):
    """One claimed defect. `quote` is copied verbatim from the changed code; `line` is its number on the new side, 0 if unknown."""

    title: str = Field(description="What goes wrong, in one sentence of at most 100 characters.")
    body: str = Field(description="When it goes wrong, why, and what to do about it. At most 120 words.")
    severity: Severity
    category: Category
    path: str
    quote: str = Field(description="The offending line or lines, copied verbatim.")
    line: int = Field(description="Line number on the new side of the diff; 0 if unknown.")
    suggestion: str = Field(description="Complete replacement for exactly the quoted lines, or an empty string.")
    evidence: list[CitedLineAnswer] = Field(description="The lines outside of the diff that prove it; an empty list without any.")


class GroupLineAnswer(_Answer):
    """What changes in the group of files with that number."""

    group: int
    text: str = Field(description="One sentence: what is different after the merge, and for whom.")


class CriterionAnswer(_Answer):
    """Whether the criterion with that number is met, and the line of code that decides it."""

    criterion: int
    status: CriterionStatus
    path: str = Field(description="The file that holds that line; an empty string if you cannot tell.")
    line: int = Field(description="The number of that line; 0 if unknown.")
    quote: str = Field(description="That line, copied verbatim; an empty string if you cannot tell.")


class CriterionNoteAnswer(_Answer):
    """One sentence on the criterion with that number."""

    criterion: int
    text: str


class OpinionAnswer(_Answer):
    """Round one: a seat's findings; an empty list is a good answer."""

    findings: list[ClaimAnswer]


class VoteAnswer(_Answer):
    """A stance on the proposal with that label."""

    label: str
    stance: Stance
    evidence: str = Field(description="The code or fact that decides it, in one sentence.")
    path: str = Field(description="The file, log or material that holds the line it rests on; an empty string without one.")
    line: int = Field(description="The number of that line; 0 if unknown.")
    quote: str = Field(description="That line, copied verbatim; an empty string without one.")


class SameAnswer(_Answer):
    first: str
    second: str


class CritiqueAnswer(_Answer):
    """Round two: one vote per proposal, and the pairs of labels that describe the same defect."""

    votes: list[VoteAnswer]
    same: list[SameAnswer]


class TurnAnswer(_Answer):
    """Both rounds of a seat under one schema: providers put the schema before the prompt, so a different one would miss their cache.

    https://community.openai.com/t/prompt-caching-not-applied-when-schema-changes/967577
    """

    findings: list[ClaimAnswer] = Field(description="The defects you found; an empty list when you are asked to judge claims.")
    votes: list[VoteAnswer] = Field(description="One vote for each claim you are asked to judge; else an empty list.")
    same: list[SameAnswer] = Field(description="The pairs of labels that describe the same defect; else an empty list.")


class LookRequestAnswer(_Answer):
    """One look at the repository."""

    kind: LookKind
    target: str = Field(description="A path, a name or a text, as the kind wants it.")
    first: int = Field(description="The first line to read; 0 for the whole file.")
    last: int = Field(description="The last line to read; 0 for the whole file.")
    glob: str = Field(description="Which paths to search, such as *.py; an empty string for all.")


class LookingTurnAnswer(TurnAnswer):
    """A turn of a seat that may look before it answers."""

    looks: list[LookRequestAnswer] = Field(description="What to look at before you answer; an empty list when you answer now.")


class LookingOpinionAnswer(OpinionAnswer):
    """The first round, for a seat that may look."""

    looks: list[LookRequestAnswer]


class LookingCritiqueAnswer(CritiqueAnswer):
    """The second round, for a seat that may look."""

    looks: list[LookRequestAnswer]


_CHANGES = "One line per group of files; an empty list when you are asked to judge claims."


class OpinionAnswerWithChanges(OpinionAnswer):
    """The first round with a walkthrough."""

    changes: list[GroupLineAnswer] = Field(default_factory=list, description=_CHANGES)


class LookingOpinionAnswerWithChanges(LookingOpinionAnswer):
    """The first round with a walkthrough, for a seat that may look."""

    changes: list[GroupLineAnswer] = Field(default_factory=list, description=_CHANGES)


class TurnAnswerWithChanges(TurnAnswer):
    """Both rounds with a walkthrough."""

    changes: list[GroupLineAnswer] = Field(default_factory=list, description=_CHANGES)


class LookingTurnAnswerWithChanges(LookingTurnAnswer):
    """Both rounds with a walkthrough, for a seat that may look."""

    changes: list[GroupLineAnswer] = Field(default_factory=list, description=_CHANGES)


@cache
def with_criteria(form: type[BaseModel]) -> type[BaseModel]:
    """A form of the first round that also takes answers on acceptance criteria, for reviews that have any."""
    words = "One answer per criterion; an empty list when you are asked to judge claims."
    field: object = Field(default_factory=list, description=words)
    return create_model(f"{form.__name__}WithCriteria", __base__=form, __doc__=form.__doc__, criteria=(list[CriterionAnswer], field))


class SynthesisAnswer(_Answer):
    """The chair's wording: `order` repeats the ids of the ranked findings exactly as given."""

    order: list[str]
    summary: str = Field(description="At most three sentences for the author of the pull request.")
    plan: list[str] = Field(description="One step for each finding to fix, in order; last a way to verify.")
    plan_order: str = Field(default="", description="Why the steps must be taken in this order; an empty string where any order will do.")


class SynthesisAnswerWithChanges(SynthesisAnswer):
    """The chair's wording with a walkthrough."""

    changes: list[GroupLineAnswer] = Field(default_factory=list, description="One sentence per group of files.")


class SynthesisAnswerWithCriteria(SynthesisAnswerWithChanges):
    """The chair's wording if an issue has acceptance criteria with answers that passed the gate."""

    criteria: list[CriterionNoteAnswer] = Field(default_factory=list, description="One sentence per criterion.")


class EvidenceAnswer(_Answer):
    """A citation; `source` is the path or the name of the material, `line` its number there, 0 if unknown."""

    source: str
    line: int
    quote: str = Field(description="The line or lines, copied verbatim from the material.")


class FacetAnswer(_Answer):
    name: str
    text: str


class SolutionAnswer(_Answer):
    """One solution."""

    title: str = Field(description="What it is, in one sentence of at most 100 characters.")
    approach: str = Field(description="Why it would help here, and what it costs. At most 150 words.")
    steps: list[str] = Field(description="What to do, one action a step, in order.")
    effort: Effort
    risk: Risk
    verify: str = Field(description="A command or an observation that shows it helped.")
    facets: list[FacetAnswer] = Field(description="The named parts that the task asks for.")
    evidence: list[EvidenceAnswer] = Field(description="The lines of the material it rests on.")


class CounselAnswer(_Answer):
    """Round one of a question: the expert's reading of it, and its solutions, best first."""

    view: str = Field(description="How you read the question and what decides it. At most 120 words.")
    solutions: list[SolutionAnswer]


class CounselTurnAnswer(_Answer):
    """Both rounds of an expert under one schema, for the same reason as TurnAnswer."""

    view: str = Field(description="How you read the question and what decides it, at most 120 words; empty when you are asked to judge.")
    solutions: list[SolutionAnswer] = Field(description="Your solutions, best first; an empty list when you are asked to judge.")
    votes: list[VoteAnswer] = Field(description="One vote for each solution you are asked to judge; else an empty list.")
    same: list[SameAnswer] = Field(description="The pairs of labels that are the same solution; else an empty list.")


class LookingCounselTurnAnswer(CounselTurnAnswer):
    """A turn of an expert that may look before it answers."""

    looks: list[LookRequestAnswer] = Field(description="What to look at before you answer; an empty list when you answer now.")


class LookingCounselAnswer(CounselAnswer):
    """The first round of a question, for an expert that may look."""

    looks: list[LookRequestAnswer]


class AdviceAnswer(_Answer):
    """The chair's wording: `order` repeats the numbers of the ranked solutions exactly as given."""

    order: list[int]
    summary: str = Field(description="What to do and why, at most five sentences, from the first solution alone.")
    plan: list[str] = Field(description="The steps of the first solution.")
    verify: str
    settle: str = Field(description="The observation that would tell the first solutions apart, or an empty string.")
