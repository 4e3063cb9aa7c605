"""The wheel holds all that the plugin needs to run, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built as an operator would, without asking any index."""
    folder = tmp_path_factory.mktemp("wheel")
    command = (sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation")
    subprocess.run(
        [*command, "--no-index", "--disable-pip-version-check", "--quiet", "-w", str(folder)],
        cwd=ROOT,
        check=True,
    )
    (file,) = folder.glob("spotler_plugin-*.whl")
    with ZipFile(file) as archive:
        return set(archive.namelist())


def test_all_files_of_the_package_are_in_the_wheel(wheel: set[str]) -> None:
    files = (path for path in (ROOT / "spotler_plugin").rglob("*") if path.is_file())
    names = {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}
    assert names - wheel == set()


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
    assert tops == {"spotler_plugin", "wsgi.py", "spotler_plugin-0.1.0.dist-info"}


def test_the_licence_goes_along(wheel: set[str]) -> None:
    assert "spotler_plugin-0.1.0.dist-info/licenses/LICENSE" in wheel
