"""Reads the settings of a local repository at a commit, and reports problems with them: change here which files are checked."""

from dataclasses import dataclass

from app.configuration.council_yml import parse
from app.configuration.council_yml_problems import find_misplaced
from app.configuration.repository_config import RepositoryConfig
from app.configuration.yaml_tree import YamlProblem
from app.git.repository import CONFIG_PATH, LocalRepository


@dataclass(frozen=True)
class LocalConfig:
    """The settings, the problems in their file, and one line per misplaced settings file."""

    settings: RepositoryConfig
    problems: tuple[YamlProblem, ...]
    misplaced: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """One line per problem to fix."""
        return (*(f"{CONFIG_PATH}, {problem}" for problem in self.problems), *self.misplaced)


async def read_local_config(repository: LocalRepository, commit: str, base: RepositoryConfig) -> LocalConfig:
    """The settings of `.github/council.yml` at a commit, on top of `base`."""
    settings, problems = parse(await repository.config(commit), base)
    return LocalConfig(settings, tuple(problems), find_misplaced(await repository.paths(commit), CONFIG_PATH))
