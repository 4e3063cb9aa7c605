"""What the clients may use: the transport below them, and HTTP and signing in one place each."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import spotler_plugin

ROOT = Path(spotler_plugin.__file__).parent
HTTP = ("transport.py", "session.py", "connection.py")


@pytest.mark.parametrize("package", ["spotler", "crm", "rest"])
def test_imports_nothing_of_ours_and_http_in_one_place(package: str) -> None:
    sources = sorted((ROOT / package).glob("*.py"))
    assert sources
    for source in sources:
        for module in _imports(source):
            top, *below = module.split(".")
            if top == "spotler_plugin":
                assert below[0] in (package, "rest", "storable", "cleaning"), (source.name, module)
            assert top != "flask", source.name
            if top in ("requests", "urllib3"):
                assert package == "rest" and source.name in HTTP, (source, module)
            if top == "requests_oauthlib":
                assert (package, source.name) == ("spotler", "auth.py"), (source, module)


def _imports(source: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
    return found
