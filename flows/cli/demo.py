"""`demo`: the whole story on a simulated Looker, in a scratch folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.tables import console
from lookervault_core.errors import LookerVaultError

CHANGES = [
    {"action": "update", "type": "dashboards", "id": "3", "values": {"title": "Renamed by somebody at 2 a.m."}},
    {"action": "trash", "type": "dashboards", "id": "7"},
    {"action": "delete", "type": "dashboards", "id": "9"},
    {"action": "create", "type": "dashboards"},
    {"action": "delete", "type": "looks", "id": "5"},
]


def demo(
    keep: Annotated[
        Path | None, typer.Option(help="Keep the vault here [default: a scratch folder, removed at the end]")
    ] = None,
    scale: Annotated[str, typer.Option(help="Size of the simulated instance: tiny, small, medium")] = "small",
) -> None:
    """Back up a simulated Looker, change it, back it up again and show what changed. Needs no Looker."""
    with tempfile.TemporaryDirectory(prefix="lookervault-demo-") as scratch, _simulator(scale) as base_url:
        vault = keep or Path(scratch) / "demo.db"
        _point_at(base_url, vault)
        _say(f"A simulated Looker answers at {base_url}. First, all of it goes into a vault.")
        _run("extract", "--rate-limit-per-second", "0")
        _say("Is it all there? Every payload is hashed again, every reference followed, and Looker itself compared.")
        _run("verify", "--against-live")
        _change(base_url)
        _say("Somebody renames one dashboard, throws away another, deletes a third and a look, and makes a new one.")
        _run("extract", "--rate-limit-per-second", "0")
        _say("What changed between the two snapshots:")
        _run("diff", "1", "2")
        _say("The first snapshot still has the dashboard that is gone, byte for byte as Looker sent it:")
        _run("history", "dashboard", "9")
        _run("stats")
        _say(
            f"The vault is kept at {vault}." if keep else "The vault is removed with the demo; `--keep FILE` keeps it."
        )


@contextmanager
def _simulator(scale: str) -> Generator[str]:
    """Yield the address of a simulator in a process of its own."""
    command = [sys.executable, "-m", "flows.cli", "simulate", "--port", "0", "--scale", scale]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (our own command)
        try:
            yield _address(process)
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    for line in process.stdout or ():
        found = [word for word in line.split() if word.startswith("http://")]
        if found:
            return found[0]
    raise LookerVaultError(f"the simulator did not start (exit code {process.wait()})")


def _point_at(base_url: str, vault: Path) -> None:
    """Settle where the commands of this process go; nothing else of the user's environment counts."""
    for name in [name for name in os.environ if name.startswith(("LOOKERSDK_", "LOOKERVAULT_"))]:
        del os.environ[name]
    os.environ |= {
        "LOOKERVAULT_BASE_URL": base_url,
        "LOOKERVAULT_CLIENT_ID": "simulator",
        "LOOKERVAULT_CLIENT_SECRET": "simulator-secret",
        "LOOKERVAULT_DB_PATH": str(vault),
    }


def _run(*words: str) -> None:
    """Run one command of ours in this process, shown as a user would type it."""
    from flows.cli.app import app
    from flows.cli.boundary import run

    console().print(f"\n$ lookervault {' '.join(words)}", style="bold")
    code = run(app, words)
    if code:
        raise typer.Exit(code)


def _change(base_url: str) -> list[Any]:
    request = urllib.request.Request(  # noqa: S310 (our own simulator)
        f"{base_url}/_sim/mutate", json.dumps(CHANGES).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)["ids"]


def _say(text: str) -> None:
    console().print(f"\n{text}", style="cyan")
