"""Packs a snapshot into the prompt prefixes of a seat, each within a token budget. The prompts and the results name what is left out."""

import hashlib
import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from reviewers.context.diff import parse
from reviewers.context.diff_chunks import DiffChunk, file_priority, pieces
from reviewers.context.prompt_blocks import FenceTags, PromptBlock, sections
from reviewers.context.prompt_builder import NO_ROOM, TANGLED, PlacedBlock, PromptBuilder, cost
from reviewers.context.reviewable import is_unchanged, partly_read, skipped_files
from reviewers.context.snapshot import ChangedFile, Snapshot
from reviewers.context.surroundings import CalledDefinitions, read_surroundings, signatures
from reviewers.context.tokens import count
from reviewers.context.units import is_too_tangled
from reviewers.context.unseen_files import left_out, list_unseen
from reviewers.values.brief import Brief
from reviewers.values.verdict import Unseen

IN_PART = "only a part of its diff fitted into the prompt"
ELSEWHERE = "in another part of this change"
MOVED = "moved without changes"
_NEAR = (20, 6, 0)
# Related code may extend a prompt by this share, and has at least this much room in a short one.
_RELATED, _LEAST_RELATED = 0.45, 600
_LISTING, _LEFT_OUT, _MOST_LEFT_OUT, _REASONS = 0.12, 0.08, 600, 110


class Packed(NamedTuple):
    """What one seat is shown in one call.

    `shown` are the files whose whole diff is in `text` (or, over all parts, in them together); `unseen` names every other changed file,
    `dropped` every block of context that was left out; `blocks` are the parts of `text`.
    """

    text: str
    shown: tuple[str, ...]
    unseen: tuple[Unseen, ...]
    dropped: tuple[Unseen, ...] = ()
    blocks: tuple[PlacedBlock, ...] = ()
    files: tuple[str, ...] = ()


def pack(brief: Brief, snapshot: Snapshot, seat: str, budget: int) -> Packed:
    """The whole change in one prompt; if it does not fit, the parts of least worth are left out."""
    return split(brief, snapshot, seat, budget, 1)[0]


def split(brief: Brief, snapshot: Snapshot, seat: str, budget: int, most: int) -> tuple[Packed, ...]:
    """The change in as few parts as hold it, at most `most`, each of at most `budget` tokens and readable by itself."""
    return Packing(brief, snapshot, budget).parts(seat, most)


