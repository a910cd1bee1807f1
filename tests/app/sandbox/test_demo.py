"""The demo's statements about its own code are true."""

import json
import re
import subprocess
import sys
from pathlib import Path

from app.github.ci_logs import BUDGET, EXCERPT
from app.sandbox.demo import HERE, MEMBERS, build_demo
from app.sandbox.providers.response_script import ScriptedMember
from app.sandbox.server import Sandbox
from reviewers.anchoring.anchor import anchor
from reviewers.context.ci_log.extraction import extract
from reviewers.context.packing import pack
from reviewers.context.snapshot import ChangedFile, FailingCheck, FileStatus
from reviewers.seats.answers import ClaimAnswer
from reviewers.seats.forms import fit_to_form
from reviewers.seats.structured_query import SeatLimits
from reviewers.values.brief import Brief
from reviewers.values.finding import Discarded, FindingClaim
from tests.patches import build_patch
from tests.reviewers.samples import snapshot


async def test_every_quote_is_verbatim_but_the_ghost(sandbox: Sandbox) -> None:
    demo = build_demo(sandbox.world, sandbox.providers, delays=False)
    files = sandbox.world.repository(demo.repository).commits[demo.head_sha].files
    ghosts, count = [], 0
    for name in MEMBERS:
        response_script = sandbox.providers.models[name].response_script
        assert isinstance(response_script, ScriptedMember)
        for finding in response_script.findings:
            claim = fit_to_form(finding, ClaimAnswer)
            count += 1
            assert len(claim.title) <= 100
            assert len(claim.body.split()) <= 120
            text = files[claim.path].decode()
            if claim.quote not in text:
                ghosts.append(claim.title)
            else:
                assert text.splitlines()[claim.line - 1] == claim.quote.splitlines()[0]
    assert (count, ghosts) == (15, ["TLS verification is switched off"])


async def test_no_surface_quotes_code_that_no_file_has(sandbox: Sandbox, tmp_path: Path) -> None:
    demo = build_demo(sandbox.world, sandbox.providers, delays=False)
    files = sandbox.world.repository(demo.repository).commits[demo.head_sha].files
    pull = sandbox.world.repository(demo.repository).pull(demo.number)
    base = sandbox.world.repository(demo.repository).commits[pull.base_sha].files
    changed = [
        ChangedFile(
            path=path,
            status=FileStatus.MODIFIED if path in base else FileStatus.ADDED,
            base=base[path].decode() if path in base else None,
            head=content.decode(),
            patch=build_patch(base[path].decode() if path in base else None, content.decode()),
        )
        for path, content in files.items()
        if base.get(path) != content
    ]
    ghosts = []
    for name in MEMBERS:
        response_script = sandbox.providers.models[name].response_script
        assert isinstance(response_script, ScriptedMember)
        for told in response_script.findings:
            claim = fit_to_form(told, ClaimAnswer)
            placed = anchor(name, FindingClaim.model_validate(claim.model_dump() | {"line": claim.line or None}), snapshot(*changed))
            if isinstance(placed, Discarded):
                ghosts.append((placed.title, placed.reason))
    assert ghosts == [("TLS verification is switched off", "the quoted code is not in payments/client.py")]


def test_the_demos_prompt_holds_the_log_of_its_failing_check() -> None:
    log = (HERE / "ci_log.txt").read_bytes()
    rows = [tuple(extract(log, None, budget).text.split("\n")) for budget in (BUDGET, EXCERPT)]
    check = FailingCheck(name="unit", url="", lines=rows[0], excerpt=rows[1])
    packed = pack(Brief(seed="s"), snapshot(failing_checks=(check,)), "seat", SeatLimits().context_tokens)
    assert "NameError: name 'logger' is not defined" in packed.text
    assert packed.dropped == ()


async def test_every_quote_is_in_the_diff(sandbox: Sandbox) -> None:
    demo = build_demo(sandbox.world, sandbox.providers, delays=False)
    repository = sandbox.world.repository(demo.repository)
    pull = repository.pull(demo.number)
    changes = {change.path: change for change in repository.diff(pull.base_sha, pull.head_sha)}
    for name in MEMBERS:
        response_script = sandbox.providers.models[name].response_script
        assert isinstance(response_script, ScriptedMember)
        for finding in response_script.findings:
            if finding["line"]:
                last = finding["line"] + finding["quote"].count("\n")
                first_hunk = changes[finding["path"]].hunk_at(finding["line"], "RIGHT")
                assert first_hunk is not None
                assert first_hunk == changes[finding["path"]].hunk_at(last, "RIGHT")


def test_every_vote_meets_a_proposal_of_another_member() -> None:
    members = json.loads((HERE / "demo.json").read_text("utf-8"))["members"]
    for at, mind in enumerate(members):
        others = [them for other, them in enumerate(members) if other != at]
        texts = [f"{each['title']}\n{each.get('path', '')}".lower() for them in others for each in (*them["findings"], *them["solutions"])]
        for piece in mind["stance"]:
            assert any(piece.lower() in text for text in texts), piece


def test_ruff_finds_four_defects_in_the_new_code() -> None:
    found = set()
    for name in ("payments/client.py", "orders/report.py", "payments/session.py"):
        code = (HERE / "head" / f"{name}.txt").read_text("utf-8")
        command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F,B,S", "--output-format", "concise", "-"]
        done = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
        found |= set(re.findall(r": ([A-Z]\d+) ", done.stdout))
    assert found == {"F821", "B006", "S113", "S608"}


async def test_the_failing_job_is_caused_by_the_change(sandbox: Sandbox) -> None:
    demo = build_demo(sandbox.world, sandbox.providers, delays=False)
    repository = sandbox.world.repository(demo.repository)
    ((job,),) = [run.jobs for run in repository.workflow_runs.values()]
    lines = job.log.splitlines()
    assert 300 < len(lines) < 500
    assert any("NameError: name 'logger' is not defined" in line for line in lines)
    place = next(match for line in lines if (match := re.search(r"(payments/client\.py):(\d+): NameError", line)))
    code = repository.commits[demo.head_sha].files[place[1]].decode().splitlines()
    assert "logger.warning" in code[int(place[2]) - 1]
