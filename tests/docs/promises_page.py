"""The promises that a sabotage holds: change here how the page is laid out; its rows come from tests/mutants/tables/."""

from importlib import import_module
from pkgutil import iter_modules

from tests.docs.markdown import code, prose, table
from tests.mutants import tables
from tests.mutants.mutant import Mutant

_HEAD = prose("""
# Promises and their tests

Each row is a promise that one place of the code keeps. `make mutants` breaks that place, one at a time, and the tests in the last column
must then fail. [What Council guarantees](../design.md) explains them.
""")


def write() -> str:
    """The page, a table per group of promises."""
    parts = [_HEAD]
    for module in iter_modules(tables.__path__):
        group: tuple[Mutant, ...] = import_module(f"{tables.__name__}.{module.name}").MUTANTS
        rows = [(each.promise, code(each.where), ", ".join(map(code, each.tests))) for each in group]
        parts.append(f"## {module.name.replace('_', ' ').capitalize()}\n\n{table(('promise', 'kept by', 'held by'), rows)}\n")
    return "".join(parts).rstrip("\n") + "\n"
