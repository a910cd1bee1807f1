"""`council models`: the list of providers and models."""

import json

from tests.app.cli.test_commands import council


async def test_providers_and_models_are_listed() -> None:
    azure = {"AZURE_API_KEY": "azure-key-0123", "AZURE_API_BASE": "https://acme.openai.azure.com"}
    code, out, err = await council("models", "--json", env={"OPENAI_API_KEY": "sk-0123456789"} | azure)
    assert code == 0, err
    found = json.loads(out)
    assert {each["name"]: each["host"] for each in found["providers"] if each["configured"]} == {
        "openai": "https://api.openai.com/v1",
        "azure": "https://acme.openai.azure.com",
    }
    assert {"gemini", "openrouter", "mistral", "deepseek", "xai", "groq", "bedrock", "vertex_ai", "ollama", "hosted_vllm"} < {
        each["name"] for each in found["providers"]
    }
    first = next(each for each in found["models"] if each["model"] == "openai/gpt-5.5")
    assert first["sits"] and first["configured"] and first["vendor"] == "openai"
    assert 0 < first["cached_usd"] < first["input_usd"] < first["output_usd"] and first["context"] > 100_000
    assert "sk-0123456789" not in out and "azure-key-0123" not in out


async def test_the_table_shows_retirement_dates() -> None:
    code, out, _ = await council("models", "azure/gpt-5", "nix/x", env={})
    row = next(line for line in out.splitlines() if "azure/gpt-5" in line)
    assert code == 0 and "272,000" in row and "2027-" in row and "openai" in row
    assert "-" in next(line for line in out.splitlines() if "nix/x" in line).split()
    code, _, err = await council("models", "--provider", "nix", env={})
    assert code == 2 and "unknown provider 'nix'" in err
