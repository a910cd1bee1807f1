"""The systemd units that we ship: accepted by systemd itself, with existing settings, and no key if no model is called."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.configuration.child_environments import SERVER
from app.configuration.secret_files import SECRETS, file_of

FOLDER = Path(__file__).parents[2] / "deploy/systemd"
UNITS = sorted(FOLDER.glob("*.service"))


def verify(folder: Path, unit: str) -> str:
    """The output of `systemd-analyze verify` about a unit whose program exists, "" if it finds nothing."""
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(folder / unit)], capture_output=True, text=True, timeout=60, check=False
    )
    # It also reports on other units of the machine.
    return "\n".join(line for line in (done.stdout + done.stderr).splitlines() if "council" in line)


def install(unit: Path, folder: Path, change: tuple[str, str] = ("", "")) -> str:
    """A copy with an existing program. Returns its name, an instance if it is a template."""
    name = unit.name.replace("@.", "@3001.")
    text = unit.read_text("utf-8").replace("/opt/council/.venv/bin/council", shutil.which("true") or "/bin/true")
    assert change[0] in text
    (folder / name).write_text(text.replace(*change) if change[0] else text)
    return name


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here: apt-get install systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_the_unit(unit: Path, tmp_path: Path) -> None:
    assert verify(tmp_path, install(unit, tmp_path)) == ""
    # A mistake would be found.
    assert "ProtectSistem" in verify(tmp_path, install(unit, tmp_path, ("ProtectSystem=", "ProtectSistem=")))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_names_settings_that_exist_and_secrets_as_files(unit: Path) -> None:
    text = unit.read_text("utf-8")
    settings = dict(re.findall(r"^Environment=([A-Z_]+)=(.*)$", text, re.MULTILINE))
    assert set(settings) <= {*SERVER, *map(file_of, SECRETS)} and not set(settings) & set(SECRETS)
    credentials = re.findall(r"^LoadCredential=([A-Z_]+):/etc/council/secrets/\1$", text, re.MULTILINE)
    assert {name: value for name, value in settings.items() if name.endswith("_FILE")} == {
        file_of(credential): f"%d/{credential}" for credential in credentials
    }
    assert ("OPENAI_API_KEY" in credentials) == (unit.name != "council-web.service")


def test_the_page_names_every_unit() -> None:
    page = (FOLDER.parents[1] / "docs/how-to/systemd.md").read_text("utf-8")
    assert all(unit.name in page for unit in UNITS) and len(UNITS) == 3
