"""The steps of Dockerfile and compose.yaml in a clean environment, and that what is installed is what was tested. No image is built."""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import httpx
import pytest
import yaml

from app.queue.valkey import EmbeddedValkey
from app.sandbox.control.client import Control, running
from benchmarks import server, tenants
from benchmarks.checker import seen_from_afar
from benchmarks.fleet import until

ROOT = Path(__file__).parents[1]
PACKAGES = ("app", "reviewers", "webhooks")
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


def environment_of(service: str, postgres: str, redis: str) -> dict[str, str]:
    """A service's environment from compose, with this machine's addresses instead of compose's."""
    told = {name: str(value) for name, value in SERVICES[service]["environment"].items()}
    assert told["DATABASE_URL"] == "postgresql://council@postgres/council"
    assert re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?[^}]*\}", told.pop("DATABASE_PASSWORD"))
    return told | {"DATABASE_URL": postgres, "REDIS_URL": redis}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment with the locked requirements and the wheel of this tree, as the Dockerfile makes it."""
    steps = (ROOT / "Dockerfile").read_text()
    assert "pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt" in steps
    assert "pip install --no-cache-dir --no-deps ." in steps
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=True)
    pip = [folder / "venv/bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements.txt"], check=True)
    assert "prune.py /venv/lib/python3.12/site-packages" in steps
    (packages,) = (folder / "venv/lib").glob("python*/site-packages")
    subprocess.run([sys.executable, ROOT / "deploy/prune.py", packages], check=True)
    copied = folder / "src"
    copied.mkdir()
    for name in ("app", "reviewers", "webhooks", "pyproject.toml", "README.md", "LICENSE"):
        subprocess.run(["cp", "-r", ROOT / name, copied / name], check=True)
    subprocess.run([*pip, copied], check=True)
    return folder


def bare(folder: Path) -> dict[str, str]:
    """An environment without any reference to this tree."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(folder), "COUNCIL_DATA": str(folder / "data")}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_image_steps_give_a_program_that_runs_anywhere(installed: Path) -> None:
    # From a folder without the sources: everything it reads came with the package.
    command = [installed / "venv/bin/council", "demo"]
    done = subprocess.run(command, cwd=installed, env=bare(installed), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "as it was published" in done.stdout


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_has_every_file_of_the_tree(installed: Path) -> None:
    (packages,) = (installed / "venv/lib").glob("python*/site-packages")
    kept = {path.relative_to(packages).as_posix(): path.read_bytes() for name in PACKAGES for path in files_below(packages / name)}
    tree = {path.relative_to(ROOT).as_posix(): path.read_bytes() for name in PACKAGES for path in files_below(ROOT / name)}
    assert len(tree) > 500
    assert sorted(tree.keys() ^ kept.keys()) == []
    assert [name for name in tree if tree[name] != kept[name]] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_installed_web_process_serves_every_static_file(installed: Path) -> None:
    files = sorted((ROOT / "app/web/static").iterdir())
    assert {path.suffix for path in files} >= {".js", ".css"}
    port = server.free_port()
    environment = bare(installed) | {"PORT": str(port), "HOST": "127.0.0.1"}
    with subprocess.Popen([installed / "venv/bin/council", "serve"], cwd=installed, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            server.wait_for(f"http://127.0.0.1:{port}/healthz")
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                for path in files:
                    answer = client.get(f"/static/{path.name}")
                    assert (answer.status_code, answer.content) == (200, path.read_bytes()), path.name
        finally:
            process.terminate()
            process.wait(30)


def files_below(folder: Path) -> list[Path]:
    """The files of a package."""
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_services_review_a_pull_request(tmp_path: Path, postgres: str) -> None:
    from tests.conftest import fresh_postgres

    assert {name: SERVICES[name]["command"] for name in ("web", "worker")} == {"web": ["council", "web"], "worker": ["council", "worker"]}
    url = await fresh_postgres(postgres, "compose")
    valkey = EmbeddedValkey(tmp_path)
    await valkey.start()
    try:
        with running() as control:
            work(control, tmp_path, url, valkey.url)
    finally:
        await valkey.stop()


def work(control: Control, data: Path, postgres: str, redis: str) -> None:
    """One web process and as many workers as compose starts, without anything that distinguishes them."""
    port = str(server.free_port())
    shared = control.environment() | {"COUNCIL_SEATS": "openai/gpt-5.5"}
    commands = ["web", *["worker"] * SERVICES["worker"]["deploy"]["replicas"]]
    started = []
    try:
        for name in commands:
            told = environment_of(name, postgres, redis) | {"COUNCIL_DATA": str(data), "PORT": port, "HOST": "127.0.0.1"}
            command = [sys.executable, "-m", "app.cli", SERVICES[name]["command"][1]]
            started.append(subprocess.Popen(command, cwd=ROOT, env={**os.environ, **shared, **told}))
        server.wait_for(f"http://127.0.0.1:{port}/readyz")
        control.set_webhook(f"http://127.0.0.1:{port}/webhooks/github")
        control.create_repository("acme/shop", tenants.BASE)
        control.program_model("gpt-5.5", findings=[])
        number = control.open_pull_request("acme/shop", "Change", tenants.defect(1))
        assert until(lambda: bool(control.pull("acme/shop", number).comments), 60)
        assert until(lambda: seen_from_afar(control.pull("acme/shop", number)).left_open == 0, 20)
        assert len(control.pull("acme/shop", number).comments) == 1
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)
