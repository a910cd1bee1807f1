"""What the reader of the environment reads, taken from its source: names, the field each becomes, its kind and its default."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from app.configuration import environment_values, mail_server, settings
from app.configuration.settings import InstanceCaps, MoneyCaps, read_settings

_NAME = re.compile(r"[A-Z][A-Z0-9_]{2,}")
_KINDS = {
    "read_url": "an http(s) URL",
    "read_switch": "`yes`, `no`",
    "read_dollars": "US dollars or `none`",
    "read_secret": "at least 12 characters",
}


@dataclass(frozen=True)
class EnvironmentSetting:
    """A variable: `kind` says what fits, "" for any text; `default` is what holds where it is unset, "" where there is none."""

    name: str
    kind: str = ""
    default: str = ""


def read_names() -> dict[str, EnvironmentSetting]:
    """Every variable that makes up the settings, by name; those of providers are not among them."""
    found: dict[str, EnvironmentSetting] = {}
    for module in (settings, environment_values, mail_server):
        for call in _calls(module):
            for name in _names(call):
                known = EnvironmentSetting(name, _kind(call))
                if name not in found or not found[name].kind:
                    found[name] = known
    defaults = _defaults()
    found |= {name: EnvironmentSetting(name, _KINDS["read_dollars"]) for name in _caps()}
    return {name: EnvironmentSetting(name, known.kind, defaults.get(name, "")) for name, known in sorted(found.items())}


def _calls(module: ModuleType) -> Iterator[ast.Call]:
    """The calls that take something out of `values`."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and any(isinstance(part, ast.Name) and part.id == "values" for part in (*node.args, _owner(node))):
            yield node


def _owner(call: ast.Call) -> ast.expr | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def _names(call: ast.Call) -> list[str]:
    texts = [part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return [text for text in texts if _NAME.fullmatch(text)]


def _kind(call: ast.Call) -> str:
    reader = call.func.id if isinstance(call.func, ast.Name) else ""
    if reader == "read_whole_number":
        least = next((part.value for part in call.keywords if part.arg == "least"), ast.Constant(0))
        return f"a whole number of at least {ast.literal_eval(least)}"
    if reader == "read_word":
        return ", ".join(f"`{word}`" for word in ast.literal_eval(call.args[2]))
    return _KINDS.get(reader, "")


def _defaults() -> dict[str, str]:
    """The defaults of the fields that one variable alone decides."""
    unset, found = read_settings({}), {}
    tree = ast.parse(inspect.getsource(read_settings))
    (made,) = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Settings"
    ]
    for keyword in made.keywords:
        names = {name for node in ast.walk(keyword.value) if isinstance(node, ast.Call) for name in _names(node)}
        if keyword.arg and len(names) == 1:
            found[names.pop()] = _shown(getattr(unset, keyword.arg))
    money = MoneyCaps()
    return found | {f"{name.upper()}_USD": f"{value:.2f}" for name, value in money.model_dump().items() if value is not None}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value) if value not in ((), "", 0) else ""


def _caps() -> list[str]:
    names = [f"{name.upper()}_USD" for name in MoneyCaps.model_fields]
    return [*names, *(f"INSTANCE_{name.upper()}_USD" for name in InstanceCaps.model_fields if name != "unset")]
