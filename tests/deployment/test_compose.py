"""docker-compose.yml and the Dockerfile keep the rules of docs/operations.md; no container engine is needed to see it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from behind import behind
from names import BY_ENVIRONMENT, SETTINGS

from bot.server.model import sources
from bot.settings import ROOT, SECRETS
from deploy.cluster.proxy import POOLS

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OWN = ("assistant", "worker", "migration")
EVERY = pytest.mark.parametrize("name", sorted(SERVICES))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def reach(one: str) -> set[str]:
    """The services that share a network with one."""
    return {name for name, service in SERVICES.items() if set(service["networks"]) & set(SERVICES[one]["networks"])} - {one}


@EVERY
def test_no_service_has_rights_that_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert not {"privileged", "network_mode", "pid", "ipc", "devices", "cap_add"} & set(service)


@EVERY
def test_every_image_is_named_with_its_version(name: str) -> None:
    assert re.fullmatch(r"[a-z/-]+:v?\d+\.\d+.*", SERVICES[name]["image"])


@EVERY
def test_every_service_that_stays_is_watched(name: str) -> None:
    if name == "migration":
        assert SERVICES[name]["restart"] == "no"
    else:
        assert SERVICES[name]["restart"] == "unless-stopped"
        assert "test" in SERVICES[name].get("healthcheck", {}) or name == "assistant"
    assert "HEALTHCHECK" in DOCKERFILE
    assert "/health/ready" in DOCKERFILE


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert all("container_name" not in service for service in SERVICES.values())


def test_nobody_reaches_more_than_they_need() -> None:
    assert reach("proxy") == {"assistant"}
    assert reach("postgres") == {"assistant", "worker", "migration", "mail"}
    to_the_world = {name for name, network in COMPOSE["networks"].items() if not (network or {}).get("internal")}
    outside = {name for name, service in SERVICES.items() if set(service["networks"]) & to_the_world}
    assert outside == {"proxy", "worker"}


@pytest.mark.parametrize("name", OWN)
def test_its_environment_has_settings_only_and_no_secret(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert set(environment) <= SETTINGS - BY_ENVIRONMENT
    assert environment["WORKER_IN_SERVER"] == environment["MIGRATE_AT_START"] == "false"
    assert environment["ENVIRONMENT"] == "${ENVIRONMENT:-production}"
    for secret in ("database_url", "secret_key", "encryption_keys"):
        assert environment[f"{secret.upper()}_FILE"] == f"/run/secrets/{secret}"


def test_secrets_are_files_that_set_up_makes(tmp_path: Path) -> None:
    subprocess.run(
        [str(ROOT / "deploy" / "set-up"), "clinic.example", str(tmp_path / "local")], check=True, capture_output=True
    )
    for name, secret in COMPOSE["secrets"].items():
        path = Path(secret["file"])
        assert path.parent == Path("deploy/local")
        assert (tmp_path / "local" / path.name).is_file()
        assert any(name in service.get("secrets", []) for service in SERVICES.values())
    assert set(SECRETS) <= set(COMPOSE["secrets"])
    password = (tmp_path / "local" / "database_password").read_text(encoding="ascii").strip()
    address = (tmp_path / "local" / "database_url").read_text(encoding="ascii").strip()
    assert address == f"postgresql://assistant:{password}@postgres/assistant"
    assert (tmp_path / "local").stat().st_mode & 0o077 == 0


def test_set_up_changes_nothing_that_is_there(tmp_path: Path) -> None:
    def made() -> dict[str, bytes]:
        subprocess.run([str(ROOT / "deploy" / "set-up"), "clinic.example", str(tmp_path)], check=True, capture_output=True)
        return {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert made() == made()


@pytest.mark.parametrize("name", ["", "Clinic Example", "a;b", "../x", "-x", "https://clinic.example"])
def test_set_up_refuses_what_is_no_name(name: str, tmp_path: Path) -> None:
    command = [str(ROOT / "deploy" / "set-up"), name, str(tmp_path / "local")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
    assert not (tmp_path / "local").exists()


def test_what_is_mounted_is_there_and_cannot_be_written() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source, _, *mode = volume.split(":")
            if source.startswith("./"):
                assert mode == ["ro"]
                assert (ROOT / source).exists() or source.startswith("./deploy/local/"), source
            else:
                assert source in COMPOSE["volumes"]


def test_everybody_waits_for_the_migration_and_it_for_the_database() -> None:
    for name in ("assistant", "worker"):
        assert SERVICES[name]["depends_on"] == {"migration": {"condition": "service_completed_successfully"}}
    assert SERVICES["migration"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert SERVICES["migration"]["command"] == ["python", "-m", "bot", "database", "upgrade"]


def test_the_proxys_ports_and_the_assistants_agree() -> None:
    folder = ROOT / "deploy" / "proxy" / "compose"
    listening = {"8443": (folder / "listen.conf").read_text(), "8080": (folder / "http.conf").read_text()}
    assert {port.rpartition(":")[2] for port in SERVICES["proxy"]["ports"]} == set(listening)
    assert all(f"listen {port}" in text for port, text in listening.items())
    for name, (choice, fails) in POOLS.items():
        pool = f"upstream {name} {{\n  zone {name} 256k;\n  {choice};\n  server assistant:5005 resolve {fails};\n}}\n"
        assert pool in (folder / "http.conf").read_text(encoding="utf-8")
    assert "PORT=5005" in DOCKERFILE
    assert "EXPOSE 5005" in DOCKERFILE


def test_the_demo_brings_the_only_optional_service() -> None:
    assert {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service} == {"mail": ["demo"]}


def test_the_image_trains_when_it_is_built_and_never_when_it_runs() -> None:
    assert "bot train" in DOCKERFILE
    assert DOCKERFILE.rstrip().endswith('CMD ["python", "-m", "bot", "serve", "--no-train"]')
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert all(re.fullmatch(r"python:3\.10\.\d+-slim-bookworm( AS build)?", line) for line in images())


@pytest.mark.parametrize("ready", [True, False])
def test_the_images_health_check_asks_whether_it_is_ready(ready: bool) -> None:
    (command,) = re.findall(r"^HEALTHCHECK .*\\\n +CMD (.+)$", DOCKERFILE, re.MULTILINE)
    program, *arguments = json.loads(command)
    assert program == "python"
    with behind() as server:
        server.ends = not ready
        done = subprocess.run([sys.executable, *arguments], env={"PORT": str(server.port)}, capture_output=True, check=False)
        assert (done.returncode == 0) is ready
        assert [each.path for each in server.arrived] == ["/health/ready"]


def images() -> list[str]:
    return re.findall(r"^FROM (.+)$", DOCKERFILE, re.MULTILINE)


def in_image(path: str) -> bool:
    """Does .dockerignore let a path in? Its patterns here: a name at the top, or `**/` and a name anywhere."""
    included = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if line.startswith("#") or not line:
            continue
        anywhere = pattern.startswith("**/")
        parts = path.split("/") if anywhere else path.split("/")[:1]
        if any(fnmatch(part, pattern.removeprefix("**/")) for part in parts):
            included = line.startswith("!")
    return included


def test_the_image_has_what_the_model_is_made_of_and_what_is_served() -> None:
    needed = [*sources(), *(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py"), *(ROOT / "bot/web").iterdir()]
    needed += [ROOT / name for name in ("clinic.yml", "credentials.yml", "endpoints.yml")]
    assert not [str(path) for path in needed if not in_image(path.relative_to(ROOT).as_posix())]


@pytest.mark.parametrize(
    "path",
    [
        *[
            ".env",
            ".git/config",
            "deploy/local/secret_key",
            "backups/a.dump",
            "var/assistant.db",
            "tests/conftest.py",
            "models/x",
        ],
        *[".venv/bin/python", "bot/__pycache__/settings.cpython-310.pyc", "widget/node_modules/x", "docs/operations.md"],
    ],
)
def test_the_image_has_nothing_else(path: str) -> None:
    assert not in_image(path)
