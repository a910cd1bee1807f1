"""Merges the rules of a repository's packs with its own. Its own rules for the same paths replace a pack's."""

from app.configuration.repository_config import PathRule, RepositoryConfig
from app.configuration.rule_packs import read_packs

_MOST_RULES = 50


def list_rules(config: RepositoryConfig) -> tuple[PathRule, ...]:
    """What every model reads about some paths: the packs' rules in the order of `extends`, then the repository's own."""
    own = config.review.path_instructions
    if not config.extends:
        return own
    packs, taken = read_packs(), {rule.paths for rule in own}
    rules = [rule for name in dict.fromkeys(config.extends) for rule in packs.get(name, ()) if rule.paths not in taken]
    return (*(PathRule(paths=rule.paths, text=rule.text) for rule in rules[: max(0, _MOST_RULES - len(own))]), *own)
