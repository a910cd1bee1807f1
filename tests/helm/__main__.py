"""`python -m tests.helm PYTHON` renders the chart with Helm itself for each set of values, and validates every manifest.

PYTHON is the interpreter of the environment that `make helm` installs. The last line is one JSON object; `failed` says what is wrong.
"""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.helm.checks import CUSTOM, find_faults, name_of

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy/helm/council"
# Values that must be refused, and a word of the reason.
REFUSED = {
    "an unknown key": ("webb: {}", "webb"),
    "a secret among settings": ("settings: {OPENAI_API_KEY: sk-1}", "OPENAI_API_KEY"),
    "an unknown mode": ("mode: both", "mode"),
    "no replicas": ("worker: {replicas: 0}", "replicas"),
    "an ingress without a host": ("ingress: {enabled: true}", "ingress.host"),
    "KEDA without Prometheus": ("worker: {autoscaling: {kind: keda}}", "prometheusUrl"),
    "an external secret without a store": ("externalSecret: {enabled: true}", "externalSecret.store.name"),
}


def main(python: str) -> int:
    sets = {path.stem: path.read_text("utf-8") for path in sorted((CHART / "values").glob("*.yaml"))} | {"defaults": "{}"}
    cases = sets | {name: text for name, (text, _) in REFUSED.items()}
    words = [python, str(Path(__file__).with_name("rendering.py"))]
    done = subprocess.run(words, input=json.dumps(cases), capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        return 1
    found: dict[str, Any] = json.loads(done.stdout)
    failed = [f"lint: {line}" for line in found["lint"]]
    failed += [] if found["wrong"] else ["a wrong manifest is taken for a right one"]
    count = 0
    for name in sets:
        if "error" in found[name]:
            failed.append(f"{name}: {found[name]['error']}")
            continue
        count += len(found[name]["manifests"])
        failed += [f"{name}: {fault}" for fault in judge(found[name]["manifests"])]
    for name, (_, word) in REFUSED.items():
        if word not in found[name].get("error", ""):
            failed.append(f"{name} is not refused: {found[name].get('error', 'rendered')}")
    failed += [f"{name} is not noticed" for name in unnoticed(found["standard"]["manifests"])]
    sys.stdout.write(json.dumps({"name": "helm", "sets": len(sets), "manifests": count, "failed": failed}) + "\n")
    return 1 if failed else 0


def judge(rendered: list[dict[str, Any]]) -> list[str]:
    """The findings of Kubernetes' schemas and of our rules."""
    faults = [
        f"{name_of(each['manifest'])}: {problem}"
        for each in rendered
        for problem in each["problems"]
        if not (problem == "custom" and each["manifest"]["kind"] in CUSTOM)
    ]
    return faults + list(find_faults([each["manifest"] for each in rendered]))


def unnoticed(rendered: list[dict[str, Any]]) -> list[str]:
    """Sabotages of a manifest that our own rules do not catch."""
    manifests = [each["manifest"] for each in rendered]
    sabotages: dict[str, Any] = {
        "a root that may be written": lambda web, _: web["containers"][0]["securityContext"].update(readOnlyRootFilesystem=False),
        "a probe of a wrong port": lambda web, _: web["containers"][0]["readinessProbe"]["httpGet"].update(port="metrik"),
        "a secret in the environment": lambda web, _: web["containers"][0]["env"].append({"name": "OPENAI_API_KEY", "value": "x"}),
        "a setting that is none": lambda web, _: web["containers"][0]["env"].append({"name": "PUBLIK_URL", "value": "x"}),
        "a pod without a policy": lambda _, pod: pod["metadata"]["labels"].update({"app.kubernetes.io/component": "other"}),
    }
    passed = []
    for name, break_it in sabotages.items():
        broken = copy.deepcopy(manifests)
        web = next(each for each in broken if name_of(each) == "Deployment prod-council-web")
        break_it(web["spec"]["template"]["spec"], web["spec"]["template"])
        if not list(find_faults(broken)):
            passed.append(name)
    return passed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
