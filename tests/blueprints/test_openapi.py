"""What is described for machines is what is served, and the other way round."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient

from demo.crm.server import DemoCrm

FOR_OTHERS = ("/api/v1/", "/events/", "/launch", "/session", "/healthz", "/readyz")
"""Beginnings of what a CRM or an operator calls."""


def described(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/yaml")
    read: dict[str, Any] = yaml.safe_load(answer.data)
    assert read["openapi"].startswith("3.1")
    return read


def calls_in(read: dict[str, Any]) -> set[tuple[str, str]]:
    """Method and path, with `{}` for what varies."""
    return {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path))
        for path, methods in read["paths"].items()
        for method in methods
        if method != "parameters"
    }


def served_by(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, re.sub(r"<[^>]+>", "{}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_plugin_serves_what_is_described(app: Flask, client: FlaskClient) -> None:
    served = {call for call in served_by(app) if call[1].startswith(FOR_OTHERS)}
    assert calls_in(described(client, "/api/openapi.yaml")) == served


def test_the_demo_crm_serves_what_is_described(client: FlaskClient) -> None:
    with DemoCrm() as crm:
        served = {
            (m, p.removeprefix("/api")) for m, p in served_by(crm.app) if p.startswith("/api")
        }
    assert calls_in(described(client, "/api/openapi-crm.yaml")) == served


@pytest.mark.parametrize("path", ["/api/openapi.yaml", "/api/openapi-crm.yaml"])
def test_all_references_lead_somewhere(client: FlaskClient, path: str) -> None:
    read = described(client, path)
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(read, default=str)):
        found: Any = read
        for part in reference.split("/"):
            found = found[part]
