"""The older release of the storm is one that a server could have run: an upgrade from it applies each missing migration."""

from pathlib import Path

import pytest

from benchmarks.older_release import older_release

VERSIONS = "app/store/migrations/versions"


def migrations(home: Path) -> list[str]:
    return sorted(path.name for path in (home / VERSIONS).glob("[0-9]*.py"))


def test_the_older_release_has_the_first_of_todays_migrations() -> None:
    with older_release(wanted=True) as old:
        if not old.commit:
            pytest.skip(f"{old.reason} here")
        found, today = migrations(old.home), migrations(Path(__file__).parents[2])
    assert found == today[: len(found)] and 0 < len(found) < len(today)
