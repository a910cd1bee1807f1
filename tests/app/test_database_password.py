"""A separate password reaches the database unchanged."""

from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from sqlalchemy import make_url

from app.configuration.settings import read_settings


@pytest.mark.parametrize("password", ["plain", "p@ss/w:rd?#%", "a b&c=d", "ünï+code", "%41"])
def test_a_password_may_contain_any_character(password: str) -> None:
    settings = read_settings({"DATABASE_URL": "postgresql://council@postgres/council", "DATABASE_PASSWORD": password})
    parsed = make_url(settings.database_url)
    assert (parsed.password, parsed.host, parsed.database) == (password, "postgres", "council")


@pytest.mark.parametrize("url", ["", "sqlite:///x.db", "postgresql://u:own@db/x", "postgresql://db/x"])
def test_a_url_without_need_of_a_password_stays(url: str) -> None:
    assert read_settings({"DATABASE_URL": url, "DATABASE_PASSWORD": "other"}).database_url == url


def test_compose_keeps_the_password_out_of_the_url() -> None:
    """It publishes one port."""
    compose = yaml.safe_load(Path("compose.yaml").read_text())
    environment = compose["x-council"]["environment"]
    assert "PASSWORD" not in unquote(environment["DATABASE_URL"]) and "POSTGRES_PASSWORD" in environment["DATABASE_PASSWORD"]
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"web": ["3000:3000"]}
    assert "HEALTHCHECK" in Path("Dockerfile").read_text()
