"""The turn of a run: one run at a time works on a vault, and the next one tells the server how those before it ended."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

from prefect import get_run_logger
from prefect.runtime import deployment, flow_run

from flows.outliving import PATIENCE_S
from lookervault_core.errors import VaultOwned
from lookervault_core.vault import Vault
from lookervault_core.vault.extracting.sessions import left_behind
from tasks.record import settle

LONGEST_S = 24 * 3600.0
LOOK_EVERY_S = 2.0


class Turn:
    """Waits while another run works on the vault, a day at most; only in the run of a deployment, which nobody watches.

    Prefect's own limit on the runs of a deployment would do harm instead: a server that restarts forgets who holds it, ends a run
    that is still at work, and after a process that died lets no run begin any more."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._gives_up_s: float | None = None

    def __call__(self, owned: VaultOwned) -> bool:
        """Wait a moment; False if there is nothing to wait for, or no longer."""
        if not deployment.id:
            return False
        if self._gives_up_s is None:
            self._gives_up_s = time.monotonic() + LONGEST_S
            get_run_logger().info("waiting for another run: %s", owned)
        return time.monotonic() < self._gives_up_s and not self._stop.wait(LOOK_EVERY_S)


def settle_earlier(vault: Vault) -> None:
    """Tell the Prefect server how earlier runs on *vault* ended, if it does not know: they would look as if they still ran."""
    told_by_now = vault.now() - timedelta(seconds=2 * PATIENCE_S)
    with vault.read() as db:
        found = left_behind(db, str(flow_run.id), told_by_now)
    if found:
        settle(found)
