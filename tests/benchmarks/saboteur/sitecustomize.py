"""Breaks the product in every Python process that finds this folder on PYTHONPATH, by the name in COUNCIL_SABOTAGE.

Python imports `sitecustomize` before anything else, so that a worker or a web process of a benchmark is broken too: a module is patched
as soon as it was executed, before any other module can bind its names.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

_HERE = Path(__file__).parent


def _table() -> ModuleType:
    """tests/benchmarks/sabotages.py by its path: importing the package of tests would import the modules to break."""
    spec = importlib.util.spec_from_file_location("council_sabotages", _HERE.parent / "sabotages.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class _Saboteur(importlib.abc.MetaPathFinder):
    """Finds modules as usual, and patches each after its execution."""

    def __init__(self, benchmark: str) -> None:
        table = _table()
        self._sabotage = (table.SABOTAGES | table.MORE_SABOTAGES)[benchmark]
        self._modules = frozenset(self._sabotage.places)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """None for every other module, so that the other finders handle it."""
        if name not in self._modules:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        loader, execute = spec.loader, spec.loader.exec_module

        def executed(module: ModuleType) -> None:
            execute(module)
            self._sabotage.apply(module)

        loader.exec_module = executed  # type: ignore[method-assign]
        return spec


if os.environ.get("COUNCIL_SABOTAGE"):
    sys.meta_path.insert(0, _Saboteur(os.environ["COUNCIL_SABOTAGE"]))
