"""A plan on its page: made from what Looker has now, drawn before and after, and written only where and when somebody approves."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator
from lookervault_core.history import LogRequest, log
from lookervault_core.looker.client import Looker
from lookervault_core.vault import Vault
from tests.conftest import PrefectServer, until
from tests.simulated import capture
from tests.ui.conftest import Served, serving

WRONG = "Not what it was"


@pytest.fixture
def reached(simulator: Simulator, backed_up: Vault, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the settings of a user who can reach the simulator."""
    monkeypatch.setenv("LOOKERSDK_BASE_URL", simulator.base_url)
    monkeypatch.setenv("LOOKERSDK_CLIENT_ID", simulator.options.client_id)
    monkeypatch.setenv("LOOKERSDK_CLIENT_SECRET", simulator.options.client_secret)
    monkeypatch.setenv("LOOKERVAULT_RATE_LIMIT_PER_SECOND", "0")
    monkeypatch.setenv("LOOKERVAULT_RATE_LIMIT_PER_MINUTE", "0")
    return backed_up.path


def wrecked(looker: Looker) -> tuple[str, str, str]:
    """Change one tile of a dashboard and remove another; return the dashboard and both."""
    found = json.loads(looker.get("search_dashboards", "/dashboards/search", {"limit": 50}).body)
    dashboard = max(found, key=lambda one: len(one["dashboard_elements"]))
    changed, removed = [one["id"] for one in dashboard["dashboard_elements"] if one["type"] == "vis"][:2]
    looker.patch("update_dashboard_element", f"/dashboard_elements/{changed}", json.dumps({"title": WRONG}).encode())
    looker.delete("delete_dashboard_element", f"/dashboard_elements/{removed}")
    return dashboard["id"], changed, removed


def planned(served: Served, **form: str) -> str:
    """Ask for a plan and return the address of its page, once it is made."""
    asked = served.client.post("/plans", data={"type": "dashboards", "snapshot": "1"} | form, follow_redirects=False)
    assert asked.status_code == 303
    page = asked.headers["location"]
    until(lambda: served.client.get(f"{page}/state").json()["state"] != "planning")
    return page


def marked(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-element-id="(\d+)"[^>]*data-mark="(\w+)"', page))


def test_the_plan_of_one_tile_is_drawn_and_cannot_be_written_by_default(reached: Path, looker: Looker) -> None:
    dashboard, changed, removed = wrecked(looker)
    before = looker.get("dashboard", f"/dashboards/{dashboard}").body
    with serving(reached) as served:
        page = planned(served, id=dashboard, tile=changed)
        shown = served.client.get(page).text
        assert marked(shown) == {changed: "changed", removed: "added"}
        assert WRONG in shown
        assert "the one that you asked for" in shown
        assert "In Looker now" in shown
        assert "/approve" not in shown
        assert served.client.post(f"{page}/approve").status_code == 403
        refused = served.client.post("/plans", data={}, headers={"Origin": "http://evil.example"})
        assert refused.status_code == 403
    assert looker.get("dashboard", f"/dashboards/{dashboard}").body == before


def test_one_change_is_taken_back_from_its_place_in_the_history(
    reached: Path, backed_up: Vault, looker: Looker
) -> None:
    dashboard, changed, _ = wrecked(looker)
    capture(backed_up, looker)
    (change,) = log(backed_up, LogRequest("dashboards", dashboard))
    since = json.dumps({"description": "Edited since"}).encode()
    looker.patch("update_dashboard", f"/dashboards/{dashboard}", since)
    with serving(reached, may_restore=True) as served:
        assert f'name="change" value="{change.change_id}"' in served.client.get(f"/objects/dashboards/{dashboard}").text
        page = planned(served, change=change.change_id)
        shown = served.client.get(page).text
        assert WRONG in shown
        assert "under what people have edited since" in shown
        served.client.post(f"{page}/approve")
        until(lambda: served.client.get(f"{page}/state").json()["state"] not in ("planned", "restoring"))
        shown = served.client.get(page).text
        assert "1 written, 1 read back" in shown, shown[-3000:]
    now: dict[str, Any] = json.loads(looker.get("dashboard", f"/dashboards/{dashboard}").body)
    assert now["description"] == "Edited since"
    assert next(one for one in now["dashboard_elements"] if one["id"] == changed)["title"] != WRONG


def test_a_plan_that_cannot_be_made_says_why(backed_up: Vault) -> None:
    with serving(backed_up.path) as served:
        shown = served.client.get(planned(served, id="1")).text
        assert "That did not work" in shown
        assert "LOOKERSDK_" in shown
        for form in ({"id": "99999"}, {"id": "1", "snapshot": "x"}, {"id": "1", "type": "nothing"}):
            asked = served.client.post("/plans", data={"type": "dashboards", "snapshot": "1"} | form)
            assert asked.status_code in (400, 404)


@pytest.mark.prefect
def test_an_approved_plan_is_carried_out_by_the_flow_once(
    reached: Path, looker: Looker, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in prefect_server.environment.items():
        monkeypatch.setenv(name, value)
    dashboard, changed, _ = wrecked(looker)
    with serving(reached, may_restore=True) as served:
        page = planned(served, id=dashboard)
        assert f'action="{page}/approve"' in served.client.get(page).text
        served.client.post(f"{page}/approve")
        served.client.post(f"{page}/approve")
        until(lambda: served.client.get(f"{page}/state").json()["state"] not in ("planned", "restoring"))
        shown = served.client.get(page).text
        assert "1 written, 1 read back" in shown, shown[-3000:]
    now: dict[str, Any] = json.loads(looker.get("dashboard", f"/dashboards/{dashboard}").body)
    assert next(one for one in now["dashboard_elements"] if one["id"] == changed)["title"] != WRONG
