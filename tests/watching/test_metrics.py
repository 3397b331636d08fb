"""`metrics` shows the vault as numbers that Prometheus reads, in a file or at a port."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from looker_simulator import Simulator, SimulatorOptions
from looker_simulator.wreck import wreck
from lookervault_core.vault import Vault
from tests.simulated import capture, client
from tests.watching.commands import run_in


@pytest.fixture
def looker() -> Iterator[Simulator]:
    with Simulator(SimulatorOptions(scale="tiny", seed=2)) as simulator:
        yield simulator


def numbers(text: str) -> dict[str, float]:
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {
        " ".join(
            [one.name, *(value for label, value in sorted(one.labels.items()) if label != "looker" and value)]
        ): one.value
        for one in samples
    }


def test_the_numbers_are_those_of_the_newest_snapshot(looker: Simulator, tmp_path: Path) -> None:
    command = run_in(looker, tmp_path)
    assert command("metrics", "x.prom").returncode == 2, "there is no vault"
    with client(looker) as api, Vault.create_or_open(tmp_path / "looker.db") as vault:
        capture(vault, api)
        users = vault.counts(1)["users"].captured
        wreck(looker.world, 1)
        capture(vault, api)
    assert command("metrics").returncode == 2
    assert command("metrics", "x.prom").returncode == 0
    text = (tmp_path / "x.prom").read_text()
    found = numbers(text)
    assert found["lookervault_snapshots complete"] == 2
    assert found["lookervault_snapshot_complete"] == 1
    assert found["lookervault_snapshot_holes"] == 0
    assert found["lookervault_objects users"] == users
    assert found["lookervault_changes deleted dashboards"] > 0
    assert found["lookervault_unusual set_up_deleted"] > 0
    assert found["lookervault_last_complete_snapshot_timestamp_seconds"] > 1e9
    titles = [row["title"] for table in ("dashboards", "looks") for row in looker.world[table]]
    assert [one for one in [*titles, "@example", "simulator-secret"] if one in text] == []
    assert command("metrics", "nowhere/x.prom").returncode == 2
    served = [sys.executable, "-m", "flows.cli", "metrics", "--port", "0"]
    with subprocess.Popen(served, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        address = re.search(r"http://\S+/metrics", process.stderr.readline())
        assert address
        with urllib.request.urlopen(address[0]) as answer:
            assert numbers(answer.read().decode())["lookervault_objects users"] == users
        process.terminate()
