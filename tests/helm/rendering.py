"""Run by the interpreter of `make helm`: renders the chart with each set of values and prints the results as one JSON object.

Standard input is JSON: for each case its values as YAML. Only the standard library and that environment's packages can be imported.
"""

import json
import sys
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import yaml

CHART = Path(__file__).resolve().parents[2] / "deploy/helm/council"
# The oldest version that Chart.yaml allows, and the newest whose schemas are here.
VERSIONS = ("1.27", kubernetes_validate.__version__.rpartition(".")[0])


def render(values: dict[str, Any]) -> list[dict[str, Any]]:
    """The manifests, as `helm template` renders them."""
    chart = helm_python.Chart.load(CHART)
    chart.validate_schema(values)
    rendered = chart.render(values, name="prod", namespace="council", is_install=True)
    texts = [text for path, text in sorted(rendered.items()) if path.endswith(".yaml")]
    return [document for text in texts for document in yaml.safe_load_all(text) if document]


def validate(manifest: dict[str, Any]) -> list[str]:
    """The findings of Kubernetes' schemas for each version; "custom" if the kind is not Kubernetes' own."""
    found = []
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            found.append("custom")
        except kubernetes_validate.ValidationError as error:
            found.append(f"{version}: {error.path} {error.message}")
    return found


def try_case(text: str) -> dict[str, Any]:
    """Manifests and problems, or the error that refuses the values."""
    try:
        manifests = render(yaml.safe_load(text))
    except helm_python.HelmError as error:
        return {"error": str(error)}
    return {"manifests": [{"manifest": manifest, "problems": validate(manifest)} for manifest in manifests]}


def main() -> None:
    cases = json.load(sys.stdin)
    found: dict[str, Any] = {name: try_case(text) for name, text in cases.items()}
    report = helm_python.lint(CHART, yaml.safe_load(cases["standard"]), strict=True)
    found["lint"] = [message["error"] for message in report["messages"] if message["severity"] > 1] + report["errors"]
    # A schema that accepts everything would prove nothing.
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": [{"prt": 1}]}}
    found["wrong"] = validate(wrong)
    sys.stdout.write(json.dumps(found))


main()
