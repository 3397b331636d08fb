"""`demo`: the whole story on a simulated Looker, in a scratch folder."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

import flows
from flows.cli.printing import console
from flows.cli.tables import print_table
from lookervault_core.errors import LookerVaultError

# Fields that nobody has heard of come back like the others.
_NEWEST = ("--release", "26.22", "--future", "5")


def demo(
    keep: Annotated[
        Path | None, typer.Option(help="Keep the vault here [default: a scratch folder, removed at the end]")
    ] = None,
    scale: Annotated[str, typer.Option(help="Size of the simulated instance: tiny, small, medium")] = "small",
) -> None:
    """Back up a simulated Looker, wreck it, and put everything back. Needs no Looker."""
    with tempfile.TemporaryDirectory(prefix="lookervault-demo-") as scratch, _simulator(scale) as base_url:
        vault = keep or Path(scratch) / "demo.db"
        _point_at(base_url, vault)
        _say(f"A simulated Looker answers at {base_url}. First, all of it goes into a vault.")
        _run("extract")
        _say("Is it all there? Every payload is hashed again and every reference followed.")
        _run("verify")
        before = _control(base_url, "oracle")
        _say("A bad night. Somebody did all of this to the instance:")
        for line in _control(base_url, "wreck", post=True)["done"]:
            console().print(f"  - {line[:110]}")
        wrecked = _control(base_url, "oracle")
        _say("The undo. First what it would do, for one type, without writing anything:")
        _run("restore", "bulk", "boards", "--dry-run")
        _say("Then everything, back to the snapshot:")
        _run("restore", "all", "--yes")
        _verdict(before, wrecked, _control(base_url, "oracle"))
        _say(
            f"The vault is kept at {vault}." if keep else "The vault is removed with the demo; `--keep FILE` keeps it."
        )


@contextmanager
def _simulator(scale: str) -> Generator[str]:
    """Yield the address of a simulator in a process of its own."""
    command = [sys.executable, "-m", "flows.cli", "simulate", "--port", "0", "--scale", scale, *_NEWEST]
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
    for name in [name for name in os.environ if name.startswith(("LOOKERSDK_", "LOOKERVAULT_", "PREFECT_"))]:
        del os.environ[name]
    os.environ |= {
        "LOOKERVAULT_BASE_URL": base_url,
        "LOOKERVAULT_CLIENT_ID": "simulator",
        "LOOKERVAULT_CLIENT_SECRET": "simulator-secret",
        "LOOKERVAULT_DB_PATH": str(vault),
        "LOOKERVAULT_RATE_LIMIT_PER_SECOND": "0",
        "LOOKERVAULT_RATE_LIMIT_PER_MINUTE": "0",
        "PREFECT_HOME": _home_of_its_own(),
    } | flows.DEFAULTS


def _home_of_its_own() -> str:
    """Return a home for Prefect where the runs of the demo go, not among the user's own; it goes when the process ends."""
    home = tempfile.mkdtemp(prefix="lookervault-demo-prefect-")
    # What is registered first is called last: the server that Prefect starts, and ends at its own call, writes there.
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home


def _run(*words: str) -> None:
    """Run one command of ours in this process, shown as a user would type it."""
    from flows.cli.boundary import run
    from flows.cli.commands import app_for

    console().print(f"\n$ lookervault {' '.join(words)}", style="bold")
    code = run(app_for(words), words)
    if code:
        raise typer.Exit(code)


def _control(base_url: str, what: str, *, post: bool = False) -> Any:
    """Ask the simulator itself, past its API."""
    request = urllib.request.Request(f"{base_url}/_sim/{what}", method="POST" if post else "GET")  # noqa: S310 (our own)
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


def _verdict(before: Any, wrecked: Any, after: Any) -> None:
    """Show by type what the instance held before, after that night, and now; fail if anything is not as it was."""
    _say("The instance itself, seen past its API and compared by names, since what was deleted for good has a new id:")
    rows, left = [], []
    for name in before:
        own = {key: one for key, one in before[name].items() if "(trash)" not in key}
        lost = [key for key, one in own.items() if not _holds(one, wrecked[name].get(key))]
        bad = [key for key, one in own.items() if not _holds(one, after[name].get(key))]
        left += [f"{name} {key}" for key in bad]
        rows.append((name, len(own), len(lost), len(lost) - len(bad), len(own) - len(bad)))
    print_table(None, ("type", "before", "wrecked", "restored", "identical"), rows)
    for line in left:
        console().print(f"  NOT as it was: {line}")
    if left:
        raise typer.Exit(1)


def _holds(before: Any, after: Any) -> bool:
    """True if *after* has all that *before* had. What came on top stays unless one says --exact; Looker has "" for null."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(_holds(one, after.get(key)) for key, one in before.items())
    if isinstance(before, list) and isinstance(after, list):
        if len(before) == len(after):
            return all(_holds(*pair) for pair in zip(before, after, strict=True))
        return all(any(_holds(one, other) for other in after) for one in before)
    return before == after or (before in ("", None) and after in ("", None))


def _say(text: str) -> None:
    console().print(f"\n{text}", style="cyan")
