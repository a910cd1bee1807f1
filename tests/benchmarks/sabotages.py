"""One sabotage of the product per benchmark, which must make a bar of it fail; the only place that patches the product.

To add one: a function from the original to the broken version, and a line in SABOTAGES. Imports of the product stay inside the functions.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

Replacement = Callable[[Any], Any]


@dataclass(frozen=True)
class Sabotage:
    """`where` is module:attribute, or several of them, separated by spaces, if two parts of the product keep the same promise.

    `misses` are the bars or counts of which at least one must be missed; `options` shorten the run.
    """

    promise: str
    where: str
    replacement: Replacement
    misses: frozenset[str]
    options: Sequence[str] = ("--small",)

    @property
    def places(self) -> dict[str, str]:
        """The attributes to replace, by module."""
        return dict(each.split(":") for each in self.where.split())

    def apply(self, module: ModuleType) -> None:
        """Replace the attribute of the module that was just executed."""
        *path, name = self.places[module.__name__].split(".")
        holder = functools.reduce(getattr, path, module)
        setattr(holder, name, self.replacement(getattr(holder, name)))


def _nothing(_: Any) -> Any:
    """An async function that does nothing."""

    async def nothing(*_: Any, **__: Any) -> None:
        return None

    return nothing


def _quadratic(_: Any) -> Any:
    """A pattern that is tried again from each escape in a run of them."""
    import re

    return re.compile(r"((?:%41)+)\.nothing")


def _by_any_word(_: Any) -> Any:
    """Any mention of code near the beginning marks a file as generated."""
    return lambda text: "import" in text[:3_000]


def _only_as_it_is(_: Any) -> Any:
    """A secret is recognized only in its original spelling."""
    from app import secret_filter

    return lambda value: {secret_filter._folded(value)}


def _no_files(_: Any) -> Any:
    async def no_files(*_: Any) -> Any:
        return {}

    return no_files


def _nor_held(still_wanted: Any) -> Any:
    """The lease, which a push takes away from the job, is not checked either."""
    from app.store.reviews import outbox

    outbox.require_lease = _nothing(outbox.require_lease)
    return _nothing(still_wanted)


def _as_it_is(_: Any) -> Any:
    """A function that returns its text unchanged."""
    return lambda text, *_, **__: text


def _without_suggestion(anchor: Any) -> Any:
    return lambda seat, claim, snapshot: anchor(seat, claim.model_copy(update={"suggestion": ""}), snapshot)


def _by_no_critic(critiques: Any) -> Any:
    async def nobody(ballots: Any, deadline: Any) -> Any:
        return await critiques([], deadline)

    return nobody


def _always_sure(calibrate: Any) -> Any:
    return lambda score, table, record=None: (0.99, calibrate(score, table)[1])


def _of_no_log(extracts: Any) -> Any:
    return lambda log, green, budgets: extracts(b"ok\n", None, budgets)


def _of_nothing(extract: Any) -> Any:
    return lambda log, green=None, budget=2_000, *more, **named: extract(b"ok\n", None, budget, *more, **named)


def _never_joined(linked: Any) -> Any:
    return lambda chance, threshold: linked(chance, 2.0)


def _always_joined(linked: Any) -> Any:
    return lambda chance, threshold: linked(abs(chance), 0.0)


def _quotes_too(parse: Any) -> Any:
    return lambda body, slug: parse(body.replace("> ", ""), slug)


def _rejected_all_the_same(standing: Any) -> Any:
    def unproven(proposal: Any, *given: Any) -> Any:
        return standing(proposal.model_copy(update={"proven": ""}), *given)

    return unproven


def _backwards(ranked: Any) -> Any:
    return lambda row, judgement: tuple(reversed(ranked(row, judgement)))


def _nobody_posts(_: Any) -> Any:
    return lambda row, ranking: []


def _twice(create: Any) -> Any:
    async def twice(*given: Any) -> Any:
        await create(*given)
        return await create(*given)

    return twice


def _by_other_lines(index: Any) -> Any:
    return lambda diff: index("\n".join(diff.splitlines()) + "\n")


def _first_come(_: Any) -> Any:
    async def first_come(connection: Any, now: float, caps: Any, left: Any, most: int) -> Any:
        from app.store.queue import claims

        query = claims.select(claims._JOB).where(claims.is_queued_review(claims._JOB), claims._may_begin(now))
        return (await connection.execute(query.order_by(claims._JOB.c.run_at).limit(max(0, most)))).all()

    return first_come


def _unwritten(_: Any) -> Any:
    async def unwritten(self: Any, arrivals: Any) -> Any:
        from app.store.queue.deliveries import RecordResult

        return RecordResult(frozenset(), {})

    return unwritten


def _never(_: Any) -> Any:
    return lambda *_, **__: False


def _all_alike(_: Any) -> Any:
    return lambda *_, **__: 1.0


def _twice_the_budget(split: Any) -> Any:
    return lambda brief, snapshot, seat, budget, most: split(brief, snapshot, seat, budget * 2, most)


def _of_no_file(_: Any) -> Any:
    return lambda self: []


def _whatever_it_takes(_: Any) -> Any:
    def take(self: Any, row: str) -> bool:
        self._rows.append(row)
        return True

    return take


def _without_looking(original: Any) -> Any:
    """Neither the start of an attempt nor a write looks at GitHub's state."""

    async def write_at_once(entry: Any, find: Any, write: Any) -> Any:
        return await write()

    async def find_nothing(*_: Any) -> Any:
        from app.github.own_posts import OwnPosts

        return OwnPosts()

    return write_at_once if original.__name__ == "once" else find_nothing


