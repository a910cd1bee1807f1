"""The possible events on GitHub in a walk: by name, their precondition and their effect on GitHub and on the walk's state."""

from collections.abc import Callable

from app.sandbox.github.entities import CheckRun
from app.sandbox.github.webhook_sender import DeliveryMode
from benchmarks.life_oracle import Fate
from benchmarks.life_walk import Asked, Life, QueuedGroup, Walk

CONFIGS = {
    "plain": "review: {pause_after: 0}\n",
    "gate": "review: {pause_after: 0}\ngate: {enabled: true, confirmed_by_another_vendor: false}\n",
    "silent": "review: {publish: none, pause_after: 0}\n",
    "broken": "review: [unclosed\n",
}
MOST_PULLS = 3
# Actions that silence the App are rarer than those that restore it; otherwise most of a walk would be silent. Those whose precondition
# seldom holds are drawn more often, so that 300 walks do each of them at least 100 times.
WEIGHTS = {
    **dict.fromkeys(("suspend", "deny_checks", "deny_comments", "config_silent", "config_broken", "rename"), 0.8),
    **dict.fromkeys(
        ("grant", "config_plain", "config_gate", "open", "open_defect", "open_draft", "push", "push_defect", "reopen", "twin"), 2.0
    ),
    **dict.fromkeys(("unsuspend", "unlabel"), 4.0),
}


def choose(walk: Walk) -> str:
    """One of the actions whose precondition holds now, rather one that this walk has not done, so that 300 walks do each often enough."""
    names = [name for name, (makes_sense, _) in ACTIONS.items() if makes_sense(walk)]
    name = walk.dice.choices(names, [WEIGHTS.get(name, 1.0) / (1 + walk.done[name]) for name in names])[0]
    walk.done[name] += 1
    return name


def act(walk: Walk, name: str) -> None:
    ACTIONS[name][1](walk)


def _open(walk: Walk, *, defect: bool, draft: bool = False) -> None:
    walk.number += 1
    content = walk.content(defect=defect)
    pull = walk.place.open_pull_request(f"Change {walk.number}", content, "dana", branch=f"change-{walk.number}", draft=draft)
    _note(walk, Life(pull), defect=defect)


def _note(walk: Walk, life: Life, *, defect: bool) -> None:
    if life not in walk.lives:
        walk.lives.append(life)
    if defect:
        walk.defects.add(life.head)
    life.heads.append(life.head)
    if life.is_open:
        walk.restore(life)


def _push(walk: Walk, *, defect: bool) -> None:
    life = walk.pick(_is_open)
    walk.leave(life)
    walk.place.push(life.pull.number, walk.content(defect=defect))
    _note(walk, life, defect=defect)


def _force_back(walk: Walk) -> None:
    life = walk.pick(_may_go_back)
    sha = walk.dice.choice([sha for sha in life.heads if sha != life.head])
    walk.leave(life)
    walk.place.force_push(life.pull.number, sha)
    _note(walk, life, defect=sha in walk.defects)


def _twin(walk: Walk) -> None:
    life = walk.pick(_is_open)
    pull = walk.place.open_pull_request(
        "The same for the release", {}, "dana", branch=f"twin-{walk.number}", base="release", same_as=life.pull.number
    )
    walk.number += 1
    _note(walk, Life(pull), defect=pull.head_sha in walk.defects)


def _close(walk: Walk) -> None:
    life = walk.pick(_is_open)
    walk.leave(life)
    walk.place.close(life.pull.number)


def _reopen(walk: Walk) -> None:
    life = walk.pick(_is_closed)
    walk.place.reopen(life.pull.number)
    walk.restore(life)


def _ready(walk: Walk, ready: bool) -> None:
    life = walk.pick(lambda life: life.is_open and life.pull.draft is ready)
    walk.place.mark_ready(life.pull.number, ready)
    if ready:
        walk.restore(life)
    elif life.fates:
        life.fates.add(Fate("called off"))


def _label(walk: Walk, labeled: bool) -> None:
    life = walk.pick(lambda life: life.is_open and ("no-council" in life.pull.issue.labels) is not labeled)
    (walk.place.label if labeled else walk.place.unlabel)(life.pull.number, "no-council")
    if life.head in life.reviewed:
        return
    if labeled:
        # The reason for a skip may be given again, under the current rules.
        life.fates.add(walk.fate(life))
        life.unsure.add(life.head)
    else:
        walk.begin(life)


def _rename(walk: Walk) -> None:
    walk.number += 1
    owner = walk.place.owner.login
    walk.system.sandbox.world.rename(walk.place.full_name, f"{owner}/shop-{walk.number}")


def _suspend(walk: Walk, suspended: bool) -> None:
    walk.is_suspended = suspended
    walk.was_suspended = True
    # GitHub delivers no events in the meantime, and nothing can be written.
    walk.groups.clear()
    walk.system.sandbox.world.suspend(walk.installation, suspended)
    if not suspended:
        for life in walk.lives:
            if life.is_open:
                walk.begin(life)


def _deny(walk: Walk, name: str) -> None:
    walk.denied.add(name)
    walk.groups.clear()
    walk.was_denied |= name == "issues"
    levels = {"checks": {"checks": ""}, "issues": {"issues": "read", "pull_requests": "read"}}
    walk.system.sandbox.world.permit(walk.installation, **levels[name])
    walk.sweep()


def _grant(walk: Walk) -> None:
    walk.denied.clear()
    walk.system.sandbox.world.permit(walk.installation, checks="write", issues="write", pull_requests="write")
    # A change of permissions is a sweep: what GitHub refused before is shown again.
    walk.sweep()


