"""How long a refusal takes does not tell which environments there are: the work is the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.fernet import MultiFernet
from flask import Flask
from flask.testing import FlaskClient
from jwt.algorithms import HMACAlgorithm
from sqlalchemy import event

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment


@pytest.fixture
def done(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Statements, decryptions and signatures, in their order."""
    done: list[str] = []

    def noted(of: type, name: str) -> None:
        real = getattr(of, name)

        def note(*arguments: Any, **named: Any) -> Any:
            done.append(f"{of.__name__}.{name}")
            return real(*arguments, **named)

        monkeypatch.setattr(of, name, note)

    def sent(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        done.append(statement)

    noted(MultiFernet, "decrypt")
    noted(HMACAlgorithm, "verify")
    event.listen(db.engine, "before_cursor_execute", sent)
    yield done
    event.remove(db.engine, "before_cursor_execute", sent)


def test_an_unknown_environment_costs_what_a_known_one_does(
    client: FlaskClient, environment: Environment, done: list[str]
) -> None:
    work = []
    for key in (environment.key, "nobody"):
        token = jwt.encode({"iss": key}, "x" * 32, "HS256")
        db.session.remove()
        done.clear()
        client.post("/launch", data={"token": token})
        work.append(list(done))
    assert work[0] == work[1]
    assert {"MultiFernet.decrypt", "HMACAlgorithm.verify"} <= set(work[0])
