"""What strangers must not see of a tenant: its marks, its totals and its rows; and the answers that reveal nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import raw_sql

# A path or form that names a tenant's object; a person without a role there is refused without learning whether it exists.
OWNED = re.compile(r"\{(owner|run_id|consultation_id|installation_id|token_id|job_id|guid|attempt_id)|^/admin|#")
# Forbidden or hidden for a writer: it takes an administrator.
ADMIN_ONLY = re.compile(r"/privacy|/keys|/channels|^POST .*/settings|/admin")
_REFUSED = (401, 403, 404)


def is_refused(status: int, location: str) -> bool:
    """Whether an answer reveals nothing to a stranger: refused, not found, or a sign-in."""
    return status in _REFUSED or (300 <= status < 400 and location.startswith("/login"))


@dataclass(frozen=True)
class Store:
    """The database of a system, read without the product."""

    url: str
    folder: Path

    async def owned_tables(self) -> list[str]:
        """Tables whose rows belong to a repository."""
        if self.url:
            found = await self._rows(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'repository_id'"
            )
        else:
            found = await self._rows(
                "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'repository_id'"
            )
        return sorted(str(row[0]) for row in found)

    async def held_of(self, repository_id: int, installation_id: int) -> dict[str, object]:
        """The number of rows per table that belong to a repository, its tokens, and its settings or those of its installation."""
        held: dict[str, object] = {}
        for name in await self.owned_tables():
            held[name] = (await self._rows(f"SELECT count(*) FROM {name} WHERE repository_id = {repository_id}"))[0][0]
        held["tokens"] = await self._rows(f"SELECT id, name FROM api_token WHERE repository_id = {repository_id} ORDER BY id")
        for name, columns in (("setting", "scope, version, text"), ("secret", "scope, name, changed_at")):
            rows = await self._rows(f"SELECT {columns} FROM {name} ORDER BY 1, 2")
            held[name] = [row for row in rows if re.search(rf"(?<!\d)({repository_id}|{installation_id})(?!\d)", str(row[0]))]
        return held

    async def totals(self) -> dict[str, int]:
        """The number of rows per such table, over all tenants."""
        return {name: int(str((await self._rows(f"SELECT count(*) FROM {name}"))[0][0])) for name in await self.owned_tables()}

    async def token_of(self, repository_id: int) -> str:
        """The id of the first token for a repository."""
        return str((await self._rows(f"SELECT id FROM api_token WHERE repository_id = {repository_id} ORDER BY created_at"))[0][0])

    async def _rows(self, statement: str) -> list[tuple[object, ...]]:
        return await raw_sql.rows(self.url, self.folder, statement)


def pattern_of(marks: Sequence[str], totals: Sequence[int]) -> "re.Pattern[str]":
    """Matches a foreign mark, or a sum that only a query over everybody's rows can give, as pages write it."""
    numbers = [re.escape(f"{total:,}") for total in totals if total >= 1_000]
    parts = [*(re.escape(mark) for mark in marks), *(rf"(?<![\d,.#]){number}(?![\d,.])" for number in numbers)]
    return re.compile("|".join(parts))
