"""Decides whether transcripts are encrypted: if a repository's settings or this server's require it."""

from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings import Settings


def is_encrypted_at_rest(settings: Settings, config: RepositoryConfig) -> bool:
    """Nobody below can turn off what the server requires."""
    return settings.encrypt_transcripts or config.privacy.encrypt_transcripts
