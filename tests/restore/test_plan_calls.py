"""What a plan of what has not changed asks of Looker."""

from __future__ import annotations

from pathlib import Path

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.catalog import CATALOG
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.vault import Vault
from tests.simulated import capture, client

ONCE = {"login", "me", "all_roles", "api_spec", "all_color_collections", "all_looks"}


def test_a_plan_of_unchanged_dashboards_asks_for_their_pages_and_whether_what_they_name_is_there(
    tmp_path: Path,
) -> None:
    """docs/costs.md says what each call is for."""
    with Simulator(SimulatorOptions(scale="small", dashboard_kb=2)) as simulator, client(simulator) as looker:
        with Vault.create_or_open(tmp_path / "looker.db") as vault:
            capture(vault, looker)
            pages = -(-len(vault.items("dashboards")) // CATALOG["dashboards"].page_size)
            simulator.calls.reset()
            plan = RestoreRun(vault, looker, Selection.bulk("dashboards"), RestoreOptions()).plan()
        asked = {name: count for name, count in simulator.calls.by_operation.items() if count}
    assert {step.action for step in plan.steps} == {"skip"}
    assert asked.pop("search_dashboards") <= pages + 1
    assert asked.pop("search_users") <= 2
    assert asked.keys() <= ONCE
    assert set(asked.values()) == {1}
