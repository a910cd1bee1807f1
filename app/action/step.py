"""Writes what the runner of GitHub Actions reads: annotations, the summary, the outputs, the SARIF file, one JSON line."""

import sys
from dataclasses import dataclass, field

from app.action.inputs import ActionInputs
from app.action.report import StepReport, json_line, quiet_line, workflow_command, write_outputs, write_summary
from app.errors import CouncilError


@dataclass(frozen=True)
class ActionResult:
    """How the step ends: its exit code, what it shows, and a line on why nothing was done, or ""."""

    code: int
    report: StepReport = field(default_factory=StepReport)
    reason: str = ""
    warnings: tuple[str, ...] = ()
    number: int = 0


def show(result: ActionResult, inputs: ActionInputs) -> None:
    """Write what the runner reads: warnings and annotations, the summary, the outputs, the SARIF file, and one JSON line."""
    report = result.report
    lines = [workflow_command("warning" if result.code == 0 else "error", line) for line in result.warnings]
    if result.reason:
        lines.append(workflow_command("notice" if result.code == 0 else "error", result.reason, {"title": "Council"}))
    sys.stdout.write("".join(f"{line}\n" for line in (*lines, *report.annotations)))
    sarif = str(inputs.sarif) if inputs.sarif is not None and report.sarif else ""
    if sarif and inputs.sarif is not None:
        inputs.sarif.write_text(report.sarif, "utf-8", "replace")
    write_summary(inputs.summary, report.text or (f"Council: {quiet_line(result.reason)}" if result.reason else ""))
    write_outputs(inputs.output, {**report.facts(), "sarif": sarif})
    facts = {"event": inputs.event, "number": result.number, **report.facts(), "reason": result.reason, "exit": result.code}
    sys.stdout.write(json_line(facts) + "\n")
    sys.stdout.flush()


def show_error(error: CouncilError) -> None:
    """What the workflow's author has to fix: one annotation per line."""
    for line in str(error).split("\n"):
        sys.stdout.write(workflow_command("error", line, {"title": "Council"}) + "\n")
    sys.stdout.flush()
