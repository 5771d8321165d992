"""The manifests: valid by Kubernetes' own schemas, agreeing with each other, with the proxy and with the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml
from names import ALL_ON, BY_ENVIRONMENT, SETTINGS

from bot.channels.messaging.switch import services
from bot.handoff.worker import IDLE_SECONDS
from bot.server.app import STOP_SECONDS
from bot.settings import ROOT, SECRETS, Settings
from deploy.cluster.proxy import CONFIGURATION

FOLDER = ROOT / "deploy" / "kubernetes"
VERSION = "1.28"
Manifest = dict[str, Any]


def read(name: str) -> list[Manifest]:
    return list(yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8")))


(KUSTOMIZATION,) = read("kustomization.yaml")
FILES = KUSTOMIZATION["resources"]
MANIFESTS = [manifest for name in FILES for manifest in read(name)]
(SAMPLE,) = read("secret.sample.yaml")


def named(manifest: Manifest) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def of_kind(*kinds: str) -> list[Manifest]:
    return [manifest for manifest in MANIFESTS if manifest["kind"] in kinds]


def pod(manifest: Manifest) -> Manifest:
    return manifest["spec"]["template"]["spec"]


def the(kind: str, name: str) -> Manifest:
    (found,) = (manifest for manifest in of_kind(kind) if manifest["metadata"]["name"] == name)
    return found


def containers() -> Iterator[tuple[str, Manifest]]:
    for manifest in WORKLOADS:
        for container in pod(manifest)["containers"]:
            yield named(manifest), container


WORKLOADS = of_kind("Deployment", "Job")
ASSISTANT, WORKER, MIGRATION = the("Deployment", "assistant"), the("Deployment", "worker"), the("Job", "migration")
EACH = pytest.mark.parametrize("manifest", WORKLOADS, ids=named)


@pytest.mark.parametrize("manifest", [*MANIFESTS, SAMPLE], ids=named)
def test_it_is_valid_by_the_schema_of_its_kind(manifest: Manifest) -> None:
    assert kubernetes_validate.validate(manifest, VERSION, strict=True) == VERSION


def test_a_mistake_would_be_seen() -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**ASSISTANT, "spec": {**ASSISTANT["spec"], "replicaz": 2}}, VERSION, strict=True)


def test_kustomize_applies_every_file_but_the_sample() -> None:
    assert {*FILES, "kustomization.yaml", "secret.sample.yaml"} == {path.name for path in FOLDER.iterdir()}


@EACH
def test_its_pods_run_without_rights(manifest: Manifest) -> None:
    spec = pod(manifest)
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == spec["securityContext"]["runAsGroup"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    for container in spec["containers"]:
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is context["privileged"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}


@EACH
def test_its_containers_have_limits_and_the_one_image(manifest: Manifest) -> None:
    (image,) = KUSTOMIZATION["images"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", image["newTag"])
    for container in pod(manifest)["containers"]:
        assert container["image"] == image["name"]
        for kind in ("requests", "limits"):
            assert set(container["resources"][kind]) == {"cpu", "memory"}


@pytest.mark.parametrize("manifest", of_kind("Deployment"), ids=named)
def test_a_deployment_is_watched_and_replaced_without_a_gap(manifest: Manifest) -> None:
    assert manifest["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert manifest["spec"]["selector"]["matchLabels"].items() <= manifest["spec"]["template"]["metadata"]["labels"].items()
    for container in pod(manifest)["containers"]:
        ports = {port["name"] for port in container["ports"]}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert container[probe]["httpGet"]["port"] in ports


def test_the_assistant_is_asked_for_its_health_and_given_time_to_finish() -> None:
    (container,) = pod(ASSISTANT)["containers"]
    assert container["startupProbe"]["httpGet"]["path"] == container["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    before = int(container["lifecycle"]["preStop"]["exec"]["command"][-1])
    longest_turn = Settings.__fields__["turn_timeout_seconds"].default
    assert pod(ASSISTANT)["terminationGracePeriodSeconds"] > before + longest_turn + STOP_SECONDS
    assert (
        pod(WORKER)["terminationGracePeriodSeconds"] > Settings.__fields__["delivery_timeout_seconds"].default + IDLE_SECONDS
    )


def test_commands_are_those_of_the_assistant() -> None:
    commands = {name: container.get("command") for name, container in containers()}
    assert commands == {
        "Deployment/assistant": None,  # the image's own
        "Deployment/worker": ["python", "-m", "bot", "worker"],
        "Job/migration": ["python", "-m", "bot", "database", "upgrade"],
    }


def test_the_environment_has_settings_only_and_no_secret() -> None:
    settings = the("ConfigMap", "settings")["data"]
    assert set(settings) <= SETTINGS - BY_ENVIRONMENT
    assert settings["ENVIRONMENT"] == "production"
    assert settings["WORKER_IN_SERVER"] == settings["MIGRATE_AT_START"] == "false"
    assert not of_kind("Secret")
    for _, container in containers():
        assert container["envFrom"] == [{"configMapRef": {"name": "settings"}}]
        assert "env" not in container


def test_secrets_are_mounted_where_the_settings_look_for_them() -> None:
    settings = the("ConfigMap", "settings")["data"]
    assert set(SAMPLE["stringData"]) == set(SECRETS)
    for manifest in WORKLOADS:
        (mounted,) = (each for each in pod(manifest)["volumes"] if each["name"] == "secrets")
        assert mounted["secret"]["secretName"] == SAMPLE["metadata"]["name"]
        places = {mount["name"]: mount["mountPath"] for mount in pod(manifest)["containers"][0]["volumeMounts"]}
        assert set(places) == {volume["name"] for volume in pod(manifest)["volumes"]}
        assert all(settings[f"{name.upper()}_FILE"] == f"{places['secrets']}/{name}" for name in SECRETS)
        assert settings["CLINIC_FILE"] == f"{places['clinic']}/clinic.yml"


def test_selectors_find_what_they_are_meant_for() -> None:
    labels = ASSISTANT["spec"]["template"]["metadata"]["labels"]
    assert the("Service", "assistant")["spec"]["selector"] == labels
    (budget,) = of_kind("PodDisruptionBudget")
    assert budget["spec"]["selector"]["matchLabels"] == labels
    (scaler,) = of_kind("HorizontalPodAutoscaler")
    assert scaler["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "assistant"}
    assert scaler["spec"]["minReplicas"] > budget["spec"]["minAvailable"]
    assert "replicas" not in ASSISTANT["spec"]  # or every apply would undo what the scaler has done


def test_ports_agree() -> None:
    (container,) = pod(ASSISTANT)["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    settings = the("ConfigMap", "settings")["data"]
    assert ports == {"http": Settings.__fields__["port"].default, "metrics": int(settings["METRICS_PORT"])}
    (service,) = the("Service", "assistant")["spec"]["ports"]
    assert service["targetPort"] == "http"
    assert allowed("assistant", "ingress") == {ports["http"]}
    assert allowed("metrics", "ingress") == {ports["metrics"]}
    for ingress in of_kind("Ingress"):
        for path in paths(ingress):
            assert path["backend"]["service"] == {"name": "assistant", "port": {"name": service["name"]}}


def paths(ingress: Manifest) -> list[Manifest]:
    (rule,) = ingress["spec"]["rules"]
    (tls,) = ingress["spec"]["tls"]
    assert tls["hosts"] == [rule["host"]]
    return rule["http"]["paths"]


def allowed(policy: str, direction: str) -> set[int]:
    rules = the("NetworkPolicy", policy)["spec"][direction]
    return {port["port"] for rule in rules for port in rule["ports"]}


def test_nothing_is_reached_but_by_permission() -> None:
    nothing = the("NetworkPolicy", "nothing")["spec"]
    assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert allowed("names-and-database", "egress") == {53, 5432}
    assert allowed("worker", "egress") == {443, 465, 587}
    for policy in of_kind("NetworkPolicy"):
        selected = policy["spec"]["podSelector"].get("matchLabels", {}).items()
        assert any(selected <= each["spec"]["template"]["metadata"]["labels"].items() for each in WORKLOADS)
        for rule in (*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])):
            assert rule.get("from") or rule.get("to"), "from or to anybody"
            assert rule["ports"]


def test_the_ingress_lets_in_what_the_proxy_lets_in_and_holds_it_to_the_same_limits() -> None:
    proxy = CONFIGURATION.read_text(encoding="utf-8")
    places = re.findall(r'^    "~(\^/.+)" [a-z]+;$', proxy, re.MULTILINE)
    let_in = {"/enquiries": "/enquiries/K7QD-3MPX-4R/abc"}
    every = [path for ingress in of_kind("Ingress") for path in paths(ingress)]
    reached = set()
    for path in every:
        assert path["pathType"] == ("Prefix" if path["path"] in ("/enquiries", "/widget/socket.io") else "Exact")
        (place,) = (place for place in places if re.match(place, let_in.get(path["path"], path["path"])))
        reached.add(place)
    assert reached == set(places)
    for ingress in of_kind("Ingress"):
        notes = {key.partition("/")[2]: value for key, value in ingress["metadata"]["annotations"].items()}
        assert f"client_max_body_size {notes['proxy-body-size']};" in proxy
        assert f"limit_conn connections {notes['limit-connections']};" in proxy
        zone = "app" if ingress["metadata"]["name"] == "assistant-apps" else "other"
        assert f"zone={zone}:10m rate={notes['limit-rps']}r/s" in proxy
        assert not any("cookie" in name for name in notes)


def test_every_messaging_app_comes_by_the_ingress_that_has_their_limit() -> None:
    apps = {f"/webhooks/{service.name}/webhook" for service, _ in services(ALL_ON)}
    assert {path["path"] for path in paths(the("Ingress", "assistant-apps"))} == apps


def test_a_long_poll_comes_to_the_replica_that_opened_it() -> None:
    (widget,) = (each for each in of_kind("Ingress") if [path["path"] for path in paths(each)] == ["/widget/socket.io"])
    assert widget["metadata"]["annotations"]["nginx.ingress.kubernetes.io/upstream-hash-by"] == "$remote_addr"