def _odds_backwards(odds: Any) -> Any:
    return lambda self, record, features: -odds(self, record, features)


def _everything(_: Any) -> Any:
    return lambda edition: edition.verdict.ranked


def _anything_stands_there(_: Any) -> Any:
    return lambda text, quotes, vocabulary: text


def _in_no_words(_: Any) -> Any:
    return lambda verdict: ""


def _none_missed(_: Any) -> Any:
    async def none(*_: Any) -> int:
        return 0

    return none


def _asked_again(_: Any) -> Any:
    async def complete(self: Any, request: Any) -> Any:
        return await self._model.complete(request)

    return complete


def _no_match(_: Any) -> Any:
    return lambda fresh, earlier, *more, **named: [() for _ in fresh]


def _unbounded(select: Any) -> Any:
    return lambda pool, demand, wish: select(pool, demand, wish.model_copy(update={"budget": None}))


def _sha1_too(verify: Any) -> Any:
    import hashlib
    import hmac

    def verify_either(signature: str, raw: bytes, secrets: Any) -> None:
        if any(signature == f"sha1={hmac.new(secret.encode(), raw, hashlib.sha1).hexdigest()}" for secret in secrets):
            return
        verify(signature, raw, secrets)

    return verify_either


def _with_litellm(create_app: Any) -> Any:
    import litellm  # noqa: F401

    return create_app


def _everybody(_: Any) -> Any:
    async def may(self: Any, repository_id: int) -> Any:
        from app.github.permissions import Permission

        return Permission.ADMIN

    return may


def _sabotage(promise: str, where: str, replacement: Replacement, misses: str, options: str = "--small") -> Sabotage:
    return Sabotage(promise, where, replacement, frozenset(misses.split()), options.split())


def _never_found(_: Any) -> Any:
    return lambda *_, **__: None


def _never_red(_: Any) -> Any:
    return lambda *_, **__: False


def _begun_alone(publish: Any) -> Any:
    """A check run that is started and not concluded."""

    async def begun(self: Any, edition: Any, *_: Any) -> Any:
        from app.reporters.reporter import Publication

        return Publication(self.surface, reason="sabotaged")

    return begun


