"""Imports point down, stand at the top of the file, and never run in a circle."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "spotler_plugin"

# What each part of the package may import of the others; inside a part all is allowed.
MAY_IMPORT = {
    "__init__": {"blueprints", "commands", "embedding", "errors", "logs", "translation"}
    | {"models", "config", "extensions"},
    "blueprints": {"forms", "jobs", "services", "embedding", "models", "wording", "translation"}
    | {"planning", "extensions"},
    "commands": {"jobs", "services", "models", "extensions"},
    "errors": {"embedding", "wording", "translation", "planning", "spotler", "crm", "extensions"},
    "embedding": {"services", "models", "translation", "extensions"},
    "forms": {"models", "planning", "wording", "translation"},
    "wording": {"services", "models", "planning", "translation"},
    "jobs": {"services", "models", "extensions"},
    "services": {"planning", "spotler", "crm", "models", "extensions", "sql"},
    "models": {"planning", "extensions"},
    "translation": set(),
    "planning": set(),
    "spotler": {"rest"},
    "crm": {"rest"},
    "rest": set(),
    "logs": set(),
    "config": set(),
    "serving": set(),
    "extensions": set(),
    "sql": {"extensions"},
}

# Where a library may be used; everywhere else our own client stands in front of it.
ONLY_IN = {
    "requests": {"spotler_plugin.rest.transport"},
    "requests_oauthlib": {"spotler_plugin.spotler.auth"},
}


def _name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(tree: ast.AST) -> set[str]:
    """The full names of the modules, and of the things in modules, that a piece of code imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


SOURCES = {_name(file): ast.parse(file.read_text()) for file in (ROOT / PACKAGE).rglob("*.py")}
IMPORTS = {name: _imports(tree) for name, tree in SOURCES.items()}


def _part(name: str) -> str:
    return [*name.split("."), "__init__"][1]


def _module(imported: str) -> str:
    """`a.b.c` is the module a.b.c, or the thing c in module a.b."""
    return imported if imported in SOURCES else imported.rpartition(".")[0]


def test_each_part_imports_only_what_lies_below() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, names in IMPORTS.items()
        for imported in names
        if imported.split(".")[0] == PACKAGE
        and _part(imported) not in MAY_IMPORT[_part(name)] | {_part(name)}
    ]
    assert wrong == []


def test_no_import_goes_in_a_circle() -> None:
    graph = {
        name: {_module(imported) for imported in names if _module(imported) in SOURCES} - {name}
        for name, names in IMPORTS.items()
    }
    TopologicalSorter(graph).prepare()  # CycleError names the circle.


def test_imports_stand_at_the_top_of_the_file() -> None:
    functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    wrong = [
        name
        for name, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, functions) and _imports(node)
    ]
    assert wrong == []


def test_the_network_is_reached_through_the_transports_only() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, names in IMPORTS.items()
        for imported in names
        if name not in ONLY_IN.get(imported.split(".")[0], {name})
    ]
    assert wrong == []


def test_the_demo_knows_the_plugin_from_outside_only() -> None:
    wrong = [
        _name(file)
        for file in (ROOT / "demo").rglob("*.py")
        for imported in _imports(ast.parse(file.read_text()))
        if imported.split(".")[0] == PACKAGE
    ]
    assert wrong == []
