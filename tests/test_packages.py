"""The wheel and the source archive: the same bytes each time, complete, and working in a clean environment of every installed Python."""

import hashlib
import os
import re
import resource
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from app.cli.main import CouncilCommands
from tests.test_image import PACKAGES, bare, files_below

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EPOCH = "1790000000"
# It is in the folder where the program is started, like an `app` of somebody's project.
FOREIGN = "raise SystemExit('the wrong app was imported')\n"
_MINORS = (11, 12, 13)


def interpreters() -> dict[str, str]:
    """The Pythons of this machine that Council supports, by their versions."""
    found = {}
    for minor in _MINORS:
        places = [*sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python")), Path(f"/usr/bin/python3.{minor}")]
        for place in places:
            if place.exists():
                found.setdefault(f"3.{minor}", str(place))
    return found | {f"3.{sys.version_info.minor}": sys.executable}


def build(folder: Path) -> dict[str, bytes]:
    """Both archives by their names, built from the files that git tracks in this tree."""
    source = folder / "source"
    source.mkdir(parents=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--outdir", str(folder / "dist"), str(source)]
    subprocess.run(command, env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH}, check=True, stdout=subprocess.DEVNULL)
    return {path.name: path.read_bytes() for path in (folder / "dist").iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build(folder)
    return folder / "dist"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_both_archives_are_the_same_bytes_each_time(built: Path, tmp_path: Path) -> None:
    again = build(tmp_path)
    assert len(again) == 2
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in built.iterdir()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in again.items()
    }


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_both_archives_hold_every_file_of_the_packages(built: Path) -> None:
    tree = {path.relative_to(ROOT).as_posix() for name in PACKAGES for path in files_below(ROOT / name)}
    (wheel,), (source,) = built.glob("*.whl"), built.glob("*.tar.gz")
    in_wheel = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    with tarfile.open(source) as archive:
        in_source = {name.partition("/")[2] for name in archive.getnames()}
    assert in_wheel == tree and tree <= in_source and {"LICENSE", "CHANGELOG.md", "docs/schema/council.json"} <= in_source


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", [f"3.{minor}" for minor in _MINORS])
def test_the_wheel_runs_in_a_clean_environment(version: str, built: Path, tmp_path: Path) -> None:
    python = interpreters().get(version)
    if python is None:
        pytest.skip(f"Python {version} is not on this machine")
    subprocess.run([python, "-m", "venv", tmp_path / "venv"], check=True)
    pip = [tmp_path / "venv/bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements.txt"], check=True)
    subprocess.run([*pip, *built.glob("*.whl")], check=True)
    (packages,) = (tmp_path / "venv/lib").glob("python*/site-packages")
    pruned = subprocess.run([python, ROOT / "deploy/prune.py", packages], check=True, capture_output=True, text=True).stdout
    before, after = map(int, re.findall(r"(\d+) MB", pruned))
    assert before - after > 80, pruned
    sys.stderr.write(f"Python {version}: {pruned}")
    # What is left of AWS is what a seat on Bedrock needs.
    aws = "import boto3; boto3.client('bedrock-runtime', region_name='us-east-1'); boto3.client('sts', region_name='us-east-1')"
    subprocess.run([tmp_path / "venv/bin/python", "-c", aws], env=bare(tmp_path), check=True)
    elsewhere = tmp_path / "project"
    (elsewhere / "app").mkdir(parents=True)
    (elsewhere / "app/__init__.py").write_text(FOREIGN)
    environment = bare(tmp_path)
    every = "import importlib\nfrom app.cli.main import CouncilCommands\nfor place in CouncilCommands.places.values():\n"
    every += "    module, _, name = place.partition(':')\n    assert getattr(importlib.import_module(module), name)\n"
    subprocess.run([tmp_path / "venv/bin/python", "-P", "-c", every], cwd=elsewhere, env=environment, check=True)
    council = str(tmp_path / "venv/bin/council")
    subprocess.run([council, "--help"], cwd=elsewhere, env=environment, check=True, capture_output=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    shown = subprocess.run([council, "--help"], cwd=elsewhere, env=environment, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Seconds of the processor, because this machine may be busy.
    assert after.ru_utime - before.ru_utime < 1.5
    assert all(name in shown for name in CouncilCommands.places)
    done = subprocess.run([council, "demo"], cwd=elsewhere, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "as it was published" in done.stdout, done.stdout + done.stderr


def test_our_processes_do_not_import_from_their_start_folder() -> None:
    """`python -m` looks there first, and would run a project's own `app` instead of ours."""
    own = re.compile(r'"-m",\s*"(?:app|reviewers|webhooks)[.\w]*"')
    starts = [
        (path, line)
        for name in PACKAGES
        for path in (ROOT / name).rglob("*.py")
        for line in path.read_text("utf-8").split("\n")
        if own.search(line)
    ]
    assert len(starts) >= 5
    assert [(path.name, line) for path, line in starts if '"-P", "-m"' not in line] == []


def test_the_metadata_names_what_is_supported() -> None:
    supported = {name.rpartition(" ")[2] for name in PROJECT["classifiers"] if name.startswith("Programming Language :: Python :: 3.")}
    assert supported == {f"3.{minor}" for minor in _MINORS} and PROJECT["requires-python"] == ">=3.11"
    assert PROJECT["license"] == "MIT" and (ROOT / "LICENSE").exists()
