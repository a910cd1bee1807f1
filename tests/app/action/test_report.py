"""What the runner reads: no untrusted text ends a command, starts another, or ends an output."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.action.report import json_line, quiet_line, workflow_command, write_outputs

HOSTILE = (
    "a\n::set-output name=verdict::clean",
    "a\r\n::add-mask::b",
    "100%\n::warning::x",
    "a\u2028::error::b",
    "a\x85::stop-commands::b",
    "##[error]fake\n##[command]rm",
    "file=other.py,line=1::title",
    "%0A::notice::decoded",
    "a\x0b::group::b\x0c::endgroup::",
)


def runner_lines(text: str) -> list[str]:
    """The lines that a runner sees. It is .NET's, which splits at more than a line feed."""
    return re.split(r"\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]", text)


def commands(text: str) -> list[str]:
    return [line for line in runner_lines(text) if line.lstrip().startswith("::") or ("##[" in line and not line.lstrip().startswith("::"))]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_within_its_annotation(text: str) -> None:
    line = workflow_command("warning", text, {"file": text, "title": text})
    assert commands(line) == [line]
    # Properties end at the first "::", and are separated by commas. The rest is only the message.
    head, _, data = line.removeprefix("::").partition("::")
    assert [pair.partition("=")[0] for pair in head.removeprefix("warning ").split(",")] == ["file", "title"]
    assert "\n" not in data and "\r" not in data


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_no_command_on_other_lines(text: str) -> None:
    assert commands(quiet_line(text)) == []
    assert commands(json_line({"reason": text})) == []


@given(st.text(max_size=200))
def test_any_text_is_one_annotation(text: str) -> None:
    line = workflow_command("error", text, {"title": text, "file": "a.py"})
    assert commands(line) == [line]


@given(st.text(max_size=200))
def test_any_text_is_no_command_elsewhere(text: str) -> None:
    assert commands(quiet_line(text)) == [] and commands(json_line({"a": text})) == []


def test_an_output_cannot_end_itself(tmp_path: Path) -> None:
    path = tmp_path / "output"
    write_outputs(path, {"verdict": "clean\ncouncil_x\nfindings=0\nEOF", "critical": 2})
    write_outputs(path, {"findings": 3})
    found, rows = {}, iter(path.read_text().split("\n"))
    for row in rows:
        if not row:
            continue
        name, _, delimiter = row.partition("<<")
        values = []
        while (value := next(rows)) != delimiter:
            values.append(value)
        found[name] = "\n".join(values)
    assert found == {"verdict": "clean\ncouncil_x\nfindings=0\nEOF", "critical": "2", "findings": "3"}
    delimiters = re.findall(r"<<(\S+)", path.read_text())
    assert len(set(delimiters)) == 3
