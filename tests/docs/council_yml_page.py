"""The reference of council.yml: change here how the page is laid out; its rows come from the model."""

from app.configuration.council_yml_keys import write_table
from tests.docs.markdown import prose

_HEAD = prose("""
# Keys of council.yml

`.github/council.yml` is read from the base branch. An unknown key or a bad value is an error on the check run with its
line and the nearest valid key; the other keys count. [Settings of a repository](../how-to/configuration.md) explains
levels, packs and how editors complete the file. `council config keys` prints this table, `/council config` says what
holds for a pull request and where each value comes from.
""")


def write() -> str:
    """The page."""
    return _HEAD + write_table()
