"""`council look`: look up lines, definitions, uses, texts, outlines or history in a repository, as a seat can."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from app import log
from app.cli.change import PULL_REQUEST
from app.cli.pull_request_repository import open_pull_request_repository
from app.cli.running import run_to_end
from app.configuration.settings import Settings, from_environment
from app.errors import UserError
from app.git.repository import open_repository
from app.repositories.related_code import CACHE
from app.repositories.view import mask_answer, open_view
from reviewers.context.repository.looks import Look, LookAnswer, LookKind

TOKENS = 2_000
_MOST = 20_000


def look(  # noqa: PLR0913, PLR0917 — one parameter per option
    kind: Annotated[LookKind, typer.Argument(help="what to look up", show_default=False)],
    target: Annotated[str, typer.Argument(help="a path, a name or a text")] = "",
    repo: Annotated[str, typer.Option(metavar="PATH | OWNER/REPO#N", help="a git repository, or a pull request to look at its head")] = ".",
    commit: Annotated[str, typer.Option(help="the commit to look at")] = "HEAD",
    lines: Annotated[str, typer.Option(metavar="FIRST-LAST", help="for read: the lines")] = "",
    pattern: Annotated[bool, typer.Option("--pattern", help="for search: TARGET is an RE2 pattern")] = False,
    glob: Annotated[str, typer.Option(help="for search: only paths that match, as in .gitignore")] = "",
    tokens: Annotated[int, typer.Option(min=100, max=_MOST, help="the most tokens in the answer")] = TOKENS,
    as_json: Annotated[bool, typer.Option("--json", help="print the answer as JSON")] = False,
) -> None:
    """Look around in a repository as a seat can. A missing path or name is not an error: the answer says so."""
    settings = from_environment()
    log.set_up(as_json=False, secrets=settings.secrets)
    first, last = _range(lines)
    asked = Look(kind=kind, target=target or _nowhere(kind), first=first, last=last, pattern=pattern, glob=glob)
    answer = run_to_end(_look(settings, repo, commit, asked, tokens))
    if as_json:
        sys.stdout.write(json.dumps(answer.model_dump(mode="json"), indent=2) + "\n")
    else:
        sys.stdout.write(answer.text + "\n")


async def _look(settings: Settings, repo: str, commit: str, asked: Look, tokens: int) -> LookAnswer:
    if match := PULL_REQUEST.match(repo):
        async with open_pull_request_repository(settings, match[1], int(match[2])) as opened:
            if opened.view is None:
                raise UserError(f"{repo} cannot be opened: {opened.problem or 'REPOSITORY_SECONDS is 0'}")
            return mask_answer(await opened.view.look(asked, tokens))
    async with open_repository(Path(repo)) as repository:
        chosen = await repository.resolve(f"{commit}..{commit}")
        view = await open_view(repository.reader, chosen.head, settings.data / CACHE)
        return mask_answer(await view.look(asked, tokens))


def _range(lines: str) -> tuple[int, int]:
    """`12`, `12-40`, `12-` or `-40` as first and last line; 0 means no limit."""
    if not lines:
        return 0, 0
    first, dash, last = lines.partition("-")
    if any(part and not part.isdecimal() for part in (first, last)):
        raise typer.BadParameter("use FIRST-LAST, for example 12-40", param_hint="--lines")
    return int(first or 0), int(last or 0) if dash else int(first or 0)


def _nowhere(kind: LookKind) -> str:
    if kind in (LookKind.OUTLINE, LookKind.HISTORY):
        return "."
    raise typer.BadParameter(f"{kind} needs a target", param_hint="TARGET")
