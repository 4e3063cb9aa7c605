"""Processes that belong to one owner: started with a log, watched, and ended without a trace.

Each process leads a session of its own, so that Ctrl-C in the terminal reaches the owner only,
and so that everything the process started in turn can be found and ended with it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

GRACE_SECONDS = 5.0
POLL_SECONDS = 0.05
LAST_LINES = 12


class StackError(Exception):
    """Something does not start or does not stay; the message is meant for a person."""


@dataclass
class Process:
    """One long-running program with its log file; may be started again after it ended."""

    name: str
    command: Sequence[str]
    directory: Path
    environ: Mapping[str, str]
    log: Path
    ready: Callable[[], bool] = lambda: True
    _popen: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it and return at once.

        To the kernel the starting *thread* is the parent: start from one that stays alive.
        """
        if self.running:
            raise StackError(f"{self.name} runs already.")
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                [*_dies_with_parent(), *self.command],
                cwd=self.directory,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        if self._popen is None:
            raise StackError(f"{self.name} was not started.")
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process itself."""
        if self._popen is not None:
            self._popen.send_signal(number)

    def kill(self) -> None:
        """End it and all that it started at once, as a power cut would."""
        if self._popen is None:
            return
        for pid in self._members():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._popen.wait()
        wait_until(lambda: not self._members(), GRACE_SECONDS)

    @property
    def gone(self) -> bool:
        """Whether nothing is left of it, nor of what it started."""
        return not self.running and not self._members()

    def complaint(self) -> str:
        """Why it ended, for a person: the last lines of its log."""
        code = self._popen.returncode if self._popen else None
        return f"{self.name} ended ({_ending(code)}).{last_lines(self.log)}"

    def _members(self) -> list[int]:
        return [] if self._popen is None else _session_members(self._popen.pid)


def end(processes: Iterable[Process], grace: float = GRACE_SECONDS) -> None:
    """Ask all to end, wait for them together, and kill what stays."""
    started = [process for process in processes if not process.gone]
    for process in started:
        process.send(signal.SIGTERM)
    wait_until(lambda: all(process.gone for process in started), grace)
    for process in started:
        process.kill()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def last_lines(log: Path) -> str:
    """The end of a log, indented under a line that names it."""
    lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
    return "".join(f"\n    {line}" for line in [f"The end of {log}:", *lines])


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def _dies_with_parent() -> list[str]:
    """Let the kernel end the child when its parent is killed (Linux; elsewhere it would stay)."""
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


def _session_members(session: int) -> list[int]:
    """All living processes of a session, also those that made a group of their own.

    RQ's worker does so for each job. Without /proc only the leader can be told.
    """
    if not Path("/proc/self/stat").exists():
        with suppress(ProcessLookupError):
            os.killpg(session, 0)
            return [session]
        return []
    members = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(FileNotFoundError, ProcessLookupError):
            # After the name in brackets: state, parent, group, session.
            state, _, _, of_session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(of_session) == session and state not in "ZX":
                members.append(int(entry.name))
    return members
