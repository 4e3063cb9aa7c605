"""What is wrong with the settings ends a process at once, with one sentence and no password."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from spotler_plugin.config import Config, ConfigError

SETTINGS = {
    "DATABASE_URL": "sqlite:////nowhere/db",
    "REDIS_URL": "redis://localhost",
    "SECRET_KEYS": Fernet.generate_key().decode(),
    "PUBLIC_URL": "https://plugin.example",
}


def run(*command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"]} | settings
    return subprocess.run(
        [sys.executable, *command],
        cwd=Path(__file__).parents[1],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    )


def serve(config: str) -> subprocess.CompletedProcess[str]:
    return run("-m", "gunicorn", "wsgi:app", "--config", config, "--bind", "127.0.0.1:0")


def test_the_web_server_ends_when_a_setting_is_missing() -> None:
    said = serve("python:spotler_plugin.serving")
    assert said.returncode == 4
    assert "spotler-plugin cannot start: DATABASE_URL is not set" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_so_it_does_with_a_configuration_of_another(workers: int, tmp_path: Path) -> None:
    config = tmp_path / "theirs.py"
    config.write_text(f"workers = {workers}\ncontrol_socket_disable = True\n")
    said = serve(str(config))
    # gunicorn halts a second time, with its traceback, when a second worker ends while it halts.
    assert said.returncode == 4 or (workers == 2 and said.returncode == 1)
    assert "spotler-plugin cannot start: DATABASE_URL is not set" in said.stderr
    assert workers > 1 or "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://me:wor@wordy@127.0.0.1/db"),
        ("DATABASE_URL", "postgresql://me:word@127.0.0.1:wordy/db"),
        ("DATABASE_URL", "postgresql://me:w@or/d#y@127.0.0.1/db"),
        ("REDIS_URL", "redis://:wor/wordy@localhost:6379/0"),
    ],
)
def test_a_password_that_is_not_encoded_is_told_without_it(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match="percent-encoded") as caught:
        Config.read(SETTINGS | {name: value})
    assert "wordy" not in str(caught.value) and "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "plugin.example"),
        ("PUBLIC_URL", "https://Plugin.example"),
        ("PUBLIC_URL", "https://plugin.example:443"),
        ("PUBLIC_URL", "https://plugin.example/path"),
        ("SPOTLER_URL", "https://"),
        ("WEB_CONCURRENCY", "0"),
        ("WEB_CONCURRENCY", "two"),
    ],
)
def test_what_can_never_work_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Config.read(SETTINGS | {name: value})


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    below = {"DATABASE_URL": f"sqlite:///{tmp_path}/file/folder/db"}
    said = run("-m", "flask", "--app", "wsgi", "version", **(SETTINGS | below))
    assert said.returncode == 4
    assert said.stderr.startswith("spotler-plugin cannot start: DATABASE_URL: its folder")
    assert len(said.stderr.splitlines()) == 1


def test_a_database_that_refuses_or_is_away_is_one_sentence(tmp_path: Path) -> None:
    away = {"DATABASE_URL": "postgresql://me:secretword@127.0.0.1:1/db"}
    for command in (("environment", "list"), ("db", "upgrade")):
        said = run("-m", "flask", "--app", "wsgi", *command, **(SETTINGS | away))
        assert said.returncode == 1
        assert said.stderr == "Error: The database of DATABASE_URL is unreachable.\n"


def test_garbage_is_looked_for_among_what_came_after_the_start() -> None:
    asked = "import gc, wsgi; print(gc.isenabled(), gc.get_freeze_count() > 100_000)"
    assert run("-c", asked, **SETTINGS).stdout == "True True\n"
