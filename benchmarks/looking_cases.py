"""The cases of the benchmark `looking`: a repository, a change, a break that an unchanged caller proves, and one that callers prevent."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reviewers.context.repository.answering import answer_look, paths_needed
from reviewers.context.repository.blob_symbols import PackedSymbols, pack_symbols, read_symbols
from reviewers.context.repository.index import RepositoryIndex, TreeFile
from reviewers.context.repository.looks import Look, LookAnswer, LookKind
from reviewers.context.snapshot import ChangedFile, Snapshot
from reviewers.values.finding import Evidence
from tests.patches import build_patch

_NAMES = ("charge", "refund", "settle", "archive", "notify", "publish", "restore", "rotate")
_PLACES = ("billing", "orders", "mail", "reports", "storage", "users")


@dataclass(frozen=True)
class Case:
    """A change and its repository; `proof` shows the true break, `refutation` that the false one cannot happen."""

    name: str
    snapshot: Snapshot
    files: Mapping[str, str]
    function: str
    guarded: str
    true_title: str
    false_title: str
    proof: Evidence
    refutation: Evidence
    secret: str

    def view(self) -> "MemoryRepository":
        """The head, open for looks."""
        return MemoryRepository(self.snapshot.head_sha, self.files)


class MemoryRepository:
    """A repository in memory, indexed and answered like any other."""

    def __init__(self, commit: str, files: Mapping[str, str]) -> None:
        self.commit = commit
        self._files = files
        rows = [TreeFile(path, "file", PackedSymbols(pack_symbols(read_symbols(path, text.encode())))) for path, text in files.items()]
        self._index = RepositoryIndex([*rows, TreeFile("vendor/module", "submodule"), TreeFile("link", "symlink")])

    async def look(self, look: Look, tokens: int) -> LookAnswer:
        """The answer of the product's own index."""
        if look.kind is LookKind.HISTORY:
            return LookAnswer(look=look, text="no commits")
        texts = {path: self._files[path] for path in paths_needed(self._index, look) if path in self._files}
        return answer_look(self._index, look, texts, tokens)

    async def texts(self, paths: Sequence[str]) -> Mapping[str, str]:
        """The files that exist."""
        return {path: self._files[path] for path in paths if path in self._files}


def make_case(seed: int, number: int) -> Case:
    """The case with that number."""
    dice = random.Random(f"{seed}:{number}")
    broken, guarded = (f"{name}_{dice.randrange(1000)}" for name in dice.sample(_NAMES, 2))
    place, other = dice.sample(_PLACES, 2)
    path, caller, keeper = f"app/{broken}.py", f"{place}/jobs_{dice.randrange(100)}.py", f"{other}/views_{dice.randrange(100)}.py"
    base = f"def {broken}(order, retries):\n    order.pay(retries)\n\n\ndef {guarded}(order):\n    if order:\n        order.close()\n"
    head = f"def {broken}(order):\n    order.pay(3)\n\n\ndef {guarded}(order):\n    order.close()\n"
    proof = Evidence(path=caller, line=6, quote=f"        {broken}(order, {dice.randrange(2, 9)})")
    refutation = Evidence(path=keeper, line=5, quote=f"    if order: {guarded}(order)")
    secret = "AKIA" + "".join(dice.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16))
    files = {
        path: head,
        caller: f"from app.{broken} import {broken}\n\n\ndef nightly(orders):\n    for order in orders:\n{proof.quote}\n",
        keeper: f"from app.{broken} import {guarded}\n\n\ndef close(order):\n{refutation.quote}\n",
        "config/keys.py": f'# {broken} {guarded}\nAWS_KEY = "{secret}"\n',
        **{f"lib/part_{each}.py": _filler(dice, each) for each in range(30)},
    }
    change = ChangedFile(path=path, base=base, head=head, patch=build_patch(base, head))
    snapshot = Snapshot(
        repository="acme/shop",
        number=number + 1,
        url=f"https://github.test/acme/shop/pull/{number + 1}",
        title=f"Simplify {broken}",
        body="",
        author="ana",
        base_ref="main",
        base_sha="b" * 40,
        head_ref="simplify",
        head_sha=f"{number:040x}",
        files=(change,),
    )
    titles = f"The nightly job still passes two arguments to {broken}", f"{guarded} fails for an order that is None"
    return Case(f"{seed}:{number}", snapshot, files, broken, guarded, *titles, proof, refutation, secret)


def _filler(dice: random.Random, number: int) -> str:
    rows = [f"def part_{number}_{row}(value):\n    return value * {dice.randrange(1000)}\n" for row in range(20)]
    return "\n".join(rows)
