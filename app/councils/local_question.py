"""Collects the material of a question on this machine: a local repository, and the files passed with the question."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.configuration.local_config import read_local_config
from app.configuration.repository_config import RepositoryConfig
from app.errors import UserError
from app.git.grep import GrepHit
from app.git.repository import CONFIG_PATH, LocalRepository, open_repository
from reviewers.context.excerpts import excerpts
from reviewers.context.guidelines import ROOT_NAMES
from reviewers.context.mentions import Spot, locate_mentions, mentions
from reviewers.context.pasted import as_material, kind_of, take_out
from reviewers.context.project_map import MANIFESTS, survey
from reviewers.values.question import Dossier, Material, MaterialKind
from reviewers.values.verdict import Unseen
from webhooks.jobs import RepositoryRef

MOST_FILES, LARGEST = 20, 2_000_000
# Files found by names in the question. Files named by path come first.
MOST_HITS = 6
# Larger than any id of GitHub's: repositories on this machine are distinguished by their folder.
_LOCAL = 1 << 61


@dataclass(frozen=True)
class LocalQuestion:
    """A question on this machine. `files` are read whole; `logs` are cut to the cause of the failure. Both are by name."""

    question: str
    specialist: str = "ask"
    repository: Path = Path()
    files: Mapping[str, str] = field(default_factory=dict)
    logs: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> RepositoryRef:
        """The repository as the stored questions name it."""
        folder = self.repository.resolve()
        digest = hashlib.sha256(str(folder).encode(errors="surrogatepass")).digest()
        name = os.fsencode(folder.name).decode("utf-8", "replace")
        return RepositoryRef(id=_LOCAL + int.from_bytes(digest[:6]), full_name=name)


@dataclass(frozen=True)
class LocalDossier:
    """The material of a question, the settings at the repository's HEAD, and what could not be read, one sentence each."""

    dossier: Dossier
    config: RepositoryConfig
    problems: tuple[str, ...] = ()


async def local_dossier(asked: LocalQuestion, base: RepositoryConfig) -> LocalDossier:
    """The material, and the settings of the repository's HEAD on top of `base`.

    If the repository of the folder cannot be read, the material is only the passed files, and a problem says why.
    """
    pasted = take_out(asked.question, "the question").materials
    handed = [_file(name, text) for name, text in asked.files.items()]
    handed += [as_material(kind_of(text) or MaterialKind.LOG, name, text, "it was handed over") for name, text in asked.logs.items()]
    materials = (*pasted, *handed)
    try:
        async with open_repository(asked.repository) as repository:
            return await _read(asked, repository, materials, base)
    except UserError as error:
        name = asked.place.full_name
        unread = (Unseen(path=f"the repository {name}", reason=str(error)),)
        return LocalDossier(
            Dossier(repository=name, materials=materials, unread=unread), base, (f"the repository could not be read: {error}",)
        )


async def _read(asked: LocalQuestion, repository: LocalRepository, given: tuple[Material, ...], base: RepositoryConfig) -> LocalDossier:
    tip = await repository.tip()
    paths = await repository.paths(tip)
    said = (asked.question, *(each.text for each in given if each.kind is not MaterialKind.CODE))
    found = mentions("\n".join(said), repository.name)
    named = {path: spots for path, spots in locate_mentions(found.spots, paths).items() if path not in asked.files}
    hits = [hit for hit in await repository.holding(tip, found.symbols, MOST_HITS + len(named)) if hit.path not in named]
    hits = [hit for hit in hits if hit.path not in asked.files][:MOST_HITS]
    texts = await repository.texts(tip, [*(hit.path for hit in hits), *list(named)[:MOST_FILES], *ROOT_NAMES, *MANIFESTS])
    code = [
        material
        for path in list(named)[:MOST_FILES]
        if path in texts
        for material in excerpts(path, texts[path], named[path], found.symbols, "the question names it")
    ]
    code += [
        material
        for hit in hits
        if hit.path in texts
        for material in excerpts(hit.path, texts[hit.path], _spots(hit), found.symbols, "it holds a name of the question")
    ]
    rules = [
        Material(kind=MaterialKind.GUIDELINE, name=path, text=texts[path][:6_000], why="a guideline")
        for path in ROOT_NAMES
        if path in texts
    ]
    recent = await repository.recent(tip, list(named)[:MOST_FILES])
    history = "\n".join(f"{each.date} {each.sha[:9]} {each.path}: {each.subject}" for each in recent)
    past = [Material(kind=MaterialKind.HISTORY, name="recent changes", text=history, why="of the files that are named")] if history else []
    config = await read_local_config(repository, tip, base)
    dossier = Dossier(
        repository=repository.name,
        sha=tip,
        materials=(*given, *code, *past, *rules),
        project=survey(paths, {path: texts[path] for path in MANIFESTS if path in texts}, recent),
        unread=(
            *(Unseen(path=path, reason=f"at most {MOST_FILES} files are read") for path in list(named)[MOST_FILES:]),
            *(Unseen(path=CONFIG_PATH, reason=str(problem)) for problem in config.problems),
        ),
    )
    return LocalDossier(dossier, config.settings, config.notes)


def _spots(hit: GrepHit) -> list[Spot]:
    return [Spot(path=hit.path, first=line, last=line) for line in hit.lines]


def read_text(path: Path) -> str:
    """The text of a passed file. Raises UserError if it cannot be read."""
    try:
        data = path.read_bytes()[:LARGEST]
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    if b"\0" in data[:8_000]:
        raise UserError(f"{path} is not text")
    return data.decode("utf-8", "replace")


def _file(name: str, text: str) -> Material:
    lines = text.removesuffix("\n")
    return Material(kind=MaterialKind.CODE, name=name, path=name, text=lines, why="it was handed over")
