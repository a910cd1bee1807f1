"""`council web`: run the web process. Imports nothing that only other commands need."""

from app import log
from app.configuration.settings import Settings, from_environment
from app.memory import return_freed_memory


def web() -> None:
    """Run the process that receives webhooks."""
    settings = start()
    settings.require_whole()
    from app.web.server import serve as serve_http

    serve_http(settings)


def start() -> Settings:
    """Read the settings and set up logging."""
    return_freed_memory()
    settings = from_environment()
    log.set_up(as_json=settings.log_json, secrets=settings.secrets, level=settings.log_level)
    log.take_warnings()
    return settings
