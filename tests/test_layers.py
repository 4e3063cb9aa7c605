"""Imports point down, stand at the top of the file, and never run in a circle."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "spotler_plugin"

# What each part of the package may import of the others; inside a part all is allowed.
MAY_IMPORT = {
    "__init__": {"blueprints", "commands", "embedding", "errors", "logs", "translation"}
    | {"models", "config", "extensions"},
    "blueprints": {"forms", "jobs", "services", "embedding", "models", "wording", "translation"}
    | {"planning", "config", "extensions", "sql", "trouble", "version"},
    "commands": {"jobs", "services", "models", "config", "extensions", "trouble", "version"}
    | {"logs", "origin"},
    "errors": {"embedding", "wording", "translation", "planning", "spotler", "crm", "extensions"}
    | {"trouble"},
    "embedding": {"services", "models", "translation", "config", "extensions"},
    "forms": {"models", "planning", "wording", "translation", "storable", "cleaning"},
    "wording": {"services", "models", "planning", "translation"},
    "jobs": {"services", "models", "config", "extensions", "trouble"},
    "services": {"planning", "spotler", "crm", "models", "config", "extensions", "sql", "trouble"},
    "models": {"planning", "extensions", "storable"},
    "translation": set(),
    "planning": {"cleaning", "storable"},
    "spotler": {"rest"},
    "crm": {"rest", "cleaning"},
    "rest": {"storable"},
    "storable": set(),
    "cleaning": set(),
    "logs": {"config"},
    "config": {"origin"},
    "serving": {"config", "version"},
    "extensions": set(),
    "origin": set(),
    "sql": {"extensions"},
    "trouble": set(),
    "version": set(),
}

# The rooms of services/, floor by floor: a room imports what lies on floors above its line.
FLOORS = (
    {"calls"},
    {"actor", "backoff", "contact_id", "environment", "launch", "lease", "pagination", "waiting"},
    {"account", "catalogue", "link", "selection"},
    {"mapping", "consent", "enrolment"},
    {"backup"},
    {"desired", "mirror"},
    {"sources"},
    {"feed", "run", "consent_log"},
    {"capture", "connection", "sync", "contact"},
    {"preview"},
    {"automatic_action", "erasure"},
    {"event", "first_day", "mutation", "drift"},
    {"health", "history", "readiness", "restoration", "retention"},
)

# Who commits: whoever calls the CRM or Spotler, because no transaction is open meanwhile; and those
# who begin and end work. In all other services the caller does.
COMMITS = {
    "spotler_plugin.services.automatic_action.advance",
    "spotler_plugin.services.automatic_action.try_out",
    "spotler_plugin.services.backup.read_in",
    "spotler_plugin.services.backup.turn",
    "spotler_plugin.services.backup.upload",
    "spotler_plugin.services.capture",
    "spotler_plugin.services.catalogue.offer",
    "spotler_plugin.services.connection",
    "spotler_plugin.services.consent.tell",
    "spotler_plugin.services.contact.glance",
    "spotler_plugin.services.contact.names",
    "spotler_plugin.services.contact.view",
    "spotler_plugin.services.drift",
    "spotler_plugin.services.enrolment.start",
    "spotler_plugin.services.erasure.advance",
    "spotler_plugin.services.erasure.there",
    "spotler_plugin.services.event",
    "spotler_plugin.services.feed",
    "spotler_plugin.services.mapping.sample",
    "spotler_plugin.services.preview",
    "spotler_plugin.services.readiness",
    "spotler_plugin.services.retention.enforce",
    "spotler_plugin.services.selection",
    "spotler_plugin.services.sync",
}

MOST_MODULES, MOST_LINES = 14, 200
"""In a folder, but for models/, which is a list of nouns; and in a module."""

# Where a library may be used; everywhere else our own client stands in front of it.
ONLY_IN = {
    "requests": {"spotler_plugin.rest.session", "spotler_plugin.rest.transport"},
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


@cache
def _sources() -> dict[str, ast.Module]:
    return {_name(file): ast.parse(file.read_text()) for file in (ROOT / PACKAGE).rglob("*.py")}


@cache
def _all_imports() -> dict[str, set[str]]:
    return {name: _imports(tree) for name, tree in _sources().items()}


def _part(name: str) -> str:
    return [*name.split("."), "__init__"][1]


def _module(imported: str) -> str:
    """`a.b.c` is the module a.b.c, or the thing c in module a.b."""
    return imported if imported in _sources() else imported.rpartition(".")[0]


def test_each_part_imports_only_what_lies_below() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, names in _all_imports().items()
        for imported in names
        if imported.split(".")[0] == PACKAGE
        and _part(imported) not in MAY_IMPORT[_part(name)] | {_part(name)}
    ]
    assert wrong == []


def test_no_import_goes_in_a_circle() -> None:
    graph = {
        name: {_module(imported) for imported in names if _module(imported) in _sources()} - {name}
        for name, names in _all_imports().items()
    }
    TopologicalSorter(graph).prepare()  # CycleError names the circle.


def test_imports_stand_at_the_top_of_the_file() -> None:
    functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    wrong = [
        name
        for name, tree in _sources().items()
        for node in ast.walk(tree)
        if isinstance(node, functions) and _imports(node)
    ]
    assert wrong == []


def test_the_network_is_reached_through_the_transports_only() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, names in _all_imports().items()
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


def test_each_room_imports_only_from_floors_above() -> None:
    services = f"{PACKAGE}.services."
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    rooms = {name: name.split(".")[2] for name in _sources() if name.startswith(services)}
    wrong = [
        f"{name} imports {imported}"
        for name, room in rooms.items()
        for imported in _all_imports()[name]
        if imported.startswith(services)
        and (other := imported.split(".")[2]) != room
        and floor[other] >= floor[room]
    ]
    assert wrong == []
    assert floor.keys() == set(rooms.values())


def test_only_these_services_commit() -> None:
    commits = {
        name
        for name, tree in _sources().items()
        for node in ast.walk(tree)
        if name.startswith(f"{PACKAGE}.services.")
        and isinstance(node, ast.Attribute)
        and node.attr == "commit"
    }
    allowed = {name for name in commits for room in COMMITS if f"{name}.".startswith(f"{room}.")}
    assert commits - allowed == set()
    unused = {room for room in COMMITS if not any(f"{n}.".startswith(f"{room}.") for n in commits)}
    assert unused == set()


def test_folders_and_modules_stay_small() -> None:
    modules = [*(ROOT / PACKAGE).rglob("*.py")]
    folders = Counter(file.parent for file in modules if file.name != "__init__.py")
    crowded = [str(each) for each, number in folders.items() if number > MOST_MODULES]
    long = [str(file) for file in modules if file.read_text().count("\n") > MOST_LINES]
    assert crowded == [str(ROOT / PACKAGE / "models")] or crowded == []
    assert long == []
