"""Short ways to ask `lookervault restore`, and what its documents have."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from looker_simulator import Simulator, mutate
from tests.cli.conftest import SECRET, program
from tests.conftest import PATIENCE_S, until

SUMMARY = {
    "total_items",
    "success_count",
    "created_count",
    "updated_count",
    "undeleted_count",
    "skipped_count",
    "error_count",
}
RESULT = {"session_id", "status", "summary", "types", "dead_letters", "verified", "requests"}
SINGLE = {
    "status",
    "content_type",
    "content_id",
    "operation",
    "destination_id",
    "duration_ms",
    "dependencies_checked",
}
PLANNED = {"content_type", "id", "name", "action", "fields", "reason"}
VERIFIED = {"checked", "equal", "accepted_losses", "different"}
READS = {"GET"}
# The requests of a run that was told to stop: what its other workers are about, and the logout.
FINISHING = 6


def living(looker: Simulator, table: str) -> list[dict[str, Any]]:
    return [row for row in looker.world[table] if not row.get("deleted")]


def wreck_looks(looker: Simulator, count: int = 99) -> list[str]:
    """Rename looks; return their ids."""
    ids = [row["id"] for row in living(looker, "looks")][:count]
    for one in ids:
        mutate(looker.world, "update", "looks", one, {"title": f"Wrecked {one}"})
    return ids


def is_wrecked(looker: Simulator, table: str, item_id: str) -> bool:
    row = looker.world[table].get(item_id)
    return row is None or row["title"].startswith("Wrecked")


def document(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr
    return json.loads(done.stdout)


def writes(looker: Simulator) -> list[str]:
    """Return the operations that changed something."""
    verbs = ("create_", "update_", "delete_", "set_", "add_")
    return [name for name in looker.calls.by_operation if name.startswith(verbs)]


def on_terminal(
    environment: dict[str, str], cwd: Path, answer: str, *arguments: str, meanwhile: Callable[[], object] = lambda: None
) -> tuple[int, str]:
    """Run a command on a terminal, do what happens *meanwhile* and type *answer* at the first question, and return its code and
    what it showed."""
    ours, theirs = pty.openpty()
    command = [*program(), *arguments]
    with subprocess.Popen(command, env=environment, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                more = os.read(ours, 4096)
            except OSError:  # Linux says EIO where the other side is closed
                break
            shown += more
            if answer and (b"[y/N]" in shown or b"to go on" in shown):
                meanwhile()
                os.write(ours, f"{answer}\n".encode())
                answer = ""
        process.wait(PATIENCE_S)
    os.close(ours)
    return process.returncode, shown.decode()


def interrupted(looker: Simulator, operation: str, environment: dict[str, str], cwd: Path, *arguments: str) -> str:
    """Run a command, press Ctrl-C while Looker is asked for *operation*, and return what it says on stderr.

    From then on each answer takes a second, so that the command has the time to notice; it has to end without asking on."""
    asked = looker.faults.add("hold", operation=operation)
    process = subprocess.Popen(
        [*program(), *arguments],
        env=environment,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: asked.fired, process)
    before = looker.calls.total
    looker.faults.add("slow", delay_s=1)
    os.kill(process.pid, signal.SIGINT)
    looker.faults.lift(asked)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, err
    assert looker.calls.total - before <= FINISHING, looker.calls.by_operation
    return err
