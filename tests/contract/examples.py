"""The documented CRMs, extracted from docs/crm-api-examples and served."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen, run
from types import ModuleType

import pytest

from tests.contract.port import on_a_port

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGES = ("python", "php", "csharp")


@dataclass(frozen=True)
class Example:
    """A CRM that runs."""

    url: str
    send_events: Callable[[], object]
    """What its own job does."""


def page(language: str) -> str:
    return (DOCS / "crm-api-examples" / f"{language}.md").read_text()


def code(language: str) -> str:
    """The file that the page's blocks make up."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", page(language), re.DOTALL | re.MULTILINE)
    return "\n".join(blocks)


@contextmanager
def python(settings: Mapping[str, str]) -> Iterator[Example]:
    module = ModuleType("crm")
    with pytest.MonkeyPatch.context() as patched:
        for name, value in settings.items():
            patched.setenv(name, value)
        patched.setitem(sys.modules, "crm", module)  # Where Flask looks for its folder.
        exec(compile(code("python"), "crm.py", "exec"), module.__dict__)
    with on_a_port(module.app, "localhost") as url:
        yield Example(url, module.send_events)


@contextmanager
def php(settings: Mapping[str, str], folder: Path) -> Iterator[Example]:
    """Skipped where there is no PHP; CI has none."""
    binary = shutil.which("php")
    if binary is None:
        pytest.skip("there is no php")
    (folder / "crm.php").write_text(code("php"))
    given = {**os.environ, **settings, "CRM_DATA": str(folder / "crm.json")}
    server = Popen([binary, "-S", "localhost:0", "crm.php"], cwd=folder, env=given,
                   stdout=PIPE, stderr=STDOUT, text=True)  # fmt: skip
    assert server.stdout is not None
    try:
        started = re.search(r"http://\S+\d", server.stdout.readline())
        assert started is not None

        def send_events() -> None:
            done = run([binary, "crm.php"], cwd=folder, env=given, capture_output=True, text=True)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

        yield Example(started[0], send_events)
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()
