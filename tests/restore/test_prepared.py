"""What the other tests start from: a copied backup is as good as one that was just made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.catalog import CATALOG
from lookervault_core.vault import Vault
from tests.simulated import capture, capture_all, client


def held(vault: Vault) -> dict[str, dict[str, Any]]:
    return {name: {item.id: in_order(item.payload) for item in vault.iter_payloads(name, 1)} for name in CATALOG}


def in_order(payload: bytes) -> Any:
    """Return a payload; the instance gives the rows of some lists in any order."""
    value = json.loads(payload)
    return sorted(value, key=repr) if isinstance(value, list) else value


@pytest.mark.parametrize("changed", [False, True])
def test_a_copied_backup_holds_what_an_extraction_of_the_instance_brings(tmp_path: Path, changed: bool) -> None:
    for name in ("first", "again"):
        with (
            Simulator(SimulatorOptions(scale="tiny")) as simulator,
            client(simulator) as looker,
            Vault.create_or_open(tmp_path / f"{name}.db") as vault,
            Vault.create_or_open(tmp_path / f"{name}, extracted.db") as extracted,
        ):
            if changed:
                mutate(simulator.world, "update", "looks", next(iter(simulator.world["looks"]))["id"], {"title": name})
            capture_all(vault, looker, simulator)
            capture(extracted, looker)
            assert held(vault) == held(extracted)
            assert vault.instance_url == extracted.instance_url
            assert [one.status for one in vault.snapshots()] == ["complete"]
