"""What a step of GitHub Actions shows and outputs: the step's summary, annotations, outputs, and a SARIF file."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.configuration.repository_config import Publish, RepositoryConfig
from app.reporters import check_run
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.sarif import to_sarif
from app.reporters.text import summary_text
from app.reporters.text.phrases import SHOWN, TO_FIX, fails_gate
from app.store.reviews.runs import Run
from reviewers.context.snapshot import Snapshot
from reviewers.learning.feedback import Disposition, apply_decisions
from reviewers.values.finding import Severity
from reviewers.values.verdict import ProposalStanding, Verdict

# GitHub shows ten annotations per level and step, and accepts one mebibyte of summary. https://docs.github.com/en/actions/reference/limits
_MOST_SUMMARY_BYTES = 1_000_000
_LEVELS = {"failure": "error", "warning": "warning", "notice": "notice"}


@dataclass(frozen=True)
class StepReport:
    """How a step ended. `verdict` is one word: fix, check, clean, incomplete, or none if nothing was reviewed."""

    verdict: str = "none"
    critical: int = 0
    findings: int = 0
    text: str = ""
    annotations: tuple[str, ...] = ()
    sarif: str = ""
    fails_gate: bool = False

    def facts(self) -> dict[str, str | int]:
        """The facts for machines."""
        return {"verdict": self.verdict, "critical": self.critical, "findings": self.findings}


def report_run(run: Run, decided: Sequence[Disposition], web_url: str) -> StepReport:
    """The report of a run that has a verdict."""
    verdict = apply_decisions(Verdict.model_validate_json(run.verdict or ""), decided)
    config = RepositoryConfig.model_validate_json(run.config or "")
    # All findings in full: the diff is not next to them here.
    repository_config = config.model_copy(update={"review": config.review.model_copy(update={"publish": Publish.SUMMARY})})
    edition = ReviewToPublish(run.id, Snapshot.model_validate_json(run.snapshot or ""), verdict, repository_config, web_url)
    gate = config.gate.model_copy(update={"enabled": True})
    held_back = not verdict.conclusive and config.gate.incomplete == "action_required"
    ranked = verdict.standing(*SHOWN)
    return StepReport(
        verdict=_word(verdict),
        critical=sum(finding.finding.severity is Severity.CRITICAL for finding in verdict.standing(*TO_FIX)),
        findings=len(ranked),
        text=summary_text.render(edition, ""),
        annotations=tuple(
            workflow_command(
                _LEVELS[note.level],
                note.message,
                {"file": note.path, "line": str(note.start_line), "endLine": str(note.end_line), "title": note.title},
            )
            for note in check_run.conclusion(edition).annotations
        ),
        sarif=to_sarif(verdict),
        fails_gate=fails_gate(verdict, gate) or held_back,
    )


def _word(verdict: Verdict) -> str:
    if verdict.incomplete or verdict.unreviewable:
        return "incomplete"
    if verdict.standing(ProposalStanding.RECOMMENDED):
        return "fix"
    if verdict.standing(*SHOWN):
        return "check"
    return "clean" if verdict.conclusive else "incomplete"


def workflow_command(name: str, message: str, properties: Mapping[str, str] | None = None) -> str:
    """A line that the runner parses as an annotation, whatever the texts contain.

    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
    """
    given = ",".join(f"{key}={_property(value)}" for key, value in (properties or {}).items() if value)
    return f"::{name}{' ' if given else ''}{given}::{_data(message)}"


def _data(text: str) -> str:
    # The runner splits lines at more characters than these two, so all of them are joined.
    joined = "".join(" " if character in "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029" else character for character in text)
    return joined.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def quiet_line(text: str) -> str:
    """One line for the step's log in which the runner finds no command, at the beginning or, in its old form, anywhere."""
    joined = " ".join(text.split())
    return f" {joined}".replace("::", ":\u200b:").replace("##[", "#\u200b#[")[1:]


def write_outputs(path: Path | None, values: Mapping[str, str | int]) -> None:
    """Append outputs. The delimiter is random, so that no value can end itself and start another."""
    if path is None:
        return
    with path.open("a", encoding="utf-8", errors="replace") as file:
        for name, value in values.items():
            delimiter = f"council_{secrets.token_hex(16)}"
            file.write(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def write_summary(path: Path | None, text: str) -> None:
    """Append to the step's summary."""
    if path is not None and text:
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(text.encode("utf-8", "replace")[:_MOST_SUMMARY_BYTES].decode("utf-8", "ignore") + "\n")


def json_line(values: Mapping[str, object]) -> str:
    """The facts of the step in one line that is no runner command."""
    return json.dumps(values, separators=(", ", ": ")).replace("#", "\\u0023").replace("::", ":\\u003a")
