"""Whether what models were shown and said is kept encrypted: where a repository's settings or this server's say so."""

from app.github.repository_config import RepositoryConfig
from app.settings import Settings


def keeps_sealed(settings: Settings, config: RepositoryConfig) -> bool:
    """Nobody below can turn off what the server wants."""
    return settings.encrypt_transcripts or config.privacy.encrypt_transcripts
