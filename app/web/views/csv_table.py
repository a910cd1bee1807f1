"""Tables as CSV: change here how a cell is written."""

import csv
import io
from collections.abc import Sequence

# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
MEDIA_TYPE = "text/csv; charset=utf-8"


def to_csv(table: Sequence[Sequence[str]]) -> str:
    """A table as CSV. Cells that a spreadsheet would run as a formula get a leading apostrophe."""
    text = io.StringIO()
    csv.writer(text).writerows([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in table)
    return text.getvalue()


def name_file(name: str) -> dict[str, str]:
    """The header that makes a browser save the file; `name` is not escaped."""
    return {"content-disposition": f'attachment; filename="council-{name}.csv"'}
