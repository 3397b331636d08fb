"""A twin of an instance says of itself what that said: an extract of it is the snapshot that it was made from."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.twin import twin_of
from looker_simulator import Simulator
from lookervault_core.catalog import CATALOG
from lookervault_core.errors import UsageError
from tests.cli.conftest import SECRET, program
from tests.extract.backup import Backup

Start = Callable[..., Backup]


def held(backup: Backup, name: str) -> dict[str, bytes]:
    """Return what a vault has of a type, its answers of several rows in one order: Looker gives them in none."""
    with backup.vault() as vault:
        found = {item.id: item.payload for item in vault.iter_payloads(name)}
    return found if CATALOG[name].list.media else {key: _ordered(payload) for key, payload in found.items()}


def _ordered(payload: bytes) -> bytes:
    if not payload.startswith(b"["):
        return payload
    rows: list[Any] = json.loads(payload)
    return json.dumps(sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))).encode()


@pytest.mark.parametrize(
    "options", [{"scale": "small", "release": "26.22"}, {"release": "26.6", "future": 3, "id_offset": 500}]
)
def test_an_extract_of_the_twin_is_the_snapshot_it_was_made_from(
    backup: Start, tmp_path: Path, options: dict[str, Any]
) -> None:
    one = backup(**options)
    one.run()
    calls = one.looker.calls.snapshot()
    with one.vault() as vault:
        twin = twin_of(vault)
    assert one.looker.calls.snapshot() == calls, "the instance itself was asked"
    assert not twin.unplayed
    with Simulator(world=twin.world) as played:
        again = Backup(played, tmp_path / "twin.db")
        assert again.run().status == "complete"
        assert {name for name in CATALOG if held(again, name) != held(one, name)} == set()


def test_what_cannot_be_signed_in_to_is_no_twin(backup: Start) -> None:
    one = backup()
    one.run("dashboards")
    with one.vault() as vault, pytest.raises(UsageError, match="Admin role"):
        twin_of(vault)


def test_a_twin_is_served_as_any_instance(backup: Start, tmp_path: Path) -> None:
    one = backup()
    one.run()
    command = [*program(), "simulate", "--port", "0", "--from-vault", str(one.path), "--at", "today"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            first, second = process.stdout.readline(), process.stdout.readline()
            assert one.looker.base_url in first
            address = next(word for word in second.split() if word.startswith("http://"))
            extract = [*program(), "extract", "boards", "--no-prefect", "--json", "--db-path", "served.db"]
            keys = {
                "LOOKERSDK_BASE_URL": address,
                "LOOKERSDK_CLIENT_ID": "simulator",
                "LOOKERSDK_CLIENT_SECRET": SECRET,
            }
            done = subprocess.run(extract, env=os.environ | keys, capture_output=True, text=True, check=True)
            assert json.loads(done.stdout)["types"]["boards"]["captured"] == len(one.ids("boards"))
        finally:
            process.terminate()
