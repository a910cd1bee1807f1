"""Runs litellm against the sandbox and prints the results as JSON. A separate program, because litellm is imported only here."""

import asyncio
import json
import os
import sys
from types import ModuleType
from typing import Any

from reviewers.seats.answers import OpinionAnswer

MESSAGES = [{"role": "system", "content": "You review."}, {"role": "user", "content": "File a.py: x"}]


async def call(litellm: ModuleType, each: dict[str, str]) -> dict[str, Any]:
    facts = {"model": each["model"], "api_base": each["base"], "api_key": each["key"], "timeout": 5}
    try:
        answer = await litellm.acompletion(messages=MESSAGES, response_format=OpinionAnswer, num_retries=0, max_retries=0, **facts)
    except Exception as error:  # noqa: BLE001 - whatever litellm makes of it is the result
        headers = getattr(error, "litellm_response_headers", None) or {}
        return {"error": type(error).__name__, "status": getattr(error, "status_code", None), "retry_after": headers.get("retry-after")}
    choice = answer.choices[0]
    return {"text": choice.message.content, "finish": choice.finish_reason, "tokens": answer.usage.completion_tokens}


def main() -> None:
    os.environ.update(LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS="True")
    import litellm

    litellm.suppress_debug_info = True
    results = [asyncio.run(call(litellm, load)) for load in json.loads(sys.argv[1])]
    sys.stdout.write("\n" + json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