def _configure(walk: Walk, config: str) -> None:
    walk.config = config
    for branch in ("main", "release"):
        walk.place.push_branch(branch, {".github/council.yml": f"# {walk.number}\n{CONFIGS[config]}"}, "mia")


def _comment(walk: Walk, command: str) -> None:
    life = walk.dice.choice(walk.lives)
    login, text = ("mallory", "/council review") if command == "stranger" else ("ada", f"/council {command}")
    made = walk.place.comment(life.pull.number, login, text)
    if walk.is_suspended:
        return
    walk.asked.append(Asked(life, made, command, "issues" not in walk.denied, life.is_open))
    if command == "review" and life.is_open:
        walk.begin(life, asked=True)
    elif command == "review":
        # It is refused, unless the pull request is open again when Council reads it.
        life.unbought.append(True)


def _rerun(walk: Walk, *, suite: bool) -> None:
    check = walk.dice.choice(_checks(walk))
    (walk.place.rerequest_suite(check.head_sha) if suite else walk.place.rerequest(check.id))
    if walk.is_suspended:
        return
    for life in walk.lives:
        if life.is_open and life.head == check.head_sha:
            walk.begin(life, asked=True)


def _checks(walk: Walk) -> list[CheckRun]:
    heads = {life.head for life in walk.lives if life.is_open}
    return [check for check in walk.place.check_runs.values() if check.name == "Council" and check.head_sha in heads]


def _queue(walk: Walk) -> None:
    life = walk.pick(_is_queueable)
    group = walk.place.queue(life.pull.number)
    if not walk.is_suspended and not walk.denied and walk.config != "silent":
        walk.groups.append(QueuedGroup(group, life, life.ends.get(life.head, frozenset())))


def _lose(walk: Walk) -> None:
    """The next event is not delivered, and a sweep finds it."""
    walk.system.sandbox.github.webhook_sender.mode = DeliveryMode.FAIL
    walk.is_lost = True


def _is_open(life: Life) -> bool:
    return life.is_open


def _is_closed(life: Life) -> bool:
    return not life.is_open


def _may_go_back(life: Life) -> bool:
    return life.is_open and len(set(life.heads)) > 1


def _is_queueable(life: Life) -> bool:
    return life.is_open and not life.pull.draft and life.pull.base_ref == "main"


def _any(holds: Callable[[Life], bool]) -> Callable[[Walk], bool]:
    return lambda walk: any(holds(life) for life in walk.lives)


def _has_room(walk: Walk) -> bool:
    return len(walk.lives) < MOST_PULLS


ACTIONS: dict[str, tuple[Callable[[Walk], bool], Callable[[Walk], None]]] = {
    "open": (_has_room, lambda walk: _open(walk, defect=False)),
    "open_defect": (_has_room, lambda walk: _open(walk, defect=True)),
    "open_draft": (_has_room, lambda walk: _open(walk, defect=True, draft=True)),
    "twin": (lambda walk: _has_room(walk) and _any(_is_open)(walk), _twin),
    "push": (_any(_is_open), lambda walk: _push(walk, defect=False)),
    "push_defect": (_any(_is_open), lambda walk: _push(walk, defect=True)),
    "force_back": (_any(_may_go_back), _force_back),
    "close": (_any(_is_open), _close),
    "reopen": (_any(_is_closed), _reopen),
    "draft": (_any(lambda life: life.is_open and not life.pull.draft), lambda walk: _ready(walk, False)),
    "ready": (_any(lambda life: life.is_open and life.pull.draft), lambda walk: _ready(walk, True)),
    "label": (_any(lambda life: life.is_open and "no-council" not in life.pull.issue.labels), lambda walk: _label(walk, True)),
    "unlabel": (_any(lambda life: life.is_open and "no-council" in life.pull.issue.labels), lambda walk: _label(walk, False)),
    "rename": (lambda walk: True, _rename),
    "suspend": (lambda walk: not walk.is_suspended, lambda walk: _suspend(walk, True)),
    "unsuspend": (lambda walk: walk.is_suspended, lambda walk: _suspend(walk, False)),
    "deny_checks": (lambda walk: not walk.denied, lambda walk: _deny(walk, "checks")),
    "deny_comments": (lambda walk: not walk.denied, lambda walk: _deny(walk, "issues")),
    "grant": (lambda walk: bool(walk.denied), _grant),
    "config_plain": (lambda walk: walk.config != "plain", lambda walk: _configure(walk, "plain")),
    "config_gate": (lambda walk: walk.config != "gate", lambda walk: _configure(walk, "gate")),
    "config_silent": (lambda walk: walk.config != "silent", lambda walk: _configure(walk, "silent")),
    "config_broken": (lambda walk: walk.config != "broken", lambda walk: _configure(walk, "broken")),
    "help": (lambda walk: bool(walk.lives), lambda walk: _comment(walk, "help")),
    "status": (lambda walk: bool(walk.lives), lambda walk: _comment(walk, "status")),
    "review": (lambda walk: bool(walk.lives), lambda walk: _comment(walk, "review")),
    "stranger": (lambda walk: bool(walk.lives), lambda walk: _comment(walk, "stranger")),
    "rerun_check": (lambda walk: bool(_checks(walk)), lambda walk: _rerun(walk, suite=False)),
    "rerun_suite": (lambda walk: bool(_checks(walk)), lambda walk: _rerun(walk, suite=True)),
    "queue": (_any(_is_queueable), _queue),
    "lose_delivery": (lambda walk: not walk.is_lost, _lose),
}
