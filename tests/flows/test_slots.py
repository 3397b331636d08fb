"""So many runs at a time on a machine: whoever held a slot and was killed, server or not, keeps none of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tasks.slots import held, limit_of_host, name_of_slot
from tests.flows.conftest import Prefect
from tests.flows.site import ROOT

HOLD = """
import sys, time
from pathlib import Path
from tasks.slots import held

with held(1, Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_the_slot_of_a_killed_run_is_free_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def had(limit: int) -> bool:
        caplog.clear()
        with held(limit, tmp_path, patience_s=-1.0):
            return "going on without one" not in caplog.text

    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert holder.stdout
        assert holder.stdout.readline()
        assert (had(2), had(1)) == (True, False)
        holder.kill()
        holder.wait()
        assert had(1)
    finally:
        holder.kill()
        holder.wait()


@pytest.mark.prefect
def test_a_limit_of_the_server_says_how_many(prefect: Prefect) -> None:
    from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate

    assert limit_of_host() is None
    made = GlobalConcurrencyLimitCreate(name=name_of_slot(), limit=3, active_slots=3)
    prefect._client(lambda client: client.create_global_concurrency_limit(made))
    try:
        assert limit_of_host() == 3, "whatever the server believes of who holds them"
    finally:
        prefect._client(lambda client: client.delete_global_concurrency_limit_by_name(name_of_slot()))
