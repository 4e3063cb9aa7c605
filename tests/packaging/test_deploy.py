"""What deploy/ offers is read by those that it is for."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from cryptography.fernet import Fernet

from spotler_plugin.config import Config
from spotler_plugin.serving import CANNOT_LOAD

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())


def needs(program: str) -> pytest.MarkDecorator:
    missing = shutil.which(program) is None
    return pytest.mark.skipif(missing, reason=f"{program} is not installed")


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_the_settings_of_the_example_are_settings() -> None:
    """And with a key they are all that it takes."""
    text = (DEPLOY / "spotler-plugin.env").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)
    assert Config.read(given | {"SECRET_KEYS": Fernet.generate_key().decode()})
    assert given.keys() <= {field.name.upper() for field in fields(Config)}


@needs("systemd-analyze")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    here = Path(sys.executable).parent
    for unit in UNITS:
        text = unit.read_text().replace("/opt/spotler-plugin/bin", str(here))
        (tmp_path / unit.name).write_text(text)
    said = run(
        "systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)
    )
    assert [line for line in said.splitlines() if "spotler-plugin" in line] == []


def test_each_process_has_a_unit_that_limits_its_restarts() -> None:
    services = [unit for unit in UNITS if unit.suffix == ".service"]
    assert len(services) == 3
    for unit in services:
        text = unit.read_text()
        assert "Restart=always" in text and "StartLimitBurst=" in text, unit.name
        assert f"RestartPreventExitStatus={CANNOT_LOAD}" in text, unit.name


@needs("nginx")
def test_nginx_takes_the_example(tmp_path: Path) -> None:
    certificate(tmp_path)
    site = (DEPLOY / "proxy" / "nginx.conf").read_text().replace("/etc/ssl", str(tmp_path))
    site = re.sub(r"listen 443\b", "listen 127.0.0.1:8443", site)
    folders = "".join(
        f"{kind}_temp_path {tmp_path};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi")
    )
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{ access_log off;\n{folders}scgi_temp_path {tmp_path};\n{site}}}\n"
    )
    said = run("nginx", "-t", "-c", str(config), "-p", str(tmp_path))
    assert "test is successful" in said


@needs("caddy")
def test_caddy_takes_the_example(tmp_path: Path) -> None:
    text = (DEPLOY / "proxy" / "Caddyfile").read_text()
    version = subprocess.run(["caddy", "version"], capture_output=True, text=True).stdout
    if re.match(r"v?2\.[0-6]\.", version):
        # As the example says of these.
        text = re.sub(r"request_buffers \w+", "buffer_requests", text)
    example = tmp_path / "Caddyfile"
    example.write_text(text)
    run("caddy", "adapt", "--config", str(example), "--adapter", "caddyfile")


@needs("logrotate")
def test_logrotate_takes_the_example(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "web.log").write_text("{}\n")
    example = tmp_path / "logrotate"
    text = (DEPLOY / "logrotate").read_text()
    example.write_text(text.replace("/var/log/spotler-plugin", str(logs)))
    example.chmod(0o644)
    said = run("logrotate", "--debug", "--state", str(tmp_path / "state"), str(example))
    assert "error:" not in said and f"considering log {logs}/web.log" in said


def test_compose_runs_each_process_once_more() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert services.keys() == {
        "postgresql", "valkey", "tables", "web", "worker", "scheduler"
    }  # fmt: skip
    container = (DEPLOY / "Containerfile").read_text()
    assert "--require-hashes" in container and "USER spotler" in container
    [web] = re.findall(r"^CMD (.*)$", container, re.MULTILINE)
    commands = {name: each.get("command") or yaml.safe_load(web) for name, each in services.items()}
    for unit in UNITS:
        if unit.suffix == ".service":
            [run] = re.findall(r"^ExecStart=/opt/spotler-plugin/bin/(.*)$", unit.read_text(), re.M)
            name = unit.stem.removeprefix("spotler-plugin-").rstrip("@")
            assert commands[name] == run.replace("127.0.0.1", "0.0.0.0").split()


def test_compose_makes_the_tables_first_and_in_a_server_that_stays() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for name in ("web", "worker", "scheduler"):
        waits = services[name]["depends_on"]
        assert waits["tables"]["condition"] == "service_completed_successfully"
    assert services["tables"]["depends_on"]["postgresql"]["condition"] == "service_healthy"
    # The image makes its database with a server that listens at a socket only, and ends it then.
    assert "--host=127.0.0.1" in services["postgresql"]["healthcheck"]["test"]


def certificate(folder: Path) -> None:
    """A certificate that nobody trusts, as nginx opens the files."""
    run(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
        "-subj", "/CN=spotler.example.com",
        "-keyout", str(folder / "spotler.key"), "-out", str(folder / "spotler.pem"),
    )  # fmt: skip
