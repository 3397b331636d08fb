"""Whatever a Looker says of its own API, the commands go on: what is wrong in it costs the one field, and that is named."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.vault import Vault
from tests.cli.conftest import Run
from tests.cli.restored import living
from tests.simulated import capture_all, client

Said = Callable[[bytes], bytes]
THEN = {"title_color": "#111111", "description": "then", "query_timezone": "UTC"}
NOW = {"title_color": "#222222", "description": "now", "query_timezone": "Europe/Berlin"}


@pytest.fixture(scope="module")
def module_looker() -> Any:
    with Simulator(SimulatorOptions(scale="tiny", release="26.22", dashboard_kb=2)) as simulator:
        row = living(simulator, "dashboards")[0]
        mutate(simulator.world, "update", "dashboards", row["id"], THEN)
        yield simulator


@pytest.fixture
def looker(module_looker: Simulator) -> Any:
    yield module_looker
    module_looker.world.api.says = lambda raw: raw
    module_looker.faults.clear()
    module_looker.bends.off("refused_fields")


def rewritten(change: Callable[[dict[str, Any]], None]) -> Said:
    """Return what changes each property of a description."""

    def said(raw: bytes) -> bytes:
        told = json.loads(raw)
        for shape in (told.get("definitions") or told["components"]["schemas"]).values():
            for prop in shape["properties"].values():
                change(prop)
        return json.dumps(told).encode()

    return said


def contradict(prop: dict[str, Any]) -> None:
    """Say of each value another type than it has, and that it is never null."""
    kind = prop.get("type")
    prop["type"] = {"string": "boolean", "boolean": "array", "array": "integer"}.get(str(kind), "string")
    prop.pop("$ref", None)
    prop["enum"] = ["neither", "nor"]
    prop["nullable"] = prop["x-looker-nullable"] = False


def lead_in_a_circle(prop: dict[str, Any]) -> None:
    """Say of each text that it is a dashboard, which has texts."""
    if prop.get("type") == "string":
        prop["$ref"] = "#/definitions/Dashboard"
        del prop["type"]


SAID: dict[str, Said] = {
    "nothing": lambda _: b"{}",
    "half of it": lambda raw: raw[: len(raw) // 2],
    "other things": lambda _: (
        b'{"definitions": {"Dashboard": 7, "User": {"properties": []}, "Look": null}, "paths": []}'
    ),
    "depths": lambda _: b'{"definitions": ' + b'{"a": ' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    "no names": rewritten(lambda prop: prop.clear()),
    "circles": rewritten(lead_in_a_circle),
    "30 MB": lambda raw: raw[:-1] + b',"x-more":"' + b"x" * 30_000_000 + b'"}',
    "other types": rewritten(contradict),
    "that all can be written": rewritten(lambda prop: prop.pop("readOnly", None)),
}
OF_NO_USE = ("nothing", "half of it", "other things", "depths")


def told(done: subprocess.CompletedProcess[str], *codes: int) -> Any:
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in codes, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def backup(module_looker: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("told") / "looker.db"
    with Vault.create_or_open(path) as vault, client(module_looker) as one:
        capture_all(vault, one, module_looker)
    return path


@pytest.mark.parametrize("what", SAID)
def test_a_dashboard_comes_back_whatever_is_said(what: str, cli: Run, looker: Simulator, backup: Path) -> None:
    row = living(looker, "dashboards")[0]
    mutate(looker.world, "update", "dashboards", row["id"], NOW)
    looker.world.api.says = SAID[what]
    vault = {"LOOKERVAULT_DB_PATH": str(backup)}
    done = told(cli("restore", "single", "dashboard", row["id"], "--yes", "--json", **vault), 0, 3)
    lost = {loss["field"] for loss in done["accepted_losses"]}
    assert done["status"] in ("completed", "success", "partial"), done
    live = looker.world["dashboards"].rows[row["id"]]
    stands_in = any("the SDK knows of release" in warning for warning in done["warnings"])
    assert stands_in is (what in OF_NO_USE), done
    left = {name for name, value in THEN.items() if live[name] != value}
    assert left <= lost, (done, left)
