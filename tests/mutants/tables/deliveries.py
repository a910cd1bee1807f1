"""Sabotages of `webhooks/`: signatures, commands, and the jobs of an event."""

from tests.mutants.mutant import Mutant

_DELIVERY = ("tests/webhooks/test_delivery.py", "tests/webhooks/test_router.py")
_COMMANDS = ("tests/webhooks/test_commands.py",)
_HANDLERS = ("tests/webhooks/test_handlers.py",)

MUTANTS = (
    Mutant("an empty secret signs nothing", "webhooks/delivery.py:verify", "if not secret:", "if secret is None:", _DELIVERY),
    Mutant("a wrong signature is refused", "webhooks/delivery.py:verify", "if not held:", "if not held and not secrets:", _DELIVERY),
    Mutant("any secret of a rotation holds", "webhooks/delivery.py:verify", "held |=", "held =", _DELIVERY),
    Mutant("only SHA-256 counts", "webhooks/delivery.py:verify", "_PREFIX + hmac", '"" + hmac', _DELIVERY),
    Mutant(
        "the body is verified before it is parsed",
        "webhooks/delivery.py:Delivery.from_http",
        'verify(headers.get("x-hub-signature-256", ""), raw, secrets)',
        "from_json(raw)",
        _DELIVERY,
    ),
    Mutant("a list is no payload", "webhooks/delivery.py:Delivery.from_http", "not isinstance(payload, dict) or ", "", _DELIVERY),
    Mutant("a delivery has an id", "webhooks/delivery.py:Delivery.from_http", "not guid or ", "", _DELIVERY),
    Mutant("NaN is no JSON", "webhooks/delivery.py:Delivery.from_http", "allow_inf_nan=False", "allow_inf_nan=True", _DELIVERY),
    Mutant(
        "a body has a limit",
        "webhooks/body.py:BodyReader",
        "if size > self._limits.bytes:",
        "if size > 10 * self._limits.bytes:",
        _DELIVERY,
    ),
    Mutant("large bodies wait", "webhooks/body.py:BodyReader", "and not is_large:", "and is_large:", _DELIVERY),
    Mutant(
        "a slow body is given up",
        "webhooks/body.py:BodyReader",
        "asyncio.timeout(self._limits.seconds)",
        "asyncio.timeout(None)",
        _DELIVERY,
    ),
    Mutant("values are counted", "webhooks/delivery.py:Delivery.from_http", ">= _MOST_VALUES", ">= 100 * _MOST_VALUES", _DELIVERY),
    Mutant("a known delivery is not recorded twice", "webhooks/router.py:_accept", "Accepted.KNOWN", "Accepted.RECORDED", _DELIVERY),
    Mutant("without a secret nothing is taken", "webhooks/router.py:webhook_router", "if not any(keys):", "if keys is None:", _DELIVERY),
    Mutant("ten commands at the most", "webhooks/commands/parser.py", "_MOST = 10", "_MOST = 100", _COMMANDS),
    Mutant("invisible signs hide no command", "webhooks/commands/parser.py:_read", "line.translate(_INVISIBLE)", "line", _COMMANDS),
    Mutant("punctuation ends no command's name", "webhooks/commands/parser.py:_read", ".strip(_AROUND)", "", _COMMANDS),
    Mutant("a command begins its line", "webhooks/commands/parser.py:_is_command", "[0].lower()", "[-1].lower()", _COMMANDS),
    Mutant("an edit runs only what it added", "webhooks/commands/parser.py:new_commands", "if had[call]:", "if False:", _COMMANDS),
    Mutant("quoted commands are not run", "webhooks/commands/parser.py:_said_lines", "before.level != 0", "before.level > 9", _COMMANDS),
    Mutant(
        "text above a signature is read",
        "webhooks/commands/parser.py:_said_lines",
        ' or (before.type == "heading_open" and before.markup == "-")',
        "",
        _COMMANDS,
    ),
    Mutant(
        "code shows a command and does not say it", "webhooks/commands/parser.py:_said", 'f"`{child.content}"', "child.content", _COMMANDS
    ),
    Mutant("a nearly right word is explained", "webhooks/commands/parser.py:_read", "score_cutoff=60", "score_cutoff=100", _COMMANDS),
    Mutant("bots command nothing", "webhooks/handlers/issue_comment.py:handle", " or event.sender.is_bot", "", _HANDLERS),
    Mutant(
        "a bot's comment commands nothing", "webhooks/handlers/issue_comment.py:handle", "event.comment.user.is_bot", "False", _HANDLERS
    ),
    Mutant("locked conversations are left alone", "webhooks/handlers/issue_comment.py:handle", "event.issue.locked or ", "", _HANDLERS),
    Mutant(
        "an edit is the editor's", "webhooks/handlers/issue_comment.py:handle", 'new=delivery.action == "created"', "new=True", _HANDLERS
    ),
    Mutant("bots start no thread", "webhooks/handlers/pull_request_review_comment.py:handle", "or event.sender.is_bot or", "or", _HANDLERS),
    Mutant(
        "a thread is named by its first comment",
        "webhooks/handlers/pull_request_review_comment.py:handle",
        "comment.in_reply_to_id or comment.id",
        "comment.id",
        _HANDLERS,
    ),
    Mutant(
        "a comment of its own is no reply",
        "webhooks/handlers/pull_request_review_comment.py:handle",
        "calls or comment.in_reply_to_id is None",
        "calls",
        _HANDLERS,
    ),
    Mutant(
        "one acknowledgement a comment",
        "webhooks/handlers/commented.py:_once",
        "kept.setdefault(place, job)",
        "kept[place + str(len(kept))] = job",
        _HANDLERS,
    ),
    Mutant(
        "a foreign check run is not ours",
        "webhooks/handlers/check_run.py:handle",
        "if not external_id.startswith(PREFIX):",
        "if False:",
        _HANDLERS,
    ),
    Mutant(
        "a check of another repository is not ours",
        "webhooks/handlers/check_run.py:handle",
        "if repository_id == str(event.repository.id) else ()",
        "",
        _HANDLERS,
    ),
    Mutant(
        "only our button re-runs",
        "webhooks/handlers/check_run.py:handle",
        "event.requested_action.identifier != _BUTTON",
        "False",
        _HANDLERS,
    ),
    Mutant(
        "a suite of another App is not ours",
        "webhooks/handlers/check_suite.py:_is_ours",
        "app.slug.lower() == slug.lower()",
        "True",
        _HANDLERS,
    ),
    Mutant(
        "Re-run all checks is heard", "webhooks/handlers/check_suite.py:handle", '{"completed", "rerequested"}', '{"completed"}', _HANDLERS
    ),
    Mutant(
        "a green run needs no words",
        "webhooks/handlers/workflow_run.py:handle",
        "if run.conclusion not in RED:",
        "if run.conclusion is None:",
        _HANDLERS,
    ),
    Mutant("each attempt is explained", "webhooks/handlers/workflow_run.py:handle", ":{run.run_attempt}", "", _HANDLERS),
    Mutant("a push is reviewed", "webhooks/handlers/pull_request.py", '"synchronize", ', "", _HANDLERS),
    Mutant("a draft ends its reviews", "webhooks/handlers/pull_request.py", ', "converted_to_draft"', "", _HANDLERS),
    Mutant(
        "a new base is a new diff",
        "webhooks/handlers/pull_request.py:handle",
        "event.action in _REVIEWED or rebased",
        "event.action in _REVIEWED",
        _HANDLERS,
    ),
    Mutant(
        "a new base is reviewed although the head is known",
        "webhooks/handlers/pull_request.py:handle",
        'delivery.guid if rebased else "auto"',
        '"auto"',
        _HANDLERS,
    ),
    Mutant("a label taken off is heard", "webhooks/handlers/pull_request.py", '{"labeled", "unlabeled"}', '{"labeled"}', _HANDLERS),
)
