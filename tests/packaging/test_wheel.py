"""The wheel holds all that the plugin needs to run, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
OFFLINE = ("--no-deps", "--no-index")
Run = Callable[..., str]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built as an operator would, without asking any index."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ("wheel", ".", "--no-build-isolation", "-w", str(folder))
    subprocess.run([*PIP, *build, *OFFLINE], cwd=ROOT, check=True)
    (file,) = folder.glob("spotler_plugin-*.whl")
    return file


@pytest.fixture(scope="module")
def wheel(file: Path) -> set[str]:
    """The names in it."""
    with ZipFile(file) as archive:
        return set(archive.namelist())


@pytest.fixture
def installed(file: Path, tmp_path: Path) -> Run:
    """Run Python where the wheel is installed and our checkout is unknown, with an empty database.

    The libraries are those of the tests: they need not be fetched.
    """
    home = tmp_path / "venv"
    venv.create(home, symlinks=True)
    python = str(home / "bin" / "python")
    subprocess.run([*PIP, "--python", python, "install", *OFFLINE, str(file)], check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    work = tmp_path / "work"
    work.mkdir()
    settings = {"DATABASE_URL": f"sqlite:///{work / 'db'}", "REDIS_URL": "redis://localhost",
                "SECRET_KEYS": Fernet.generate_key().decode(),
                "PUBLIC_URL": "https://plugin.example", "LOG_LEVEL": "ERROR"}  # fmt: skip

    def run(*arguments: str) -> str:
        command = [python, *arguments]
        answer = subprocess.run(command, cwd=work, env=settings, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    return run


def _files(folder: str) -> set[str]:
    """All that a folder of the checkout holds."""
    files = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}


def test_all_files_of_the_package_are_in_the_wheel(wheel: set[str]) -> None:
    migrations = {f"spotler_plugin/{name}" for name in _files("migrations")}
    assert (_files("spotler_plugin") | migrations) - wheel == set()


@pytest.mark.parametrize(
    "part",
    [
        "templates/*.html",
        "static/*.js",
        "static/*.css",
        "translations/*/LC_MESSAGES/messages.po",
        "migrations/env.py",
        "migrations/alembic.ini",
        "migrations/script.py.mako",
        "migrations/versions/*.py",
        "py.typed",
    ],
)
def test_what_is_not_code_is_there_too(wheel: set[str], part: str) -> None:
    folder, _, name = f"spotler_plugin/{part}".partition("/*")
    ending = Path(name or folder).suffix
    assert any(entry.startswith(folder) and entry.endswith(ending) for entry in wheel)


def test_wsgi_is_there_and_demo_and_tests_are_not(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    (about,) = (name for name in tops if name.endswith(".dist-info"))
    assert tops == {"spotler_plugin", "wsgi.py", about}


def test_the_licence_goes_along(wheel: set[str]) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel)


def test_what_is_installed_makes_its_tables(installed: Run, tmp_path: Path) -> None:
    find = "import importlib.util as it; print(it.find_spec('spotler_plugin').origin)"
    assert Path(installed("-c", find)).is_relative_to(tmp_path)
    flask = ("-m", "flask", "--app", "wsgi", "db")
    installed(*flask, "upgrade")
    assert installed(*flask, "check") == "No new upgrade operations detected."
