"""What others may use, and what the package may use itself."""

from __future__ import annotations

import ast
from pathlib import Path

from spotler_plugin import spotler

SOURCES = sorted(Path(spotler.__file__).parent.glob("*.py"))


def test_public_names() -> None:
    assert sorted(spotler.__all__) == sorted(
        name
        for name, value in vars(spotler).items()
        if not name.startswith("_") and type(value).__name__ != "module"
    )
    assert {"SpotlerClient", "connect", "SpotlerError", "Decision"} <= set(spotler.__all__)


def test_imports_nothing_of_ours_and_http_in_one_place() -> None:
    for source in SOURCES:
        for module in _imports(source):
            package = module.split(".")[0]
            if package == "spotler_plugin":
                assert module.startswith("spotler_plugin.spotler."), (source.name, module)
            assert package != "flask", source.name
            assert package != "requests" or source.name == "transport.py", source.name
            assert package != "requests_oauthlib" or source.name == "auth.py", source.name


def _imports(source: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
    return found
