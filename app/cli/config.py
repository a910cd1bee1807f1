"""`council config`: print the schema and the keys of council.yml, check a file, and write a draft."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.running import run_to_end
from app.configuration.council_yml import load
from app.configuration.council_yml_draft import draft_config
from app.configuration.council_yml_keys import write_table
from app.configuration.council_yml_problems import find_misplaced
from app.configuration.council_yml_schema import write_schema
from app.configuration.repository_config import of_instance
from app.configuration.rule_packs import is_shared
from app.configuration.settings import from_environment
from app.errors import UserError
from app.git.repository import CONFIG_PATH, open_repository

app = typer.Typer(help="Check, describe or draft a repository's settings, .github/council.yml.", no_args_is_help=True)
_SCHEMA_NAME = "council.schema.json"
_MOST_BYTES = 1_000_000


@app.command()
def schema() -> None:
    """Print the JSON Schema of council.yml, for editors."""
    sys.stdout.write(write_schema())


@app.command()
def keys() -> None:
    """Print every key as a Markdown table: what it does, its values and its default."""
    sys.stdout.write(write_table())


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the file to check")] = Path(CONFIG_PATH),
) -> None:
    """Check a council.yml and print its problems as the check run does. Exit 0: no problems, 1: problems, 2: unreadable."""
    text = _read(file)
    loaded = load(text)
    if loaded.unreadable:
        sys.stdout.write(f"{file}: {loaded.problems[0]}\n")
        sys.exit(2)
    _, problems = loaded.apply(of_instance(from_environment().caps))
    # Rules shared by an owner's repositories are on GitHub and cannot be read here.
    own = [problem for problem in problems if not (is_shared(problem.message.partition(" ")[0]) and problem.message.endswith("not here"))]
    lines = [f"{file}: {problem}" for problem in own] + list(find_misplaced([file.as_posix()], CONFIG_PATH))
    sys.stdout.write("".join(f"{line}\n" for line in lines) or f"{file}: no problems\n")
    sys.exit(1 if lines else 0)


@app.command()
def init(
    repo: Annotated[Path, typer.Option(help="the git repository")] = Path(),
    schema_url: Annotated[
        str,
        typer.Option(
            "--schema", metavar="URL", help="the schema's address for editors; by default this server's, or a file next to council.yml"
        ),
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="overwrite an existing file")] = False,
) -> None:
    """Write a commented council.yml that fits the repository's languages, paths and CI."""
    target = repo / CONFIG_PATH
    if target.exists() and not force:
        raise UserError(f"{target} already exists; --force overwrites it")
    settings = from_environment()
    address = schema_url or (f"{settings.public_url}/schema/council.json" if settings.public_url else "")
    draft = draft_config(run_to_end(_paths(repo)), address or _SCHEMA_NAME)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not address:
        (target.parent / _SCHEMA_NAME).write_text(write_schema(), "utf-8")
    target.write_text(draft.text, "utf-8")
    sys.stdout.write("".join(f"{fact}\n" for fact in draft.facts) + f"wrote {target}; commit it to the default branch\n")


async def _paths(folder: Path) -> list[str]:
    """The paths in the newest commit."""
    async with open_repository(folder) as repository:
        return await repository.paths(await repository.tip())


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UserError(f"{file} is larger than 1 MB, so it is not a council.yml")
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{file} is not UTF-8 text") from None
