"""The process's memory of model hosts: the answer form that each accepts, and what it was sent."""

import hashlib
from collections import OrderedDict
from enum import StrEnum

_REMEMBERED = 512


class AnswerForm(StrEnum):
    """The ways to request JSON from a host, the strictest first."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    TEXT = "text"

    @property
    def looser(self) -> "AnswerForm | None":
        """The next form to try if this one is refused."""
        return {AnswerForm.SCHEMA: AnswerForm.OBJECT, AnswerForm.OBJECT: AnswerForm.TEXT}.get(self)


class Host:
    """One model at one host: the strictest form of answer that it has not refused, and whether it accepts a temperature and a seed."""

    def __init__(self, form: AnswerForm = AnswerForm.SCHEMA) -> None:
        self.form = form
        self.sampling = True
        self._sent: OrderedDict[str, None] = OrderedDict()

    def is_new(self, text: str) -> bool:
        """Whether a text is sent for the first time: repeated text may come from the host's cache and then not be counted."""
        key = hashlib.sha256(text.encode(errors="replace")).hexdigest()
        new = key not in self._sent
        self._sent[key] = None
        self._sent.move_to_end(key)
        while len(self._sent) > _REMEMBERED:
            self._sent.popitem(last=False)
        return new


class Hosts:
    """The hosts of a process, shared by all its runs."""

    def __init__(self) -> None:
        self._hosts: dict[tuple[str, str], Host] = {}

    def of(self, model: str, base_url: str = "") -> Host:
        """The memory of a model at a host; "" is the provider's own."""
        # DeepSeek accepts no schema: https://api-docs.deepseek.com/guides/json_mode
        first = AnswerForm.OBJECT if model.startswith("deepseek/") else AnswerForm.SCHEMA
        return self._hosts.setdefault((model, base_url), Host(first))
