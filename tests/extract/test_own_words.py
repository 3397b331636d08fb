"""A snapshot keeps what its instance said of its own API: once for all that said the same, and as long as it is kept."""

from __future__ import annotations

from pathlib import Path

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.vault import Vault
from lookervault_core.vault.contents import descriptions
from tests.simulated import capture, client

NARROW = ExtractOptions(types=("themes",))


def _blobs(vault: Vault) -> int:
    with vault.read() as db:
        return db.execute("SELECT count(DISTINCT blob_id) FROM snapshot_descriptions").fetchone()[0]


def test_it_is_kept_once_and_goes_with_the_last_snapshot_that_has_it(tmp_path: Path) -> None:
    with Simulator(SimulatorOptions(scale="tiny")) as simulator, Vault.create_or_open(tmp_path / "looker.db") as vault:
        with client(simulator) as looker:
            first = capture(vault, looker)
            raw = looker.described()
        simulator.world.become("26.22")
        with client(simulator) as looker:
            second, third = (capture(vault, looker) for _ in range(2))
            assert descriptions.newest(vault, [first, second]) == looker.described()
        assert descriptions.newest(vault, [first]) == raw
        assert _blobs(vault) == 2
        vault.delete_snapshot(second)
        vault.collect_garbage()
        assert descriptions.newest(vault, [third]) != raw
        assert descriptions.newest(vault, [first]) == raw
        vault.delete_snapshot(first)
        assert vault.collect_garbage().blobs > 0
        assert (descriptions.newest(vault, [first]), _blobs(vault)) == (None, 1)


def test_a_narrow_run_takes_over_that_of_its_release_without_a_call(tmp_path: Path) -> None:
    with Simulator(SimulatorOptions(scale="tiny")) as simulator, Vault.create_or_open(tmp_path / "looker.db") as vault:
        with client(simulator) as looker:
            capture(vault, looker)
        simulator.calls.reset()
        with client(simulator) as looker:
            narrow = capture(vault, looker, NARROW)
            assert simulator.calls.by_operation["api_spec"] == 0
            assert descriptions.newest(vault, [narrow]) is not None


def test_an_instance_that_says_nothing_has_none(tmp_path: Path) -> None:
    with Simulator(SimulatorOptions(scale="tiny")) as simulator, Vault.create_or_open(tmp_path / "looker.db") as vault:
        simulator.world.api.says = lambda _: b"<html>"
        with client(simulator) as looker:
            snapshot = capture(vault, looker)
        assert (vault.snapshot(snapshot).status, descriptions.newest(vault, [snapshot])) == ("complete", None)
