"""What an extraction holds after a restore: what Looker has, and never the damage that the restore mended."""

from __future__ import annotations

import json

import pytest

from lookervault_core.extract.options import ExtractOptions
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore
from tests.simulated import capture, client

CERTIFIED = b'{"certification_status":"certified","notes":"checked"}'
REVOKED = b'{"certification_status":"revoked","notes":"broken"}'


def status(payload: bytes) -> str:
    return json.loads(payload)["certification_metadata"]["certification_status"]


@pytest.mark.parametrize("table", ["dashboards", "looks"])
def test_an_incremental_run_after_a_restore_holds_what_was_restored(run_of, vault, simulator, looker, table) -> None:
    """A certification leaves updated_at alone, so that the damage looks no newer than the backup."""
    row = next(row for row in simulator.world[table] if not row["deleted"])
    path = f"/{table}/{row['id']}"
    looker.patch("certify", f"{path}/certification", CERTIFIED)
    capture(vault, looker)
    looker.patch("revoke", f"{path}/certification", REVOKED)
    restore(run_of(Selection.single(table, row["id"])), 4)
    assert status(looker.get("witness", path).body) == "certified"
    with client(simulator) as later:
        taken = capture(vault, later, ExtractOptions(workers=4, incremental=True))
    key = ContentKey(table, row["id"])
    assert status(vault.payload(key)) == status(vault.payload(key, taken)) == "certified"
