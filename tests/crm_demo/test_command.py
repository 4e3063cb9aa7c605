"""`python -m demo.crm` starts alone, reads its environment, and ends when told."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]


def test_it_starts_answers_and_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo.crm", "--port", "0", "--state", str(tmp_path)]
    environ = os.environ | {"DEMO_CONTACTS": "7", "DEMO_API_TOKEN": "from-the-environment"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            api_url = process.stdout.readline().split("API: ")[1].strip(")\n")
            headers = {"Authorization": "Bearer from-the-environment"}
            answer = requests.get(f"{api_url}/contacts", headers=headers, timeout=30)
            assert len(answer.json()["contacts"]) == 7
            # As of a terminal and of who started it, both at once.
            for each in (signal.SIGTERM, signal.SIGINT) * 5:
                process.send_signal(each)
            assert process.wait(60) == 0
        finally:
            process.kill()
    assert (tmp_path / "crm.sqlite3").exists()
