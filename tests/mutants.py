"""A plugin of pytest that changes one thing at a time in a module, and sees whether a test fails.

    make mutate MODULES=spotler_plugin.planning.consent ARGS=tests/planning/test_consent.py

The mutants are cosmic-ray's. They run in this process, because to build the application for each
takes longer than most tests do: the code of functions is exchanged, and constants of the module.
Each test is run until one fails; whoever caught a mutant goes first with the next. What only stands
in a decorator is told as not run.
"""

from __future__ import annotations

import ast
import importlib
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from hypothesis import Phase, settings
from sqlalchemy.exc import SQLAlchemyError

# Whatever catches a mutant is enough: the smallest need not be found.
settings.register_profile("mutants", database=None, phases=[Phase.explicit, Phase.generate])
settings.load_profile("mutants")

LONGEST = 60.0
"""Seconds for a test with a mutant: one that never ends is caught as well."""


@dataclass(frozen=True)
class Mutant:
    """A module with one thing changed."""

    operator: str
    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.line}: {self.before.strip()}  =>  {self.after.strip()}  ({self.operator})"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutate", action="append", default=[], help="name of a module to change")


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Instead of running each test once; the mutants that survive are its failures."""
    names = session.config.getoption("--mutate")
    if not names:
        return None
    items = [item for item in session.items if isinstance(item, pytest.Function)]
    seconds = {item: _seconds(item, items) for item in items}
    broken = [item.nodeid for item, taken in seconds.items() if taken is None]
    assert not broken, f"these fail without any mutant: {broken}"
    items.sort(key=lambda item: seconds[item] or 0.0)
    session.testsfailed = sum(_module(importlib.import_module(name), items) for name in names)
    return True


def _module(module: ModuleType, items: list[pytest.Function]) -> int:
    """Return how many mutants of a module no test catches."""
    began, count, survivors = time.monotonic(), 0, 0
    for mutant in mutants_of(Path(str(module.__file__))):
        count += 1
        other = _loaded(module, mutant)
        if other is None:
            continue
        with exchanged(module, other) as is_possible:
            if not is_possible:
                _say(f"not run: {module.__name__}:{mutant}")
                continue
            killer = next((item for item in items if _seconds(item, items) is None), None)
        if killer is None:
            survivors += 1
            _say(f"SURVIVED {module.__name__}:{mutant}")
        else:
            items.remove(killer)
            items.insert(0, killer)
    taken = time.monotonic() - began
    _say(f"{module.__name__}: {count} mutants, {survivors} survived, {taken:.0f} s")
    return survivors


def _seconds(item: pytest.Function, items: list[pytest.Function]) -> float | None:
    """Run a test; return how long it took, and None where it failed."""
    # Of another file, so that all of this one is torn down but what all share.
    other = next((each for each in items if each.path != item.path), None)
    other = other or next((each for each in items if each is not item), None)
    item._initrequest()
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    began = time.monotonic()
    try:
        reports = runtestprotocol(item, log=False, nextitem=other)
    except TimeoutError:
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return None if any(report.failed for report in reports) else time.monotonic() - began


def _stop(*_: Any) -> None:
    raise TimeoutError


def mutants_of(file: Path) -> Iterator[Mutant]:
    """Yield those that differ in more than words, and types."""
    source = file.read_text()
    seen = {_meaning(source)}
    for name in sorted(operator_names()):
        operator = get_operator(name)
        if operator.arguments():
            continue
        occurrence = 0
        while (changed := mutate_code(source, operator(), occurrence)) is not None:
            occurrence += 1
            try:
                meaning = _meaning(changed)
            except SyntaxError:
                continue
            if meaning not in seen:
                seen.add(meaning)
                yield _mutant(name, source, changed)


def _mutant(operator: str, source: str, changed: str) -> Mutant:
    pairs = zip(source.splitlines(), changed.splitlines(), strict=False)
    line, (before, after) = next(
        (number, pair) for number, pair in enumerate(pairs, 1) if pair[0] != pair[1]
    )
    return Mutant(operator.removeprefix("core/"), line, before, after, changed)


def _meaning(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant(None)
    return ast.dump(tree)


def _loaded(module: ModuleType, mutant: Mutant) -> ModuleType | None:
    """Return the module as it is with the mutant; None where nobody could even import it."""
    other = ModuleType(module.__name__)
    other.__file__ = module.__file__
    try:
        exec(compile(mutant.source, str(module.__file__), "exec"), other.__dict__)
        _constants(other)
    except (AttributeError, SQLAlchemyError, TypeError, ValueError):
        return None
    return other


@contextmanager
def exchanged(module: ModuleType, other: ModuleType) -> Iterator[bool]:
    """Exchange what differs, for a while; whether anything does that can be."""
    codes, defaults = [], []
    for function, there in _pairs(vars(module), vars(other), module.__name__):
        is_made = function.__code__.co_filename == "<string>"  # Of a dataclass, by itself.
        if not is_made and _parts(function.__code__) != _parts(there.__code__):
            codes.append((function, function.__code__, there.__code__))
        if _plain(function.__defaults__) != _plain(there.__defaults__):
            defaults.append((function, function.__defaults__, there.__defaults__))
    differing = _constants(module).items() - _constants(other).items()
    constants = {name: vars(module)[name] for name, _ in differing}
    for function, _, code in codes:
        function.__code__ = code
    for function, _, values in defaults:
        function.__defaults__ = values
    for name in constants:
        setattr(module, name, vars(other)[name])
    try:
        yield bool(codes or defaults or constants)
    finally:
        for function, code, _ in codes:
            function.__code__ = code
        for function, values, _ in defaults:
            function.__defaults__ = values
        for name, value in constants.items():
            setattr(module, name, value)


def _plain(defaults: tuple[Any, ...] | None) -> list[tuple[int, Any]]:
    """The values that say all by themselves; others are made anew with the module."""
    plain = (bool, int, str, type(None))
    return [(place, each) for place, each in enumerate(defaults or ()) if type(each) in plain]


def _constants(module: ModuleType) -> dict[str, str]:
    """By name how they read; a statement that cannot be made says so only now."""
    return {name: str(value) for name, value in vars(module).items() if name.strip("_").isupper()}


def _parts(code: CodeType) -> tuple[Any, ...]:
    constants = tuple(
        _parts(each) if isinstance(each, CodeType) else (type(each), each)
        for each in code.co_consts
    )
    return code.co_code, constants, code.co_names, code.co_varnames


def _pairs(own: Any, other: Any, home: str) -> Iterator[tuple[FunctionType, FunctionType]]:
    """Yield the functions of both, in classes too."""
    for name, value in own.items():
        there = other.get(name)
        if isinstance(value, type) and isinstance(there, type) and value.__module__ == home:
            yield from _pairs(dict(vars(value)), dict(vars(there)), home)
        mine, its = _function(value), _function(there)
        if mine and its and mine.__module__ == home:
            yield mine, its


def _function(value: Any) -> FunctionType | None:
    if isinstance(value, property):
        value = value.fget
    elif isinstance(value, classmethod | staticmethod):
        value = value.__func__
    return value if isinstance(value, FunctionType) else None


def _say(line: str) -> None:
    print(line, file=sys.__stderr__, flush=True)
