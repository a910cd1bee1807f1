"""Rules for every manifest of the chart, whatever the values: add a rule here."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.configuration.child_environments import SERVER
from app.configuration.secret_files import SECRETS, file_of
from tests.deploy.test_monitoring import exposed

Manifest = Mapping[str, Any]
# Kinds of operators, which Kubernetes' own schemas do not include: their required fields.
CUSTOM = {
    "ServiceMonitor": ("monitoring.coreos.com/v1", ("selector", "endpoints")),
    "ScaledObject": ("keda.sh/v1alpha1", ("scaleTargetRef", "triggers", "minReplicaCount", "maxReplicaCount")),
    "ExternalSecret": ("external-secrets.io/v1", ("secretStoreRef", "target", "data")),
}
_RUNNING = ("Deployment", "StatefulSet")
_KNOWN = {*SERVER, *map(file_of, SECRETS), "HOME"}


def find_faults(manifests: list[Manifest]) -> Iterator[str]:
    """One line per rule that a manifest breaks."""
    pods = {name_of(manifest): manifest["spec"]["template"] for manifest in manifests if manifest["kind"] in (*_RUNNING, "Job")}
    for manifest in manifests:
        yield from _check_custom(manifest)
        if manifest["kind"] in (*_RUNNING, "Job"):
            for fault in _check_pod(manifest):
                yield f"{name_of(manifest)}: {fault}"
    yield from _check_services(manifests, pods)
    yield from _check_policies(manifests, pods)
    yield from _check_scaling(manifests)


def name_of(manifest: Manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def _check_custom(manifest: Manifest) -> Iterator[str]:
    if manifest["kind"] in CUSTOM:
        version, fields = CUSTOM[manifest["kind"]]
        if manifest["apiVersion"] != version or not set(fields) <= set(manifest["spec"]):
            yield f"{name_of(manifest)}: it lacks {set(fields) - set(manifest['spec'])}, or is not of {version}"


def _check_pod(manifest: Manifest) -> Iterator[str]:
    spec = manifest["spec"]["template"]["spec"]
    if not spec["securityContext"].get("runAsNonRoot") or spec.get("automountServiceAccountToken") is not False:
        yield "it may run as root, or holds a token of the cluster"
    files = {item["path"] for volume in spec["volumes"] if volume["name"] == "secrets" for item in volume["secret"]["items"]}
    volumes = {volume["name"] for volume in spec["volumes"]}
    volumes |= {claim["metadata"]["name"] for claim in manifest["spec"].get("volumeClaimTemplates", ())}
    for container in spec["containers"]:
        yield from _check_container(container, manifest["kind"] in _RUNNING)
        if missing := {mount["name"] for mount in container["volumeMounts"]} - volumes:
            yield f"no volume is named {missing}"
        named = {entry["name"] for entry in container["env"] if entry["name"].endswith("_FILE")}
        if named != set(map(file_of, files)):
            yield f"files and settings differ: {named ^ set(map(file_of, files))}"
        if container["name"] in {"web", "migration"} and any(name.endswith("_API_KEY") for name in files):
            yield "it has a provider's key, and calls no model"


def _check_container(container: Mapping[str, Any], is_running: bool) -> Iterator[str]:
    security = container["securityContext"]
    if not security.get("readOnlyRootFilesystem") or security.get("allowPrivilegeEscalation") is not False:
        yield "its root may be written, or it may get privileges"
    if security["capabilities"] != {"drop": ["ALL"]} or "memory" not in container["resources"].get("limits", {}):
        yield "it has capabilities, or no limit of memory"
    probes = {"startupProbe", "livenessProbe", "readinessProbe"}
    if is_running and not probes <= set(container):
        yield f"it lacks {probes - set(container)}"
    ports = {port["name"] for port in container.get("ports", ())}
    for probe in probes & set(container):
        if container[probe]["httpGet"]["port"] not in ports:
            yield f"{probe} asks a port that is not there"
    for entry in container["env"]:
        if entry["name"] not in _KNOWN:
            yield f"{entry['name']} is no setting"
        if entry["name"] in SECRETS:
            yield f"{entry['name']} is a secret in the environment"


def _check_services(manifests: list[Manifest], pods: Mapping[str, Any]) -> Iterator[str]:
    labels = {}
    for each in (manifest for manifest in manifests if manifest["kind"] == "Service"):
        chosen = [pod for pod in pods.values() if matches(each["spec"]["selector"], pod)]
        ports = {port["name"] for pod in chosen for container in pod["spec"]["containers"] for port in container.get("ports", ())}
        if wrong := {port["targetPort"] for port in each["spec"]["ports"]} - ports:
            yield f"{name_of(each)} leads to ports that no pod has: {wrong}"
        labels[each["metadata"]["name"]] = (each["metadata"]["labels"], {port["name"] for port in each["spec"]["ports"]})
    for each in (manifest for manifest in manifests if manifest["kind"] == "ServiceMonitor"):
        wanted = each["spec"]["selector"]["matchLabels"]
        ports = {name for own, names in labels.values() if wanted.items() <= own.items() for name in names}
        if not {endpoint["port"] for endpoint in each["spec"]["endpoints"]} <= ports:
            yield f"{name_of(each)} scrapes a port that no Service has"


def matches(selector: Mapping[str, str], pod: Mapping[str, Any]) -> bool:
    return bool(selector.items() <= pod["metadata"]["labels"].items())


def _check_policies(manifests: list[Manifest], pods: Mapping[str, Any]) -> Iterator[str]:
    policies = [manifest for manifest in manifests if manifest["kind"] == "NetworkPolicy"]
    for name, pod in pods.items():
        if policies and not any(matches(policy["spec"]["podSelector"]["matchLabels"], pod) for policy in policies):
            yield f"{name} is under no network policy"
    for each in (manifest for manifest in manifests if manifest["kind"] == "PodDisruptionBudget"):
        if not any(matches(each["spec"]["selector"]["matchLabels"], pod) for pod in pods.values()):
            yield f"{name_of(each)} is about no pod"


def _check_scaling(manifests: list[Manifest]) -> Iterator[str]:
    running = {manifest["metadata"]["name"]: manifest for manifest in manifests if manifest["kind"] == "Deployment"}
    for each in (manifest for manifest in manifests if manifest["kind"] in {"HorizontalPodAutoscaler", "ScaledObject"}):
        target = running.get(each["spec"]["scaleTargetRef"]["name"])
        if target is None or "replicas" in target["spec"]:
            yield f"{name_of(each)} scales what is not there, or is given a number of replicas"
        text = str(each["spec"])
        if "council_" in text and not any(name in text for name in exposed()):
            yield f"{name_of(each)} follows a metric that nobody exposes"