class Packing:
    """What all seats and parts share for one change and one budget."""

    def __init__(self, brief: Brief, snapshot: Snapshot, budget: int) -> None:
        self._brief, self._snapshot, self._budget = brief, snapshot, budget
        self._tags = FenceTags(_nonce(brief.seed, snapshot))
        self._skipped = skipped_files(brief, snapshot.files)
        self._partly = {unseen.path: unseen.reason for unseen in partly_read(snapshot.files)}
        names = {unseen.path for unseen in self._skipped}
        self._files = [file for file in snapshot.files if file.path not in names]
        self._page = PromptBuilder(budget)
        for blocks, share in sections(brief, snapshot, self._tags):
            self._page.fill(blocks, int(budget * share))
        names_all = self._listing([Unseen(path=file.path, reason=NO_ROOM) for file in snapshot.files], int(budget * _LISTING))
        # Several reasons take more words than one.
        self._reserve = min(cost(names_all) + _REASONS, max(int(budget * _LISTING), _REASONS))
        self._pieces: dict[int, list[DiffChunk]] = {}
        self._definitions: CalledDefinitions | None = None
        self._last = min(max(int(budget * _LEFT_OUT), _REASONS), _MOST_LEFT_OUT)

    def parts(self, seat: str, most: int) -> tuple[Packed, ...]:
        """The packs, the one with the most worth first."""
        room = self._page.left - self._reserve - self._last
        bins = _binned(list(self._cut(room, most)), room, most) if room > 0 else []
        shown = self._shown(bins)
        begun = {piece.file.path for each in bins for piece in each}
        unseen = self._skipped + tuple(
            Unseen(path=file.path, reason=self._partly.get(file.path) or (IN_PART if file.path in begun else NO_ROOM))
            for file in self._files
            if file.path not in shown
        )
        dice = random.Random(f"{self._brief.seed}:{seat}")
        packs = [self._part(_shuffled(dice, each), unseen) for each in bins or [[]]]
        if any(pack is None for pack in packs):
            nothing = tuple(Unseen(path=file.path, reason=NO_ROOM) for file in self._files)
            return (Packed("", (), self._skipped + nothing, self._page.unshown()),)
        return tuple(pack._replace(shown=tuple(shown)) for pack in packs if pack)

    def _cut(self, room: int, most: int) -> list[DiffChunk]:
        """The pieces of the change, the same for every seat."""
        if most not in self._pieces:
            self._pieces[most] = list(pieces(self._files, self._tags, room, most))
        return self._pieces[most]

    def _shown(self, bins: Sequence[Sequence[DiffChunk]]) -> list[str]:
        """The files whose hunks are all in some part, and those without any."""
        rows: dict[str, int] = {}
        for piece in (piece for each in bins for piece in each):
            rows[piece.file.path] = rows.get(piece.file.path, 0) + sum(len(hunk.rows) for hunk in piece.hunks)
        if not bins and any(not is_unchanged(file) for file in self._files):
            return []
        whole = (file for file in self._files if is_unchanged(file) or rows.get(file.path, 0) == _rows(file))
        return [file.path for file in whole if file.path not in self._partly]

    def _part(self, chosen: Sequence[DiffChunk], unseen: Sequence[Unseen]) -> Packed | None:
        page = self._page.copy()
        here = {piece.file.path for piece in chosen}
        known = here | {each.path for each in unseen}
        others = [(file.path, ELSEWHERE) for file in self._files if file.path not in known and not is_unchanged(file)]
        moved = [(_ways(file), _why_nothing(file)) for file in self._files if is_unchanged(file)]
        others_named = [*unseen, *(Unseen(path=path, reason=reason) for path, reason in [*others, *moved])]
        if others_named:
            page.add(
                PromptBlock("changed-files", "files not shown", self._listing(others_named, self._reserve), "what else the change touches")
            )
        for piece in chosen:
            page.add(PromptBlock("diff", piece.file.path, piece.text, _reason(piece)))
        page.dropped += self._tangled(chosen)
        page.left -= self._last
        for forms in self._around(chosen):
            page.add_one(forms)
        if self._brief.blocks.related:
            room = max(_LEAST_RELATED, int((self._budget - page.left - self._last) * _RELATED))
            for block in self._related(here):
                room -= page.add(block, room)
        page.left += self._last
        if page.dropped:
            names = [(each.kind, each.name) for each in page.dropped]
            text = left_out(names, self._last - cost(self._tags.block("left-out", "")))
            page.add(PromptBlock("left-out", "context left out", self._tags.block("left-out", text), "what there was no room for"))
        text = page.text()
        if count(text) > self._budget or not all(any(each.name == path for each in page.blocks if each.kind == "diff") for path in here):
            return None
        return Packed(
            text, (), tuple(unseen), page.unshown(), tuple(page.blocks), tuple(dict.fromkeys(piece.file.path for piece in chosen))
        )

    def _around(self, chosen: Sequence[DiffChunk]) -> Iterator[Iterable[PromptBlock]]:
        """Signatures, which are short, come before the code around the hunks; files are in order of worth.

        Each block has several forms, the longest first: the code around a hunk with fewer and fewer lines, in the end only headers.
        """
        files = {piece.file.path: piece.file for piece in sorted(chosen, key=lambda piece: file_priority(piece.file))}
        diffs = [(file, diff) for file in files.values() if (diff := parse(file.path, file.patch))]
        if self._brief.blocks.signatures:
            called = self._called()
            for file, diff in diffs:
                if text := "\n".join([*signatures(file), *(f"used: {each}" for each in called.by(diff))]):
                    block = self._tags.block("signatures", text, path=file.path)
                    why = "what the change defines, and uses of other changed files"
                    yield (PromptBlock("signatures", f"signatures of {file.path}", block, why),)
        if self._brief.blocks.surroundings:
            for file, _ in diffs:
                yield (self._code(file, near) for near in _NEAR if read_surroundings(file, near))

    def _related(self, here: Collection[str]) -> Iterator[PromptBlock]:
        """Code of other files that is related to the files of this part, in the order of discovery."""
        for code in self._snapshot.related:
            if code.about in here:
                text = self._tags.block("related", code.text, path=code.path, why=code.reason)
                yield PromptBlock("related", f"{code.path}:{code.first}", text, code.reason)

    def _tangled(self, chosen: Sequence[DiffChunk]) -> list[PromptBlock]:
        """Files of which the prompt contains only the diff and the nearest lines."""
        if not (self._brief.blocks.signatures or self._brief.blocks.surroundings):
            return []
        files = {piece.file.path: piece.file.head for piece in chosen}
        return [
            PromptBlock("structure", path, "", TANGLED) for path, head in files.items() if head is not None and is_too_tangled(path, head)
        ]

    def _code(self, file: ChangedFile, near: int) -> PromptBlock:
        text = self._tags.block("code", read_surroundings(file, near), path=file.path)
        return PromptBlock("surroundings", f"code around {file.path}", text, "what encloses the changed lines, and the nearest ones")

    def _called(self) -> CalledDefinitions:
        if self._definitions is None:
            self._definitions = CalledDefinitions(self._files)
        return self._definitions

    def _listing(self, unseen: Sequence[Unseen], room: int) -> str:
        return self._tags.block("changed-files", list_unseen(unseen, room - cost(self._tags.block("changed-files", ""))))


