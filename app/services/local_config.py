"""The settings of a local repository at a commit, and what its owner should hear about them; change here which files are looked at."""

from dataclasses import dataclass

from app.git.repository import CONFIG_PATH, LocalRepository
from app.github.config_file import parse
from app.github.config_words import find_misplaced
from app.github.repository_config import RepositoryConfig
from app.github.yaml_tree import YamlProblem


@dataclass(frozen=True)
class LocalConfig:
    """The settings, what is wrong with their file, and a line for each file that was meant to be it and is not read."""

    settings: RepositoryConfig
    problems: tuple[YamlProblem, ...]
    misplaced: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """One line for each thing to mend."""
        return (*(f"{CONFIG_PATH}, {problem}" for problem in self.problems), *self.misplaced)


async def read_local_config(repository: LocalRepository, commit: str, base: RepositoryConfig) -> LocalConfig:
    """The settings of `.github/council.yml` at a commit, over `base`."""
    settings, problems = parse(await repository.config(commit), base)
    return LocalConfig(settings, tuple(problems), find_misplaced(await repository.paths(commit), CONFIG_PATH))