SABOTAGES = {
    "anchoring": _sabotage("suggestions are applied", "reviewers.anchoring.anchor:anchor", _without_suggestion, "suggestions_applied"),
    "ask": _sabotage("answers are criticised", "reviewers.council.rounds:ask_critiques", _by_no_critic, "model_calls"),
    "authz": _sabotage("rights are asked for", "app.work.commands.authorization:authorize", _nothing, "wrong"),
    "budget": _sabotage("calls are booked as billed", "app.store.spending.ledger_calls:settle_call", _nothing, "ledger_error"),
    "calibration": _sabotage("70 % is right in 70 of 100", "reviewers.council.calibration:calibrate", _always_sure, "ece brier"),
    "ci_kinds": _sabotage("the cause is kept", "reviewers.context.ci_log.extraction:extracts", _of_no_log, "shown_1000 shown_2000 first"),
    "ci_logs": _sabotage("the cause is kept", "reviewers.context.ci_log.extraction:extract", _of_nothing, "recall"),
    "claims": _sabotage("what has room is taken", "app.store.queue.claims:_Places.take", _never, "claimed_sqlite claimed_postgres"),
    "cluster": _sabotage("what says the same is merged", "reviewers.council.merging:_linked", _never_joined, "same_merged"),
    "commands": _sabotage("quotes are no commands", "webhooks.commands.parser:parse", _quotes_too, "wrong_triggers"),
    "consensus": _sabotage("the best comes first", "reviewers.evals.judging:rank_row", _backwards, "p_at_1"),
    "council4": _sabotage("the council beats its members", "reviewers.evals.judging:posted_comments", _nobody_posts, "beats_mean"),
    "crash": _sabotage("an effect is there once", "app.github.publisher:PullRequestPublisher.create_comment", _twice, "duplicates"),
    "critics": _sabotage(
        "what a machine proves is not rejected",
        "reviewers.council.standing_rules:decide_standing",
        _rejected_all_the_same,
        "proven_rejected",
    ),
    "diff": _sabotage("lines end where git ends them", "reviewers.context.diff_index:index", _by_other_lines, "mismatches"),
    "bombs": Sabotage(
        "the values of a webhook are counted",
        "webhooks.delivery:_MOST_VALUES",
        lambda _: 10**9,
        frozenset({"endless", "memory_mb", "stalls"}),
    ),
    "drain": _sabotage("a worker gives back what it holds", "app.work.worker:Worker._finish", _nothing, "leases_held"),
    "fair": _sabotage("tenants take turns", "app.store.queue.claims:_due_reviews", _first_come, "p95_s overtaken_p95"),
    "hostile_text": Sabotage(
        "no text takes a process hostage",
        "reviewers.context.mentions:_PATH",
        _quadratic,
        frozenset({"superlinear", "worst_ms"}),
    ),
    "ingest": _sabotage("202 comes after the commit", "app.queue.inbox:BatchingInbox._commit", _unwritten, "unstored"),
    "invented": _sabotage("no token is made up", "reviewers.anchoring.anchor:_elsewhere", _anything_stands_there, "accepted"),
    "learning": _sabotage("outcomes weigh the seats", "reviewers.learning.reliability:weight", _all_alike, "weights"),
    "life": _sabotage("what is skipped is said", "app.work.reviews.review_inputs:_say_skipped", _nothing, "stale", "--n 3"),
    "look": _sabotage(
        "an answer keeps to its budget", "reviewers.context.repository.look_page:LookPage._take", _whatever_it_takes, "over_budget"
    ),
    "looking": _sabotage("cited files are read", "reviewers.seats.repository_looks:LookDesk.texts", _no_files, "confirmed refuted"),
    "losses": _sabotage("different issues stay apart", "reviewers.council.merging:_linked", _always_joined, "issues_lost different_merged"),
    "canary": _sabotage("secrets are known in other spellings", "app.secret_filter:_forms", _only_as_it_is, "leaks"),
    "inject": _sabotage("text is dead", "app.reporters.text.safety:line", _as_it_is, "live_markup terminal_escapes"),
    "machines": _sabotage("an effect is there once", "app.github.publisher:PullRequestPublisher.create_comment", _twice, "duplicates"),
    "markdown": _sabotage("text is dead", "app.reporters.text.safety:line", _as_it_is, "mentions"),
    "memory": _sabotage("answers are found again", "app.store.questions.memory_search:index_answer", _nothing, "r_at_5"),
    "packing": _sabotage("a pack keeps to its budget", "reviewers.context.packing:split", _twice_the_budget, "over_budget"),
    "publish_faults": _sabotage(
        "our own work is adopted",
        "app.reporters.reporter:write_once app.github.own_posts:read_own_posts",
        _without_looking,
        "duplicates missing left_open",
    ),
    "quiet": _sabotage("little is said inline", "app.reporters.text.inline_text:inline_findings", _everything, "inline_per_review"),
    "quorum": _sabotage("it is said how many answered", "app.reporters.check_run:_title", _in_no_words, "silent"),
    "reconcile": _sabotage("what GitHub never sent is found", "app.work.maintenance.reconcile:_sweep", _none_missed, "recovered"),
    "recover": _sabotage(
        "stored answers are not bought again", "reviewers.models.wrappers:RecordingModel.complete", _asked_again, "stored_repeated"
    ),
    "redis": _sabotage("an effect is there once", "app.github.publisher:PullRequestPublisher.create_comment", _twice, "duplicates"),
    "review": _sabotage("findings are criticised", "reviewers.council.rounds:ask_critiques", _by_no_critic, "model_calls"),
    "reviewable": _sabotage("people's code is reviewed", "reviewers.context.reviewable:says_generated", _by_any_word, "left_out"),
    "rounds": _sabotage("nothing is said twice", "reviewers.incremental.matching:match_findings", _no_match, "repeats"),
    "scale": _sabotage("an effect is there once", "app.github.publisher:PullRequestPublisher.create_comment", _twice, "duplicates"),
    "secrets": _sabotage("secrets are masked", "reviewers.context.redaction:mask", _as_it_is, "recall"),
    "seeded_logs": _sabotage("the cause is kept", "reviewers.context.ci_log.extraction:extract", _of_nothing, "found"),
    "selection": _sabotage("a choice keeps to its budget", "reviewers.council.selection:select", _unbounded, "over_budget"),
    "sight": _sabotage(
        "what is related is shown",
        "reviewers.context.repository.related:RelatedSearch._rank",
        _of_no_file,
        "line_recall_2000 line_recall_6000",
    ),
    "signature": _sabotage("SHA-1 is refused", "webhooks.delivery:verify", _sha1_too, "accepted_bad"),
    "singles": _sabotage("the form decides the order", "reviewers.council.finding_form:FormModel.odds", _odds_backwards, "auc"),
    "ssrf": _sabotage("no redirect leads inside", "app.github.redirects:RedirectGuard.__call__", _nothing, "private_connects"),
    "startup": _sabotage("the web process loads no litellm", "app.web.application:create_app", _with_litellm, "loads", "--small --n 1"),
    "supersede": _sabotage(
        "no write for an old head", "app.store.reviews.outbox:still_wanted", _nor_held, "superseded_published", "--small --n 12"
    ),
    "web": _sabotage("a run is its tenant's", "app.web.viewer:Viewer.may", _everybody, "cross_tenant"),
}

# Further promises of benchmarks that have several.
MORE_SABOTAGES = {
    "machines:rates": _sabotage(
        "an effect is there once",
        "app.github.publisher:PullRequestPublisher.create_comment",
        _twice,
        "rates_duplicates",
        "--small --rates",
    ),
    "ingest:pooler": _sabotage(
        "202 comes after the commit", "app.queue.inbox:BatchingInbox._commit", _unwritten, "unstored", "--small --pooler"
    ),
    "life:stuck": _sabotage("a check ends", "app.reporters.check_run:CheckRunReporter.publish", _begun_alone, "stuck"),
    "life:unanswered": _sabotage("a command is answered", "app.work.questions.post_answer:post_answer", _nothing, "unanswered"),
    "life:overbought": _sabotage(
        "what is skipped is not bought", "app.work.reviews.skip_rules:find_skip", _never_found, "overbought", "--n 4"
    ),
    "life:forbidden": _sabotage("an effect is there once", "app.github.publisher:PullRequestPublisher.create_comment", _twice, "forbidden"),
    "life:bypassed": _sabotage(
        "a finding closes the gate", "app.reporters.text.phrases:fails_gate", _never_red, "bypassed", "--n 4 --seed 5"
    ),
}