def _binned(found: list[DiffChunk], room: int, most: int) -> list[list[DiffChunk]]:
    """Each piece goes into the first part with room. If not all fit, small ones go first, so that more files are seen."""
    total = sum(piece.cost for piece in found)
    found.sort(key=lambda piece: (file_priority(piece.file), piece.cost if total > room * most else 0, piece.file.path))
    bins: list[list[DiffChunk]] = []
    left: list[int] = []
    for piece in found:
        at = next((index for index, free in enumerate(left) if piece.cost <= free), None)
        if at is None and len(bins) < most and piece.cost <= room:
            bins.append([])
            left.append(room)
            at = len(bins) - 1
        if at is not None:
            bins[at].append(piece)
            left[at] -= piece.cost
    return bins


def _shuffled(dice: random.Random, chosen: Sequence[DiffChunk]) -> list[DiffChunk]:
    """The files in a different order per seat, against position bias; the pieces of one file keep their order."""
    paths = list(dict.fromkeys(piece.file.path for piece in chosen))
    dice.shuffle(paths)
    order = {path: index for index, path in enumerate(paths)}
    return sorted(chosen, key=lambda piece: (order[piece.file.path], piece.hunks[0].new_start if piece.hunks else 0))


def _rows(file: ChangedFile) -> int:
    diff = parse(file.path, file.patch)
    return sum(len(hunk.rows) for hunk in diff.hunks) if diff else -1


def _reason(piece: DiffChunk) -> str:
    kinds = ("code", "settings and scripts", "tests", "prose and data")
    return f"changed: {kinds[file_priority(piece.file)]}" + ("" if piece.whole else ", in part")


def _ways(file: ChangedFile) -> str:
    """The paths of a file before and after a move."""
    return f"{file.previous_path} -> {file.path}" if file.previous_path else file.path


def _why_nothing(file: ChangedFile) -> str:
    """Why a file has no diff: it moved, its mode changed, or both."""
    mode = f"mode {file.mode_change}" if file.mode_change else "only its mode changed"
    if not file.previous_path:
        return mode
    return f"{MOVED} of its content, {mode}" if file.mode_change else MOVED


def _nonce(seed: str, snapshot: Snapshot) -> str:
    """Twelve digits that depend on every text of the snapshot. Files are hashed one by one: hashing does not block other threads."""
    digest = hashlib.sha256(f"{seed}\0{snapshot.model_dump_json(exclude={'files'})}".encode(errors="surrogatepass"))
    for file in snapshot.files:
        for text in (file.path, file.previous_path, file.patch, file.base, file.head, file.unseen, file.mode_change, file.cells):
            digest.update(f"{'' if text is None else text}\0".encode(errors="surrogatepass"))
    return digest.hexdigest()[:12]
