"""`info --coverage`: the account, and what this server has beyond it."""

from __future__ import annotations

import json

from looker_simulator import Simulator
from tests.cli.conftest import Run


def test_it_prints_each_operation_and_what_this_server_has_beyond_the_account(cli: Run, looker: Simulator) -> None:
    looker.world.bends.on("describes", "all_widgets")
    found = json.loads(cli("info", "--coverage", "--json").stdout)
    by_name = {one["operation"]: one for one in found["operations"]}
    assert by_name["all_users"]["fate"] == "kept"
    assert by_name["search_dashboards"]["content_type"] == "dashboards"
    assert found["server"]["unknown"] == ["all_widgets"]
    assert found["server"]["paths"] == {"all_widgets": "/all_widgets"}
    told = cli("info", "--coverage")
    assert told.returncode == 0
    assert "unknown to this LookerVault, so what it reads is in no backup: all_widgets (/all_widgets)" in told.stdout


def test_the_account_needs_no_server(cli: Run) -> None:
    found = json.loads(cli("info", "--coverage", "--json", LOOKERSDK_BASE_URL=None).stdout)
    assert len(found["operations"]) > 200
    assert found["server"]["error"]
