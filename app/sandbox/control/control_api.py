"""The control routes for the sandbox itself: faults, limits, webhooks, models, and logs."""

from collections import deque
from dataclasses import asdict
from typing import Any

from app.sandbox.control.world_api import ControlRequest, Door
from app.sandbox.github.entities import Json
from app.sandbox.github.webhook_sender import DeliveryMode, delivery_json
from app.sandbox.providers.model import ModelFault
from app.sandbox.providers.response_script import ScriptedMember


def health(order: ControlRequest) -> Json:
    return {"ok": True, "port": order.sandbox.port}


def environment(order: ControlRequest) -> Json:
    return dict(order.sandbox.environment())


def see_log(order: ControlRequest) -> list[Json]:
    """The requests to the GitHub. `?writes=1` returns only those meant to change something."""
    found = order.sandbox.log.as_json(writes=order.query.get("writes") == "1")
    return [each for each in found if order.query.get("operation") in (None, each["operation"])]


def clear_log(order: ControlRequest) -> Json:
    order.sandbox.log.clear()
    return {}


def add_fault(order: ControlRequest) -> Json:
    given = order.body
    options: Any = order.chosen("times", "skip", "retry_after", "field")
    order.sandbox.github.faults.add(given.get("method", "*"), given["path"], given["harm"], **options)
    return {}


def clear_faults(order: ControlRequest) -> Json:
    order.sandbox.github.faults.waiting.clear()
    return {}


def set_limits(order: ControlRequest) -> Json:
    """Change any field of Limits."""
    limits = order.sandbox.github.limits
    known = asdict(limits)
    for name, value in order.body.items():
        if name not in known:
            raise ValueError(f"no such limit: {name}")
        setattr(limits, name, value)
    return asdict(limits)


def set_webhook(order: ControlRequest) -> Json:
    app, webhook_sender = order.sandbox.world.app, order.sandbox.github.webhook_sender
    app.webhook_url = order.body.get("url", app.webhook_url)
    app.webhook_secret = order.body.get("secret", app.webhook_secret)
    webhook_sender.mode = DeliveryMode(order.body.get("mode", webhook_sender.mode))
    return {"url": app.webhook_url, "mode": webhook_sender.mode, "held": len(webhook_sender.held)}


def set_log_store(order: ControlRequest) -> Json:
    """Redirect downloads of logs to a URL. With "" they stay here."""
    order.sandbox.github.log_host = order.body["url"]
    return {}


def release(order: ControlRequest) -> Json:
    return {"sent": order.sandbox.github.webhook_sender.release()}


def take_held(order: ControlRequest) -> list[Json]:
    taken = order.sandbox.github.webhook_sender.take()
    return [{"guid": each.guid, "headers": headers, "body": each.body.decode()} for each, headers in taken]


def send_raw(order: ControlRequest) -> Json:
    """Sign and send a payload unchanged, for replays."""
    attempt = order.sandbox.github.webhook_sender.send_raw(order.body["event"], order.body["payload"].encode(), order.body.get("guid", ""))
    return {"id": attempt.id, "guid": attempt.guid}


def see_deliveries(order: ControlRequest) -> list[Json]:
    return [delivery_json(delivery) for delivery in order.sandbox.github.webhook_sender.deliveries.values()]


def program_model(order: ControlRequest) -> Json:
    """Script a model: its answers (findings, stance, …), its delay and its faults."""
    given = order.body
    model = order.sandbox.providers.model(given["name"])
    mind = order.chosen("findings", "solutions", "view", "same", "summary", "answers")
    if mind or "stance" in given or "otherwise" in given:
        stance = {piece: (vote[0], vote[1]) for piece, vote in (given.get("stance") or {}).items()}
        if "otherwise" in given:
            mind["otherwise"] = (given["otherwise"][0], given["otherwise"][1])
        model.response_script = ScriptedMember(stance=stance, **mind)
    if "faults" in given:
        model.faults = deque(ModelFault(each) for each in given["faults"])
    if "always" in given:
        model.always = ModelFault(given["always"])
    model.delay_ms = given.get("delay_ms", model.delay_ms)
    model.retry_after = given.get("retry_after", model.retry_after)
    return {}


def see_calls(order: ControlRequest) -> list[Json]:
    return [asdict(call) for call in order.sandbox.providers.calls]


def clear_calls(order: ControlRequest) -> Json:
    order.sandbox.providers.calls.clear()
    return {}


DOORS: tuple[Door, ...] = (
    ("GET", "/health", health),
    ("GET", "/environment", environment),
    ("GET", "/log", see_log),
    ("DELETE", "/log", clear_log),
    ("POST", "/faults", add_fault),
    ("DELETE", "/faults", clear_faults),
    ("PATCH", "/limits", set_limits),
    ("PATCH", "/webhook", set_webhook),
    ("PATCH", "/log-store", set_log_store),
    ("POST", "/webhook/release", release),
    ("POST", "/webhook/take", take_held),
    ("POST", "/webhook/raw", send_raw),
    ("GET", "/deliveries", see_deliveries),
    ("PUT", "/models", program_model),
    ("GET", "/calls", see_calls),
    ("DELETE", "/calls", clear_calls),
)
