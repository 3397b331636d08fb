"""`lookervault ui` as a process: it prints an address with a token, serves, and ends by Ctrl-C."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path

import httpx

from tests.cli.conftest import Run, program
from tests.conftest import PATIENCE_S


def test_it_prints_where_it_is_and_ends_without_a_word(
    vault_path: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    command = [*program(), "ui", "--port", "0", "--db-path", str(vault_path)]
    process = subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        shown = httpx.get(address, follow_redirects=False)
        assert shown.status_code == 303
        assert httpx.get(address.partition("?")[0]).status_code == 403
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, out) == (0, "")
        assert "Traceback" not in err
    finally:
        process.kill()


def test_a_port_that_is_taken_is_said_in_a_line(cli: Run, vault_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = cli("ui", "--port", str(taken.getsockname()[1]))
    assert refused.returncode == 2
    assert "name another --port" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
