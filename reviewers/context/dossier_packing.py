"""Packs a dossier into the prompt prefix of an expert, within a token budget. The prompt and the result name what is cut or left out."""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reviewers.context.project_map import render
from reviewers.context.prompt_blocks import FenceTags, PromptBlock
from reviewers.context.prompt_builder import PromptBuilder, cost
from reviewers.context.unseen_files import left_out
from reviewers.values.question import Dossier, Inquiry, Material, MaterialKind
from reviewers.values.verdict import Unseen

CUT = "only its beginning and end fitted into the prompt"
# The kinds of material that decide most answers come first; the share is of the budget that is left at that point.
_SHARES: tuple[tuple[tuple[MaterialKind, ...], float], ...] = (
    ((MaterialKind.ISSUE,), 0.25),
    ((MaterialKind.TRACE, MaterialKind.LOG, MaterialKind.CHECK, MaterialKind.METRICS, MaterialKind.PROFILE), 0.40),
    ((MaterialKind.COMMENT, MaterialKind.EARLIER), 0.40),
    ((MaterialKind.CODE, MaterialKind.DIFF), 0.70),
    ((MaterialKind.GUIDELINE, MaterialKind.SIMILAR), 0.40),
    ((MaterialKind.LINKED, MaterialKind.COMMIT, MaterialKind.HISTORY), 0.80),
)
_QUESTION, _LAST = 0.25, 300
_NUMBERED = (MaterialKind.CODE,)


class PackedDossier(NamedTuple):
    """What one expert is shown; `dropped` names all material that was left out or cut."""

    text: str
    dropped: tuple[Unseen, ...]


def pack(inquiry: Inquiry, dossier: Dossier, seat: str, budget: int) -> PackedDossier:
    """The question first, then the material by its likely worth; within a kind, the order differs per seat."""
    tags = FenceTags(_nonce(inquiry, dossier))
    page = PromptBuilder(budget - _LAST)
    cut: list[str] = []
    dice = random.Random(f"{inquiry.seed}:{seat}")
    _add(page, [*_forms("question", "the question", inquiry.question, tags)], int(budget * _QUESTION), cut)
    if inquiry.instructions.strip():
        page.add(
            PromptBlock(
                "instructions", "instructions", tags.block("instructions", inquiry.instructions), "the repository's settings say so"
            )
        )
    for kinds, share in _SHARES:
        room = int(page.left * share)
        for material in _ordered(dossier.of(*kinds), dice):
            before = page.left
            _add(page, list(_material(material, tags)), room, cut)
            room -= before - page.left
    if text := render(dossier.project, [each.path for each in dossier.materials if each.path]):
        page.add(PromptBlock("project", "project map", tags.block("project", text), "the project it is asked about"))
    dropped = (
        *page.unshown(),
        *(Unseen(path=name, reason=CUT) for name in cut),
        *dossier.unread,
    )
    page.left += _LAST
    if dropped:
        names = left_out([(unseen.reason, unseen.path) for unseen in dropped], _LAST - cost(tags.block("left-out", "")))
        page.add(PromptBlock("left-out", "left out", tags.block("left-out", names), "what is not shown"))
    return PackedDossier(page.text(), dropped)


def _add(page: PromptBuilder, forms: list[PromptBlock], room: int, cut: list[str]) -> None:
    """Add the first form that fits into the room; if none fits, the last one is listed as dropped."""
    room = min(room, page.left)
    for index, form in enumerate(forms):
        if cost(form.text) <= room:
            page.add(form)
            if index:
                cut.append(form.name)
            return
    page.dropped.append(forms[-1])


def _material(material: Material, tags: FenceTags) -> Iterator[PromptBlock]:
    attributes = {"name": material.path or material.name}
    attributes |= {"by": material.author} if material.author else {}
    attributes |= {"why": material.why} if material.why else {}
    text = number_lines(material) if material.kind in _NUMBERED else material.text
    name = material.path or material.name
    return _forms(material.kind.value, name, text, tags, **attributes)


def number_lines(material: Material) -> str:
    """The text with each line's number in the file before it."""
    return "\n".join(f"{number:>5} {line}" for number, line in enumerate(material.text.split("\n"), material.first_line))


def _forms(tag: str, name: str, text: str, tags: FenceTags, /, **attributes: str) -> Iterator[PromptBlock]:
    """The whole block, then forms with less and less of its middle."""
    why = attributes.get("why", "what is asked")
    yield PromptBlock(tag, name, tags.block(tag, text, **attributes), why)
    for characters in (24_000, 8_000, 2_400, 700):
        if len(text) > characters:
            yield PromptBlock(tag, name, tags.block(tag, first_and_last(text, characters), **attributes), why)


def first_and_last(text: str, characters: int) -> str:
    """The first and the last part of a text with a mark between them, cut at line ends if there are any."""
    head, tail = text[: characters // 2], text[-characters // 2 :]
    head = head.rpartition("\n")[0] or head
    tail = tail.partition("\n")[2] or tail
    return f"{head}\n[… {len(text) - len(head) - len(tail):,} characters left out …]\n{tail}"


def _ordered(materials: Sequence[Material], dice: random.Random) -> list[Material]:
    """Comments from the newest, because the end of a thread decides it; code and the like shuffled, against position bias."""
    if any(material.kind is MaterialKind.COMMENT for material in materials):
        return list(reversed(materials))
    order = list(materials)
    if all(material.kind in _NUMBERED for material in order):
        dice.shuffle(order)
    return order


def _nonce(inquiry: Inquiry, dossier: Dossier) -> str:
    text = json.dumps([inquiry.model_dump_json(), dossier.model_dump_json()])
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]
